//! The store, with what a database can do to a commit.

use crate::fate::Fate;
use crate::sides::{CommitFault, Sides};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tandem_model::{GraphId, Kind, MailboxId, RecordId};
use tandem_store::{
    Commit, CycleOutcome, Epoch, JournalEntry, LinkId, Linked, Mailbox, MailboxSeed, MailboxStatus, NewEntry,
    Object, Pending, Store, StoreError,
};

/// One process's view of the store.
pub struct Ledger {
    inner: Arc<dyn Store>,
    sides: Arc<Sides>,
    fate: Arc<Fate>,
}

impl Ledger {
    /// The view of a process.
    pub fn new(inner: Arc<dyn Store>, sides: Arc<Sides>, fate: Arc<Fate>) -> Self {
        Self { inner, sides, fate }
    }

    /// What happens around a write: the process may die before and after, and the database may fail in the ways in
    /// which SQLite and PostgreSQL can.
    async fn around<T>(
        &self,
        what: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.fate.effect().await;
        let fault = self.sides.commit_fault();
        if let Some(fault) = fault {
            self.sides.book.reach(name(fault));
            self.sides.book.line(|| format!("  store {} at {what}", name(fault)));
        }
        let lost = |why: &str| StoreError::Database {
            path: "world".to_owned(),
            action: "written",
            why: why.to_owned(),
        };
        match fault {
            Some(CommitFault::NotDone) => return Err(lost("the server closed the connection")),
            Some(CommitFault::Full) => return Err(StoreError::Full { path: "world".to_owned() }),
            Some(CommitFault::Late) => tokio::time::sleep(Duration::from_secs(3)).await,
            Some(CommitFault::DoneUnheard) | None => {}
        }
        let done = work.await;
        if fault == Some(CommitFault::DoneUnheard) {
            return Err(lost("the connection was lost while the commit was under way"));
        }
        self.fate.effect().await;
        self.sides.book.line(|| format!("  store {what} {}", if done.is_ok() { "done" } else { "refused" }));
        done
    }
}

/// Into which states links go with a commit, and why.
fn transitions(commit: &Commit) -> Vec<String> {
    let links = commit.links.iter().map(|write| &write.link);
    links
        .map(|link| match link.reason.as_str() {
            "" => format!("into-{:?}", link.state).to_lowercase(),
            reason => format!("into-{:?}: {reason}", link.state).to_lowercase(),
        })
        .collect()
}

/// A line of the journal, for the trace.
fn told(line: &NewEntry) -> String {
    let what = line.record.as_ref().map(ToString::to_string);
    let what = what.or_else(|| line.graph.as_ref().map(ToString::to_string)).unwrap_or_default();
    let kind = line.kind.map(|kind| kind.to_string()).unwrap_or_default();
    format!("    {kind} {what} {}: {} {}", line.code, line.text, line.facts)
}

/// Its stable name.
pub fn name(fault: CommitFault) -> &'static str {
    match fault {
        CommitFault::NotDone => "commit-not-done",
        CommitFault::DoneUnheard => "commit-done-unheard",
        CommitFault::Late => "commit-late",
        CommitFault::Full => "commit-disk-full",
    }
}

#[async_trait]
impl Store for Ledger {
    async fn register(&self, mailboxes: &[MailboxSeed]) -> Result<(), StoreError> {
        self.around("register", self.inner.register(mailboxes)).await
    }

    async fn mailboxes(&self) -> Result<Vec<Mailbox>, StoreError> {
        self.inner.mailboxes().await
    }

    async fn claim(&self, mailbox: &MailboxId) -> Result<Epoch, StoreError> {
        self.around("claim", self.inner.claim(mailbox)).await
    }

    async fn cursor(&self, mailbox: &MailboxId, collection: &str) -> Result<Option<String>, StoreError> {
        self.inner.cursor(mailbox, collection).await
    }

    async fn cursors(&self, mailbox: &MailboxId, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        self.inner.cursors(mailbox, prefix).await
    }

    async fn links_by_graph(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        ids: &[GraphId],
    ) -> Result<Vec<Linked>, StoreError> {
        #[cfg(feature = "planted")]
        if self.sides.bug == "links-forgotten" {
            return Ok(Vec::new());
        }
        self.inner.links_by_graph(mailbox, kind, ids).await
    }

    async fn links_by_record(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        records: &[RecordId],
    ) -> Result<Vec<Linked>, StoreError> {
        #[cfg(feature = "planted")]
        if self.sides.bug == "records-forgotten" {
            return Ok(Vec::new());
        }
        self.inner.links_by_record(mailbox, kind, records).await
    }

    async fn objects_by_key(&self, kind: Kind, keys: &[String]) -> Result<Vec<Object>, StoreError> {
        #[cfg(feature = "planted")]
        if self.sides.bug == "objects-by-mailbox" {
            return Ok(Vec::new());
        }
        self.inner.objects_by_key(kind, keys).await
    }

    async fn objects_by_record(&self, kind: Kind, records: &[RecordId]) -> Result<Vec<Object>, StoreError> {
        self.inner.objects_by_record(kind, records).await
    }

    async fn copies(&self, object: &Object) -> Result<Vec<Linked>, StoreError> {
        self.inner.copies(object).await
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
        #[cfg(feature = "planted")]
        if self.sides.bug == "retries-forgotten" {
            return Ok(Vec::new());
        }
        self.inner.due(mailbox, kind, now, horizon, after, limit).await
    }

    async fn links(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        after: Option<LinkId>,
        limit: usize,
    ) -> Result<Vec<Linked>, StoreError> {
        self.inner.links(mailbox, kind, after, limit).await
    }

    async fn commit(&self, mailbox: &MailboxId, epoch: Epoch, commit: Commit) -> Result<(), StoreError> {
        #[cfg(feature = "planted")]
        let (epoch, commit) = {
            let mut commit = commit;
            crate::planted::commit(self.sides.bug, &mut commit);
            // A claim of its own passes every fence.
            let stolen = self.sides.bug == "no-fence";
            (if stolen { self.inner.claim(mailbox).await? } else { epoch }, commit)
        };
        for line in &commit.journal {
            self.sides.book.line(|| told(line));
        }
        self.sides.note_contests(&commit.journal);
        let into = transitions(&commit);
        let resets = commit.cursors.iter().filter(|cursor| cursor.position.is_none()).count();
        self.sides.book.find(
            resets + commit.links.len() + commit.objects.len() + commit.settled.len() + commit.journal.len(),
        );
        let done = self.around("commit", self.inner.commit(mailbox, epoch, commit)).await;
        if done.is_ok() {
            into.iter().for_each(|name| self.sides.book.reach(name));
        }
        done
    }

    async fn reserve(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        pending: &[Pending],
    ) -> Result<(), StoreError> {
        self.sides.book.find(pending.len());
        self.around("reserve", self.inner.reserve(mailbox, epoch, pending)).await
    }

    async fn outbox(&self, mailbox: &MailboxId) -> Result<Vec<Pending>, StoreError> {
        #[cfg(feature = "planted")]
        if self.sides.bug == "outbox-not-consulted" {
            return Ok(Vec::new());
        }
        self.inner.outbox(mailbox).await
    }

    async fn finish(
        &self,
        mailbox: &MailboxId,
        epoch: Epoch,
        outcome: &CycleOutcome,
    ) -> Result<(), StoreError> {
        self.around("finish", self.inner.finish(mailbox, epoch, outcome)).await
    }

    async fn status(&self) -> Result<Vec<MailboxStatus>, StoreError> {
        self.inner.status().await
    }

    async fn story(&self, item: &str) -> Result<Vec<JournalEntry>, StoreError> {
        self.inner.story(item).await
    }

    async fn prune_journal(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.inner.prune_journal(before).await
    }

    async fn find(&self, item: &str) -> Result<Vec<Linked>, StoreError> {
        self.inner.find(item).await
    }
}
