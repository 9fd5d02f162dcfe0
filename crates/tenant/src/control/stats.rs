//! What clients asked of Graph.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Counters of requests to Graph. Tokens and the control API are not counted.
#[derive(Debug, Default)]
pub struct Stats {
    /// Requests; those in a batch one by one, their envelope not.
    pub requests: u64,
    /// Requests that write.
    pub writes: u64,
    /// Envelopes of batches.
    pub batches: u64,
    /// Invitations, updates and cancellations that were mailed.
    pub mails_sent: u64,
    by_method: BTreeMap<String, u64>,
    by_mailbox: BTreeMap<String, u64>,
}

impl Stats {
    /// Counts a request.
    pub fn count(&mut self, method: &str, mailbox: Option<String>) {
        self.requests += 1;
        self.writes += u64::from(matches!(method, "POST" | "PATCH" | "PUT" | "DELETE"));
        match self.by_method.get_mut(method) {
            Some(count) => *count += 1,
            None => {
                self.by_method.insert(method.to_owned(), 1);
            }
        }
        if let Some(mailbox) = mailbox {
            *self.by_mailbox.entry(mailbox).or_default() += 1;
        }
    }

    /// The counters as JSON.
    pub fn json(&self) -> Value {
        json!({
            "requests": self.requests,
            "writes": self.writes,
            "batches": self.batches,
            "by_method": self.by_method,
            "by_mailbox": self.by_mailbox,
            "mails_sent": self.mails_sent,
        })
    }
}
