//! The connector: makes the list of mailboxes and runs their cycles at the right time.

use crate::cycle::cycle;
use crate::{EngineError, Roster};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tandem_crm_port::CrmPort;
use tandem_graph::Graph;
use tandem_model::{Kind, MailboxId};
use tandem_outside::{Chance, Clock};
use tandem_settings::Settings;
use tandem_store::{Mailbox, Store};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The pause of an interval of 0, *as often as possible*: long enough not to spin.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// The list of mailboxes is made anew this long after the last time at the earliest, however many unknown addresses are
/// met.
const EARLIEST_REFRESH: Duration = Duration::from_secs(5 * 60);

/// What the connector works with.
pub struct Parts {
    /// Microsoft 365.
    pub graph: Graph,
    /// The CRM.
    pub crm: Arc<dyn CrmPort>,
    /// The store.
    pub store: Arc<dyn Store>,
    /// Settings.
    pub settings: Settings,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub chance: Arc<dyn Chance>,
}

/// The connector.
pub struct Connector {
    pub(crate) parts: Arc<Parts>,
}

impl Connector {
    /// A connector that has not started yet.
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Asks the CRM for its reps and Microsoft 365 for its users, matches them, and makes the result the present list.
    pub async fn refresh(&self) -> Result<Roster, EngineError> {
        let made = self.parts.clock.now();
        let reps = self.parts.crm.reps().await?;
        let users = self.parts.graph.users().await?;
        let roster = Roster::of(&reps, &users, &self.parts.settings, made);
        self.parts.store.register(&roster.mailboxes).await?;
        self.prune_journal().await?;
        for finding in &roster.findings {
            tracing::warn!(rep = finding.rep, "not synchronised: {}", finding.text);
        }
        tracing::info!(mailboxes = roster.mailboxes.len(), "list of mailboxes refreshed");
        if roster.mailboxes.is_empty() {
            tracing::warn!(
                "nobody is synchronised: no active rep of the CRM has the connector enabled, a kind switched on and the \
                 address of a mailbox"
            );
        }
        Ok(roster)
    }

    /// Forgets journal lines that are older than the settings say.
    async fn prune_journal(&self) -> Result<(), EngineError> {
        let days = self.parts.settings.errors.journal_days;
        if days == 0 {
            return Ok(());
        }
        let age = SignedDuration::from_hours(24 * i64::from(days));
        if let Ok(before) = self.parts.clock.now().checked_sub(age) {
            let lines = self.parts.store.prune_journal(before).await?;
            tracing::debug!(lines, "old journal lines forgotten");
        }
        Ok(())
    }

    /// Runs until `stop` turns true; cycles that are under way end at their next commit or are cut off, which is safe.
    /// A list of mailboxes that cannot be refreshed leaves the present one in force.
    pub async fn run(&self, roster: Roster, mut stop: watch::Receiver<bool>) -> Result<(), EngineError> {
        let mut roster = roster;
        while !*stop.borrow() {
            let generation = self.generation(&roster).await?;
            let refreshed = tokio::select! {
                biased;
                () = stopped(&mut stop) => None,
                next = self.next_roster(&roster) => Some(next),
            };
            // Dropping the generation cuts its cycles off, so that each mailbox has one worker at any time.
            drop(generation);
            match refreshed {
                Some(next) => roster = next,
                None => break,
            }
        }
        Ok(())
    }

    /// One cycle of one mailbox for all its kinds, now. Answers how many writes it made.
    pub async fn cycle_once(&self, roster: &Roster, id: &MailboxId) -> Result<u64, EngineError> {
        let mailboxes = self.parts.store.mailboxes().await?;
        let Some(mailbox) = mailboxes.iter().find(|mailbox| mailbox.seed.id == *id) else {
            return Err(tandem_store::StoreError::UnknownMailbox(id.clone()).into());
        };
        let ended = cycle(&self.parts, &Arc::new(roster.clone()), mailbox, &mailbox.seed.kinds).await?;
        Ok(ended.writes)
    }

    async fn generation(&self, roster: &Roster) -> Result<JoinSet<()>, EngineError> {
        let workers = usize::try_from(self.parts.settings.connection.workers).unwrap_or(1).max(1);
        let places = Arc::new(Semaphore::new(workers));
        let roster = Arc::new(roster.clone());
        let mut tasks = JoinSet::new();
        for mailbox in self.parts.store.mailboxes().await?.into_iter().filter(|mailbox| mailbox.enabled) {
            let (parts, roster, places) = (Arc::clone(&self.parts), Arc::clone(&roster), Arc::clone(&places));
            tasks.spawn(async move { keep_in_step(parts, roster, mailbox, places).await });
        }
        Ok(tasks)
    }

    /// Waits for the next refresh of the list, and until one succeeds. It comes early when an address was met that may be
    /// new in the company.
    async fn next_roster(&self, roster: &Roster) -> Roster {
        let mut pause = self.parts.settings.connection.mailbox_refresh;
        let mut failed = false;
        loop {
            if pause.is_zero() {
                std::future::pending::<()>().await;
            }
            let early = async {
                tokio::time::sleep(EARLIEST_REFRESH).await;
                roster.until_outdated().await;
            };
            tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => {}
                () = early, if !failed => {}
            }
            match self.refresh().await {
                Ok(roster) => return roster,
                Err(error) => {
                    tracing::warn!(%error, "the list of mailboxes could not be refreshed; the present one stays");
                    failed = true;
                    pause = self
                        .parts
                        .settings
                        .errors
                        .retry_max
                        .min(self.parts.settings.connection.mailbox_refresh);
                }
            }
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone can no longer stop anything, which is a stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Runs the cycles of one mailbox for ever. The interval of a kind is the pause from the end of one cycle to the start
/// of the next, or less where another kind of the same interval is due; after an incomplete cycle it grows, up to the longest
/// pause between tries.
async fn keep_in_step(parts: Arc<Parts>, roster: Arc<Roster>, mailbox: Mailbox, places: Arc<Semaphore>) {
    let mut next: BTreeMap<Kind, Instant> =
        mailbox.seed.kinds.iter().map(|kind| (*kind, Instant::now())).collect();
    let (mut failures, mut denied) = (0u32, 0u32);
    let mut waited: BTreeMap<Kind, u32> = BTreeMap::new();
    while let Some(soonest) = next.values().min().copied() {
        tokio::time::sleep_until(soonest).await;
        let Ok(place) = places.acquire().await else { return };
        let now = Instant::now();
        let interval = |kind| parts.settings.interval(kind).max(SHORTEST_PAUSE);
        // Whatever goes along with what fails would fail along.
        let due = due(&next, now, interval, failures == 0);
        let ended = cycle(&parts, &roster, &mailbox, &due).await;
        drop(place);
        let address = &mailbox.seed.address;
        match &ended {
            Ok(ended) => {
                (failures, denied) = (0, 0);
                waited.retain(|kind, _| ended.waits.contains(kind) || !due.contains(kind));
                for kind in &ended.waits {
                    let times = waited.entry(*kind).or_insert(0u32);
                    *times = times.saturating_add(1);
                }
                tracing::debug!(mailbox = %address, ended.writes, waits = ?ended.waits, "cycle complete");
            }
            Err(error) if error.is_fenced() => {
                tracing::error!(mailbox = %address, %error, "let go of the mailbox");
                return;
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                denied = if error.is_denied() { denied.saturating_add(1) } else { 0 };
                let limit = parts.settings.errors.exclude_after_errors;
                if limit > 0 && denied >= limit {
                    tracing::error!(mailbox = %address, %error, "no access {denied} times in a row; left alone until the list of mailboxes is refreshed");
                    return;
                }
                tracing::warn!(mailbox = %address, %error, failures, "cycle not complete; it is tried again");
            }
        }
        let ended_at = Instant::now();
        for kind in due {
            let interval = interval(kind);
            let pause = match (failures, waited.get(&kind).copied()) {
                (0, None) => interval,
                // Colleagues' cycles are never far: what waits for them is looked at soon, then less and less often.
                (0, Some(waited)) => SHORTEST_PAUSE.saturating_mul(1 << waited.min(16)).min(interval),
                (failures, _) => backoff(&parts, failures).max(SHORTEST_PAUSE),
            };
            next.insert(kind, ended_at + pause);
        }
    }
}

/// The kinds whose time has come, and, where others may go along, those of the same interval that are past the middle of
/// theirs: each kind that once waited for something would have cycles of its own from then on.
fn due(
    next: &BTreeMap<Kind, Instant>,
    now: Instant,
    interval: impl Fn(Kind) -> Duration,
    along: bool,
) -> BTreeSet<Kind> {
    let come = next.iter().filter(|(_, at)| **at <= now);
    let intervals: BTreeSet<Duration> = come.map(|(kind, _)| interval(*kind)).collect();
    let goes = |(kind, at): &(&Kind, &Instant)| {
        let own = interval(**kind);
        **at <= now || (along && intervals.contains(&own) && **at <= now + own / 2)
    };
    next.iter().filter(goes).map(|(kind, _)| *kind).collect()
}

fn backoff(parts: &Parts, failures: u32) -> Duration {
    let errors = &parts.settings.errors;
    errors.retry_first.saturating_mul(1 << (failures - 1).min(16)).min(errors.retry_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_one_interval_come_together_again_and_others_keep_theirs() {
        let now = Instant::now();
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let next = BTreeMap::from([
            (Kind::Mail, now),
            (Kind::Appointment, now + minutes(4)),
            (Kind::Task, now + minutes(6)),
            (Kind::Contact, now + minutes(4)),
        ]);
        let interval = |kind| if kind == Kind::Contact { minutes(60) } else { minutes(10) };
        assert_eq!(due(&next, now, interval, true), BTreeSet::from([Kind::Mail, Kind::Appointment]));
        assert_eq!(due(&next, now, interval, false), BTreeSet::from([Kind::Mail]));
        assert_eq!(due(&next, now + minutes(4), interval, true), next.into_keys().collect());
    }
}
