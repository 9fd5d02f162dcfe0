//! Changing records.

use super::{Author, Fields, Login, Reading, Record, StorageError, Target};
use crate::schema::{FieldType, Schema, Table};
use base64::Engine as _;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Deref;
use tandem_model::Stamp;

/// The station number of records that are made here.
const STATION: &str = "1";

/// Numbers that only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counters {
    pub stamp: u64,
    pub writes: u64,
}

impl Counters {
    pub(super) fn load(connection: &Connection) -> Result<Self, StorageError> {
        let counter = |name: &str| {
            connection.query_row("SELECT value FROM meta WHERE name = ?", [name], |row| row.get::<_, u64>(0))
        };
        Ok(Self { stamp: counter("laststamp")?, writes: counter("writes")? })
    }

    pub(super) fn save(self, connection: &Connection) -> Result<(), StorageError> {
        let mut statement = connection.prepare_cached("UPDATE meta SET value = ? WHERE name = ?")?;
        statement.execute(params![self.stamp, "laststamp"])?;
        statement.execute(params![self.writes, "writes"])?;
        Ok(())
    }
}

/// One job's transaction.
#[derive(Debug)]
pub struct Writing<'c> {
    reading: Reading<'c>,
    counters: &'c mut Counters,
    author: Author,
    now: Timestamp,
    depth: u32,
    /// Whether the author proved that he knows the record that he writes (`if_stamp`).
    informed: bool,
    /// What was stamped in the current step: it needs no second stamp, for nobody sees a step half done.
    pub(super) stamped: BTreeSet<Target>,
}

impl<'c> Deref for Writing<'c> {
    type Target = Reading<'c>;

    fn deref(&self) -> &Reading<'c> {
        &self.reading
    }
}

impl<'c> Writing<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        schema: &'c Schema,
        counters: &'c mut Counters,
        author: Author,
        now: Timestamp,
    ) -> Self {
        let reading = Reading::new(connection, schema);
        reading.counters.set(Some(*counters));
        Self { reading, counters, author, now, depth: 0, informed: false, stamped: BTreeSet::new() }
    }

    /// The instant at which the job writes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Writes as somebody else from here on.
    pub fn set_author(&mut self, author: Author) {
        self.author = author;
    }

    /// Does something wholly or not at all.
    pub fn step<T, E: From<StorageError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let savepoint = format!("step{}", self.depth);
        let run = |this: &Self, sql: &str| -> Result<(), StorageError> {
            Ok(this.connection.prepare_cached(&format!("{sql} {savepoint}"))?.execute([]).map(|_| ())?)
        };
        let lost = || StorageError::Interrupted("the transaction was rolled back".to_owned());
        if self.connection.is_autocommit() {
            // A savepoint would begin a transaction of its own, and its release would commit it.
            return Err(lost().into());
        }
        run(self, "SAVEPOINT")?;
        let outer = std::mem::take(&mut self.stamped);
        let counters = *self.counters;
        self.depth += 1;
        let result = work(self).and_then(|value| self.settle().map(|()| value).map_err(E::from));
        self.depth -= 1;
        self.informed = false;
        self.stamped = outer;
        if self.connection.is_autocommit() {
            return result.and_then(|_| Err(lost().into()));
        }
        if result.is_err() {
            // Nobody saw the stamps that were given: they are given again.
            *self.counters = counters;
            self.reading.counters.set(Some(*self.counters));
            run(self, "ROLLBACK TO")?;
        }
        run(self, "RELEASE")?;
        result
    }

    fn settle(&mut self) -> Result<(), StorageError> {
        if self.stamped.is_empty() {
            return Ok(());
        }
        self.counters.writes += 1;
        self.reading.counters.set(Some(*self.counters));
        self.publish()
    }

    /// From here to the end of the step the author knows what he overwrites.
    pub fn informed(&mut self) {
        self.informed = true;
    }

    fn next_stamp(&mut self) -> Stamp {
        self.counters.stamp += 1;
        self.reading.counters.set(Some(*self.counters));
        Stamp(self.counters.stamp)
    }

    /// Adds a record. Values are checked; numbers by which others point to the record are given where missing.
    pub fn insert(&mut self, area: &str, fields: &Fields) -> Result<Record, StorageError> {
        let table = self.table(area)?;
        let mut fields = self.checked(table, fields)?;
        let id = self.next_id(&table.area)?;
        self.number(table, id, &mut fields)?;
        let record = Record {
            target: Target::new(&table.area, id),
            stamp: self.next_stamp(),
            modified: self.now,
            author: self.author.clone(),
            unseen: Stamp(0),
            deleted: false,
            fields,
        };
        self.write_new(table, &record)?;
        self.after_write(&record)?;
        Ok(record)
    }

    /// Adds a record as a by-product of another: its author's client does not know that it exists.
    pub fn insert_unseen(&mut self, area: &str, fields: &Fields) -> Result<Record, StorageError> {
        let record = self.insert(area, fields)?;
        let sql = format!("UPDATE \"{}\" SET _unseen = _stamp WHERE _id = ?", record.target.area);
        self.connection.prepare_cached(&sql)?.execute([record.target.id])?;
        Ok(Record { unseen: record.stamp, ..record })
    }

    /// Gives a new record the numbers by which others point to it, where it has none. They are greater than all that
    /// were given, or brought along, before.
    fn number(&self, table: &Table, id: i64, fields: &mut Fields) -> Result<(), StorageError> {
        let mut statement = self.connection.prepare_cached("SELECT next FROM sequence WHERE area = ?")?;
        let next = statement.query_row([&table.area], |row| row.get::<_, i64>(0)).optional()?;
        let number = next.unwrap_or(1).max(id);
        for name in table.station.iter().map(String::as_str).chain(["StatNo"]) {
            fields.entry(name.to_owned()).or_insert_with(|| STATION.to_owned());
        }
        let mut greatest = number;
        let station = table.station.first().map(String::as_str);
        let sequences = table.sequence.iter().map(|name| (station, name.as_str()));
        for (station, name) in sequences.chain([(Some("StatNo"), "SeqNo")]) {
            // Numbers of other stations do not meet ours.
            let ours =
                station.is_none_or(|station| fields.get(station).is_some_and(|value| value == STATION));
            let value = fields.entry(name.to_owned()).or_insert_with(|| number.to_string());
            if ours {
                greatest = greatest.max(value.parse().unwrap_or(number));
            }
        }
        let sql = "INSERT INTO sequence VALUES (?, ?) ON CONFLICT (area) DO UPDATE SET next = excluded.next";
        self.connection.prepare_cached(sql)?.execute(params![table.area, greatest.saturating_add(1)])?;
        Ok(())
    }

    fn write_new(&self, table: &Table, record: &Record) -> Result<(), StorageError> {
        let modified = record.modified.as_millisecond();
        let mut values: Vec<&dyn ToSql> = vec![
            &record.target.id,
            &record.stamp.0,
            &modified,
            &record.author.principal,
            &record.author.client,
        ];
        let found = table.stored().map(|field| record.fields.get(&field.name)).collect::<Vec<_>>();
        values.extend(found.iter().map(|value| value as &dyn ToSql));
        self.connection.prepare_cached(&table.insertion)?.execute(values.as_slice())?;
        Ok(())
    }

    /// Changes fields of a record; an empty value clears one. Nothing is written, and no stamp given, where
    /// nothing differs.
    pub fn update(&mut self, target: &Target, changes: &Fields) -> Result<Record, StorageError> {
        let table = self.table(&target.area)?;
        let mut record = self.existing(target)?;
        let mut changes = self.checked_with_empty(table, changes)?;
        changes.retain(|field, value| record.get(field) != value);
        if changes.is_empty() {
            return Ok(record);
        }
        self.restamp(&mut record);
        let mut sql = format!("UPDATE \"{}\" SET ", table.area);
        let texts =
            changes.values().map(|value| Some(value).filter(|value| !value.is_empty())).collect::<Vec<_>>();
        let mut values: Vec<&dyn ToSql> = Vec::new();
        for (field, value) in changes.keys().zip(&texts) {
            let _ = write!(sql, "\"{field}\" = ?, ");
            values.push(value);
        }
        self.write_stamped(&sql, values, &record)?;
        for (field, value) in changes {
            if value.is_empty() {
                record.fields.remove(&field);
            } else {
                record.fields.insert(field, value);
            }
        }
        self.after_write(&record)?;
        Ok(record)
    }

    /// Marks a record as changed because something that belongs to it changed.
    pub fn touch(&mut self, target: &Target) -> Result<(), StorageError> {
        if self.stamped.contains(target) {
            return Ok(());
        }
        let mut record = self.existing(target)?;
        self.restamp(&mut record);
        self.write_stamped(&format!("UPDATE \"{}\" SET ", target.area), Vec::new(), &record)?;
        self.after_write(&record)
    }

    /// Deletes a record softly. Deleting it again changes nothing.
    pub fn delete(&mut self, target: &Target) -> Result<Record, StorageError> {
        let mut record = self.existing(target)?;
        if record.deleted {
            return Ok(record);
        }
        self.restamp(&mut record);
        record.deleted = true;
        self.write_stamped(&format!("UPDATE \"{}\" SET _deleted = 1, ", target.area), Vec::new(), &record)?;
        self.after_write(&record)?;
        Ok(record)
    }

    /// Brings a deleted record back.
    pub fn undelete(&mut self, target: &Target) -> Result<(), StorageError> {
        let mut record = self.existing(target)?;
        if !record.deleted {
            return Ok(());
        }
        self.restamp(&mut record);
        record.deleted = false;
        self.write_stamped(&format!("UPDATE \"{}\" SET _deleted = 0, ", target.area), Vec::new(), &record)?;
        self.after_write(&record)
    }

    /// Remembers a fact about the database itself.
    pub fn set_mark(&mut self, name: &str, value: &str) -> Result<(), StorageError> {
        let sql = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.connection.prepare_cached(sql)?.execute(params![name, value])?;
        Ok(())
    }

    /// Sets a login's password.
    pub fn set_login(&mut self, name: &str, login: &Login) -> Result<(), StorageError> {
        let sql = "INSERT INTO login VALUES (?, ?, ?, ?) ON CONFLICT (name) \
            DO UPDATE SET salt = excluded.salt, rounds = excluded.rounds, hash = excluded.hash";
        self.connection.prepare_cached(sql)?.execute(params![name, login.salt, login.rounds, login.hash])?;
        Ok(())
    }

    fn existing(&self, target: &Target) -> Result<Record, StorageError> {
        self.get(target)?.ok_or_else(|| StorageError::Invalid(format!("there is no record {target}")))
    }

    /// Gives a record the next stamp, and notes whether its new author may have overlooked somebody's write.
    fn restamp(&mut self, record: &mut Record) {
        record.unseen = match (self.informed, record.author == self.author) {
            (true, _) => Stamp(0),
            (false, true) => record.unseen,
            (false, false) => record.stamp,
        };
        record.author = self.author.clone();
        record.modified = self.now;
        record.stamp = self.next_stamp();
    }

    fn write_stamped(
        &self,
        start: &str,
        values: Vec<&dyn ToSql>,
        record: &Record,
    ) -> Result<(), StorageError> {
        let sql =
            format!("{start}_stamp = ?, _modified = ?, _by = ?, _client = ?, _unseen = ? WHERE _id = ?");
        let modified = record.modified.as_millisecond();
        let stamped: [&dyn ToSql; 6] = [
            &record.stamp.0,
            &modified,
            &record.author.principal,
            &record.author.client,
            &record.unseen.0,
            &record.target.id,
        ];
        let values = values.iter().copied().chain(stamped).collect::<Vec<_>>();
        self.connection.prepare_cached(&sql)?.execute(values.as_slice())?;
        Ok(())
    }

    fn next_id(&self, area: &str) -> Result<i64, StorageError> {
        let mut statement =
            self.connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?")?;
        let last = statement.query_row([area], |row| row.get::<_, i64>(0)).optional()?;
        Ok(last.unwrap_or(0) + 1)
    }

    /// Values in their stored form, empty ones left out.
    fn checked(&self, table: &Table, fields: &Fields) -> Result<Fields, StorageError> {
        let mut fields = self.checked_with_empty(table, fields)?;
        fields.retain(|_, value| !value.is_empty());
        Ok(fields)
    }

    fn checked_with_empty(&self, table: &Table, fields: &Fields) -> Result<Fields, StorageError> {
        let mut checked = Fields::new();
        for (name, value) in fields {
            let invalid = |text: &str| StorageError::Invalid(format!("{}.{name}: {text}", table.name));
            let field = table.field(name).ok_or_else(|| invalid("there is no such field"))?;
            let value = field.normalise(value).map_err(|text| invalid(&text))?;
            if field.kind == FieldType::Blob {
                if value.is_empty() {
                    continue;
                }
                let content = base64::engine::general_purpose::STANDARD
                    .decode(value)
                    .map_err(|_| invalid("the content is no base64"))?;
                let digest = self.put_blob(&content)?;
                checked.insert("Digest".to_owned(), digest);
                checked.insert("Size".to_owned(), content.len().to_string());
            } else {
                checked.insert(name.clone(), value);
            }
        }
        Ok(checked)
    }
}
