//! The store in memory: for simulation and for tests of whatever needs a store.

mod state;
mod write;

use crate::{
    Commit, CycleOutcome, Epoch, JournalEntry, LinkId, Linked, Mailbox, MailboxSeed, MailboxStatus, Object,
    Pending, Store, StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use state::State;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tandem_model::{GraphId, Kind, MailboxId, RecordId};

/// Keeps everything until it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A commit undoes what it did before it reports an error, so that the state is whole even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn register(&self, mailboxes: &[MailboxSeed]) -> Result<(), StoreError> {
        self.state().register(mailboxes);
        Ok(())
    }

    async fn mailboxes(&self) -> Result<Vec<Mailbox>, StoreError> {
        Ok(self.state().status().into_iter().map(|status| status.mailbox).collect())
    }

    async fn claim(&self, mailbox: &MailboxId) -> Result<Epoch, StoreError> {
        self.state().claim(mailbox)
    }

    async fn cursor(&self, mailbox: &MailboxId, collection: &str) -> Result<Option<String>, StoreError> {
        Ok(self.state().cursor(mailbox, collection))
    }

    async fn cursors(&self, mailbox: &MailboxId, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        Ok(self.state().cursors(mailbox, prefix))
    }

    async fn links_by_graph(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        ids: &[GraphId],
    ) -> Result<Vec<Linked>, StoreError> {
        Ok(self.state().links_by_graph(mailbox, kind, ids))
    }

    async fn links_by_record(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        records: &[RecordId],
    ) -> Result<Vec<Linked>, StoreError> {
        Ok(self.state().links_by_record(mailbox, kind, records))
    }

    async fn objects_by_key(&self, kind: Kind, keys: &[String]) -> Result<Vec<Object>, StoreError> {
        Ok(self.state().objects_by_key(kind, keys))
    }

    async fn objects_by_record(&self, kind: Kind, records: &[RecordId]) -> Result<Vec<Object>, StoreError> {
        Ok(self.state().objects_by_record(kind, records))
    }

    async fn copies(&self, object: &Object) -> Result<Vec<Linked>, StoreError> {
        Ok(self.state().copies(object.id))
    }

    async fn due(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        now: Timestamp,
        horizon: Timestamp,
        after: Option<LinkId>,
        limit: usize,
    ) -> Result<Vec<Linked>, StoreError> {
        let due = |link: &crate::Link| {
            link.todo.is_some() || link.due.is_some_and(|due| due <= now || due > horizon)
        };
        Ok(self.state().page(mailbox, kind, after, limit, due))
    }

    async fn links(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        after: Option<LinkId>,
        limit: usize,
    ) -> Result<Vec<Linked>, StoreError> {
        Ok(self.state().page(mailbox, kind, after, limit, |_| true))
    }

    async fn commit(&self, mailbox: &MailboxId, epoch: Epoch, commit: Commit) -> Result<(), StoreError> {
        self.state().commit(mailbox, epoch, commit)
    }

    async fn reserve(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        pending: &[Pending],
    ) -> Result<(), StoreError> {
        self.state().reserve(mailbox, epoch, pending)
    }

    async fn outbox(&self, mailbox: &MailboxId) -> Result<Vec<Pending>, StoreError> {
        Ok(self.state().outbox(mailbox))
    }

    async fn finish(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        outcome: &CycleOutcome,
    ) -> Result<(), StoreError> {
        self.state().finish(mailbox, epoch, outcome)
    }

    async fn status(&self) -> Result<Vec<MailboxStatus>, StoreError> {
        Ok(self.state().status())
    }

    async fn story(&self, item: &str) -> Result<Vec<JournalEntry>, StoreError> {
        Ok(self.state().story(item))
    }

    async fn prune_journal(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(self.state().prune_journal(before))
    }

    async fn find(&self, item: &str) -> Result<Vec<Linked>, StoreError> {
        Ok(self.state().find(item))
    }
}
