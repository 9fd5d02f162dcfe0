//! A worker's life: after how many effects it dies. An effect is a request that leaves, an answer that arrives, a
//! commit that is asked for, a commit that is done.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// One connector process.
#[derive(Debug, Default)]
pub struct Fate {
    effects: AtomicU64,
    /// The number of the effect at which it dies; 0 for never.
    dies_at: AtomicU64,
    died: Notify,
}

impl Fate {
    /// It dies so many effects from now, at least one.
    pub fn die_after(&self, effects: u64) {
        self.dies_at.store(self.effects.load(Ordering::Relaxed) + effects.max(1), Ordering::Relaxed);
    }

    /// It does not die any more.
    pub fn live(&self) {
        self.dies_at.store(0, Ordering::Relaxed);
    }

    /// An effect happens; where it is the last one, this never returns.
    pub async fn effect(&self) {
        let now = self.effects.fetch_add(1, Ordering::Relaxed) + 1;
        let dies_at = self.dies_at.load(Ordering::Relaxed);
        if dies_at != 0 && now >= dies_at {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the death.
    pub async fn died(&self) {
        self.died.notified().await;
    }
}
