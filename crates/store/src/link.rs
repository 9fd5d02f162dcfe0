//! Objects, the links that tie a mailbox's copies to them, and the base both sides agreed on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tandem_model::{Document, Etag, GraphId, Kind, MailboxId, RecordId, Stamp};

/// The store's number of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectId(pub i64);

/// The store's number of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub i64);

/// One meeting, one e-mail, one task, one person: whatever the number of mailboxes that hold a copy.
/// `key` and `record` are each unique within the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Number.
    pub id: ObjectId,
    /// Kind.
    pub kind: Kind,
    /// Global key: internetMessageId, iCalUId of the single event or of the master; Graph id of a task or contact
    /// that was born in Microsoft 365. None while only the CRM knows it.
    pub key: Option<String>,
    /// The CRM's record, once there is one.
    pub record: Option<RecordId>,
    /// The mailbox whose copy leads: the organiser's.
    pub lead: Option<MailboxId>,
    /// Grows with every write; a write names the version it read (compare and swap).
    pub version: u64,
}

/// What a copy is to its object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// The copy that speaks for the object: the organiser's, or the only one.
    #[default]
    Lead,
    /// An attendee's copy: it contributes its owner's answer.
    Attendee,
    /// One of several equal copies, such as a person in several address books.
    Replica,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 3] = [Role::Lead, Role::Attendee, Role::Replica];

    /// The word for it in stores and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Lead => "lead",
            Role::Attendee => "attendee",
            Role::Replica => "replica",
        }
    }
}

/// Where a link stands. Every state but `Linked` has a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Both sides agreed on the base.
    Linked,
    /// Not decided yet; looked at again when due.
    Waiting,
    /// A rule leaves it out.
    Skipped,
    /// The other side refuses it.
    Refused,
    /// It failed; tried again when due.
    Failed,
    /// A person has to consent.
    Held,
    /// Gone on both sides; a tombstone.
    Deleted,
}

impl State {
    /// All states.
    pub const ALL: [State; 7] = [
        State::Linked,
        State::Waiting,
        State::Skipped,
        State::Refused,
        State::Failed,
        State::Held,
        State::Deleted,
    ];

    /// The word for it in stores and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Linked => "linked",
            State::Waiting => "waiting",
            State::Skipped => "skipped",
            State::Refused => "refused",
            State::Failed => "failed",
            State::Held => "held",
            State::Deleted => "deleted",
        }
    }
}

/// What each side held when they last agreed. Two documents, because a side may not be able to hold all that the
/// other has: a change is a difference from what the *same* side held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// As Microsoft 365 holds it.
    pub m365: Document,
    /// As the CRM holds it.
    pub crm: Document,
}

/// A mailbox's copy of an object, or the intention to have one (`graph` is none).
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Number; none before the first commit.
    pub id: Option<LinkId>,
    /// Whose copy.
    pub mailbox: MailboxId,
    /// Kind.
    pub kind: Kind,
    /// The copy in Microsoft 365; unique within mailbox and kind.
    pub graph: Option<GraphId>,
    /// The list or folder that holds the copy, where Graph asks for it (To Do list).
    pub place: Option<String>,
    /// The object; none for what policy excludes or nobody could read.
    pub object: Option<ObjectId>,
    /// What the copy is to the object.
    pub role: Role,
    /// Where it stands.
    pub state: State,
    /// Why, as a stable word; empty when linked.
    pub reason: String,
    /// Why, in plain words; empty when linked.
    pub detail: String,
    /// What both sides held at their last agreement.
    pub base: Option<Base>,
    /// Version of the copy at that agreement.
    pub etag: Option<Etag>,
    /// Stamp of the record at that agreement.
    pub stamp: Option<Stamp>,
    /// What is still to be done after the commit (a message to be moved), in the engine's words.
    pub todo: Option<String>,
    /// When to look at it again without being told by either side.
    pub due: Option<Timestamp>,
    /// Failed attempts in a row.
    pub attempts: u32,
}

impl Link {
    /// What an error calls it.
    pub(crate) fn name(&self) -> String {
        let number = || self.id.map_or_else(|| "link without copy".to_owned(), |id| format!("link {}", id.0));
        self.graph.as_ref().map_or_else(number, ToString::to_string)
    }
}

/// A link with its object.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// The link.
    pub link: Link,
    /// Its object, if it has one.
    pub object: Option<Object>,
}
