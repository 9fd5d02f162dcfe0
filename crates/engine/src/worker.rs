//! Somebody who works on one mailbox for one cycle.

use crate::{EngineError, Parts, Roster};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tandem_crm_port::{Answer, Command};
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Kind, MailboxId};
use tandem_reconcile::DeleteGuard;
use tandem_store::{Commit, Epoch, Link, Mailbox, StoreError};
use tokio::sync::{Mutex, OnceCell};

/// At most so many items in one package to the CRM (CRM.interface's own default).
pub(crate) const PACKAGE: usize = 10;

/// Longest pause that a failed item keeps because a server asked for it; the mailbox's gate keeps to all that is asked.
const LONGEST_TOLD: Duration = Duration::from_secs(3600);

/// Which deletions may pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deletions {
    /// Those that are new in this cycle.
    pub fresh: bool,
    /// Those that an earlier cycle held.
    pub held: bool,
}

/// Works on one mailbox for one cycle.
pub(crate) struct Worker {
    pub parts: Arc<Parts>,
    pub roster: Arc<Roster>,
    pub mailbox: Mailbox,
    pub epoch: Epoch,
    pub graph: tandem_graph::Mailbox,
    /// Which fields travel.
    pub mapping: Mapping,
    /// Addresses of the owner, the one by which the CRM knows him first.
    pub owner: Vec<EmailAddress>,
    /// The present, for all decisions of this cycle.
    pub now: Timestamp,
    /// Writes on either side.
    pub writes: AtomicU64,
    /// Kinds of which something waits for another mailbox's cycle.
    pub waits: std::sync::Mutex<BTreeSet<Kind>>,
    /// Mailboxes that took part in appointments once, by their addresses.
    pub former: OnceCell<BTreeMap<EmailAddress, MailboxId>>,
    /// Stops mass deletions; one for each kind.
    pub guards: Mutex<Vec<(Kind, DeleteGuard)>>,
}

impl Worker {
    pub(crate) fn id(&self) -> &MailboxId {
        &self.mailbox.seed.id
    }

    pub(crate) fn wrote(&self, count: usize) {
        self.writes.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Notes that an item of this kind waits for another mailbox's cycle.
    pub(crate) fn waits_for_others(&self, kind: Kind) {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).insert(kind);
    }

    /// Sends one package for the mailbox's rep; one answer for each command.
    pub(crate) async fn ask_crm(&self, commands: Vec<Command>) -> Result<Vec<Answer>, EngineError> {
        Ok(self.parts.crm.sync(&self.mailbox.seed.rep, commands).await?)
    }

    /// Sends one package of writes. Where nobody hears what became of it, it is sent once more: each of these writes
    /// carries a key or a precondition, or says the same when it is said twice, and what is not known to be there until
    /// the next cycle may be edited, moved or deleted until then.
    pub(crate) async fn write_to_crm(&self, commands: Vec<Command>) -> Result<Vec<Answer>, EngineError> {
        match self.ask_crm(commands.clone()).await {
            Err(error) if error.is_transient() => self.ask_crm(commands).await,
            answers => answers,
        }
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        if commit.is_empty() {
            return Ok(());
        }
        self.parts.store.commit(self.id(), self.epoch, commit).await
    }

    /// When a failed item is tried again: the first pause, doubled with each attempt, up to the longest. A server that
    /// asks for more gets it, as far as a moment that is not impossible goes (see [`Worker::horizon`]).
    pub(crate) fn retry_at(&self, attempts: u32, told: Option<Duration>) -> Timestamp {
        let errors = &self.parts.settings.errors;
        let pause = errors.retry_first.saturating_mul(1 << attempts.min(16)).min(errors.retry_max);
        let pause = told.map_or(pause, |told| told.min(self.longest_pause()).max(pause));
        self.after(pause)
    }

    /// Nothing is put off beyond this moment. What says so was noted by a clock that was ahead (or under settings that
    /// are no longer in force), and is due: it would wait until that moment comes in truth.
    pub(crate) fn horizon(&self) -> Timestamp {
        self.after(self.longest_pause())
    }

    /// Whether a link that has a time is looked at in this cycle.
    pub(crate) fn is_due(&self, link: &Link) -> bool {
        link.due.is_none_or(|due| due <= self.now || due > self.horizon())
    }

    fn longest_pause(&self) -> Duration {
        self.parts.settings.errors.retry_max.max(LONGEST_TOLD)
    }

    fn after(&self, pause: Duration) -> Timestamp {
        let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
        self.now.saturating_add(pause).unwrap_or(Timestamp::MAX)
    }

    /// Whether deletions of this kind that come up together may pass in this cycle: `fresh` new ones, all or none, and
    /// those that were held before. What is held counts as asked for already, so that a mass deletion does not trickle
    /// through cycle by cycle; it passes when the limits allow all of it.
    pub(crate) async fn may_delete(&self, kind: Kind, fresh: u64) -> Result<Deletions, EngineError> {
        let mut guards = self.guards.lock().await;
        if !guards.iter().any(|(of, _)| *of == kind) {
            let guard = self.guard(kind).await?;
            guards.push((kind, guard));
        }
        let guard = guards.iter_mut().find(|(of, _)| *of == kind).map(|(_, guard)| guard);
        Ok(guard.map_or(Deletions { fresh: true, held: true }, |guard| Deletions {
            fresh: fresh == 0 || guard.admit(fresh),
            held: guard.releases(),
        }))
    }

    async fn guard(&self, kind: Kind) -> Result<DeleteGuard, EngineError> {
        let status = self.parts.store.status().await?;
        let counts = status
            .iter()
            .find(|status| status.mailbox.seed.id == *self.id())
            .and_then(|status| status.counts.get(&kind))
            .cloned()
            .unwrap_or_default();
        let errors = &self.parts.settings.errors;
        Ok(DeleteGuard {
            count: errors.delete_guard_count.into(),
            percent: errors.delete_guard_percent.into(),
            linked: counts.linked + counts.held,
            held: counts.held,
            deleted: counts.held,
        })
    }
}
