//! One request, or one batch of them, and what it uses.

use super::places::Key;
use super::{AppNo, Concurrency};
use crate::entra::Caller;
use crate::error::GraphError;
use crate::graph::Target;
use crate::tenant::Tenant;
use crate::wire::{Delivery, Request, Response};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a client is told to wait that had too many requests under way, in seconds.
const BREATHER: u64 = 1;

/// What a request uses; for a batch, what all of its requests use together.
#[derive(Debug, Default)]
pub(crate) struct Visit {
    caller: Caller,
    app: AppNo,
    /// Most places at once.
    places: BTreeMap<Key, u32>,
    /// Places of the requests of a batch that run at present.
    wave: BTreeMap<Key, u32>,
    /// How many requests run at present.
    running: usize,
    /// How long the longest of them takes.
    longest: Duration,
    /// How long all before them took.
    before: Duration,
    /// How late the slowest part of a batch is.
    late: Duration,
}

impl Visit {
    /// A visit of an application.
    pub fn of(tenant: &mut Tenant, caller: Caller) -> Self {
        Self { app: tenant.usage.app(&caller.app_id), caller, ..Self::default() }
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Another visit of the same application.
    pub fn anew(&self) -> Self {
        Self { caller: self.caller.clone(), app: self.app, ..Self::default() }
    }

    /// How long it takes.
    fn took(&self) -> Duration {
        self.before + self.longest
    }

    /// Lets a batch wait for a part that is late.
    pub fn delay(&mut self, delay: Duration) {
        self.late = self.late.max(delay);
    }

    /// Lets a request in, or refuses it with 429.
    pub fn admit(
        &mut self,
        tenant: &mut Tenant,
        target: &Target,
        request: &Request,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let limits = &tenant.settings.limits;
        if self.running >= limits.batch_at_once.max(1) {
            self.before += self.longest;
            self.longest = Duration::ZERO;
            self.running = 0;
            self.wave.clear();
        }
        self.running += 1;
        let writes = matches!(request.method.as_str(), "POST" | "PATCH" | "PUT" | "DELETE");
        let takes = match (writes, target.is_list()) {
            (true, _) => limits.write_ms,
            (false, true) => limits.list_ms,
            (false, false) => limits.read_ms,
        };
        // The directory has limits of its own, far from what one client reaches.
        let Some(mailbox) = target.mailbox else { return Ok(()) };
        let usage = &mut tenant.usage;
        usage.places.pass(now);
        let refuse = |refused: &mut BTreeMap<&'static str, u64>, limit: &'static str, wait: u64| {
            *refused.entry(limit).or_default() += 1;
            // The texts of the service, as reported by many; that of the first is not documented.
            let message = format!("Application is over its {limit} limit.");
            Err(GraphError::new(429, "ApplicationThrottled", message).retry_after(wait))
        };
        if let Some(limit) = limits.requests
            && let Err(rest) = usage.requests.take((self.app, mailbox), 1, limit, now)
        {
            return refuse(&mut usage.refused, "MailboxRequests", whole_seconds(rest));
        }
        let bytes = u64::try_from(request.body.len()).unwrap_or(u64::MAX);
        if let Some(limit) = limits.uploaded_bytes.filter(|_| writes && bytes > 0)
            && let Err(rest) = usage.uploads.take((self.app, mailbox), bytes, limit, now)
        {
            return refuse(&mut usage.refused, "IncomingBytes", whole_seconds(rest));
        }
        let key = match limits.concurrent_per {
            Concurrency::Mailbox => (self.app, Some(mailbox)),
            Concurrency::App => (self.app, None),
        };
        let running = self.wave.entry(key).or_default();
        if limits.concurrent.is_some_and(|limit| usage.places.taken(key) + *running >= limit) {
            return refuse(&mut usage.refused, "MailboxConcurrency", BREATHER);
        }
        *running += 1;
        let most = self.places.entry(key).or_default();
        *most = (*most).max(*running);
        self.longest = self.longest.max(Duration::from_millis(takes));
        Ok(())
    }

    /// The answer occupies the places of the visit until it has reached the client.
    pub fn end(self, tenant: &mut Tenant, response: &mut Response, now: Timestamp) {
        if response.delivery == Delivery::Prompt && !self.late.is_zero() {
            response.delivery = Delivery::Late(self.late);
        }
        let took = self.took();
        response.took = took;
        if self.places.is_empty() {
            return;
        }
        let delay = if let Delivery::Late(delay) = response.delivery { delay } else { Duration::ZERO };
        let span = SignedDuration::try_from(took + delay).unwrap_or(SignedDuration::MAX);
        let end = now.checked_add(span).unwrap_or(Timestamp::MAX);
        response.slot = Some(tenant.usage.places.occupy(self.places, end));
    }
}

/// Seconds, rounded up, at least one: a client that waits so long is let in.
fn whole_seconds(span: SignedDuration) -> u64 {
    let seconds = u64::try_from(span.as_secs()).unwrap_or(0);
    (seconds + u64::from(span.subsec_nanos() > 0)).max(1)
}
