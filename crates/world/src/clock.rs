//! The time of a history: virtual, from a day in spring on, so that summer time begins within its time frame.

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tandem_outside::Clock;
use tokio::time::Instant;

/// When every history begins: 2026-03-09T06:00:00Z, a Monday; Europe's clocks change on the 29th.
pub const BEGIN: i64 = 1_773_036_000;

/// The true time: it passes as the runtime's paused clock does.
#[derive(Debug, Default)]
pub struct TrueTime {
    begun: Mutex<Option<Instant>>,
}

impl TrueTime {
    /// A new history begins now.
    pub fn begin(&self) {
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Before a history begins it is its beginning.
    fn passed(&self) -> SignedDuration {
        let begun = *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.map_or(SignedDuration::ZERO, |begun| {
            SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::ZERO)
        })
    }
}

impl Clock for TrueTime {
    fn now(&self) -> Timestamp {
        let begin = Timestamp::from_second(BEGIN).unwrap_or(Timestamp::UNIX_EPOCH);
        begin.saturating_add(self.passed()).unwrap_or(Timestamp::MAX)
    }
}

/// The connector's clock, which may be wrong.
#[derive(Debug)]
pub struct Watch {
    time: Arc<TrueTime>,
    /// Seconds that it is ahead.
    ahead: AtomicI64,
}

impl Watch {
    /// A watch that is right.
    pub fn new(time: Arc<TrueTime>) -> Self {
        Self { time, ahead: AtomicI64::new(0) }
    }

    /// It jumps by so many seconds.
    pub fn jump(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Somebody puts it right.
    pub fn set_right(&self) {
        self.ahead.store(0, Ordering::Relaxed);
    }
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed));
        self.time.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }
}
