//! The store in a SQLite file.
//!
//! One connection writes; writes that meet are committed together, so that eight mailboxes do not pay for eight
//! flushes of the disk. Reads have connections of their own and never wait for a write (WAL).

mod connections;
mod fault;
mod lock;
#[cfg(test)]
mod plans;
mod read;
mod rows;
mod schema;
mod story;
mod write;

use crate::{
    Commit, CycleOutcome, Epoch, JournalEntry, LinkId, Linked, Mailbox, MailboxSeed, MailboxStatus, Object,
    Pending, Store, StoreError,
};
use async_trait::async_trait;
use connections::Connections;
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tandem_model::{GraphId, Kind, MailboxId, RecordId};

/// A store file that is open. Cheap to clone; the file is closed, and free for another connector, with the last clone.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    connections: Arc<Connections>,
}

impl SqliteStore {
    /// Opens a store for a connector, and makes it if there is none. While it is open no second connector can open
    /// it. Blocks for the time of a few file operations.
    ///
    /// # Errors
    /// `InUse`, `TooNew`, `Full`, and `Database` for what is no store or cannot be reached.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connections: Arc::new(Connections::writing(path)?) })
    }

    /// The same for a program that does one thing after the other and where nobody waits, such as a simulation: the store
    /// works on the caller's own thread, and blocks it.
    ///
    /// # Errors
    /// Those of [`SqliteStore::open`].
    pub fn open_here(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connections: Arc::new(Connections::writing(path)?.here()) })
    }

    /// Opens an existing store to look at it, also while a connector runs on it. Everything that writes is an error.
    ///
    /// # Errors
    /// `TooNew`, and `Database` for what is missing, no store, or cannot be reached.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connections: Arc::new(Connections::reading(path)?) })
    }

    /// Opens an existing store to note what a person decides, also while a connector runs on it. A commit names the
    /// mailbox's present epoch, which takes nothing away from the connector.
    ///
    /// # Errors
    /// `TooNew`, and `Database` for what is missing, no store, or cannot be reached.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connections: Arc::new(Connections::beside(path)?) })
    }

    /// Lets the file grow to so many bytes at most, beyond which writes end with [`StoreError::Full`]; for tests of a
    /// full disk and for machines where the store has to share one.
    ///
    /// # Errors
    /// `Database` when the store is open for reading only.
    pub async fn limit_size(&self, bytes: u64) -> Result<(), StoreError> {
        self.write(move |connection| write::limit_size(connection, bytes)).await.map(drop)
    }

    /// The oldest journal lines behind number `seq`, at most `limit`: who asks again from the last one follows the
    /// journal as it grows.
    ///
    /// # Errors
    /// `Database` and `Damaged`.
    pub async fn journal_after(&self, seq: i64, limit: u32) -> Result<Vec<JournalEntry>, StoreError> {
        self.read(move |connection| read::journal_after(connection, seq, limit)).await
    }

    /// The number of the newest journal line; 0 when there is none.
    ///
    /// # Errors
    /// `Database`.
    pub async fn newest_line(&self) -> Result<i64, StoreError> {
        self.read(read::newest_line).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> fault::Outcome<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        connections::read(&self.connections, work).await
    }

    async fn write(
        &self,
        work: impl FnOnce(&Connection) -> fault::Outcome<u64> + Send + 'static,
    ) -> Result<u64, StoreError> {
        connections::write(&self.connections, work).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn register(&self, mailboxes: &[MailboxSeed]) -> Result<(), StoreError> {
        let mailboxes = mailboxes.to_vec();
        self.write(move |connection| write::register(connection, &mailboxes)).await.map(drop)
    }

    async fn mailboxes(&self) -> Result<Vec<Mailbox>, StoreError> {
        self.read(|connection| {
            Ok(read::mailboxes(connection)?.into_iter().map(|status| status.mailbox).collect())
        })
        .await
    }

    async fn claim(&self, mailbox: &MailboxId) -> Result<Epoch, StoreError> {
        let mailbox = mailbox.clone();
        self.write(move |connection| write::claim(connection, &mailbox)).await.map(Epoch)
    }

    async fn cursor(&self, mailbox: &MailboxId, collection: &str) -> Result<Option<String>, StoreError> {
        let (mailbox, collection) = (mailbox.clone(), collection.to_owned());
        self.read(move |connection| read::cursor(connection, &mailbox, &collection)).await
    }

    async fn cursors(&self, mailbox: &MailboxId, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let (mailbox, prefix) = (mailbox.clone(), prefix.to_owned());
        self.read(move |connection| read::cursors(connection, &mailbox, &prefix)).await
    }

    async fn links_by_graph(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        ids: &[GraphId],
    ) -> Result<Vec<Linked>, StoreError> {
        let (mailbox, ids) = (mailbox.clone(), ids.to_vec());
        self.read(move |connection| read::links_by_graph(connection, &mailbox, kind, &ids)).await
    }

    async fn links_by_record(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        records: &[RecordId],
    ) -> Result<Vec<Linked>, StoreError> {
        let (mailbox, records) = (mailbox.clone(), records.to_vec());
        self.read(move |connection| read::links_by_record(connection, &mailbox, kind, &records)).await
    }

    async fn objects_by_key(&self, kind: Kind, keys: &[String]) -> Result<Vec<Object>, StoreError> {
        let keys = keys.to_vec();
        self.read(move |connection| read::objects_by_key(connection, kind, keys.iter().map(String::as_str)))
            .await
    }

    async fn objects_by_record(&self, kind: Kind, records: &[RecordId]) -> Result<Vec<Object>, StoreError> {
        let records = records.to_vec();
        self.read(move |connection| {
            read::objects_by_record(connection, kind, records.iter().map(RecordId::as_str))
        })
        .await
    }

    async fn copies(&self, object: &Object) -> Result<Vec<Linked>, StoreError> {
        let id = object.id;
        self.read(move |connection| read::copies(connection, id)).await
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
        let mailbox = mailbox.clone();
        self.read(move |connection| read::due(connection, &mailbox, kind, now, horizon, after, limit)).await
    }

    async fn links(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        after: Option<LinkId>,
        limit: usize,
    ) -> Result<Vec<Linked>, StoreError> {
        let mailbox = mailbox.clone();
        self.read(move |connection| read::links(connection, &mailbox, kind, after, limit)).await
    }

    async fn commit(&self, mailbox: &MailboxId, epoch: Epoch, commit: Commit) -> Result<(), StoreError> {
        let mailbox = mailbox.clone();
        self.write(move |connection| write::commit(connection, &mailbox, epoch, &commit)).await.map(drop)
    }

    async fn reserve(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        pending: &[Pending],
    ) -> Result<(), StoreError> {
        let (mailbox, pending) = (mailbox.clone(), pending.to_vec());
        self.write(move |connection| write::reserve(connection, &mailbox, epoch, &pending)).await.map(drop)
    }

    async fn outbox(&self, mailbox: &MailboxId) -> Result<Vec<Pending>, StoreError> {
        let mailbox = mailbox.clone();
        self.read(move |connection| read::outbox(connection, &mailbox)).await
    }

    async fn finish(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        outcome: &CycleOutcome,
    ) -> Result<(), StoreError> {
        let (mailbox, outcome) = (mailbox.clone(), outcome.clone());
        self.write(move |connection| write::finish(connection, &mailbox, epoch, &outcome)).await.map(drop)
    }

    async fn status(&self) -> Result<Vec<MailboxStatus>, StoreError> {
        self.read(read::status).await
    }

    async fn story(&self, item: &str) -> Result<Vec<JournalEntry>, StoreError> {
        let item = item.to_owned();
        self.read(move |connection| story::story(connection, &item)).await
    }

    async fn prune_journal(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write(move |connection| write::prune_journal(connection, before)).await
    }

    async fn find(&self, item: &str) -> Result<Vec<Linked>, StoreError> {
        let item = item.to_owned();
        self.read(move |connection| read::find(connection, &item)).await
    }
}
