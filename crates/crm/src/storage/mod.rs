//! Where the records live: one SQLite table for each info area, in a database in WAL mode.
//!
//! One thread writes. Whoever wants to write hands it a job; jobs that wait together share one transaction and one
//! sync to disk, each in a savepoint of its own, and nobody is answered before the commit. Readers have connections
//! of their own and see the last commit.

mod blobs;
mod entailed;
mod error;
mod feed;
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

pub(crate) use blobs::hexadecimal;
pub use error::StorageError;
pub use feed::Concern;
pub use keys::ExternalKey;
pub use reading::{Login, Reading};
pub use record::{Author, Fields, Record, Target};
pub use writing::Writing;

use crate::schema::Schema;
use readers::Readers;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use writer::Writer;

/// The CRM's database.
#[derive(Debug, Clone)]
pub struct Storage {
    schema: Arc<Schema>,
    writer: Writer,
    readers: Option<Readers>,
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
        let writer = Writer::start(connection, Arc::clone(&schema))?;
        let readers = path.map(|path| Readers::new(path.to_owned(), Arc::clone(&schema)));
        Ok(Self { schema, writer, readers })
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
        match &self.readers {
            Some(readers) => readers.run(job).await,
            // A database in memory has one connection.
            None => self.writer.run(Author::system(), move |writing| job(writing)).await,
        }
    }

    /// Writes; either all of it is there when this returns, or nothing.
    pub async fn write<T, F>(&self, author: Author, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writing<'_>) -> Result<T, StorageError> + Send + 'static,
    {
        self.writer.run(author, job).await
    }

    /// Ends the writing thread after the jobs that wait.
    pub fn close(&self) {
        self.writer.stop();
    }
}
