//! How far the connector is: read from its store, which stays open for reading only.

use crate::DemoError;
use crate::sides::Sides;
use std::collections::BTreeMap;
use std::path::Path;
use tandem_model::{Kind, MailboxId};
use tandem_store::{KindCounts, MailboxStatus, NewEntry, SqliteStore, Step, Store};

/// A look at the connector.
pub(crate) struct Progress {
    store: SqliteStore,
}

/// What has been written on either side since the simulators began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Writes {
    pub(crate) tenant: u64,
    pub(crate) crm: u64,
}

impl Writes {
    /// Writes since an earlier look.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        self.tenant.saturating_sub(earlier.tenant) + self.crm.saturating_sub(earlier.crm)
    }
}

impl Progress {
    /// Opens the store of a connector that is ready.
    pub(crate) fn open(path: &Path) -> Result<Self, DemoError> {
        Ok(Self { store: SqliteStore::open_read_only(path)? })
    }

    pub(crate) fn store(&self) -> &SqliteStore {
        &self.store
    }

    /// The number of the newest journal line.
    pub(crate) async fn newest_line(&self) -> Result<i64, DemoError> {
        Ok(self.store.newest_line().await?)
    }

    /// Journal lines behind a number, ready to be shown: what was done, and not that nothing was to be done. The text
    /// of the others is empty.
    pub(crate) async fn lines_after(&self, number: i64) -> Result<Vec<(i64, String)>, DemoError> {
        const SHOWN: u32 = 200;
        let lines = self.store.journal_after(number, SHOWN).await?;
        Ok(lines.into_iter().map(|line| (line.seq, shown(&line.entry))).collect())
    }

    /// The mailboxes of the present list.
    pub(crate) async fn status(&self) -> Result<Vec<MailboxStatus>, DemoError> {
        let mut status = self.store.status().await?;
        status.retain(|status| status.mailbox.enabled);
        Ok(status)
    }
}

fn shown(entry: &NewEntry) -> String {
    if entry.step != Step::Apply {
        return String::new();
    }
    let kind = entry.kind.map_or("", Kind::as_str);
    format!("{} {kind} {}: {}", entry.at.strftime("%H:%M:%S"), entry.code, entry.text)
}

/// Complete cycles by mailbox.
pub(crate) fn cycles(status: &[MailboxStatus]) -> BTreeMap<MailboxId, u64> {
    status.iter().map(|status| (status.mailbox.seed.id.clone(), status.mailbox.cycles)).collect()
}

/// Whether every mailbox has completed so many cycles since an earlier look.
pub(crate) fn have_cycled(status: &[MailboxStatus], since: &BTreeMap<MailboxId, u64>, cycles: u64) -> bool {
    status.iter().all(|status| {
        since.get(&status.mailbox.seed.id).is_some_and(|earlier| status.mailbox.cycles >= earlier + cycles)
    })
}

/// Sums over all mailboxes; every kind is there.
pub(crate) fn totals(status: &[MailboxStatus]) -> BTreeMap<Kind, KindCounts> {
    let mut totals: BTreeMap<Kind, KindCounts> =
        Kind::ALL.into_iter().map(|kind| (kind, KindCounts::default())).collect();
    for (kind, counts) in status.iter().flat_map(|status| &status.counts) {
        let total = totals.entry(*kind).or_default();
        total.linked += counts.linked;
        total.waiting += counts.waiting;
        total.failed += counts.failed;
        total.held += counts.held;
        total.deleted += counts.deleted;
        for (sum, part) in [(&mut total.skipped, &counts.skipped), (&mut total.refused, &counts.refused)] {
            for (reason, count) in part {
                *sum.entry(reason.clone()).or_default() += count;
            }
        }
    }
    totals
}

/// What is not settled yet, in plain words; none when everything is.
pub(crate) fn unsettled(status: &[MailboxStatus], expected: usize) -> Option<String> {
    if status.len() < expected {
        return Some(format!("the connector works on {} of {expected} mailboxes", status.len()));
    }
    if let Some(sick) = status.iter().find(|status| status.last_error.is_some()) {
        let error = sick.last_error.as_deref().unwrap_or_default();
        return Some(format!("the last cycle of {} was not complete: {error}", sick.mailbox.seed.address));
    }
    if let Some(new) = status.iter().find(|status| status.mailbox.cycles == 0) {
        return Some(format!("{} has not had a complete cycle yet", new.mailbox.seed.address));
    }
    let open: Vec<String> = totals(status)
        .into_iter()
        .flat_map(|(kind, counts)| {
            [(kind, "waiting", counts.waiting), (kind, "failed", counts.failed), (kind, "held", counts.held)]
        })
        .filter(|(_, _, count)| *count > 0)
        .map(|(kind, state, count)| format!("{count} of kind {kind} {state}"))
        .collect();
    (!open.is_empty()).then(|| open.join(", "))
}

/// Writes on both sides so far.
pub(crate) async fn writes(sides: &Sides) -> Result<Writes, DemoError> {
    let stats = sides.control.call("GET", "/stats", None).await?;
    Ok(Writes { tenant: stats["writes"].as_u64().unwrap_or(0), crm: sides.crm.writes().await? })
}

/// Requests that the tenant's Graph interface has had so far.
pub(crate) async fn requests(sides: &Sides) -> Result<u64, DemoError> {
    Ok(sides.control.call("GET", "/stats", None).await?["requests"].as_u64().unwrap_or(0))
}
