//! What concerns which rep, in the order of change: so that asking for changes costs as much as there are changes.
//!
//! Activities (but not e-mails, nor exceptions of a series, which belong to their series), tasks and absences have a
//! row for each rep whom they concern or concerned once. Persons concern everybody who may see them: they are read
//! from their own table.

use super::{Reading, Record, StorageError, Target, Writing};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeSet;
use tandem_model::Stamp;

/// A record that concerns a rep and its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// Which record.
    pub target: Target,
    /// Its stamp.
    pub stamp: Stamp,
}

impl Reading<'_> {
    /// Records of an info area that concern the rep and changed after `since`, in the order of their stamps.
    pub fn concerns(
        &self,
        rep: &str,
        area: &str,
        since: Stamp,
        limit: usize,
    ) -> Result<Vec<Concern>, StorageError> {
        let sql =
            "SELECT record, stamp FROM feed WHERE rep = ? AND area = ? AND stamp > ? ORDER BY stamp LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![rep, area, since.0, limit], |row| {
            Ok(Concern { target: Target::new(area, row.get(0)?), stamp: Stamp(row.get(1)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Records of an info area that changed after `since`, whomever they concern, in the order of their stamps.
    pub fn changed(&self, area: &str, since: Stamp, limit: usize) -> Result<Vec<Concern>, StorageError> {
        let area = &self.table(area)?.area;
        let sql = format!("SELECT _id, _stamp FROM \"{area}\" WHERE _stamp > ? ORDER BY _stamp LIMIT ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![since.0, limit], |row| {
            Ok(Concern { target: Target::new(area, row.get(0)?), stamp: Stamp(row.get(1)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether the rep's mailbox is known to hold a copy though the record does not name him.
    pub fn holds(&self, rep: &str, target: &Target) -> Result<bool, StorageError> {
        let sql = "SELECT held FROM feed WHERE rep = ? AND area = ? AND record = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let held = statement.query_row(params![rep, target.area, target.id], |row| row.get(0)).optional()?;
        Ok(held.unwrap_or(false))
    }

    /// The reps whom a record concerns now.
    pub fn concerned(&self, record: &Record) -> Result<BTreeSet<String>, StorageError> {
        let mut reps = BTreeSet::from([record.get("RepID").to_owned()]);
        if record.target.area == "MA" {
            // Of participants no more than this is asked for: every write of an activity comes by here.
            let sql = "SELECT \"RepID\" FROM \"MB\" \
                WHERE _deleted = 0 AND \"ContactStatNo\" = ? AND \"ContactSeqNo\" = ? AND \"RepID\" IS NOT NULL";
            let mut statement = self.connection.prepare_cached(sql)?;
            let activity = [record.get("StatNo"), record.get("SeqNo")];
            for rep in statement.query_map(activity, |row| row.get(0))? {
                reps.insert(rep?);
            }
        }
        reps.remove("");
        Ok(reps)
    }
}

impl Writing<'_> {
    /// Notes that the rep's mailbox holds a copy of a record, whether or not the record names him.
    pub fn hold(&mut self, rep: &str, record: &Record) -> Result<(), StorageError> {
        if self.holds(rep, &record.target)? || self.concerned(record)?.contains(rep) {
            return Ok(());
        }
        let sql =
            "INSERT INTO feed VALUES (?, ?, ?, ?, 1) ON CONFLICT (rep, area, record) DO UPDATE SET held = 1";
        let Target { area, id } = &record.target;
        self.connection.prepare_cached(sql)?.execute(params![rep, area, id, record.stamp.0])?;
        Ok(())
    }

    /// Brings the feeds up to date with what the step stamped.
    pub(super) fn publish(&mut self) -> Result<(), StorageError> {
        let stamped = self.stamped.iter().filter(|target| matches!(target.area.as_str(), "MA" | "A1" | "A3"));
        for target in stamped.cloned().collect::<Vec<_>>() {
            if let Some(record) = self.get(&target)?.filter(travels) {
                self.publish_record(&record)?;
            }
        }
        Ok(())
    }

    fn publish_record(&mut self, record: &Record) -> Result<(), StorageError> {
        let Target { area, id } = &record.target;
        self.connection
            .prepare_cached("UPDATE feed SET stamp = ? WHERE record = ? AND area = ?")?
            .execute(params![record.stamp.0, id, area])?;
        for rep in self.concerned(record)? {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO feed VALUES (?, ?, ?, ?, 0)")?
                .execute(params![rep, area, id, record.stamp.0])?;
        }
        Ok(())
    }
}

/// Whether changes of the record are ever asked for: e-mails travel to the CRM only, an exception within its series.
/// E-mails that `forms.xml` gives another type are sorted out when changes are asked for.
fn travels(record: &Record) -> bool {
    record.target.area != "MA" || (record.get("Contact") != "E-Mail" && !record.is("IsSerialContact"))
}
