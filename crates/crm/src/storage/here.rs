//! A database that whoever asks works on, on his own thread: for a simulation, which must not depend on threads.
//!
//! Everything since [`Here::keep`] is one transaction, so that a simulation can go back to its beginning without making
//! the tables anew. Jobs are savepoints in it, as they are in the transactions of the writing thread.

use super::writer::run_job;
use super::writing::Counters;
use super::{Author, Reading, StorageError, Writing};
use crate::schema::Schema;
use jiff::Timestamp;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connection, and the numbers that only grow.
#[derive(Clone)]
pub(super) struct Here {
    schema: Arc<Schema>,
    open: Arc<Mutex<Open>>,
}

struct Open {
    connection: Connection,
    counters: Counters,
}

impl Here {
    pub(super) fn over(connection: Connection, schema: Arc<Schema>) -> Result<Self, StorageError> {
        let counters = Counters::load(&connection)?;
        connection.execute_batch("BEGIN")?;
        Ok(Self { schema, open: Arc::new(Mutex::new(Open { connection, counters })) })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self) -> Result<(), StorageError> {
        let open = self.open();
        open.counters.save(&open.connection)?;
        Ok(open.connection.execute_batch("COMMIT; BEGIN")?)
    }

    pub(super) fn rewind(&self) -> Result<(), StorageError> {
        let mut open = self.open();
        open.connection.execute_batch("ROLLBACK; BEGIN")?;
        open.counters = Counters::load(&open.connection)?;
        Ok(())
    }

    pub(super) fn read<T>(
        &self,
        job: impl FnOnce(&Reading<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let open = self.open();
        let reading = Reading::new(&open.connection, &self.schema);
        reading.counters.set(Some(open.counters));
        job(&reading)
    }

    pub(super) fn write<T>(
        &self,
        author: Author,
        now: Timestamp,
        job: impl FnOnce(&mut Writing<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut open = self.open();
        let Open { connection, counters } = &mut *open;
        run_job(connection, &self.schema, counters, author, now, job)
    }
}
