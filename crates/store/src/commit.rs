//! The unit of commit: one page of observations with everything that follows from it.

use crate::{Link, NewEntry, ObjectId};
use tandem_model::{Kind, MailboxId, RecordId};

/// A place to continue from, in one collection of one mailbox (`mail:<folder id>`, `calendar:<from>..<to>`, `crm:<content type>` …).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which collection, in the engine's words.
    pub collection: String,
    /// Delta link, page link or anchor; none forgets the cursor.
    pub position: Option<String>,
}

/// An object to be created or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectWrite {
    /// The object, or none to create one.
    pub id: Option<ObjectId>,
    /// The version that was read; ignored for a new one.
    pub version: u64,
    /// Kind.
    pub kind: Kind,
    /// Global key.
    pub key: Option<String>,
    /// Record in the CRM.
    pub record: Option<RecordId>,
    /// Mailbox whose copy leads.
    pub lead: Option<MailboxId>,
}

/// A link to be created or changed, with the object it belongs to when that is written along.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkWrite {
    /// The link; without `id` a new one.
    pub link: Link,
    /// Written first, in the same transaction; the link is tied to it.
    pub object: Option<ObjectWrite>,
}

/// What one transaction writes. All of it or nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Commit {
    /// Links and their objects.
    pub links: Vec<LinkWrite>,
    /// Objects that change without a link of this mailbox.
    pub objects: Vec<ObjectWrite>,
    /// Cursors.
    pub cursors: Vec<Cursor>,
    /// Outbox rows that are settled, by their key.
    pub settled: Vec<String>,
    /// Journal.
    pub journal: Vec<NewEntry>,
}

impl Commit {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
            && self.objects.is_empty()
            && self.cursors.is_empty()
            && self.settled.is_empty()
            && self.journal.is_empty()
    }
}

/// What an error calls an object that was to be written.
pub(crate) fn name_of(write: &ObjectWrite) -> String {
    let record = || write.record.as_ref().map(ToString::to_string);
    let number = || write.id.map_or_else(|| "without key".to_owned(), |id| format!("number {}", id.0));
    write.key.clone().or_else(record).unwrap_or_else(number)
}
