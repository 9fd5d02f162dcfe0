//! Where the records live: one SQLite table for each info area, in a database in WAL mode.
//!
//! One thread writes. Whoever wants to write hands it a job; jobs that wait together share one transaction and one
//! sync to disk, each in a savepoint of its own, and nobody is answered before the commit. Readers have connections
//! of their own and see the last commit.

mod blobs;
mod entailed;
mod error;
mod feed;
mod here;
mod keys;
mod layout;
mod pattern;
mod readers;
mod reading;
mod record;
#[cfg(test)]
mod tests;
mod writer;
mod writing;

pub(crate) use blobs::{MAX_DOCUMENT, hexadecimal};
pub use error::StorageError;
pub use feed::Concern;
pub use keys::ExternalKey;
pub use reading::{Login, Reading};
pub use record::{Author, Fields, Record, Target};
pub use writing::Writing;

use crate::schema::Schema;
use here::Here;
use jiff::Timestamp;
use readers::Readers;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tandem_outside::{Clock, SystemClock};
use writer::Writer;

/// The CRM's database.
#[derive(Clone)]
pub struct Storage {
    schema: Arc<Schema>,
    clock: Arc<dyn Clock>,
    hands: Hands,
}

/// Who does the work.
#[derive(Clone)]
enum Hands {
    /// A thread that writes, and connections for reading; without those the thread reads too.
    Threads(Writer, Option<Readers>),
    /// Whoever asks, on his own thread.
    Here(Here),
}

impl Storage {
    /// Opens the database, and creates or extends its tables; without a path it is in memory and gone at the end.
    pub fn open(path: Option<&Path>, schema: Arc<Schema>) -> Result<Self, StorageError> {
        let name = path.map_or_else(|| PathBuf::from("memory"), Path::to_owned);
        let connection = match path {
            Some(path) => layout::connect(path)?,
            None => layout::connect_memory()?,
        };
        layout::prepare(&connection, &schema, &name)?;
        Self::over(connection, path, schema)
    }

    /// Works over a connection whose tables are prepared.
    fn over(connection: Connection, path: Option<&Path>, schema: Arc<Schema>) -> Result<Self, StorageError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let writer = Writer::start(connection, Arc::clone(&schema), Arc::clone(&clock))?;
        let readers = path.map(|path| Readers::new(path.to_owned(), Arc::clone(&schema)));
        Ok(Self { schema, clock, hands: Hands::Threads(writer, readers) })
    }

    /// A database in memory without threads, at the times of `clock`: who asks does the work, so that nothing happens
    /// in an order that chance decides.
    pub fn here(schema: Arc<Schema>, clock: Arc<dyn Clock>) -> Result<Self, StorageError> {
        let connection = layout::connect_memory()?;
        layout::prepare(&connection, &schema, Path::new("memory"))?;
        let hands = Hands::Here(Here::over(connection, Arc::clone(&schema))?);
        Ok(Self { schema, clock, hands })
    }

    /// Makes the present state the one that [`Storage::rewind`] leads back to. A database with threads keeps everything
    /// it is given and cannot be taken back.
    pub fn keep(&self) -> Result<(), StorageError> {
        match &self.hands {
            Hands::Threads(..) => Ok(()),
            Hands::Here(here) => here.keep(),
        }
    }

    /// Forgets what was written since the last [`Storage::keep`].
    pub fn rewind(&self) -> Result<(), StorageError> {
        match &self.hands {
            Hands::Threads(..) => Err(StorageError::Invalid("this database cannot be taken back".to_owned())),
            Hands::Here(here) => here.rewind(),
        }
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The data model.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Reads from one consistent state.
    pub async fn read<T, F>(&self, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Reading<'_>) -> Result<T, StorageError> + Send + 'static,
    {
        match &self.hands {
            Hands::Threads(_, Some(readers)) => readers.run(job).await,
            // A database in memory has one connection.
            Hands::Threads(writer, None) => writer.run(Author::system(), move |writing| job(writing)).await,
            Hands::Here(here) => here.read(job),
        }
    }

    /// Writes; either all of it is there when this returns, or nothing.
    pub async fn write<T, F>(&self, author: Author, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writing<'_>) -> Result<T, StorageError> + Send + 'static,
    {
        match &self.hands {
            Hands::Threads(writer, _) => writer.run(author, job).await,
            Hands::Here(here) => here.write(author, self.clock.now(), job),
        }
    }

    /// Ends the writing thread after the jobs that wait.
    pub fn close(&self) {
        if let Hands::Threads(writer, _) = &self.hands {
            writer.stop();
        }
    }
}
