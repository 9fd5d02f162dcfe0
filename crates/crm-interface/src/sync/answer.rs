//! What the CRM answers.

use tandem_crm_port::{ChangePage, CurrentRecord, Note};
use tandem_mapping::Mapping;
use tandem_model::{Item, RecordId, Stamp};

/// The answer to a message: one answer for each of its commands, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SyncResponse {
    /// The answers.
    pub answers: Vec<Answer>,
}

/// The answer to one command.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "answers are made once and moved a few times; most are statuses"
)]
pub enum Answer {
    /// To `Changes`.
    Changes(ChangePage),
    /// To `Get`.
    Record(CurrentRecord),
    /// To `Fields`.
    Fields(Mapping),
    /// To everything else, and to any command that failed.
    Status(Status),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// SyncML status code.
    pub code: StatusCode,
    /// The record that was added, found or changed.
    pub record: Option<RecordId>,
    /// Its stamp after the command.
    pub stamp: Option<Stamp>,
    /// What the CRM holds after the command, for kinds that travel both ways: it may know less than it was told.
    pub item: Option<Item>,
    /// Why it failed, as a stable word (`person-unknown`, `not-allowed`, `locked` …).
    pub reason: Option<String>,
    /// What failed and what to do, in plain words.
    pub text: Option<String>,
    /// What the CRM remarks though the command succeeded.
    pub notes: Vec<Note>,
}

impl Status {
    /// A status that says nothing but its code.
    pub fn new(code: StatusCode) -> Self {
        Self { code, record: None, stamp: None, item: None, reason: None, text: None, notes: Vec::new() }
    }

    /// A status that says why a command failed: a stable word, and in plain words what failed and what to do.
    pub fn failure(code: StatusCode, reason: impl Into<String>, text: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), text: Some(text.into()), ..Self::new(code) }
    }
}

/// A SyncML status code (OMA SyncML Representation Protocol 1.1, section on Status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode(pub u16);

impl StatusCode {
    /// Done.
    pub const OK: Self = Self(200);
    /// Added.
    pub const ADDED: Self = Self(201);
    /// Not added: the key is known; the record that has it is answered.
    pub const ALREADY_THERE: Self = Self(208);
    /// Not deleted: `forms.xml` does not let deletions through, or there is nothing to delete.
    pub const NOT_DELETED: Self = Self(211);
    /// The master user, client or principal was not accepted.
    pub const UNAUTHORIZED: Self = Self(401);
    /// The rep's rights or a rule of the CRM forbid it.
    pub const FORBIDDEN: Self = Self(403);
    /// No such record.
    pub const NOT_FOUND: Self = Self(404);
    /// The record has another stamp by now.
    pub const CONFLICT: Self = Self(409);
    /// The command lacks something.
    pub const INCOMPLETE: Self = Self(412);
    /// Configuration or rights: for example a required field is missing.
    pub const COMMAND_FAILED: Self = Self(500);
    /// The anchor belongs to another database: ask from the beginning.
    pub const REFRESH_REQUIRED: Self = Self(508);
    /// Something unexpected on the server.
    pub const SERVER_FAILURE: Self = Self(511);

    /// Whether the command did what it was to do.
    pub fn is_success(self) -> bool {
        (200..300).contains(&self.0)
    }
}
