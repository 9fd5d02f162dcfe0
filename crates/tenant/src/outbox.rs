//! What the tenant sends by itself: HTTP requests to others, when they are due, and answers that wait for theirs.
//!
//! Whoever has something to send calls [`Outbox::send`] with a [`Purpose`], which comes back with the outcome. A
//! handler that cannot answer before another has answered returns [`Response::held`] with the number of what it sent;
//! [`delivered`] then gives the answer. Nothing here blocks: other requests are served in between.

use crate::control;
use crate::error::GraphError;
use crate::graph::{Batch, Trace};
use crate::subscriptions::{Handshake, Parcel};
use crate::tenant::Tenant;
use crate::wire::{Delivery, Response};
use bytes::Bytes;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// The number of something that went out, unique in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutgoingNo(pub u64);

/// A `POST` that the tenant wants to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number, by which its outcome is reported.
    pub number: OutgoingNo,
    /// When it is to leave.
    pub due: Timestamp,
    /// Where to.
    pub url: String,
    /// Headers, with the `content-type` of the body.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Bytes,
    /// After how long without an answer it has failed.
    pub timeout: Duration,
}

/// What became of a request that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There was an answer. Redirections are answers too; they are not followed.
    Answered {
        /// HTTP status.
        status: u16,
        /// `content-type`.
        media_type: Option<String>,
        /// Body, or its beginning when it is long.
        body: Bytes,
    },
    /// There was none in time.
    TimedOut,
    /// There was none and there will be none: no connection, or a target that is not allowed.
    Failed {
        /// What happened.
        why: String,
    },
}

/// For what something is sent: what its outcome brings about.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// Somebody at the control API wants to know whether a receiver can be reached.
    Probe,
    /// A receiver is to echo a token before a subscription begins.
    Handshake(Box<Handshake>),
    /// A receiver is to take notifications.
    Notification(Box<Parcel>),
}

/// What is to be sent, by moment; what is under way; and who waits for it.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    last: u64,
    waiting: BTreeMap<(Timestamp, OutgoingNo), (Outgoing, Purpose)>,
    under_way: BTreeMap<OutgoingNo, Purpose>,
    held: BTreeMap<OutgoingNo, Trace>,
    batches: BTreeMap<OutgoingNo, Batch>,
}

impl Outbox {
    /// Puts something into the outbox. Its number is set here.
    pub fn send(&mut self, outgoing: Outgoing, purpose: Purpose) -> OutgoingNo {
        self.last += 1;
        let number = OutgoingNo(self.last);
        self.waiting.insert((outgoing.due, number), (Outgoing { number, ..outgoing }, purpose));
        number
    }

    /// When the first is due.
    pub fn earliest(&self) -> Option<Timestamp> {
        self.waiting.first_key_value().map(|((due, _), _)| *due)
    }

    /// Takes out what is due.
    pub fn take(&mut self, now: Timestamp) -> Vec<Outgoing> {
        let mut due = Vec::new();
        while let Some(first) = self.waiting.first_entry()
            && first.key().0 <= now
        {
            let (outgoing, purpose) = first.remove();
            self.under_way.insert(outgoing.number, purpose);
            due.push(outgoing);
        }
        due
    }

    /// Notes to whom the answer belongs that is held for a number.
    pub fn hold(&mut self, response: &Response, trace: &Trace) {
        if let Delivery::Held(number) = response.delivery {
            self.held.insert(number, trace.clone());
        }
    }

    /// Notes the batch that goes on when the outcome of a number is in.
    pub fn suspend(&mut self, number: OutgoingNo, batch: Batch) {
        self.batches.insert(number, batch);
    }

    /// Forgets everything. Outcomes that still come are nobody's; numbers are not used again.
    pub fn forget(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }
}

/// Lets an outcome take its effect; the answer that was held for it, if one was. That may be held again, for another.
pub(crate) fn delivered(
    tenant: &mut Tenant,
    number: OutgoingNo,
    outcome: Outcome,
    now: Timestamp,
) -> Option<Response> {
    let purpose = tenant.outbox.under_way.remove(&number);
    let answer: Result<Response, GraphError> = match purpose {
        Some(Purpose::Probe) => Ok(control::outgoing::probed(&outcome)),
        Some(Purpose::Handshake(handshake)) => handshake.echoed(tenant, &outcome, now),
        Some(Purpose::Notification(parcel)) => {
            parcel.answered(tenant, &outcome, now);
            return None;
        }
        // The tenant was reset since.
        None => Err(GraphError::new(503, "ServiceUnavailable", "The tenant was reset.")),
    };
    let answer = match tenant.outbox.batches.remove(&number) {
        Some(batch) => Ok(batch.resume(tenant, answer, now)),
        None => answer,
    };
    let trace = tenant.outbox.held.remove(&number)?;
    let response = trace.finish(answer, now);
    tenant.outbox.hold(&response, &trace);
    Some(response)
}
