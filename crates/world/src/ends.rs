//! Where each item is at the end: its copies in the mailboxes and its records in the CRM.

use crate::acts::{names_of_copy, names_of_record};
use crate::items::{Item, Sort};
use serde_json::Value;
use std::collections::BTreeMap;
use tandem_audit::{Record, Sight};

/// Sorts of items whose copies lie in different collections, in the order of a dump.
const COLLECTIONS: [Sort; 4] = [Sort::Mail, Sort::Event, Sort::Task, Sort::Person];
/// Sorts of items whose records lie in different tables.
const TABLES: [Sort; 4] = [Sort::Event, Sort::Task, Sort::Person, Sort::Absence];

/// Everything that both sides hold at the end, by what its fields could name.
pub struct Shelves<'s> {
    copies: BTreeMap<(&'static str, &'s str), Vec<(usize, &'s Value)>>,
    records: BTreeMap<(&'static str, &'s str), Vec<&'s Record>>,
}

impl<'s> Shelves<'s> {
    /// Sorts what both sides show.
    pub fn of(sight: &'s Sight) -> Self {
        let mut shelves = Self { copies: BTreeMap::new(), records: BTreeMap::new() };
        for (who, dump) in sight.mailboxes().enumerate() {
            let collections = [&dump.messages, &dump.events, &dump.tasks, &dump.contacts];
            for (sort, copies) in COLLECTIONS.into_iter().zip(collections) {
                for (copy, name) in
                    copies.iter().flat_map(|copy| names_of_copy(copy).map(move |name| (copy, name)))
                {
                    shelves.put_copy(sort.collection(), name, who, copy);
                }
            }
        }
        for table in TABLES.map(Sort::table) {
            let all = sight.table(table).iter();
            for (record, name) in
                all.flat_map(|record| names_of_record(record).map(move |name| (record, name)))
            {
                shelves.put_record(table, name, record);
            }
        }
        shelves
    }

    /// Two fields of a copy may name the same.
    fn put_copy(&mut self, collection: &'static str, name: &'s str, who: usize, copy: &'s Value) {
        let shelf = self.copies.entry((collection, name)).or_default();
        if shelf.last().is_none_or(|(_, last)| !std::ptr::eq(*last, copy)) {
            shelf.push((who, copy));
        }
    }

    fn put_record(&mut self, table: &'static str, name: &'s str, record: &'s Record) {
        let shelf = self.records.entry((table, name)).or_default();
        if shelf.last().is_none_or(|last| !std::ptr::eq(*last, record)) {
            shelf.push(record);
        }
    }

    /// Where an item is.
    pub fn ends(&self, item: &Item) -> Ends<'s> {
        let name = item.name.as_str();
        let copies = self.copies.get(&(item.sort.collection(), name)).cloned().unwrap_or_default();
        let all = self.records.get(&(item.sort.table(), name)).into_iter().flatten().copied();
        let (deleted, records) = all.partition(|record| record.is(item.sort.deleted()));
        Ends { copies, records, deleted }
    }
}

/// Where an item is at the end.
pub struct Ends<'s> {
    /// Its copies by mailbox.
    pub copies: Vec<(usize, &'s Value)>,
    /// Its records that are not marked as deleted.
    pub records: Vec<&'s Record>,
    /// Those that are.
    pub deleted: Vec<&'s Record>,
}

impl<'s> Ends<'s> {
    /// It was deleted in the CRM while only a guest's copy spoke for it there: that is nothing to Outlook.
    pub fn only_in_outlook(&self) -> bool {
        self.records.is_empty()
            && !self.deleted.is_empty()
            && self.deleted.iter().all(|one| one.is("ConnectorPublished"))
    }

    /// The copy in its owner's mailbox.
    pub fn of_owner(&self, item: &Item) -> Option<&'s Value> {
        self.copies.iter().find(|(who, _)| *who == item.owner).map(|(_, copy)| *copy)
    }
}
