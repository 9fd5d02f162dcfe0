//! The operations, in the engine's words.

use crate::{
    Base, Commit, CycleOutcome, Epoch, JournalEntry, LinkId, Linked, Mailbox, MailboxSeed, MailboxStatus,
    Object, StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use tandem_model::{GraphId, Kind, MailboxId, RecordId};

/// An outbox row: a create that was about to be sent to one of the sides. It is committed before the call, so that
/// after a crash its key is looked up before anything is written again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The key that the create carries: in Microsoft 365 an idempotency key, in the CRM the item's groupware id.
    pub key: String,
    /// Kind of the item.
    pub kind: Kind,
    /// What it is made from, and with that on which side it is made.
    pub source: Source,
    /// When it was reserved last.
    pub at: Timestamp,
    /// What was about to be written, and what the record held then: whatever differs from it later is somebody's edit.
    pub sent: Option<Base>,
}

/// What a create is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A record of the CRM: the create makes a copy in Microsoft 365.
    Record(RecordId),
    /// A copy in Microsoft 365: the create makes a record in the CRM.
    Copy {
        /// Which.
        graph: GraphId,
        /// The list or folder that holds it, where Graph asks for it (To Do list).
        place: Option<String>,
    },
}

/// Where the connector keeps what it knows. Implementations: memory, SQLite; one conformance suite for all.
///
/// Answers to a list of ids are ordered by the store's numbers and name nothing twice. Instants are kept in
/// microseconds; what is finer is cut off.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes the given mailboxes the present list: adds new ones, updates known ones, disables those that are missing.
    async fn register(&self, mailboxes: &[MailboxSeed]) -> Result<(), StoreError>;

    /// All mailboxes, disabled ones included, ordered by address.
    async fn mailboxes(&self) -> Result<Vec<Mailbox>, StoreError>;

    /// Takes a mailbox over: all earlier claims lose the right to commit.
    async fn claim(&self, mailbox: &MailboxId) -> Result<Epoch, StoreError>;

    /// The position of a collection.
    async fn cursor(&self, mailbox: &MailboxId, collection: &str) -> Result<Option<String>, StoreError>;

    /// All collections of a mailbox whose name begins with `prefix`, with their positions, in order.
    async fn cursors(&self, mailbox: &MailboxId, prefix: &str) -> Result<Vec<(String, String)>, StoreError>;

    /// The links of these copies; those that have none are missing in the answer.
    async fn links_by_graph(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        ids: &[GraphId],
    ) -> Result<Vec<Linked>, StoreError>;

    /// This mailbox's links to the objects of these records.
    async fn links_by_record(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        records: &[RecordId],
    ) -> Result<Vec<Linked>, StoreError>;

    /// The objects with these global keys.
    async fn objects_by_key(&self, kind: Kind, keys: &[String]) -> Result<Vec<Object>, StoreError>;

    /// The objects of these records.
    async fn objects_by_record(&self, kind: Kind, records: &[RecordId]) -> Result<Vec<Object>, StoreError>;

    /// The links of all mailboxes to an object.
    async fn copies(&self, object: &Object) -> Result<Vec<Linked>, StoreError>;

    /// Links that are due at `now` or have something to do, at most `limit`, with ids above `after`, by id. Nobody puts
    /// anything off beyond `horizon`: a moment after it was noted by a clock that was ahead, and is due, too.
    async fn due(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        now: Timestamp,
        horizon: Timestamp,
        after: Option<LinkId>,
        limit: usize,
    ) -> Result<Vec<Linked>, StoreError>;

    /// A page of a mailbox's links of a kind with ids above `after`, by id, whatever their state.
    async fn links(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        after: Option<LinkId>,
        limit: usize,
    ) -> Result<Vec<Linked>, StoreError>;

    /// Writes one transaction for a mailbox, if `epoch` is still its newest claim. Objects are written first, then
    /// links with theirs, each in the given order; a write that meets a changed version, or a key, record or copy
    /// that somebody else has, is a [`StoreError::Conflict`]. A link of another mailbox is [`StoreError::Fenced`].
    async fn commit(&self, mailbox: &MailboxId, epoch: Epoch, commit: Commit) -> Result<(), StoreError>;

    /// Puts creates into the outbox before they are sent, if `epoch` is still the mailbox's newest claim, which is asked also
    /// where there are none. Of a key that is there already only the time is renewed: it is sent once more.
    async fn reserve(&self, mailbox: &MailboxId, epoch: Epoch, pending: &[Pending])
    -> Result<(), StoreError>;

    /// What the outbox of a mailbox holds, by time, then key.
    async fn outbox(&self, mailbox: &MailboxId) -> Result<Vec<Pending>, StoreError>;

    /// Notes how a cycle ended.
    async fn finish(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        outcome: &CycleOutcome,
    ) -> Result<(), StoreError>;

    /// Counts, freshness and last error of every mailbox, ordered by address.
    async fn status(&self) -> Result<Vec<MailboxStatus>, StoreError>;

    /// The journal of one item, oldest first: `item` is a Graph id, a global key (internetMessageId, iCalUId) or a
    /// CRM record id. Lines about any copy of the same object belong to it.
    async fn story(&self, item: &str) -> Result<Vec<JournalEntry>, StoreError>;

    /// Forgets journal lines that were written before `before`, oldest first, up to the first that was not; says how
    /// many. What a link says about itself (state, reason) stays.
    async fn prune_journal(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// All links that `item` (as in [`Store::story`]) names, by id: of a Graph id the link of that copy, of a global
    /// key or a record the links of all copies.
    async fn find(&self, item: &str) -> Result<Vec<Linked>, StoreError>;
}
