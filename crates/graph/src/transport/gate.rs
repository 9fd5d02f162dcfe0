//! How many requests may be under way, and when none may.
//!
//! Graph lets an application have four requests at once in a mailbox, and answers 429 beyond ("Graph documentation:
//! throttling limits"). A `Retry-After` is meant for the mailbox, not for the request that happened to meet it.

use crate::Answer;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The gate of one mailbox.
#[derive(Debug)]
pub(crate) struct Gate {
    places: Semaphore,
    width: u32,
    closed: Mutex<Option<Closed>>,
}

/// Until when the server wants no requests, and what it said.
#[derive(Debug, Clone)]
pub(crate) struct Closed {
    until: Instant,
    /// The answer that closed the gate.
    pub(crate) at: Answer,
}

impl Closed {
    /// How long it is still closed.
    pub(crate) fn rest(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

impl Gate {
    /// A gate for so many requests at once, at least one.
    pub(crate) fn new(width: usize) -> Self {
        let width = u32::try_from(width.clamp(1, 1000)).unwrap_or(4);
        Self { places: Semaphore::new(width as usize), width, closed: Mutex::new(None) }
    }

    /// Waits for `places` places, at most as many as there are.
    pub(crate) async fn enter(&self, places: u32) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so that there is always a permit.
        self.places.acquire_many(places.clamp(1, self.width)).await.ok()
    }

    /// Keeps everybody out for a while.
    pub(crate) fn close(&self, wait: Duration, at: &Answer) {
        let until = Instant::now() + wait;
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if closed.as_ref().is_none_or(|closed| closed.until < until) {
            *closed = Some(Closed { until, at: at.clone() });
        }
    }

    /// Whether, and until when, it is closed.
    pub(crate) fn closed(&self) -> Option<Closed> {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if closed.as_ref().is_some_and(|closed| closed.rest().is_zero()) {
            *closed = None;
        }
        closed.clone()
    }
}
