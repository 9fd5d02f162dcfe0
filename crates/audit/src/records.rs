//! The CRM's tables, read once and joined by their keys.

use crate::{AuditError, Record, Tables};
use std::collections::{BTreeMap, BTreeSet};

/// `StatNo` and `SeqNo` of a record, or `ContactStatNo` and `ContactSeqNo` of what belongs to an activity.
pub(crate) type Number = (String, String);

/// The field that marks an occurrence which departs from its series.
const OCCURRENCE: &str = "IsSerialContact";

/// A row of the external keys.
#[derive(Debug, Clone)]
pub(crate) struct ExternalKey {
    pub(crate) content_type: String,
    pub(crate) key: String,
}

/// All that the audit reads of the CRM.
#[derive(Debug, Default)]
pub(crate) struct CrmWorld {
    /// Activities (MA), deleted ones included.
    pub(crate) activities: Vec<Record>,
    /// Tasks (A1), deleted ones included.
    pub(crate) tasks: Vec<Record>,
    /// Absences (A3), deleted ones included.
    pub(crate) absences: Vec<Record>,
    /// Persons (KP), deleted ones included.
    pub(crate) persons: Vec<Record>,
    /// Companies (FI).
    pub(crate) companies: Vec<Record>,
    /// Reps (ID).
    pub(crate) reps: Vec<Record>,
    /// To-do records (TD).
    pub(crate) todos: Vec<Record>,
    /// Participants (MB) by their activity.
    pub(crate) participants: BTreeMap<Number, Vec<Record>>,
    /// Documents (D1 and D2) by their activity.
    pub(crate) documents: BTreeMap<Number, Vec<Record>>,
    /// External keys (XK) by the name of their record.
    pub(crate) keys: BTreeMap<String, Vec<ExternalKey>>,
    addresses_of_reps: BTreeMap<String, BTreeSet<String>>,
    addresses_of_persons: BTreeMap<Number, BTreeSet<String>>,
    addresses_of_companies: BTreeMap<Number, BTreeSet<String>>,
}

impl CrmWorld {
    /// Reads everything.
    pub(crate) async fn read(session: &impl Tables) -> Result<Self, AuditError> {
        let mut world = Self {
            activities: session.all("Contact").await?,
            tasks: session.all("Task").await?,
            absences: session.all("Absence").await?,
            persons: session.all("Person").await?,
            companies: session.all("Company").await?,
            reps: session.all("Rep").await?,
            todos: session.all("ToDo").await?,
            ..Self::default()
        };
        world.participants = by_activity(session.all("Participant").await?);
        let mut documents = session.all("Document").await?;
        documents.extend(session.all("CustomerDocument").await?);
        world.documents = by_activity(documents);
        for row in session.all("ExternalKey").await? {
            let record = format!("{}:{}", row.get("TableShort"), row.get("RecordID"));
            let key = ExternalKey {
                content_type: row.get("ContentType").to_owned(),
                key: row.get("Key").to_owned(),
            };
            world.keys.entry(record).or_default().push(key);
        }
        world.index_addresses();
        world.name_zones();
        Ok(world)
    }

    /// A record that names no zone is in the one in which its rep works, as the CRM shows it to him; an occurrence is in that
    /// of its series.
    fn name_zones(&mut self) {
        let of_reps: BTreeMap<String, String> = self
            .reps
            .iter()
            .map(|rep| (rep.get("RepID").to_owned(), rep.get("TimeZone").to_owned()))
            .collect();
        let records = self.activities.iter_mut().chain(&mut self.tasks).chain(&mut self.absences);
        for record in records.filter(|record| !record.is(OCCURRENCE)) {
            let zone = of_reps.get(record.get("RepID")).cloned();
            name_zone(record, zone);
        }
        let masters = self.activities.iter().filter(|record| !record.is(OCCURRENCE));
        let of_series: BTreeMap<Number, String> =
            masters.map(|master| (number(master), master.get("TimeZone").to_owned())).collect();
        for occurrence in self.activities.iter_mut().filter(|record| record.is(OCCURRENCE)) {
            let zone = of_series.get(&activity_number(occurrence)).cloned();
            name_zone(occurrence, zone);
        }
    }

    fn index_addresses(&mut self) {
        let pick = |record: &Record, fields: &[&str]| {
            fields
                .iter()
                .flat_map(|field| record.get(field).split([';', ',']))
                .map(|address| address.trim().to_lowercase())
                .filter(|address| address.contains('@'))
                .collect::<BTreeSet<_>>()
        };
        for person in &self.persons {
            let addresses = pick(person, &["Email", "Email2", "Email3"]);
            self.addresses_of_persons.insert(pair(person, "PeGrp", "PeNo"), addresses);
        }
        for company in &self.companies {
            self.addresses_of_companies.insert(pair(company, "CoGrp", "CoNo"), pick(company, &["Email"]));
        }
        for rep in &self.reps {
            let mut addresses = pick(rep, &["Email"]);
            addresses.extend(
                self.addresses_of_persons.get(&pair(rep, "PeGrp", "PeNo")).into_iter().flatten().cloned(),
            );
            self.addresses_of_reps.insert(rep.get("RepID").to_owned(), addresses);
        }
    }

    /// All addresses under which the person, company and rep that a record names can be reached.
    pub(crate) fn addresses(&self, record: &Record) -> BTreeSet<String> {
        let mut addresses = BTreeSet::new();
        let own = record.get("Email").to_lowercase();
        if own.contains('@') {
            addresses.insert(own);
        }
        let person = pair(record, "PeGrp", "PeNo");
        if !person.1.is_empty() {
            addresses.extend(self.addresses_of_persons.get(&person).into_iter().flatten().cloned());
        } else {
            let company = pair(record, "CoGrp", "CoNo");
            addresses.extend(self.addresses_of_companies.get(&company).into_iter().flatten().cloned());
        }
        addresses.extend(self.addresses_of_rep(record));
        addresses
    }

    /// All addresses of the rep that a record names.
    pub(crate) fn addresses_of_rep(&self, record: &Record) -> BTreeSet<String> {
        self.addresses_of_reps.get(record.get("RepID")).into_iter().flatten().cloned().collect()
    }

    /// The groupware ids of a record under one content type.
    pub(crate) fn keys_of(&self, record: &Record, content_type: &str) -> Vec<String> {
        let rows = self.keys.get(&record.name()).into_iter().flatten();
        rows.filter(|row| row.content_type == content_type && !row.key.is_empty())
            .map(|row| row.key.clone())
            .collect()
    }

    /// Participants of an activity.
    pub(crate) fn participants_of(&self, activity: &Record) -> &[Record] {
        self.participants.get(&number(activity)).map_or(&[], Vec::as_slice)
    }

    /// Documents of an activity.
    pub(crate) fn documents_of(&self, activity: &Record) -> &[Record] {
        self.documents.get(&number(activity)).map_or(&[], Vec::as_slice)
    }
}

/// Names a record's zone, where it names none itself.
fn name_zone(record: &mut Record, zone: Option<String>) {
    if let Some(zone) = zone.filter(|zone| !zone.is_empty() && record.get("TimeZone").is_empty()) {
        record.fields.insert("TimeZone".to_owned(), zone);
    }
}

/// Whether nobody deleted it. Which field marks a deleted activity is a matter of the CRM's template.
pub(crate) fn is_live(record: &Record) -> bool {
    !record.is("Deleted") && !record.is("ConnectorDeleted")
}

/// `StatNo` and `SeqNo`.
pub(crate) fn number(record: &Record) -> Number {
    pair(record, "StatNo", "SeqNo")
}

/// The number of the activity that a record belongs to.
pub(crate) fn activity_number(record: &Record) -> Number {
    pair(record, "ContactStatNo", "ContactSeqNo")
}

fn pair(record: &Record, first: &str, second: &str) -> Number {
    (record.get(first).to_owned(), record.get(second).to_owned())
}

fn by_activity(records: Vec<Record>) -> BTreeMap<Number, Vec<Record>> {
    let mut grouped: BTreeMap<Number, Vec<Record>> = BTreeMap::new();
    for record in records.into_iter().filter(is_live) {
        grouped.entry(activity_number(&record)).or_default().push(record);
    }
    grouped
}
