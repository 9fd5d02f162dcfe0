//! Connections for reading.

use super::{Reading, StorageError, layout};
use crate::schema::Schema;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// More connections than this bring nothing: reading is quick, and the answer's size bounds it.
const CONNECTIONS: usize = 4;

/// A small pool of read-only connections, opened when first needed.
#[derive(Debug, Clone)]
pub(super) struct Readers {
    path: PathBuf,
    schema: Arc<Schema>,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, schema: Arc<Schema>) -> Self {
        Self { path, schema, idle: Arc::default(), permits: Arc::new(Semaphore::new(CONNECTIONS)) }
    }

    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Reading<'_>) -> Result<T, StorageError> + Send + 'static,
    {
        let gone = |error: &dyn std::fmt::Display| StorageError::Interrupted(error.to_string());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|error| gone(&error))?;
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            this.read(job)
        })
        .await
        .map_err(|error| gone(&error))?
    }

    fn read<T>(&self, job: impl FnOnce(&Reading<'_>) -> Result<T, StorageError>) -> Result<T, StorageError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => layout::connect_reader(&self.path)?,
        };
        // A transaction, so that several statements see the same state.
        let transaction = connection.unchecked_transaction()?;
        let result = job(&Reading::new(&transaction, &self.schema));
        drop(transaction);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}
