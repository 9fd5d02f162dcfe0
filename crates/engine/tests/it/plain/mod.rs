//! Another CRM: plain records in memory, with the groupware room over them. What a second adapter would look like.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

mod commands;
mod people;
mod records;

use async_trait::async_trait;
use people::People;
use records::Records;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use tandem_crm_port::{Answer, Command, CrmPort, ErrorClass, PortError, Rep};
use tandem_groupware::Rules;
use tandem_model::{EmailAddress, Kind, RecordId};

/// The CRM.
pub struct PlainCrm {
    rules: Rules,
    books: Mutex<Books>,
}

/// What it holds.
struct Books {
    people: People,
    records: Records,
}

impl PlainCrm {
    /// A CRM with these reps and one person, and no items.
    pub fn new(reps: &[(&str, &str)], person: (&str, &str)) -> Self {
        let books = Books { people: People::new(reps, person), records: Records::default() };
        Self { rules: Rules::builtin(), books: Mutex::new(books) }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// A user changes a field.
    pub fn edit(&self, record: &RecordId, field: &str, value: &str) {
        let mut books = self.books();
        let mut entry = books.records.get(record).unwrap().clone();
        entry.set.primary.set(field, value);
        books.records.put(record, entry, None);
    }

    /// A user deletes a record.
    pub fn delete(&self, record: &RecordId) {
        let mut books = self.books();
        let mut entry = books.records.get(record).unwrap().clone();
        entry.deleted = true;
        books.records.put(record, entry, None);
    }

    /// The records of a kind that are not deleted, and a field of each.
    pub fn all(&self, kind: Kind, field: &str) -> Vec<(RecordId, String)> {
        let books = self.books();
        let live = books.records.iter().filter(|(_, entry)| entry.kind == kind && !entry.deleted);
        live.map(|(record, entry)| (record.clone(), entry.set.primary.get(field).to_owned())).collect()
    }
}

#[async_trait]
impl CrmPort for PlainCrm {
    async fn reps(&self) -> Result<Vec<Rep>, PortError> {
        Ok(self.books().people.listed())
    }

    async fn sync(&self, rep: &str, commands: Vec<Command>) -> Result<Vec<Answer>, PortError> {
        let mut books = self.books();
        let Some(acting) = books.people.acting(rep) else {
            return Err(PortError::new(ErrorClass::Denied, format!("there is no rep {rep}")));
        };
        Ok(commands.into_iter().map(|command| books.carry_out(&self.rules, &acting, command)).collect())
    }

    async fn records_by_key(
        &self,
        kind: Kind,
        keys: &[String],
    ) -> Result<BTreeMap<String, RecordId>, PortError> {
        let books = self.books();
        let known = |key: &String| Some((key.clone(), books.records.with_key(kind, key)?.clone()));
        Ok(keys.iter().filter_map(known).collect())
    }

    async fn knows(&self, _rep: &str, address: &EmailAddress) -> Result<bool, PortError> {
        Ok(!self.books().people.with(address).is_empty())
    }
}
