//! What is read from a mailbox: collections, changes, and items with the facts around them.

use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_model::{EmailAddress, Etag, GraphId, ICalUid, Item, MailboxId, Response};

/// A person of the directory who has a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id of the user, which names the mailbox.
    pub id: MailboxId,
    /// Primary address.
    pub mail: EmailAddress,
    /// All addresses, the primary one among them.
    pub addresses: BTreeSet<EmailAddress>,
    /// Display name.
    pub name: String,
}

/// A mail folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Constant id.
    pub id: String,
    /// Display names from the top, as in `/Inbox/crm/Sync_Success`. The part that the caller named is spelled as
    /// the caller spelled it, whatever the language of the mailbox.
    pub path: String,
}

/// A list of Microsoft To Do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskList {
    /// Constant id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Whether it is the list *Tasks* that every mailbox has.
    pub default: bool,
    /// Whether tasks may be created in it: not in the list of flagged e-mails, nor in somebody else's list.
    pub writable: bool,
}

/// A folder of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactFolder {
    /// Constant id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Whether it is the folder *Contacts* that every mailbox has.
    pub default: bool,
}

/// A span of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// First instant.
    pub from: Timestamp,
    /// First instant behind it.
    pub to: Timestamp,
}

/// What a delta query follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collection {
    /// The messages of a mail folder, by the folder's id.
    MailFolder(String),
    /// The primary calendar within a window.
    Calendar(Window),
    /// The tasks of a list, by the list's id.
    TaskList(String),
    /// The contacts of a folder, by the folder's id.
    ContactFolder(String),
}

/// One page of changes.
#[derive(Debug, Clone, PartialEq)]
pub struct DeltaPage {
    /// What changed; order means nothing, an id may come twice, the last one wins. May be empty before the end.
    pub changes: Vec<Change>,
    /// Where to go on.
    pub next: Next,
}

/// Where a delta query goes on. Both links are positions for the next call of [`crate::Mailbox::delta`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// More pages of this round wait there.
    More(String),
    /// The round is complete; the next round begins there.
    Done(String),
}

/// One entry of a delta page.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// New or changed, and whole.
    Present(Box<Remote>),
    /// No longer in this collection: deleted, moved, or (in a calendar) merely changed outside the window. Read it
    /// before you believe it.
    Removed(GraphId),
    /// A series changed: an occurrence, an exception, or the master itself (then both ids are equal). Read the
    /// master to see the whole series.
    Occurrence {
        /// The series.
        master: GraphId,
        /// What came.
        id: GraphId,
    },
    /// It is there, but it does not read as an item.
    Unreadable {
        /// Its id.
        id: GraphId,
        /// Its version, so that it is reported once.
        etag: Option<Etag>,
        /// What does not fit, in plain words.
        reason: String,
    },
}

/// An item as Microsoft 365 holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote {
    /// Its id: immutable for Outlook items; a task's id changes when it moves to another list.
    pub id: GraphId,
    /// Its version.
    pub etag: Etag,
    /// Its content.
    pub item: Item,
    /// What is true of this copy and no part of its content.
    pub facts: Facts,
}

/// What is true of one mailbox's copy of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Of a single event or of a series' master: the same in everybody's copy.
    pub ical_uid: Option<ICalUid>,
    /// Whether the mailbox's owner organises the event.
    pub is_organizer: bool,
    /// What the mailbox's owner answered to the invitation.
    pub own_response: Response,
    /// Whether the organiser cancelled the event.
    pub is_cancelled: bool,
    /// Whether the message, or the event's invitation, has not been sent.
    pub is_draft: bool,
    /// Whether attachments hang on it; files shown within the text do not count.
    pub has_attachments: bool,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Id of the folder, or of the To Do list, that holds it; not known of events.
    pub folder: Option<String>,
    /// Of an occurrence or exception: its series.
    pub series_master: Option<GraphId>,
    /// The key that we wrote when we created it, where the answer shows it (`read`, `create`, `find_by_key`).
    pub key: Option<String>,
    /// Whether the text holds the join block of an online meeting.
    pub online_meeting: bool,
    /// Whether the event names a time zone that has no IANA name (a custom one of desktop Outlook); its times are
    /// right as instants and are shown in UTC.
    pub custom_zone: bool,
}

/// Where a new item goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Id of the To Do list, the contact folder or the calendar; none for the mailbox's default one.
    pub container: Option<String>,
    /// Whether attendees are written into a new event, which makes Exchange mail invitations to them.
    pub invite: bool,
}

/// How messages are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// Ask for the HTML of messages that have it, instead of plain text.
    pub html: bool,
}

/// What may be fetched of a message's attachments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachmentLimits {
    /// Largest attachment, in bytes; a larger one is left out with the reason.
    pub each: u64,
    /// All attachments of a message together, in bytes.
    pub total: u64,
}

impl Default for AttachmentLimits {
    /// What a mailbox accepts by default: 35 MB a message.
    fn default() -> Self {
        Self { each: 35 << 20, total: 35 << 20 }
    }
}
