//! What clients asked of Graph.

use crate::ids::MailboxNo;
use crate::tenant::Tenant;
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
    by_mailbox: BTreeMap<MailboxNo, u64>,
}

impl Stats {
    /// Counts a request.
    fn count(&mut self, method: &str, mailbox: Option<MailboxNo>) {
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
}

impl Tenant {
    /// Counts a request to Graph.
    pub(crate) fn count(&mut self, method: &str, mailbox: Option<MailboxNo>) {
        self.stats.count(method, mailbox);
    }

    /// The counters as JSON.
    pub(crate) fn counted(&self) -> Value {
        let stats = &self.stats;
        let by_mailbox: BTreeMap<&str, u64> = stats
            .by_mailbox
            .iter()
            .map(|(mailbox, count)| (&*self.mailbox(*mailbox).user.mail, *count))
            .collect();
        json!({
            "requests": stats.requests,
            "writes": stats.writes,
            "batches": stats.batches,
            "by_method": stats.by_method,
            "by_mailbox": by_mailbox,
            "mails_sent": stats.mails_sent,
            "throttled": self.usage.refused(),
        })
    }
}
