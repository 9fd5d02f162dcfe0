//! What can go wrong in a piece of work, and what becomes of it.

use crate::StoreError;
use crate::stored::Damaged;
use rusqlite::ErrorCode;
use rusqlite::ffi;
use std::path::Path;

/// What stops a piece of work.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database.
    Sql(rusqlite::Error),
    /// A stored value that cannot be read: which, and why.
    Damaged(&'static str, String),
    /// The store's own rules.
    Rule(StoreError),
}

pub(super) type Outcome<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sql(error)
    }
}

impl From<Damaged> for Fault {
    fn from(damaged: Damaged) -> Self {
        Fault::Damaged(damaged.what, damaged.why)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Rule(error)
    }
}

impl Fault {
    /// For people, with the file and what was about to happen to it (opened, read, written).
    pub(super) fn explain(self, path: &Path, action: &'static str) -> StoreError {
        let path = path.display().to_string();
        match self {
            Fault::Rule(error) => error,
            Fault::Damaged(what, why) => StoreError::Damaged { path, what, why },
            Fault::Sql(error) if is_full(&error) => StoreError::Full { path },
            Fault::Sql(error) => StoreError::Database { path, action, why: describe(&error) },
        }
    }
}

/// Whether the write met a value that has to be unique, or a reference to what is not there.
pub(super) fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

fn is_full(error: &rusqlite::Error) -> bool {
    // SQLite cannot extend the shared-memory file beside the database: on a disk without space the first thing to fail.
    let no_room_for_index =
        error.sqlite_error().is_some_and(|e| e.extended_code == ffi::SQLITE_IOERR_SHMSIZE);
    error.sqlite_error_code() == Some(ErrorCode::DiskFull) || no_room_for_index
}

fn describe(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "the file is no database".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => format!("the database is damaged ({error}); restore a backup"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program keeps it locked; close that one".to_owned()
        }
        Some(ErrorCode::ReadOnly) => "it is write-protected, or open for reading only".to_owned(),
        Some(ErrorCode::CannotOpen) => "the file or its directory is not accessible to this user".to_owned(),
        _ => error.to_string(),
    }
}
