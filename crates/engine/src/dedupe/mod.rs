//! De-duplication: records of the CRM that are one thing, found, shown, merged when a person asks for it, and restored.
//!
//! Merging keeps one record, takes over what it lacks, and deletes the others softly. Copies in mailboxes follow in the
//! next cycles, by the ordinary rules: a deleted record takes its copy along. So that no meeting is ever called off by
//! it, a record whose copy has attendees is not deleted here.

mod find;
mod merge;
mod story;
mod undo;

use tandem_model::{Document, EmailAddress, Item, Kind, MailboxId, RecordId, Stamp};

/// Records that are one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicate {
    /// What commands call it; the same as long as the same records belong to it.
    pub id: String,
    /// Kind.
    pub kind: Kind,
    /// The record that stays.
    pub keep: Member,
    /// The records that would go.
    pub others: Vec<Member>,
}

/// One of several records.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Which record.
    pub record: RecordId,
    /// The mailbox in whose rep's name it is read and changed.
    pub mailbox: MailboxId,
    /// The address of that mailbox.
    pub address: EmailAddress,
    /// What it is.
    pub item: Item,
    /// Its stamp.
    pub stamp: Stamp,
    /// Whether a mailbox holds a copy that is in step with it.
    pub linked: bool,
}

impl Member {
    /// What it holds, field by field.
    pub fn document(&self) -> Document {
        Document::of(&self.item)
    }

    /// Whether deleting its copy would tell people of it.
    fn has_attendees(&self) -> bool {
        matches!(&self.item, Item::Appointment(appointment) if !appointment.attendees.is_empty())
    }
}

/// What became of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The record that stayed.
    pub keep: RecordId,
    /// Fields that it took over.
    pub fields: Vec<String>,
    /// Records that were deleted, softly.
    pub deleted: Vec<RecordId>,
}

/// Why a merge, or its undoing, did not happen.
#[derive(Debug, thiserror::Error)]
pub enum DedupeError {
    /// Nothing has this id.
    #[error("there are no duplicates {0} (any more); `tandem dedupe find` lists what there is now")]
    Unknown(String),
    /// A merge of this id never happened, or was undone.
    #[error("{0} was not merged, or its merge was undone already")]
    NotMerged(String),
    /// Its copy has attendees.
    #[error(
        "{record} has a copy in a mailbox, and attendees: deleting it would call the meeting off. Delete one of the two \
         by hand, without sending a cancellation"
    )]
    Meeting {
        /// Which record.
        record: RecordId,
    },
    /// The CRM did not do it.
    #[error("{record}: {why}. What was done so far stands; the same command goes on from there")]
    Crm {
        /// Which record.
        record: RecordId,
        /// Why, in plain words.
        why: String,
    },
    /// Either side or the store cannot be asked.
    #[error(transparent)]
    Engine(#[from] crate::EngineError),
}

impl From<tandem_store::StoreError> for DedupeError {
    fn from(error: tandem_store::StoreError) -> Self {
        DedupeError::Engine(error.into())
    }
}
