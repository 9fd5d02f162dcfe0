//! Records, their keys and who wrote them when.

use std::collections::BTreeMap;
use tandem_groupware::{Record, RecordSet};
use tandem_model::{Kind, RecordId, Stamp};

/// An item's records.
#[derive(Clone)]
pub struct Entry {
    pub kind: Kind,
    pub set: RecordSet,
    pub deleted: bool,
    /// Groupware ids, each with the rep in whose mailbox it is one.
    pub keys: Vec<(String, u64)>,
    /// Every write: its stamp, and the rep for whom the connector made it; none for a user.
    pub writes: Vec<(Stamp, Option<u64>)>,
}

impl Entry {
    pub fn stamp(&self) -> Stamp {
        self.writes.last().map(|(stamp, _)| *stamp).unwrap_or_default()
    }

    /// Whether somebody else wrote it after an anchor.
    pub fn changed_for(&self, rep: u64, since: Stamp) -> bool {
        self.writes.iter().any(|(stamp, author)| *stamp > since && *author != Some(rep))
    }
}

#[derive(Default)]
pub struct Records {
    entries: BTreeMap<RecordId, Entry>,
    last_id: u64,
    pub last_stamp: Stamp,
}

impl Records {
    pub fn iter(&self) -> impl Iterator<Item = (&RecordId, &Entry)> {
        self.entries.iter()
    }

    pub fn get(&self, record: &RecordId) -> Option<&Entry> {
        self.entries.get(record)
    }

    /// The record that has a key in its kind.
    pub fn with_key(&self, kind: Kind, key: &str) -> Option<&RecordId> {
        let has = |entry: &Entry| entry.kind == kind && entry.keys.iter().any(|(known, _)| known == key);
        self.entries.iter().find(|(_, entry)| has(entry)).map(|(record, _)| record)
    }

    pub fn next_id(&mut self) -> RecordId {
        self.last_id += 1;
        RecordId::new(format!("plain:{}", self.last_id))
    }

    /// Stores an entry as a new write.
    pub fn put(&mut self, record: &RecordId, mut entry: Entry, author: Option<u64>) -> Stamp {
        self.number(&mut entry.set);
        self.last_stamp = Stamp(self.last_stamp.0 + 1);
        entry.writes.push((self.last_stamp, author));
        self.entries.insert(record.clone(), entry);
        self.last_stamp
    }

    /// Notes something that is no change of the record.
    pub fn note_key(&mut self, record: &RecordId, key: &str, rep: u64) {
        let noted = (key.to_owned(), rep);
        if let Some(entry) = self.entries.get_mut(record).filter(|entry| !entry.keys.contains(&noted)) {
            entry.keys.push(noted);
        }
    }

    fn number(&mut self, set: &mut RecordSet) {
        let dependants = set.participants.iter_mut().chain(&mut set.exceptions).chain(&mut set.todos);
        for record in std::iter::once(&mut set.primary).chain(dependants) {
            if record.id.is_none() {
                self.last_id += 1;
                record.id = Some(self.last_id);
            }
        }
    }
}

/// What the records of a set are after a write: a field that the write does not name stays.
pub fn merged(before: &RecordSet, mut after: RecordSet) -> RecordSet {
    let known: BTreeMap<u64, &Record> = std::iter::once(&before.primary)
        .chain(&before.participants)
        .chain(&before.exceptions)
        .chain(&before.todos)
        .filter_map(|record| Some((record.id?, record)))
        .collect();
    let dependants = after.participants.iter_mut().chain(&mut after.exceptions).chain(&mut after.todos);
    for record in std::iter::once(&mut after.primary).chain(dependants) {
        let Some(before) = record.id.and_then(|id| known.get(&id)) else { continue };
        for (field, value) in &before.fields {
            record.fields.entry(field.clone()).or_insert_with(|| value.clone());
        }
    }
    after
}
