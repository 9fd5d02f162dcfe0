//! De-duplication: things that are there several times, found, shown, merged when a person asks for it, and restored.
//!
//! There are two sorts. Records of the CRM that are one thing: merging keeps one, takes over what it lacks, and deletes
//! the others softly; their copies in mailboxes follow in the next cycles, by the ordinary rules. And copies of one
//! mailbox that are one thing, and of which at most one belongs to a record: merging keeps one, gives it what it lacks,
//! and deletes the others in the mailbox. Nothing is deleted of which Exchange would mail anybody.

mod copies;
mod find;
mod merge;
mod merge_copies;
mod story;
mod take_over;
mod undo;
mod undo_copies;

use tandem_model::{Document, EmailAddress, Etag, GraphId, Item, Kind, MailboxId, RecordId, Stamp};

/// How the ids of duplicates within a mailbox begin.
const IN_MAILBOX: char = 'm';

/// Things that are one.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicate {
    /// What commands call it; the same as long as the same things belong to it. Begins with `m` when they are copies of
    /// a mailbox.
    pub id: String,
    /// Kind.
    pub kind: Kind,
    /// What stays.
    pub keep: Member,
    /// Why just that one, in plain words.
    pub why: &'static str,
    /// What would go.
    pub others: Vec<Member>,
    /// Why only a person can do it, in plain words; none where `merge` can.
    pub by_hand: Option<String>,
}

impl Duplicate {
    /// Whether these are copies of one mailbox, and not records of the CRM.
    pub fn is_in_mailbox(&self) -> bool {
        matches!(self.keep.thing, Thing::Copy(_))
    }

    /// What stays, as it is after a merge. An e-mail remains as it was sent, and an absence's copy as the CRM says.
    pub fn merged(&self) -> Document {
        let (before, others) = (self.keep.document(), self.others.iter().map(Member::document));
        let follows = self.kind == Kind::Mail || (self.kind == Kind::Absence && self.is_in_mailbox());
        let others: Vec<Document> = others.filter(|_| !follows).collect();
        take_over::completed(&before, others.iter())
    }
}

/// What is there several times.
#[derive(Debug, Clone, PartialEq)]
pub enum Thing {
    /// A record of the CRM.
    Record {
        /// Which record.
        record: RecordId,
        /// Its stamp.
        stamp: Stamp,
    },
    /// An item of a mailbox.
    Copy(Box<Copied>),
}

/// An item of a mailbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Copied {
    /// Which item.
    pub graph: GraphId,
    /// Its version.
    pub etag: Etag,
    /// The list or folder that holds it, where Graph asks for it.
    pub folder: Option<String>,
    /// The record that it is in step with.
    pub record: Option<RecordId>,
    /// Whether the mailbox's owner organises it.
    pub organizes: bool,
    /// Whether files hang on it.
    pub attachments: bool,
    /// Whether people can join it online.
    pub online: bool,
}

/// One of several records or copies.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Which record or copy.
    pub thing: Thing,
    /// The mailbox in whose rep's name it is read and changed.
    pub mailbox: MailboxId,
    /// The address of that mailbox.
    pub address: EmailAddress,
    /// What it is.
    pub item: Item,
    /// Whether it is in step with the other side.
    pub linked: bool,
}

impl Member {
    /// The id of the record or of the item.
    pub fn name(&self) -> &str {
        match &self.thing {
            Thing::Record { record, .. } => record.as_str(),
            Thing::Copy(copy) => copy.graph.as_str(),
        }
    }

    /// What tells it from others, on one line: subject, times and people.
    pub fn says(&self) -> String {
        let says = tandem_reconcile::Fingerprint::of(&self.item).to_string();
        let rest = says.split_once(" | ").map(|(_, rest)| format!(" | {rest}")).unwrap_or_default();
        format!("\"{}\"{rest}", self.item.title())
    }

    /// What it holds, field by field.
    pub fn document(&self) -> Document {
        Document::of(&self.item)
    }

    fn attendees(&self) -> usize {
        match &self.item {
            Item::Appointment(appointment) => appointment.attendees.len(),
            _ => 0,
        }
    }
}

/// What became of a merge, or of its undoing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// What stayed: a record, or an item of a mailbox.
    pub keep: String,
    /// Fields that it took over, or gave back.
    pub fields: Vec<String>,
    /// What was deleted, or came back.
    pub deleted: Vec<String>,
    /// What could not be done, in plain words.
    pub notes: Vec<String>,
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
    /// It would mail people, or lose something.
    #[error("{id} is left to you, nothing was changed: {why}")]
    ByHand {
        /// Which duplicates.
        id: String,
        /// Why, and what to do, in plain words.
        why: String,
    },
    /// One of the sides did not do it.
    #[error("{name}: {why}. What was done so far stands; the same command goes on from there")]
    NotDone {
        /// Which record or item.
        name: String,
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

impl From<tandem_graph::GraphError> for DedupeError {
    fn from(error: tandem_graph::GraphError) -> Self {
        DedupeError::Engine(error.into())
    }
}
