//! What the write of a record entails: records to which it belongs change with it, and people are found by it.

use super::{Record, StorageError, Target, Writing};
use crate::schema::FieldType;
use rusqlite::{OptionalExtension, params};
use tandem_model::EmailAddress;

/// Info areas whose addresses name people.
const DIRECTORY: [&str; 3] = ["FI", "KP", "ID"];

impl Writing<'_> {
    /// Does what the write of a record entails.
    pub(super) fn after_write(&mut self, record: &Record) -> Result<(), StorageError> {
        self.stamped.insert(record.target.clone());
        if DIRECTORY.contains(&record.target.area.as_str()) {
            self.index_addresses(record)?;
        }
        if record.target.area == "FI" {
            self.index_name(record)?;
        }
        self.touch_owner(record)
    }

    /// A participant belongs to its activity, an exception to its series: they change with it.
    fn touch_owner(&mut self, record: &Record) -> Result<(), StorageError> {
        let belongs = match record.target.area.as_str() {
            "MB" => true,
            "MA" => record.is("IsSerialContact"),
            _ => false,
        };
        let (station, sequence) = (record.get("ContactStatNo"), record.get("ContactSeqNo"));
        if !belongs || sequence.is_empty() {
            return Ok(());
        }
        let sql = "SELECT _id FROM \"MA\" WHERE \"SeqNo\" = ? AND \"StatNo\" = ? AND _deleted = 0";
        let owner = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![sequence, station], |row| Ok(Target::new("MA", row.get(0)?)))
            .optional()?;
        match owner.filter(|owner| *owner != record.target) {
            Some(owner) => self.touch(&owner),
            None => Ok(()),
        }
    }

    fn index_addresses(&mut self, record: &Record) -> Result<(), StorageError> {
        let table = self.table(&record.target.area)?;
        let Target { area, id } = &record.target;
        self.connection
            .prepare_cached("DELETE FROM address WHERE record = ? AND area = ?")?
            .execute(params![id, area])?;
        for field in table.fields.iter().filter(|field| field.kind == FieldType::Email) {
            let address = EmailAddress::new(record.get(&field.name));
            if !address.as_str().is_empty() && !record.deleted {
                self.connection
                    .prepare_cached("INSERT OR IGNORE INTO address VALUES (?, ?, ?)")?
                    .execute(params![address.as_str(), area, id])?;
            }
        }
        Ok(())
    }

    fn index_name(&mut self, record: &Record) -> Result<(), StorageError> {
        let words = record.get("Company").split_whitespace().collect::<Vec<_>>();
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO company_name VALUES (?, ?)")?
            .execute(params![words.join(" ").to_lowercase(), record.target.id])?;
        Ok(())
    }
}
