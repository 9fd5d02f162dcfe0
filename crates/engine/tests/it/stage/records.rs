//! What people do in the CRM, and what they see there.

use super::Stage;
use tandem_audit::{Record, escape};
use tandem_model::Kind;

/// Fields by their XML names.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

impl Stage {
    /// Somebody adds a record.
    pub async fn adds(&self, table: &str, fields: Fields<'_>) {
        self.crm(&format!("<insert><fields><{table}>{}</{table}></fields></insert>", inner(fields))).await;
    }

    /// Somebody changes a record.
    pub async fn edits(&self, table: &str, record: &Record, fields: Fields<'_>) {
        let (id, inner) = (&record.id, inner(fields));
        self.crm(&format!("<update><fields><{table} id=\"{id}\">{inner}</{table}></fields></update>")).await;
    }

    /// Somebody deletes a record for good.
    pub async fn erases(&self, table: &str, record: &Record) {
        self.crm(&format!("<delete><fields><{table} id=\"{}\"/></fields></delete>", record.id)).await;
    }

    async fn crm(&self, commands: &str) {
        self.session.send("the users' hands", commands).await.unwrap();
    }

    /// An older connector noted an id with a record such as `MA:7`.
    pub async fn older_noted(&self, kind: Kind, record: &str, key: &str, rep_id: Option<&str>) {
        let (area, number) = record.split_once(':').unwrap();
        let content_type = match kind {
            Kind::Mail => "application/x-mmRecord",
            Kind::Appointment => "text/x-vevent",
            Kind::Task => "text/x-mmTasks",
            Kind::Contact => "text/x-mmPerson",
            Kind::Absence => "text/x-mmAbsences",
        };
        let mut fields = vec![("ContentType", content_type), ("ExtSystem", "EWS connector"), ("Key", key)];
        fields.extend([("TableShort", area), ("RecordID", number)]);
        fields.extend(rep_id.map(|rep| ("RepID", rep)));
        self.adds("ExternalKey", &fields).await;
    }

    /// An appointment of a rep (his number) in the CRM, with participants by address and role.
    pub async fn schedules(
        &self,
        rep: usize,
        number: &str,
        fields: Fields<'_>,
        participants: &[(&str, &str)],
    ) {
        let rep = rep.to_string();
        let mut all = vec![
            ("StatNo", "2"),
            ("SeqNo", number),
            ("Contact", "Appointment"),
            ("TimeZone", "Europe/Vienna"),
            ("RepID", &rep),
            ("ShowAs", "busy"),
        ];
        all.extend(fields);
        self.adds("Contact", &all).await;
        for (address, role) in participants {
            let status = if *role == "organizer" { "accepted" } else { "none" };
            let mut row = vec![("ContactStatNo", "2"), ("ContactSeqNo", number), ("Role", *role)];
            row.extend([("Email", *address), ("Name", *address), ("Status", status)]);
            self.adds("Participant", &row).await;
        }
    }

    /// All records of a table.
    pub async fn records(&self, table: &str) -> Vec<Record> {
        self.session.all(table).await.unwrap()
    }

    /// The only record of a table with this subject.
    pub async fn record(&self, table: &str, subject: &str) -> Record {
        let mut found = self.records(table).await;
        found.retain(|record| record.get("Subject") == subject);
        assert_eq!(found.len(), 1, "{table} {subject:?}: {found:#?}");
        found.remove(0)
    }

    /// The only activity with this subject.
    pub async fn activity(&self, subject: &str) -> Record {
        self.record("Contact", subject).await
    }

    /// The status of a participant in the activity of this subject.
    pub async fn status_of(&self, subject: &str, address: &str) -> String {
        let activity = self.activity(subject).await;
        let mut found = self.records("Participant").await;
        found.retain(|row| {
            row.get("ContactSeqNo") == activity.get("SeqNo")
                && row.get("ContactStatNo") == activity.get("StatNo")
                && row.get("Email") == address
        });
        assert_eq!(found.len(), 1, "{address} in {subject:?}: {found:#?}");
        found.remove(0).get("Status").to_owned()
    }

    /// Start of an activity, such as `2026-12-01 10:00`.
    pub fn starts(activity: &Record) -> String {
        format!("{} {}", activity.get("Date"), activity.get("Time"))
    }
}

fn inner(fields: Fields<'_>) -> String {
    fields.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value))).collect()
}
