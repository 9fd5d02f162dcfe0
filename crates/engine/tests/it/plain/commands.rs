//! What each command does.

use super::Books;
use super::records::{Entry, merged};
use std::collections::BTreeSet;
use tandem_crm_port::{
    Answer, Change, ChangePage, Command, CurrentRecord, Outcome, RecordState, Status, Window,
};
use tandem_groupware::{self as groupware, ActingRep, Rules};
use tandem_model::{EmailAddress, Item, Kind, RecordId, Response, Stamp, When};

/// A rep at work.
struct Desk<'d> {
    books: &'d mut Books,
    rules: &'d Rules,
    acting: &'d ActingRep,
}

impl Books {
    pub fn carry_out(&mut self, rules: &Rules, acting: &ActingRep, command: Command) -> Answer {
        let mut desk = Desk { books: self, rules, acting };
        let status = match command {
            Command::Changes { kind, since, window, limit } => {
                return desk.changes(kind, since, window, limit);
            }
            Command::Get { record, kind } => {
                let change = desk.entry(&record, kind).and_then(|entry| desk.change(&record, entry));
                return Answer::Record(change.map_or(CurrentRecord::Unknown, CurrentRecord::Known));
            }
            Command::Add { key, item, published } => desk.add(&key, &item, published),
            Command::Replace { record, item, fields, if_stamp } => {
                desk.replace(&record, &item, &fields, if_stamp)
            }
            Command::Participation { record, address, response } => desk.answer(&record, &address, response),
            Command::Delete { record, kind, if_stamp } => desk.delete(&record, kind, if_stamp),
            Command::Map { record, kind, key } => desk.map(&record, kind, &key),
        };
        Answer::Status(status)
    }
}

impl Desk<'_> {
    fn changes(&self, kind: Kind, since: Stamp, window: Option<Window>, limit: u32) -> Answer {
        let last = self.books.records.last_stamp;
        if since > last {
            return Answer::Status(Status::failure(Outcome::AnchorUnknown, "anchor-unknown", "ask from 0"));
        }
        let mut changed: Vec<_> = self.books.records.iter().collect();
        changed.retain(|(_, entry)| entry.kind == kind && kind != Kind::Mail);
        changed.retain(|(_, entry)| entry.changed_for(self.acting.rep_id, since));
        changed.sort_by_key(|(_, entry)| entry.stamp());
        let all = changed.into_iter().filter_map(|(record, entry)| self.change(record, entry));
        let mut changes: Vec<Change> = all.filter(|change| self.within(change, window)).collect();
        let limit = usize::try_from(limit).unwrap();
        let more = changes.len() > limit;
        changes.truncate(limit);
        let next = changes.last().filter(|_| more).map_or(last, |change| change.stamp);
        Answer::Changes(ChangePage { changes, next, more })
    }

    fn within(&self, change: &Change, window: Option<Window>) -> bool {
        let (Some(window), true) = (window, change.keys.is_empty()) else { return true };
        let zone = self.acting.zone.time_zone();
        let overlaps = |when: &When| when.start_in(&zone) < window.to && when.end_in(&zone) > window.from;
        match &change.state {
            RecordState::Present { item, .. } => match item.as_ref() {
                Item::Appointment(appointment) => overlaps(&appointment.when) || appointment.series.is_some(),
                _ => true,
            },
            _ => true,
        }
    }

    /// A record of that kind that concerns the rep.
    fn entry(&self, record: &RecordId, kind: Kind) -> Option<&Entry> {
        self.books.records.get(record).filter(|entry| entry.kind == kind && self.concerns(entry))
    }

    fn concerns(&self, entry: &Entry) -> bool {
        let people = std::iter::once(&entry.set.primary).chain(&entry.set.participants);
        let mut reps = people.filter_map(|record| record.number("RepID"));
        reps.any(|rep| rep == self.acting.rep_id)
            || entry.keys.iter().any(|(_, rep)| *rep == self.acting.rep_id)
    }

    fn change(&self, record: &RecordId, entry: &Entry) -> Option<Change> {
        if !self.concerns(entry) {
            return None;
        }
        let shared = matches!(entry.kind, Kind::Mail | Kind::Appointment);
        let keys: BTreeSet<String> = entry
            .keys
            .iter()
            .filter(|(_, rep)| shared || *rep == self.acting.rep_id)
            .map(|(key, _)| key.clone())
            .collect();
        let state = if entry.deleted {
            if keys.is_empty() {
                return None;
            }
            RecordState::Deleted
        } else if groupware::visible(entry.kind, &entry.set, self.acting, self.rules) {
            let published = groupware::is_published(&entry.set, self.rules);
            RecordState::Present { item: Box::new(self.item(entry)), published, wins: false }
        } else {
            return None;
        };
        let keys = keys.into_iter().collect();
        Some(Change { record: record.clone(), keys, stamp: entry.stamp(), modified: None, state })
    }

    fn item(&self, entry: &Entry) -> Item {
        let linked = self.books.people.linked();
        groupware::to_item(entry.kind, &entry.set, self.acting, &linked, self.rules).unwrap()
    }

    fn add(&mut self, key: &str, item: &Item, published: bool) -> Status {
        let kind = item.kind();
        if let Some(record) = self.books.records.with_key(kind, key).cloned() {
            self.books.records.note_key(&record, key, self.acting.rep_id);
            return self.about(Outcome::AlreadyThere, &record);
        }
        let set = match self.translate(item, groupware::Change::Add { published }) {
            Ok(set) => set,
            Err(status) => return *status,
        };
        let record = self.books.records.next_id();
        let keys = vec![(key.to_owned(), self.acting.rep_id)];
        let entry = Entry { kind, set, deleted: false, keys, writes: Vec::new() };
        self.store(&record, entry, Outcome::Added)
    }

    fn replace(
        &mut self,
        record: &RecordId,
        item: &Item,
        fields: &BTreeSet<String>,
        if_stamp: Option<Stamp>,
    ) -> Status {
        let mut entry = match self.expected(record, item.kind(), if_stamp) {
            Ok(entry) => entry,
            Err(status) => return *status,
        };
        let change = groupware::Change::Replace { fields, existing: &entry.set };
        match self.translate(item, change) {
            Ok(set) => {
                entry.set = merged(&entry.set, set);
                entry.deleted = false;
                self.store(record, entry, Outcome::Done)
            }
            Err(status) => *status,
        }
    }

    fn answer(&mut self, record: &RecordId, address: &EmailAddress, response: Response) -> Status {
        let Ok(mut entry) = self.expected(record, Kind::Appointment, None) else {
            return Status::new(Outcome::NotFound);
        };
        let linked = self.books.people.linked();
        let set = groupware::answer(&entry.set, address, response, &linked, self.rules);
        entry.set = merged(&entry.set, set);
        self.store(record, entry, Outcome::Done)
    }

    fn delete(&mut self, record: &RecordId, kind: Kind, if_stamp: Option<Stamp>) -> Status {
        let mut entry = match self.expected(record, kind, if_stamp) {
            Ok(entry) => entry,
            Err(status) => return *status,
        };
        match groupware::mark_deleted(kind, &entry.set, self.rules) {
            Ok(_) => {
                entry.deleted = true;
                self.books.records.put(record, entry, Some(self.acting.rep_id));
                self.about(Outcome::Done, record)
            }
            Err(why) => Status::failure(Outcome::NotDeleted, why.reason, why.text),
        }
    }

    fn map(&mut self, record: &RecordId, kind: Kind, key: &str) -> Status {
        if self.entry(record, kind).is_none() {
            return Status::new(Outcome::NotFound);
        }
        self.books.records.note_key(record, key, self.acting.rep_id);
        self.about(Outcome::Done, record)
    }

    /// A record, if it is still what the caller believes.
    fn expected(&self, record: &RecordId, kind: Kind, if_stamp: Option<Stamp>) -> Result<Entry, Box<Status>> {
        let entry = self.entry(record, kind).ok_or_else(|| Box::new(Status::new(Outcome::NotFound)))?;
        match if_stamp {
            Some(stamp) if stamp != entry.stamp() => Err(Box::new(self.about(Outcome::Conflict, record))),
            None if entry.deleted => Err(Box::new(Status::new(Outcome::NotFound))),
            _ => Ok(entry.clone()),
        }
    }

    /// The records that an item is. This CRM adds nobody by itself: the rules that it runs with name no newcomers.
    fn translate(
        &self,
        item: &Item,
        change: groupware::Change<'_>,
    ) -> Result<groupware::RecordSet, Box<Status>> {
        let directory = self.books.people.directory(item, self.acting);
        let written = groupware::to_records(item, change, self.acting, &directory, self.rules)
            .map_err(|refusal| Box::new(Status::failure(Outcome::Forbidden, refusal.reason, refusal.text)))?;
        assert!(written.new_people.is_empty(), "{:?}", written.new_people);
        Ok(written.set)
    }

    fn store(&mut self, record: &RecordId, entry: Entry, outcome: Outcome) -> Status {
        self.books.records.put(record, entry, Some(self.acting.rep_id));
        self.about(outcome, record)
    }

    fn about(&self, outcome: Outcome, record: &RecordId) -> Status {
        let entry = self.books.records.get(record).unwrap();
        let item = (entry.kind != Kind::Mail && !entry.deleted).then(|| self.item(entry));
        let (record, stamp) = (Some(record.clone()), Some(entry.stamp()));
        Status { record, stamp, item, ..Status::new(outcome) }
    }
}
