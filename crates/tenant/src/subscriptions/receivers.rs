//! Receivers, and what they are sent: several notifications at a time, again and again until they are taken, but not
//! for ever (`concepts/change-notifications-delivery-webhooks.md`).

use super::SubscriptionId;
use super::lifecycle::{self, LifecycleEvent};
use crate::outbox::{Outcome, Outgoing, OutgoingNo, Purpose};
use crate::tenant::Tenant;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a receiver may take to say that it has taken something.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many notifications go in one request.
const AT_ONCE: usize = 100;
/// When an untaken request is sent for the second time; each further pause is twice as long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(10);
/// How long after others something leaves that let them overtake it.
const OVERTAKEN: SignedDuration = SignedDuration::from_secs(1);
/// After so long nobody tries any more.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(4);

/// How long a proof of origin holds.
const PROOF: SignedDuration = SignedDuration::from_hours(8);
/// The application that publishes Graph's notifications
/// (`concepts/change-notifications-with-resource-data.md`, "How to validate").
const PUBLISHER: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/// One notification.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Whose.
    pub subscription: SubscriptionId,
    /// The application it goes to, when its contents are encrypted: then a token proves where they come from.
    pub proof_for: Option<Box<str>>,
    /// Whether it tells of the subscription's life and not of changes.
    pub lifecycle: bool,
    /// What is sent.
    pub body: Value,
}

/// Several notifications on their way to a receiver.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    url: Arc<str>,
    body: Bytes,
    /// The subscriptions whose changes it tells.
    subscriptions: BTreeSet<SubscriptionId>,
    first: Timestamp,
    pause: SignedDuration,
}

/// What waits for one receiver.
#[derive(Debug, Default)]
struct Queue {
    /// When it leaves.
    due: Timestamp,
    waiting: Vec<Notice>,
    /// What lets others overtake it: it waits until something has left, if something comes in time.
    overtaken: Vec<Notice>,
}

/// What waits for receivers, by URL.
#[derive(Debug, Default)]
pub struct Receivers {
    queues: BTreeMap<Arc<str>, Queue>,
    due: BTreeSet<(Timestamp, Arc<str>)>,
    postponed: BTreeMap<(Timestamp, u64), (Arc<str>, Notice)>,
    last: u64,
}

impl Receivers {
    /// Puts something into a receiver's queue; it leaves at `due`, with whatever comes until then.
    pub fn queue(&mut self, url: &Arc<str>, notice: Notice, due: Timestamp) {
        let mut queue = self.unplan(url);
        if queue.waiting.is_empty() {
            queue.due = due;
        }
        queue.waiting.push(notice);
        self.plan(url.clone(), queue);
    }

    /// Puts something into a receiver's queue at a later moment.
    pub fn postpone(&mut self, url: &Arc<str>, notice: Notice, until: Timestamp) {
        self.last += 1;
        self.postponed.insert((until, self.last), (url.clone(), notice));
    }

    /// Lets something leave after what comes later, or at a moment if nothing comes until then.
    pub fn let_overtake(&mut self, url: &Arc<str>, notice: Notice, until: Timestamp) {
        let mut queue = self.unplan(url);
        if queue.waiting.is_empty() && queue.overtaken.is_empty() {
            queue.due = until;
        }
        queue.overtaken.push(notice);
        self.plan(url.clone(), queue);
    }

    /// When something leaves next.
    pub fn deadline(&self) -> Option<Timestamp> {
        let postponed = self.postponed.first_key_value().map(|((at, _), _)| *at);
        let due = self.due.first().map(|(at, _)| *at);
        [postponed, due].into_iter().flatten().min()
    }

    fn unplan(&mut self, url: &Arc<str>) -> Queue {
        let queue = self.queues.remove(url).unwrap_or_default();
        self.due.remove(&(queue.due, url.clone()));
        queue
    }

    fn plan(&mut self, url: Arc<str>, queue: Queue) {
        self.due.insert((queue.due, url.clone()));
        self.queues.insert(url, queue);
    }

    /// What leaves now for one receiver.
    fn take(&mut self, now: Timestamp) -> Option<(Arc<str>, Vec<Notice>)> {
        while self.postponed.first_key_value().is_some_and(|((at, _), _)| *at <= now) {
            let (_, (url, notice)) = self.postponed.pop_first()?;
            self.queue(&url, notice, now);
        }
        let (_, url) = self.due.first().filter(|(at, _)| *at <= now)?.clone();
        let mut queue = self.unplan(&url);
        if queue.waiting.is_empty() {
            return Some((url, queue.overtaken));
        }
        let leaving = std::mem::take(&mut queue.waiting);
        if !queue.overtaken.is_empty() {
            let overtaken = std::mem::take(&mut queue.overtaken);
            self.plan(url.clone(), Queue { due: later(now, OVERTAKEN), waiting: overtaken, ..queue });
        }
        Some((url, leaving))
    }
}

/// Sends what is due.
pub fn release(tenant: &mut Tenant, now: Timestamp) {
    while let Some((url, notices)) = tenant.subscriptions.receivers.take(now) {
        for some in notices.chunks(AT_ONCE) {
            let parcel = pack(tenant, &url, some, now);
            send(tenant, parcel, now);
        }
    }
}

fn pack(tenant: &mut Tenant, url: &Arc<str>, notices: &[Notice], now: Timestamp) -> Parcel {
    let value: Vec<&Value> = notices.iter().map(|notice| &notice.body).collect();
    let mut body = json!({ "value": value });
    let apps: BTreeSet<&str> = notices.iter().filter_map(|notice| notice.proof_for.as_deref()).collect();
    if !apps.is_empty() {
        let proofs = apps.iter().filter_map(|app| proof(tenant, app, now)).map(Value::String).collect();
        body["validationTokens"] = Value::Array(proofs);
    }
    let told = notices.iter().filter(|notice| !notice.lifecycle);
    Parcel {
        url: url.clone(),
        body: body.to_string().into(),
        subscriptions: told.map(|notice| notice.subscription.clone()).collect(),
        first: now,
        pause: FIRST_PAUSE,
    }
}

/// A token that proves to an application that a notification comes from Graph.
fn proof(tenant: &Tenant, app: &str, now: Timestamp) -> Option<String> {
    let issuer = format!("https://sts.windows.net/{}/", tenant.tenant_id);
    let claims = json!({
        "aud": app,
        "iss": issuer,
        "iat": now.as_second(),
        "nbf": now.as_second(),
        "exp": later(now, PROOF).as_second(),
        "appid": PUBLISHER,
        "appidacr": "2",
        "idp": issuer,
        "tid": tenant.tenant_id,
        "ver": "1.0",
    });
    crate::entra::sign(tenant, &claims)
}

fn send(tenant: &mut Tenant, parcel: Parcel, due: Timestamp) {
    let outgoing = Outgoing {
        number: OutgoingNo(0),
        due,
        url: parcel.url.to_string(),
        headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
        body: parcel.body.clone(),
        timeout: PATIENCE,
    };
    tenant.outbox.send(outgoing, Purpose::Notification(Box::new(parcel)));
}

impl Parcel {
    /// Takes notice of whether a receiver took it: if not, it is sent again, or given up, and its subscribers are told
    /// that they missed something.
    pub fn answered(mut self, tenant: &mut Tenant, outcome: &Outcome, now: Timestamp) {
        if matches!(outcome, Outcome::Answered { status: 200..=299, .. }) {
            return;
        }
        let again = later(now, self.pause);
        if again <= later(self.first, GIVE_UP) {
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            send(tenant, self, again);
            return;
        }
        for id in &self.subscriptions {
            lifecycle::tell(tenant, id, LifecycleEvent::Missed, now);
        }
    }
}

/// When something leaves that is told now.
pub fn usual(tenant: &Tenant, now: Timestamp) -> Timestamp {
    let delay = Duration::from_millis(tenant.settings.behaviour.notification_delay_ms);
    later(now, SignedDuration::try_from(delay).unwrap_or_default())
}

pub fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
