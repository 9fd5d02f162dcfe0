//! Looking records up.

use super::writing::Counters;
use super::{Author, Fields, Record, StorageError, Target};
use crate::schema::{Schema, Table};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use std::cell::Cell;
use std::fmt::Write as _;
use tandem_model::{EmailAddress, Stamp};

/// What is kept of a login's password.
#[derive(Debug, Clone)]
pub struct Login {
    /// Random bytes, different for each login.
    pub salt: Vec<u8>,
    /// How often the hash was repeated.
    pub rounds: u32,
    /// The hash.
    pub hash: Vec<u8>,
}

/// One consistent state of the database.
#[derive(Debug)]
pub struct Reading<'c> {
    pub(super) connection: &'c Connection,
    schema: &'c Schema,
    /// Where a transaction writes, the counters as they are in it.
    pub(super) counters: Cell<Option<Counters>>,
}

impl<'c> Reading<'c> {
    pub(super) fn new(connection: &'c Connection, schema: &'c Schema) -> Self {
        Self { connection, schema, counters: Cell::new(None) }
    }

    /// The data model.
    pub fn schema(&self) -> &'c Schema {
        self.schema
    }

    /// The table of an info area.
    pub(super) fn table(&self, area: &str) -> Result<&'c Table, StorageError> {
        self.schema.table(area).ok_or_else(|| {
            StorageError::Invalid(format!("there is no table \"{area}\"; the data model names them"))
        })
    }

    /// The record at an address, also when it is deleted.
    pub fn get(&self, target: &Target) -> Result<Option<Record>, StorageError> {
        Ok(self.select(&target.area, "_id = ?", &[&target.id], 1)?.pop())
    }

    /// The first records, by id, whose fields have these values; deleted ones are left out.
    pub fn find(
        &self,
        area: &str,
        values: &[(&str, &str)],
        limit: usize,
    ) -> Result<Vec<Record>, StorageError> {
        let mut condition = "_deleted = 0".to_owned();
        for (field, _) in values {
            self.check_field(area, field)?;
            let _ = write!(condition, " AND \"{field}\" = ?");
        }
        let values = values.iter().map(|(_, value)| value as &dyn ToSql).collect::<Vec<_>>();
        self.select(area, &format!("{condition} ORDER BY _id"), &values, limit)
    }

    /// Some fields of the first record, by id, whose fields have these values; deleted ones are left out, and what holds
    /// nothing is an empty text. Most tables have ten times as many fields as anybody asks for.
    pub fn first<const N: usize>(
        &self,
        area: &str,
        values: &[(&str, &str)],
        wanted: [&str; N],
    ) -> Result<Option<[String; N]>, StorageError> {
        let mut sql = String::from("SELECT ");
        for (number, field) in wanted.iter().enumerate() {
            self.check_field(area, field)?;
            let _ = write!(sql, "{}\"{field}\"", if number > 0 { ", " } else { "" });
        }
        let _ = write!(sql, " FROM \"{}\" WHERE _deleted = 0", self.table(area)?.area);
        for (field, _) in values {
            self.check_field(area, field)?;
            let _ = write!(sql, " AND \"{field}\" = ?");
        }
        sql.push_str(" ORDER BY _id LIMIT 1");
        let values = rusqlite::params_from_iter(values.iter().map(|(_, value)| value));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(values)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut found = [const { String::new() }; N];
        for (number, value) in found.iter_mut().enumerate() {
            *value = row.get::<_, Option<String>>(number)?.unwrap_or_default();
        }
        Ok(Some(found))
    }

    /// Records that meet an SQL condition, which may end in an order. Only this crate writes such conditions, and
    /// values never stand in them.
    pub fn select(
        &self,
        area: &str,
        condition: &str,
        values: &[&dyn ToSql],
        limit: usize,
    ) -> Result<Vec<Record>, StorageError> {
        self.select_page(area, condition, values, limit, 0)
    }

    /// The same, passing over the first `skip` records.
    pub fn select_page(
        &self,
        area: &str,
        condition: &str,
        values: &[&dyn ToSql],
        limit: usize,
        skip: usize,
    ) -> Result<Vec<Record>, StorageError> {
        let table = self.table(area)?;
        let (columns, area) = (&table.selected, &table.area);
        // Bound, so that each page is the same statement.
        let sql = format!("SELECT {columns} FROM \"{area}\" WHERE {condition} LIMIT ? OFFSET ?");
        let (limit, skip) =
            (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(skip).unwrap_or(i64::MAX));
        let values = [values, &[&limit, &skip]].concat();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(&*values, |row| record(table, row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many records meet an SQL condition.
    pub fn count(&self, area: &str, condition: &str, values: &[&dyn ToSql]) -> Result<u64, StorageError> {
        let table = self.table(area)?;
        let sql = format!("SELECT count(*) FROM \"{}\" WHERE {condition}", table.area);
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(values, |row| row.get(0))?)
    }

    /// The records of companies, persons and reps that have an e-mail address; deleted ones are left out.
    pub fn by_address(&self, address: &EmailAddress) -> Result<Vec<Record>, StorageError> {
        let sql = "SELECT area, record FROM address WHERE address = ? ORDER BY area, record";
        let mut statement = self.connection.prepare_cached(sql)?;
        let targets = statement
            .query_map([address.as_str()], |row| Ok(Target { area: row.get(0)?, id: row.get(1)? }))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut records = Vec::with_capacity(targets.len());
        for target in &targets {
            records.extend(self.get(target)?.filter(|record| !record.deleted));
        }
        Ok(records)
    }

    /// The first companies with a name, in lower case and with single spaces; deleted ones are left out.
    pub fn companies_named(&self, name: &str, limit: usize) -> Result<Vec<Record>, StorageError> {
        let condition =
            "_deleted = 0 AND _id IN (SELECT record FROM company_name WHERE name = ?) ORDER BY _id";
        self.select("FI", condition, &[&name], limit)
    }

    /// The last change number that was given away.
    pub fn last_stamp(&self) -> Result<Stamp, StorageError> {
        match self.counters.get() {
            Some(counters) => Ok(Stamp(counters.stamp)),
            None => self.counter("laststamp").map(Stamp),
        }
    }

    /// The last change number that is committed: what is newer may still be undone.
    pub fn committed_stamp(&self) -> Result<Stamp, StorageError> {
        self.counter("laststamp").map(Stamp)
    }

    /// The change number of the last write to a table.
    pub fn last_change(&self, area: &str) -> Result<Stamp, StorageError> {
        let sql = format!("SELECT COALESCE(max(_stamp), 0) FROM \"{}\"", self.table(area)?.area);
        Ok(Stamp(self.connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?))
    }

    /// How many writes of items there were ever.
    pub fn writes(&self) -> Result<u64, StorageError> {
        match self.counters.get() {
            Some(counters) => Ok(counters.writes),
            None => self.counter("writes"),
        }
    }

    fn counter(&self, name: &str) -> Result<u64, StorageError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE name = ?")?;
        Ok(statement.query_row([name], |row| row.get(0))?)
    }

    /// A mark that was set with `Writing::set_mark`.
    pub fn mark(&self, name: &str) -> Result<Option<String>, StorageError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE name = ?")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// What is kept of a login's password.
    pub fn login(&self, name: &str) -> Result<Option<Login>, StorageError> {
        let mut statement =
            self.connection.prepare_cached("SELECT salt, rounds, hash FROM login WHERE name = ?")?;
        Ok(statement
            .query_row(params![name], |row| {
                Ok(Login { salt: row.get(0)?, rounds: row.get(1)?, hash: row.get(2)? })
            })
            .optional()?)
    }

    pub(super) fn check_field(&self, area: &str, field: &str) -> Result<(), StorageError> {
        match self.table(area)?.field(field) {
            Some(_) => Ok(()),
            None => Err(StorageError::Invalid(format!("table {area} has no field \"{field}\""))),
        }
    }
}

fn record(table: &Table, row: &Row<'_>) -> rusqlite::Result<Record> {
    let mut fields = Vec::with_capacity(table.columns.len());
    for (index, field) in table.stored().enumerate() {
        if let Some(value) = row.get_ref(index + 7)?.as_str_or_null()?.filter(|value| !value.is_empty()) {
            fields.push((field.name.clone(), value.to_owned()));
        }
    }
    // They come by name, of which a map is built in one go.
    let fields = Fields::from_iter(fields);
    Ok(Record {
        target: Target { area: table.area.clone(), id: row.get(0)? },
        stamp: Stamp(row.get(1)?),
        modified: Timestamp::from_millisecond(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH),
        author: Author { principal: row.get(3)?, client: row.get(4)? },
        unseen: Stamp(row.get(5)?),
        deleted: row.get(6)?,
        fields,
    })
}
