//! Why a command, or one record of it, failed.

use crate::storage::StorageError;
use tandem_crm_interface::language::{Return, code};

/// Our code for what is wrong with a command and has no public one.
pub(super) const FAILED: &str = "500";

/// What is wrong with a command.
#[derive(Debug)]
pub(super) enum Fault {
    /// A field that the table does not have.
    Field {
        /// The table's name.
        table: String,
        /// The field's.
        field: String,
    },
    /// The database, or what it says of the record.
    Storage(StorageError),
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl Fault {
    /// Something else that is wrong, in plain words.
    pub(super) fn invalid(text: impl Into<String>) -> Self {
        Self::Storage(StorageError::Invalid(text.into()))
    }

    /// What the command answers; a database that fails is no answer.
    pub(super) fn returned(self) -> Result<Return, StorageError> {
        match self {
            Self::Field { table, field } => {
                let text = format!("Dictionary: table \"{table}\" has no field \"{field}\"");
                Ok(Return { field: Some(field), ..Return::error(code::FIELD_NOT_FOUND, text) })
            }
            Self::Storage(StorageError::Invalid(text)) => Ok(Return::error(FAILED, text)),
            Self::Storage(error) => Err(error),
        }
    }
}
