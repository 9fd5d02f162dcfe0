//! What is written down of a history: its trace, what was reached, what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The notes of one history.
#[derive(Debug, Default)]
pub struct Book {
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    traced: bool,
    lines: Vec<String>,
    reached: BTreeMap<String, u64>,
    wrong: BTreeSet<String>,
    found: u64,
}

impl Book {
    /// A book that keeps the trace, or not.
    pub fn new(traced: bool) -> Self {
        let pages = Mutex::new(Pages { traced, ..Pages::default() });
        Self { pages }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line to the trace, if there is one.
    pub fn line(&self, line: impl FnOnce() -> String) {
        let mut pages = self.pages();
        if pages.traced {
            let line = line();
            pages.lines.push(line);
        }
    }

    /// Adds several lines to the trace, if there is one.
    pub fn lines(&self, lines: impl FnOnce() -> Vec<String>) {
        let mut pages = self.pages();
        if pages.traced {
            pages.lines.extend(lines());
        }
    }

    /// Counts things that the connector took note of in its store.
    pub fn find(&self, things: usize) {
        self.pages().found += u64::try_from(things).unwrap_or(u64::MAX);
    }

    /// How many these are by now.
    pub fn found(&self) -> u64 {
        self.pages().found
    }

    /// Counts something that happened.
    pub fn reach(&self, name: &str) {
        self.reach_times(name, 1);
    }

    /// Counts something that happened so many times.
    pub fn reach_times(&self, name: &str, times: u64) {
        let mut pages = self.pages();
        match pages.reached.get_mut(name) {
            Some(count) => *count += times,
            None => drop(pages.reached.insert(name.to_owned(), times)),
        }
    }

    /// Notes that an invariant does not hold.
    pub fn wrong(&self, what: String) {
        let mut pages = self.pages();
        if pages.traced {
            pages.lines.push(format!("WRONG {what}"));
        }
        pages.wrong.insert(what);
    }

    /// Whether the connector may not have heard what became of something that it wrote: it then knows an edit as open
    /// that somebody saw already, and an edit that is open beats a deletion.
    pub fn unheard(&self) -> bool {
        const SILENCE: [&str; 11] = [
            "crash",
            "two-workers",
            "commit-not-done",
            "commit-done-unheard",
            "commit-disk-full",
            "net-reply-lost",
            "net-reply-broken",
            "reply-lost",
            "truncated",
            "timeout",
            "gateway-timeout-with-effect",
        ];
        SILENCE.iter().any(|name| self.has_reached(name))
    }

    /// Whether something happened.
    pub fn has_reached(&self, name: &str) -> bool {
        self.pages().reached.get(name).is_some_and(|times| *times > 0)
    }

    /// Takes everything: trace, counts, violations.
    pub fn close(&self) -> (Vec<String>, BTreeMap<String, u64>, Vec<String>) {
        let pages = std::mem::take(&mut *self.pages());
        (pages.lines, pages.reached, pages.wrong.into_iter().collect())
    }
}
