//! What the CRM answers.

use jiff::Timestamp;
use tandem_model::{Item, RecordId, Stamp};

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
    /// To everything else, and to any command that failed.
    Status(Status),
}

/// A page of changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangePage {
    /// Changed records, each once, in the order of their stamps.
    pub changes: Vec<Change>,
    /// The anchor to ask from next time.
    pub next: Stamp,
    /// Whether there are more changes behind `next` already.
    pub more: bool,
}

/// A changed record.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which record.
    pub record: RecordId,
    /// Its groupware ids, if it has any (a person has one in each mailbox).
    pub keys: Vec<String>,
    /// Its stamp now.
    pub stamp: Stamp,
    /// When it was changed last.
    pub modified: Option<Timestamp>,
    /// What it is now.
    pub state: RecordState,
}

/// What a record is now.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordState {
    /// It is there, and this is its item as the acting rep sees it.
    Present {
        /// The item.
        item: Box<Item>,
        /// An appointment that came from an organiser who is not synchronised; never sent back.
        published: bool,
        /// Whether the CRM's fields win over Microsoft 365's where both changed.
        wins: bool,
    },
    /// It was deleted (softly) in the CRM.
    Deleted,
    /// It is still there but no longer the rep's (a task given to somebody else).
    Reassigned,
}

/// The answer to `Get`.
#[derive(Debug, Clone, PartialEq)]
pub enum CurrentRecord {
    /// The record as a change.
    Known(Change),
    /// There is no such record, or the rep may not see it.
    Unknown,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// How.
    pub outcome: Outcome,
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
    /// A status that says nothing but its outcome.
    pub fn new(outcome: Outcome) -> Self {
        Self { outcome, record: None, stamp: None, item: None, reason: None, text: None, notes: Vec::new() }
    }

    /// A status that says why a command failed: a stable word, and in plain words what failed and what to do.
    pub fn failure(outcome: Outcome, reason: impl Into<String>, text: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), text: Some(text.into()), ..Self::new(outcome) }
    }

    /// What failed in plain words, or that the CRM does not say.
    pub fn why(&self) -> String {
        self.text.clone().unwrap_or_else(|| "the CRM gives no reason".to_owned())
    }
}

/// How a command ended, and with it what the engine does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Done. For an `Add`: a record that was there already was taken and changed.
    Done,
    /// A record was added.
    Added,
    /// Not added: the key is known; the record that has it is answered, unchanged.
    AlreadyThere,
    /// Not deleted: a rule lets no deletions through, or there is nothing to delete. The item stays as it is.
    NotDeleted,
    /// The record has another stamp by now: it is read afresh and planned again.
    Conflict,
    /// No such record: it is read afresh and planned again.
    NotFound,
    /// The rep's rights or a rule of the CRM forbid it: a person must do something first.
    Forbidden,
    /// The item lacks something that the CRM requires: a person must do something first.
    Incomplete,
    /// The anchor belongs to another database: ask from the beginning.
    AnchorUnknown,
    /// Anything else: it is tried again later.
    Failed,
}

impl Outcome {
    /// Whether the command did what it was to do, or found it done; a deletion that a rule stopped counts as settled.
    pub fn is_success(self) -> bool {
        matches!(self, Outcome::Done | Outcome::Added | Outcome::AlreadyThere | Outcome::NotDeleted)
    }

    /// Whether trying again is of no use until a person has changed something.
    pub fn is_refusal(self) -> bool {
        matches!(self, Outcome::Forbidden | Outcome::Incomplete)
    }
}

/// A remark on a command that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A stable word: `participant-missing`, `text-truncated`, `person-created`, `adopted` …
    pub code: String,
    /// In plain words.
    pub text: String,
}
