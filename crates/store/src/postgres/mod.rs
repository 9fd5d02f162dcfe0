//! The store in a PostgreSQL database, for installations that outgrow one file.
//!
//! Each operation is one transaction. A commit locks its mailbox's row first: two workers that believe they own a
//! mailbox follow each other, and the second finds the epoch gone.

mod access;
mod fault;
mod pool;
mod read;
mod rows;
mod schema;
mod write;

use crate::{
    Commit, CycleOutcome, Epoch, JournalEntry, LinkId, Linked, Mailbox, MailboxSeed, MailboxStatus, Object,
    Pending, Store, StoreError,
};
use access::Access;
use async_trait::async_trait;
use deadpool_postgres::Transaction;
use fault::{Fault, Outcome};
use jiff::Timestamp;
use pool::Connections;
use std::sync::Arc;
use tandem_model::{GraphId, Kind, MailboxId, RecordId};
use tokio_postgres::IsolationLevel;
use write::Change;

/// A write that the database gave up in favour of another one is made again so many times.
const TRIES: usize = 5;

/// A store in PostgreSQL that is open. Cheap to clone; the database is free for another connector with the last clone.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    connections: Arc<Connections>,
}

impl PostgresStore {
    /// Opens a store for a connector: `postgresql://user@host:port/database`, with the password apart. Makes its tables
    /// (in the schema `tandem`) when they are missing. While it is open no second connector can open it. The way to a
    /// server that is not this machine is TLS, always.
    ///
    /// # Errors
    /// `InUse`, `TooNew`, and `Database` for an address that cannot be read or a server that cannot be reached.
    pub async fn open(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        let connections = Connections::writing(Access::of(url, password)?).await?;
        Ok(Self { connections: Arc::new(connections) })
    }

    /// Opens an existing store to look at it, also while a connector runs on it. Everything that writes is an error.
    ///
    /// # Errors
    /// `TooNew`, and `Database` for what is no store or cannot be reached.
    pub async fn open_read_only(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        let connections = Connections::reading(Access::of(url, password)?).await?;
        Ok(Self { connections: Arc::new(connections) })
    }

    /// Opens an existing store to note what a person decides, also while a connector runs on it. A commit names the
    /// mailbox's present epoch, which takes nothing away from the connector.
    ///
    /// # Errors
    /// `TooNew`, and `Database` for what is no store or cannot be reached.
    pub async fn open_beside(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        let connections = Connections::beside(Access::of(url, password)?).await?;
        Ok(Self { connections: Arc::new(connections) })
    }

    /// Reads in one snapshot, so that several queries see one state.
    async fn read<T>(&self, work: impl AsyncFnOnce(&Transaction<'_>) -> Outcome<T>) -> Result<T, StoreError> {
        let read = async {
            let mut client = self.connections.get().await?;
            let transaction = client
                .build_transaction()
                .isolation_level(IsolationLevel::RepeatableRead)
                .read_only(true)
                .start()
                .await?;
            let answer = work(&transaction).await?;
            transaction.commit().await?;
            Ok(answer)
        };
        read.await.map_err(|fault: Fault| fault.explain(self.connections.name(), "read"))
    }

    async fn write(&self, change: Change<'_>) -> Result<u64, StoreError> {
        let mut tries = 1;
        loop {
            match self.write_once(&change).await {
                Err(fault) if fault.is_deadlock() && tries < TRIES => tries += 1,
                ended => return ended.map_err(|fault| fault.explain(self.connections.name(), "written")),
            }
        }
    }

    async fn write_once(&self, change: &Change<'_>) -> Outcome<u64> {
        self.connections.must_write()?;
        let mut client = self.connections.get().await?;
        let transaction = client.transaction().await?;
        let answer = change.carry_out(&transaction).await?;
        transaction.commit().await?;
        Ok(answer)
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn register(&self, mailboxes: &[MailboxSeed]) -> Result<(), StoreError> {
        self.write(Change::Register(mailboxes)).await.map(drop)
    }

    async fn mailboxes(&self) -> Result<Vec<Mailbox>, StoreError> {
        let found = self.read(async |client| read::mailboxes(client).await).await?;
        Ok(found.into_iter().map(|status| status.mailbox).collect())
    }

    async fn claim(&self, mailbox: &MailboxId) -> Result<Epoch, StoreError> {
        let locked = self.connections.keep_lock().await;
        locked.map_err(|fault| fault.explain(self.connections.name(), "opened"))?;
        self.write(Change::Claim(mailbox)).await.map(Epoch)
    }

    async fn cursor(&self, mailbox: &MailboxId, collection: &str) -> Result<Option<String>, StoreError> {
        self.read(async |client| read::cursor(client, mailbox, collection).await).await
    }

    async fn cursors(&self, mailbox: &MailboxId, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        self.read(async |client| read::cursors(client, mailbox, prefix).await).await
    }

    async fn links_by_graph(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        ids: &[GraphId],
    ) -> Result<Vec<Linked>, StoreError> {
        self.read(async |client| read::links_by_graph(client, mailbox, kind, ids).await).await
    }

    async fn links_by_record(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        records: &[RecordId],
    ) -> Result<Vec<Linked>, StoreError> {
        self.read(async |client| read::links_by_record(client, mailbox, kind, records).await).await
    }

    async fn objects_by_key(&self, kind: Kind, keys: &[String]) -> Result<Vec<Object>, StoreError> {
        self.read(async |client| read::objects_by_key(client, kind, keys).await).await
    }

    async fn objects_by_record(&self, kind: Kind, records: &[RecordId]) -> Result<Vec<Object>, StoreError> {
        self.read(async |client| read::objects_by_record(client, kind, records).await).await
    }

    async fn copies(&self, object: &Object) -> Result<Vec<Linked>, StoreError> {
        self.read(async |client| read::copies(client, object.id).await).await
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
        self.read(async |client| read::due(client, mailbox, kind, now, horizon, after, limit).await).await
    }

    async fn links(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        after: Option<LinkId>,
        limit: usize,
    ) -> Result<Vec<Linked>, StoreError> {
        self.read(async |client| read::links(client, mailbox, kind, after, limit).await).await
    }

    async fn commit(&self, mailbox: &MailboxId, epoch: Epoch, commit: Commit) -> Result<(), StoreError> {
        self.write(Change::Commit(mailbox, epoch, &commit)).await.map(drop)
    }

    async fn reserve(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        pending: &[Pending],
    ) -> Result<(), StoreError> {
        self.write(Change::Reserve(mailbox, epoch, pending)).await.map(drop)
    }

    async fn outbox(&self, mailbox: &MailboxId) -> Result<Vec<Pending>, StoreError> {
        self.read(async |client| read::outbox(client, mailbox).await).await
    }

    async fn finish(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        outcome: &CycleOutcome,
    ) -> Result<(), StoreError> {
        self.write(Change::Finish(mailbox, epoch, outcome)).await.map(drop)
    }

    async fn status(&self) -> Result<Vec<MailboxStatus>, StoreError> {
        self.read(async |client| read::status(client).await).await
    }

    async fn story(&self, item: &str) -> Result<Vec<JournalEntry>, StoreError> {
        self.read(async |client| read::story(client, item).await).await
    }

    async fn prune_journal(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write(Change::PruneJournal(before)).await
    }

    async fn find(&self, item: &str) -> Result<Vec<Linked>, StoreError> {
        self.read(async |client| read::find(client, item).await).await
    }
}
