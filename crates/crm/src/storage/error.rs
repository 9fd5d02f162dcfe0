//! What can go wrong with the database.

use std::path::PathBuf;

/// The database could not do what was asked; nothing of the job was kept.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file cannot be opened or is no database of this program.
    #[error("the CRM database {path} cannot be opened: {source}; check the path and its rights")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The disk, or a quota, is full.
    #[error("the disk that holds the CRM database is full; nothing was written: free some space and repeat")]
    Full,
    /// Another program holds the database.
    #[error("the CRM database is locked by another program; nothing was written: repeat later")]
    Busy,
    /// SQLite failed otherwise.
    #[error("the CRM database failed: {0}")]
    Sqlite(rusqlite::Error),
    /// A job that shared the transaction took it down, or the writer is gone.
    #[error("the CRM's writing was interrupted ({0}); nothing was written: repeat")]
    Interrupted(String),
    /// A record whose fields break a rule of the data model.
    #[error("{0}")]
    Invalid(String),
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull};
        match error.sqlite_error_code() {
            Some(ConstraintViolation) => {
                Self::Invalid(format!("another record has this key already ({error})"))
            }
            Some(DiskFull) => Self::Full,
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}

impl StorageError {
    /// A copy for others who shared the transaction.
    pub(super) fn shared(&self) -> Self {
        match self {
            Self::Full => Self::Full,
            Self::Busy => Self::Busy,
            other => Self::Interrupted(other.to_string()),
        }
    }

    /// Whether it is the request's fault and only this command failed.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }
}
