//! The two sides between which the connector stands, and what misbehaves between them.

use crate::book::Book;
use crate::clock::{TrueTime, Watch};
use crate::contests::Contest;
use crate::dice::Dice;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tandem_crm::Embedded;
use tandem_outside::Clock;
use tandem_store::NewEntry;
use tandem_tenant::Tenant;

/// What the network does to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetFault {
    /// The request never arrives; the caller waits until it gives up.
    RequestLost,
    /// Nobody can be reached.
    NoConnection,
    /// The request is executed, the answer never arrives.
    ReplyLost,
    /// The request is executed, the connection breaks within the answer.
    ReplyBroken,
    /// The request arrives late, after others that were sent later.
    RequestDelayed,
    /// The answer arrives late, after others that were sent later.
    ReplyDelayed,
}

/// What the database does to one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommitFault {
    /// An error, and nothing is written.
    NotDone,
    /// An error, and all of it is written: the connection was lost after the commit.
    DoneUnheard,
    /// It is done, late.
    Late,
    /// The disk is full.
    Full,
}

/// Something that waits for its moment.
#[derive(Debug, Clone, Copy)]
pub struct Pending<F> {
    /// What happens.
    pub fault: F,
    /// How many fitting moments pass before.
    pub after: u64,
    /// Only a request to the CRM, or only one to Microsoft 365.
    pub to_crm: Option<bool>,
    /// Only a request that writes.
    pub writes: bool,
}

/// Tenant, CRM, time, and the faults that wait.
pub struct Sides {
    /// Microsoft 365.
    pub tenant: Mutex<Tenant>,
    /// The CRM.
    pub crm: Mutex<Embedded>,
    /// The time on both sides.
    pub time: Arc<TrueTime>,
    /// The connector's clock.
    pub watch: Arc<Watch>,
    /// The network's chance.
    pub dice: Dice,
    /// What is written down.
    pub book: Book,
    /// What waits for a request.
    pub net: Mutex<Vec<Pending<NetFault>>>,
    /// What was to be deleted in Microsoft 365 in this round, by mailbox and kind; a deletion that is tried again is one.
    pub deletions: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// Who won what both sides had changed, as the journal says.
    pub contests: Mutex<Vec<Contest>>,
    /// The bug that is planted; empty in all shipped binaries.
    pub bug: &'static str,
    /// When the connector wrote, for a bug that goes by it.
    #[cfg(feature = "planted")]
    pub echoes: crate::planted::Echoes,
    /// What waits for a commit.
    pub commits: Mutex<Vec<Pending<CommitFault>>>,
}

impl Sides {
    /// The tenant.
    pub fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The CRM; a handle, so that nobody holds it while he waits.
    pub fn crm(&self) -> Embedded {
        self.crm.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The CRM is restarted: what only memory knew is gone.
    pub fn restart_crm(&self) {
        self.crm.lock().unwrap_or_else(PoisonError::into_inner).restart();
    }

    /// Takes what is to happen to this request, if anything.
    pub fn net_fault(&self, to_crm: bool, writes: bool) -> Option<NetFault> {
        take(&self.net, |pending| {
            pending.to_crm.is_none_or(|crm| crm == to_crm) && (writes || !pending.writes)
        })
    }

    /// Takes what is to happen to this commit, if anything.
    pub fn commit_fault(&self) -> Option<CommitFault> {
        take(&self.commits, |_| true)
    }

    /// Takes from lines of the journal who won.
    pub fn note_contests(&self, lines: &[NewEntry]) {
        let now = self.time.now();
        let told = lines.iter().flat_map(|line| Contest::told(line, now));
        self.contests.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
    }

    /// Forgets how many deletions were sent, and tells the largest number of one kind to one mailbox.
    pub fn most_deletions(&self) -> u64 {
        let counts = std::mem::take(&mut *self.deletions.lock().unwrap_or_else(PoisonError::into_inner));
        let most = counts.values().map(BTreeSet::len).max().unwrap_or(0);
        u64::try_from(most).unwrap_or(u64::MAX)
    }

    /// Nothing waits any more.
    pub fn calm(&self) {
        self.net.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.commits.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn take<F: Copy>(queue: &Mutex<Vec<Pending<F>>>, fits: impl Fn(&Pending<F>) -> bool) -> Option<F> {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let index = queue.iter().position(fits)?;
    let pending = queue.get_mut(index)?;
    if pending.after > 0 {
        pending.after -= 1;
        return None;
    }
    Some(queue.remove(index).fault)
}
