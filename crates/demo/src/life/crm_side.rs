//! What people do in the CRM.

use super::Life;
use crate::DemoError;
use crate::commands::{delete, insert, update};
use crate::company::{Fields, STATION, fields};
use tandem_audit::Record;

impl Life<'_> {
    /// A record that fits, by the order of its title, so that the choice does not depend on ids.
    async fn record(
        &mut self,
        table: &str,
        title: &str,
        fits: impl Fn(&Record) -> bool,
    ) -> Result<Option<Record>, DemoError> {
        let mut records: Vec<Record> = self
            .sides
            .crm
            .all(table)
            .await?
            .into_iter()
            .filter(|record| !record.is("Deleted") && fits(record))
            .collect();
        records.sort_by_key(|record| record.get(title).to_owned());
        Ok((!records.is_empty()).then(|| self.dice.pick(&records).clone()))
    }

    /// An appointment that its rep may change: his own, single, and not one that somebody else called.
    async fn appointment(&mut self) -> Result<Option<Record>, DemoError> {
        let reps: Vec<(String, String)> = self
            .company
            .synchronised()
            .map(|(_, colleague)| (colleague.rep.to_string(), colleague.address.clone()))
            .collect();
        // What is over stays as it was in Outlook: a change would mail its attendees, which the rules do not allow.
        let tomorrow = self.company.day(1).to_string();
        self.record("Contact", "Subject", |record| {
            let organizer = record.get("Organizer").to_lowercase();
            record.get("Contact") == "Appointment"
                && record.get("Date") >= tomorrow.as_str()
                && ![
                    "ConnectorDeleted",
                    "ConnectorPublished",
                    "Private",
                    "AllDay",
                    "IsMasterContact",
                    "IsSerialContact",
                ]
                .iter()
                .any(|flag| record.is(flag))
                && reps.iter().any(|(rep, address)| {
                    rep == record.get("RepID") && (organizer.is_empty() || organizer == *address)
                })
        })
        .await
    }

    async fn change(&self, table: &str, record: &Record, changes: &Fields) -> Result<(), DemoError> {
        self.sides.crm.send("a change", &update(table, &record.id, changes)).await?;
        Ok(())
    }

    pub(super) async fn crm_reschedule(&mut self) -> Result<Option<String>, DemoError> {
        let Some(record) = self.appointment().await? else { return Ok(None) };
        let (day, hour) = (self.company.day(self.dice.between(1, 30)).to_string(), self.dice.between(7, 15));
        let changes = fields([
            ("Date", day.clone()),
            ("EndDate", day.clone()),
            ("Time", format!("{hour:02}:15")),
            ("EndTime", format!("{hour:02}:55")),
        ]);
        self.change("Contact", &record, &changes).await?;
        Ok(Some(format!("CRM: \"{}\" is moved to {day} {hour}:15", record.get("Subject"))))
    }

    pub(super) async fn crm_rename(&mut self) -> Result<Option<String>, DemoError> {
        let Some(record) = self.appointment().await? else { return Ok(None) };
        let changes = fields([
            ("Subject", format!("{} (agreed {})", record.get("Subject"), self.number())),
            ("A031Location", "Customer site".to_owned()),
        ]);
        self.change("Contact", &record, &changes).await?;
        Ok(Some(format!("CRM: \"{}\" is renamed", record.get("Subject"))))
    }

    pub(super) async fn crm_new_appointment(&mut self) -> Result<Option<String>, DemoError> {
        let user = self.somebody();
        let person = self.dice.pick(&self.company.persons).clone();
        let (colleague, customer) =
            (&self.company.colleagues[user], &self.company.customers[person.customer]);
        let (day, subject, number) = (
            self.company.day(self.dice.between(1, 25)).to_string(),
            format!("Visit {}", self.number()),
            (90_000 + self.number()).to_string(),
        );
        let activity = fields([
            ("StatNo", STATION.to_owned()),
            ("SeqNo", number.clone()),
            ("CoGrp", STATION.to_owned()),
            ("CoNo", customer.number.to_string()),
            ("PeGrp", STATION.to_owned()),
            ("PeNo", person.number.to_string()),
            ("Company", customer.name.clone()),
            ("Person", person.name()),
            ("Contact", "Appointment".to_owned()),
            ("Date", day.clone()),
            ("Time", "10:00".to_owned()),
            ("EndDate", day),
            ("EndTime", "11:00".to_owned()),
            ("TimeZone", colleague.office.zone().to_owned()),
            ("Subject", subject.clone()),
            ("RepID", colleague.rep.to_string()),
            ("Rep", colleague.name()),
            ("ShowAs", "busy".to_owned()),
        ]);
        let participant = fields([
            ("ContactStatNo", STATION.to_owned()),
            ("ContactSeqNo", number),
            ("RepID", colleague.rep.to_string()),
            ("PeGrp", STATION.to_owned()),
            ("PeNo", colleague.rep.to_string()),
            ("Name", colleague.name()),
            ("Email", colleague.address.clone()),
            ("Role", "organizer".to_owned()),
            ("Status", "accepted".to_owned()),
        ]);
        self.sides
            .crm
            .send(
                "a new appointment",
                &[insert("Contact", &activity), insert("Participant", &participant)].concat(),
            )
            .await?;
        Ok(Some(format!("CRM: new appointment \"{subject}\" of {}", colleague.name())))
    }

    async fn crm_task(&mut self) -> Result<Option<Record>, DemoError> {
        self.record("Task", "Subject", |task| task.get("Status") != "completed").await
    }

    pub(super) async fn crm_complete_task(&mut self) -> Result<Option<String>, DemoError> {
        let Some(task) = self.crm_task().await? else { return Ok(None) };
        let changes = fields([
            ("Status", "completed".to_owned()),
            ("Percent", "100".to_owned()),
            ("CompletedDate", self.company.today.to_string()),
        ]);
        self.change("Task", &task, &changes).await?;
        Ok(Some(format!("CRM: task \"{}\" is completed", task.get("Subject"))))
    }

    pub(super) async fn crm_new_task(&mut self) -> Result<Option<String>, DemoError> {
        let user = self.somebody();
        let colleague = &self.company.colleagues[user];
        let (subject, due) = (
            format!("Offer {}", 5_000 + self.number()),
            self.company.day(self.dice.between(1, 20)).to_string(),
        );
        let task = fields([
            ("RepID", colleague.rep.to_string()),
            ("CreatedByID", colleague.rep.to_string()),
            ("DueDate", due),
            ("Status", "notStarted".to_owned()),
            ("Priority", "normal".to_owned()),
            ("Subject", subject.clone()),
        ]);
        self.sides.crm.send("a new task", &insert("Task", &task)).await?;
        Ok(Some(format!("CRM: new task \"{subject}\" of {}", colleague.name())))
    }

    pub(super) async fn crm_delete_task(&mut self) -> Result<Option<String>, DemoError> {
        let Some(task) = self.crm_task().await? else { return Ok(None) };
        self.sides.crm.send("a deletion", &delete("Task", &task.id)).await?;
        Ok(Some(format!("CRM: task \"{}\" is deleted", task.get("Subject"))))
    }

    pub(super) async fn crm_change_person(&mut self) -> Result<Option<String>, DemoError> {
        let Some(person) = self.record("Person", "Email", |person| !person.get("RepID").is_empty()).await?
        else {
            return Ok(None);
        };
        let changes = fields([
            ("Phone", format!("+43 1 {}", self.dice.between(1_000_000, 9_999_999))),
            ("Function", "Head of Sales".to_owned()),
        ]);
        self.change("Person", &person, &changes).await?;
        Ok(Some(format!("CRM: {} {} has a new number", person.get("FirstName"), person.get("LastName"))))
    }

    pub(super) async fn crm_new_absence(&mut self) -> Result<Option<String>, DemoError> {
        let user = self.somebody();
        let colleague = &self.company.colleagues[user];
        let first = self.dice.between(40, 60);
        let absence = fields([
            ("RepID", colleague.rep.to_string()),
            ("StartDate", self.company.day(first).to_string()),
            ("EndDate", self.company.day(first + 2).to_string()),
            ("AllDay", "true".to_owned()),
            ("TimeZone", colleague.office.zone().to_owned()),
            ("Type", "Vacation".to_owned()),
        ]);
        self.sides.crm.send("a new absence", &insert("Absence", &absence)).await?;
        Ok(Some(format!("CRM: {} takes leave from {}", colleague.name(), self.company.day(first))))
    }

    pub(super) async fn crm_move_absence(&mut self) -> Result<Option<String>, DemoError> {
        let Some(absence) = self.record("Absence", "StartDate", |absence| absence.is("AllDay")).await? else {
            return Ok(None);
        };
        let first = self.dice.between(20, 35);
        let changes = fields([
            ("StartDate", self.company.day(first).to_string()),
            ("EndDate", self.company.day(first + 1).to_string()),
        ]);
        self.change("Absence", &absence, &changes).await?;
        Ok(Some(format!("CRM: an absence is moved to {}", self.company.day(first))))
    }

    pub(super) async fn crm_delete_appointment(&mut self) -> Result<Option<String>, DemoError> {
        let Some(record) = self.appointment().await? else { return Ok(None) };
        self.change("Contact", &record, &fields([("ConnectorDeleted", "true".to_owned())])).await?;
        Ok(Some(format!("CRM: \"{}\" is deleted", record.get("Subject"))))
    }
}
