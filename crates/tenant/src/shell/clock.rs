//! The tenant's time: that of this machine, moved or not, or one that stands still until it is told to move.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// How a served tenant's time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// As the machine's, so much ahead of it.
    Real {
        /// How far ahead; negative: behind.
        offset: SignedDuration,
    },
    /// It stands still, and only the control API moves it.
    Virtual {
        /// What time it is.
        now: Timestamp,
    },
}

impl Default for ClockMode {
    fn default() -> Self {
        Self::Real { offset: SignedDuration::ZERO }
    }
}

/// A clock that many look at and some wait for.
#[derive(Debug)]
pub struct Clock {
    mode: watch::Sender<ClockMode>,
}

impl Clock {
    /// A clock of some mode.
    pub fn new(mode: ClockMode) -> Self {
        Self { mode: watch::Sender::new(mode) }
    }

    /// How it runs.
    pub fn mode(&self) -> ClockMode {
        *self.mode.borrow()
    }

    /// Whether it runs.
    pub fn is_real(&self) -> bool {
        matches!(self.mode(), ClockMode::Real { .. })
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        time(self.mode())
    }

    /// Lets it run in another way from now on.
    pub fn set(&self, mode: ClockMode) {
        self.mode.send_replace(mode);
    }

    /// Waits until a moment; for ever without one. A clock that is moved backwards makes the wait longer.
    pub async fn until(&self, moment: Option<Timestamp>) {
        let mut changes = self.mode.subscribe();
        loop {
            let mode = *changes.borrow_and_update();
            let left = moment.map(|moment| moment.duration_since(time(mode)));
            if left.is_some_and(|left| left <= SignedDuration::ZERO) {
                return;
            }
            let passed = async {
                match (mode, left) {
                    (ClockMode::Real { .. }, Some(left)) => tokio::time::sleep(left.unsigned_abs()).await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                // The sender is part of this clock, so there is always one.
                _ = changes.changed() => {}
                () = passed => {}
            }
        }
    }
}

fn time(mode: ClockMode) -> Timestamp {
    match mode {
        ClockMode::Real { offset } => {
            let machine = Timestamp::now();
            machine.checked_add(offset).unwrap_or(machine)
        }
        ClockMode::Virtual { now } => now,
    }
}
