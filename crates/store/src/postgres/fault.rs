//! What can go wrong in a piece of work, and what becomes of it.

use crate::StoreError;
use crate::stored::Damaged;
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

/// What stops a piece of work.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database.
    Sql(tokio_postgres::Error),
    /// No connection could be had.
    Pool(PoolError),
    /// A stored value that cannot be read.
    Damaged(Damaged),
    /// The store's own rules.
    Rule(StoreError),
}

pub(super) type Outcome<T> = Result<T, Fault>;

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Fault::Sql(error)
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        Fault::Pool(error)
    }
}

impl From<Damaged> for Fault {
    fn from(damaged: Damaged) -> Self {
        Fault::Damaged(damaged)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Rule(error)
    }
}

impl Fault {
    /// For people, with the database and what was about to happen to it (opened, read, written).
    pub(super) fn explain(self, name: &str, action: &'static str) -> StoreError {
        let path = name.to_owned();
        match self {
            Fault::Rule(error) => error,
            Fault::Damaged(Damaged { what, why }) => StoreError::Damaged { path, what, why },
            Fault::Sql(error) if error.code() == Some(&SqlState::DISK_FULL) => StoreError::Full { path },
            Fault::Sql(error) => StoreError::Database { path, action, why: describe(&error) },
            Fault::Pool(PoolError::Backend(error)) => {
                StoreError::Database { path, action, why: describe(&error) }
            }
            Fault::Pool(PoolError::Timeout(_)) => {
                let why = "no connection became free in time; the server is down, slow, or allows too few"
                    .to_owned();
                StoreError::Database { path, action, why }
            }
            Fault::Pool(error) => StoreError::Database { path, action, why: error.to_string() },
        }
    }

    /// Whether the database gave up one of two writers that waited for each other; nothing of it was written.
    pub(super) fn is_deadlock(&self) -> bool {
        matches!(self, Fault::Sql(error) if error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED))
    }
}

/// Whether the write met a value that has to be unique, or a reference to what is not there.
pub(super) fn is_constraint(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(&SqlState::UNIQUE_VIOLATION | &SqlState::FOREIGN_KEY_VIOLATION))
}

/// The server's words. They may hold values that were sent with a row, so its detail line is left out.
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("the server says: {} ({})", told.message(), told.code().code()),
        None => {
            use std::error::Error;
            error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
        }
    }
}
