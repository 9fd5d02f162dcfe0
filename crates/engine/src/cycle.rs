//! One cycle of one mailbox: its kinds one after the other, each through the five rooms.

use crate::worker::Worker;
use crate::{EngineError, Parts, Roster, fields, pair};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Kind};
use tandem_store::{CycleOutcome, Mailbox};
use tokio::sync::Mutex;

/// What a complete cycle leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Writes that it made on either side.
    pub writes: u64,
    /// Kinds of which something waits for another mailbox's cycle.
    pub waits: BTreeSet<Kind>,
}

/// Runs one cycle for the kinds that are due and notes how it ended.
pub(crate) async fn cycle(
    parts: &Arc<Parts>,
    roster: &Arc<Roster>,
    mailbox: &Mailbox,
    kinds: &BTreeSet<Kind>,
) -> Result<Ended, EngineError> {
    let begun = tokio::time::Instant::now();
    let epoch = parts.store.claim(&mailbox.seed.id).await?;
    let mut worker = worker(parts, roster, mailbox, epoch);
    let ended = match fields::mapping(parts, roster, &mailbox.seed.rep).await {
        Ok(mapping) => {
            worker.graph = worker.graph.with_mapping(mapping.clone());
            worker.mapping = mapping;
            worker.run(kinds).await
        }
        Err(error) => Err(error),
    };
    let writes = worker.writes.load(Ordering::Relaxed);
    let outcome = CycleOutcome {
        at: parts.clock.now(),
        millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        writes,
        error: ended.as_ref().err().map(ToString::to_string),
    };
    parts.store.finish(&mailbox.seed.id, epoch, &outcome).await?;
    ended.map(|()| Ended { writes, waits: worker.waits.into_inner().unwrap_or_else(PoisonError::into_inner) })
}

/// A worker without its mapping.
pub(crate) fn worker(
    parts: &Arc<Parts>,
    roster: &Arc<Roster>,
    mailbox: &Mailbox,
    epoch: tandem_store::Epoch,
) -> Worker {
    let seed = &mailbox.seed;
    let known = roster.known_as.address(&seed.address);
    let others = seed.addresses.iter().chain([&seed.address]).filter(|address| *address != known);
    let owner: Vec<EmailAddress> = std::iter::once(known).chain(others).cloned().collect();
    let reading = tandem_graph::Reading { html: parts.settings.emails.html };
    let graph =
        parts.graph.mailbox(&seed.id).with_addresses(owner.iter().cloned().collect()).with_reading(reading);
    Worker {
        parts: Arc::clone(parts),
        roster: Arc::clone(roster),
        mailbox: mailbox.clone(),
        epoch,
        graph,
        mapping: Mapping::default(),
        owner,
        now: parts.clock.now(),
        writes: AtomicU64::new(0),
        waits: std::sync::Mutex::default(),
        former: tokio::sync::OnceCell::new(),
        guards: Mutex::new(Vec::new()),
    }
}

impl Worker {
    /// A kind that fails does not keep the others from going on; the first failure is reported.
    async fn run(&self, kinds: &BTreeSet<Kind>) -> Result<(), EngineError> {
        self.roster.forget_readings_after(self.now);
        // Boxed, as it is large and over before the rest begins.
        Box::pin(self.recover()).await?;
        let mut first = None;
        let mut healthy = BTreeSet::new();
        for kind in kinds.iter().copied() {
            let ended = match kind {
                Kind::Mail => self.import_mails().await,
                kind => self.observe_m365(kind).await,
            };
            match ended {
                Ok(()) => {
                    healthy.insert(kind);
                }
                Err(error) if error.is_fenced() => return Err(error),
                Err(source) => {
                    tracing::warn!(mailbox = %self.mailbox.seed.address, %kind, %source, "kind not complete");
                    first.get_or_insert(EngineError::Kind { kind, source: Box::new(source) });
                }
            }
        }
        healthy.remove(&Kind::Mail);
        // A copy that waits is tied to its record before the CRM tells of it, or the record would get another copy.
        for kind in healthy.iter().copied() {
            pair::due(self, kind)
                .await
                .map_err(|source| EngineError::Kind { kind, source: Box::new(source) })?;
        }
        self.observe_crm(&healthy).await?;
        if healthy.contains(&Kind::Appointment) {
            // Not before: what the CRM has for the owner was made by now, and his guests have their invitations.
            self.roster.calendar_was_read(self.id(), self.now);
        }
        first.map_or(Ok(()), Err)
    }
}
