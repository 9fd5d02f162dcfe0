//! How commands end.

use crate::storage::{Record, StorageError};
use tandem_crm_interface::sync::{Note, Status, StatusCode};
use tandem_groupware::{NotDeleted, Refusal, Unreadable};

/// Why a command did not do what it was to do. A status undoes what the command did so far.
#[derive(Debug)]
pub(super) enum Outcome {
    Status(Box<Status>),
    Storage(StorageError),
}

impl From<StorageError> for Outcome {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        Self::Status(Box::new(status))
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Status::failure(StatusCode::FORBIDDEN, refusal.reason, refusal.text).into()
    }
}

impl From<Unreadable> for Outcome {
    fn from(unreadable: Unreadable) -> Self {
        Status::failure(StatusCode::COMMAND_FAILED, "record-unreadable", unreadable.to_string()).into()
    }
}

/// A status about a record.
pub(super) fn about(code: StatusCode, record: &Record) -> Status {
    Status { record: Some(record.target.record_id()), stamp: Some(record.stamp), ..Status::new(code) }
}

/// The same status, which says why.
pub(super) fn because(status: Status, reason: &str, text: impl Into<String>) -> Status {
    Status { reason: Some(reason.to_owned()), text: Some(text.into()), ..status }
}

pub(super) fn incomplete(text: &str) -> Status {
    Status::failure(StatusCode::INCOMPLETE, "incomplete", text)
}

pub(super) fn invalid(text: String) -> Status {
    Status::failure(StatusCode::COMMAND_FAILED, "record-invalid", text)
}

pub(super) fn not_found(text: String) -> Status {
    Status::failure(StatusCode::NOT_FOUND, "record-unknown", text)
}

pub(super) fn not_allowed(record: &Record) -> Status {
    Status::failure(
        StatusCode::FORBIDDEN,
        "not-allowed",
        format!("{} does not concern the acting rep; make him its rep or a participant", record.target),
    )
}

pub(super) fn not_deleted(record: &Record, why: NotDeleted) -> Status {
    because(about(StatusCode::NOT_DELETED, record), why.reason, why.text)
}

pub(super) fn note(code: &str, text: impl Into<String>) -> Note {
    Note { code: code.to_owned(), text: text.into() }
}

pub(super) fn notes(notes: Vec<tandem_groupware::Note>) -> Vec<Note> {
    notes.into_iter().map(|remark| note(remark.code, remark.text)).collect()
}
