//! One message of a connector at a time for each rep, and none twice.
//!
//! Public: a request that timed out is not executed twice, and meanwhile the interface answers "User is already active".
//! Ours: whoever sends while an earlier message of the same rep and installation is at work waits a moment before he is
//! told so; and a message that comes again, byte by byte with its session and message id, after it was done gets the
//! answer that it got then.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// How long an earlier message is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Larger answers are not kept.
const LARGEST_KEPT: usize = 1 << 20;
/// When so many reps and installations are known, those who rest are forgotten.
const MOST_KNOWN: usize = 10_000;

type Slot = Arc<tokio::sync::Mutex<Option<Answered>>>;

/// The last message that was answered.
struct Answered {
    message: [u8; 32],
    answer: Vec<u8>,
}

/// Reps and the installations that speak for them.
#[derive(Clone)]
pub(crate) struct Active {
    slots: Arc<Mutex<HashMap<(String, String), Slot>>>,
    patience: Duration,
}

impl Default for Active {
    fn default() -> Self {
        Self { slots: Arc::default(), patience: PATIENCE }
    }
}

/// What is to be done with a message.
pub(crate) enum Turn {
    /// Run it, and tell the turn the answer.
    Run(Running),
    /// It was done: this is its answer.
    Done(Vec<u8>),
    /// An earlier one is still at work.
    AlreadyActive,
}

/// A message at work; the next one of the same rep and installation waits until it is dropped.
pub(crate) struct Running {
    slot: OwnedMutexGuard<Option<Answered>>,
    message: [u8; 32],
}

impl Active {
    /// Asks for a turn. `again` says whether the message may be answered as before when it comes again.
    pub(crate) async fn turn(&self, principal: &str, client: &str, message: &[u8], again: bool) -> Turn {
        let slot = self.slot(principal, client);
        let Ok(slot) = tokio::time::timeout(self.patience, slot.lock_owned()).await else {
            return Turn::AlreadyActive;
        };
        let message = Sha256::digest(message).into();
        match slot.as_ref().filter(|answered| again && answered.message == message) {
            Some(answered) => Turn::Done(answered.answer.clone()),
            None => Turn::Run(Running { slot, message }),
        }
    }

    fn slot(&self, principal: &str, client: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST_KNOWN {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry((principal.to_owned(), client.to_owned())).or_default())
    }
}

impl Running {
    /// Keeps the answer for the case that the message comes again.
    pub(crate) fn answered(mut self, answer: &[u8]) {
        let kept = answer.len() <= LARGEST_KEPT;
        *self.slot = kept.then(|| Answered { message: self.message, answer: answer.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(active: &Active, principal: &str, message: &[u8]) -> Running {
        match active.turn(principal, "c", message, true).await {
            Turn::Run(running) => running,
            Turn::Done(_) | Turn::AlreadyActive => unreachable!("it is new and nobody is active"),
        }
    }

    #[tokio::test]
    async fn one_at_a_time_and_none_twice() {
        let active = Active { patience: Duration::ZERO, ..Active::default() };
        let first = run(&active, "ann", b"one").await;
        assert!(matches!(active.turn("ann", "c", b"one", true).await, Turn::AlreadyActive));
        assert!(matches!(active.turn("ann", "c", b"two", true).await, Turn::AlreadyActive));
        drop(run(&active, "bob", b"one").await);
        first.answered(b"done");
        assert!(
            matches!(active.turn("ann", "c", b"one", true).await, Turn::Done(answer) if answer == b"done")
        );
        assert!(matches!(active.turn("ann", "c", b"one", false).await, Turn::Run(_)));
        drop(run(&active, "ann", b"two").await);
        assert!(matches!(active.turn("ann", "c", b"one", true).await, Turn::Done(_)), "two was given up");
        run(&active, "ann", b"two").await.answered(b"2");
        drop(run(&active, "ann", b"one").await);
    }
}
