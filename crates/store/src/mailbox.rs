//! Mailboxes and what is known of their health.

use crate::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{EmailAddress, Kind, MailboxId};

/// The fence of a mailbox: it grows with every claim, and only the newest claim may commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// A mailbox as the CRM's reps and the tenant's users name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxSeed {
    /// Graph user.
    pub id: MailboxId,
    /// Primary address.
    pub address: EmailAddress,
    /// All addresses, the primary one among them.
    pub addresses: BTreeSet<EmailAddress>,
    /// Display name.
    pub name: String,
    /// Login of the CRM's rep.
    pub rep: String,
    /// Which kinds the rep's flags switch on.
    pub kinds: BTreeSet<Kind>,
}

/// A mailbox in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Who it is.
    pub seed: MailboxSeed,
    /// Whether it is in the present list; a mailbox that dropped out keeps its links.
    pub enabled: bool,
    /// The newest claim.
    pub epoch: Epoch,
    /// Complete cycles so far.
    pub cycles: u64,
}

/// How a cycle of a mailbox ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleOutcome {
    /// When it ended.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Writes that it made on either side.
    pub writes: u64,
    /// What stopped it, in plain words; none when it was complete.
    pub error: Option<String>,
}

/// How many links of a kind are in which state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCounts {
    /// In step.
    pub linked: u64,
    /// Not yet decided, for example until the organiser's copy is there.
    pub waiting: u64,
    /// Left out by a rule, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Refused by the other side, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Failed; tried again.
    pub failed: u64,
    /// Held until a person consents.
    pub held: u64,
    /// Deleted on both sides (tombstones).
    pub deleted: u64,
}

impl KindCounts {
    /// Adds `count` links that are in `state` for `reason`.
    pub fn add(&mut self, state: State, reason: &str, count: u64) {
        match state {
            State::Linked => self.linked += count,
            State::Waiting => self.waiting += count,
            State::Skipped => *self.skipped.entry(reason.to_owned()).or_default() += count,
            State::Refused => *self.refused.entry(reason.to_owned()).or_default() += count,
            State::Failed => self.failed += count,
            State::Held => self.held += count,
            State::Deleted => self.deleted += count,
        }
    }
}

/// A mailbox with its counts, freshness and last error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxStatus {
    /// Which.
    pub mailbox: Mailbox,
    /// Per kind; kinds without links are absent.
    pub counts: BTreeMap<Kind, KindCounts>,
    /// When the last complete cycle ended.
    pub last_success: Option<Timestamp>,
    /// When the last cycle ended, complete or not.
    pub last_cycle: Option<Timestamp>,
    /// Writes of the last cycle.
    pub last_writes: u64,
    /// Why the last cycle was not complete.
    pub last_error: Option<String>,
    /// Incomplete cycles in a row.
    pub errors_in_a_row: u32,
}
