//! The life of a subscription: it is to be reauthorised, it was removed, something was missed, it ends
//! (`concepts/change-notifications-lifecycle-events.md`).

use super::receivers::{self, Notice};
use super::{Subscription, SubscriptionId};
use crate::ids::MailboxNo;
use crate::mailbox::content::ticks;
use crate::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;

/// So long before its end a subscription is to be reauthorised for the first time, if it lives that long.
const FIRST_CHALLENGE: SignedDuration = SignedDuration::from_hours(12);
/// Within so long before its end it is asked for again and again.
const PRESSING: SignedDuration = SignedDuration::from_hours(4);
/// The pause between two of these.
const PRESSING_PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// `lifecycleEventType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LifecycleEvent {
    /// Notifications were lost.
    Missed,
    /// The subscription was removed before its end.
    SubscriptionRemoved,
    /// The application shall prove again that it may see what it subscribed to.
    ReauthorizationRequired,
}

impl LifecycleEvent {
    /// Graph's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::SubscriptionRemoved => "subscriptionRemoved",
            Self::ReauthorizationRequired => "reauthorizationRequired",
        }
    }

    /// The event of a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Missed, Self::SubscriptionRemoved, Self::ReauthorizationRequired]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// What happens to a subscription by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// It is to be reauthorised.
    Challenge,
    /// It ends.
    End,
}

/// What happens to subscriptions by itself, the earliest first.
pub type Moments = BTreeSet<(Timestamp, SubscriptionId, Moment)>;

/// Plans the moments of a subscription's life from now on.
pub fn plan(moments: &mut Moments, subscription: &mut Subscription, now: Timestamp) {
    moments.insert((subscription.expires, subscription.id.clone(), Moment::End));
    if subscription.lifecycle_url.is_some() {
        let life = subscription.expires.duration_since(now);
        challenge(moments, subscription, before(subscription.expires, FIRST_CHALLENGE.min(life / 2)));
    }
}

fn challenge(moments: &mut Moments, subscription: &mut Subscription, at: Timestamp) {
    subscription.challenge = Some(at);
    moments.insert((at, subscription.id.clone(), Moment::Challenge));
}

fn unchallenge(moments: &mut Moments, subscription: &mut Subscription) {
    if let Some(at) = subscription.challenge.take() {
        moments.remove(&(at, subscription.id.clone(), Moment::Challenge));
    }
}

/// Forgets the moments of a subscription's life.
pub fn forget(moments: &mut Moments, subscription: &mut Subscription) {
    moments.remove(&(subscription.expires, subscription.id.clone(), Moment::End));
    unchallenge(moments, subscription);
}

/// Lets happen what is due.
pub fn tend(tenant: &mut Tenant, now: Timestamp) {
    while tenant.subscriptions.moments.first().is_some_and(|(at, _, _)| *at <= now) {
        let Some((at, id, moment)) = tenant.subscriptions.moments.pop_first() else { return };
        match moment {
            Moment::End => {
                tenant.unsubscribe(&id);
            }
            Moment::Challenge => {
                tell(tenant, &id, LifecycleEvent::ReauthorizationRequired, now);
                let subscriptions = &mut tenant.subscriptions;
                let Some(subscription) = subscriptions.all.get_mut(&id) else { continue };
                let pressing = before(subscription.expires, PRESSING);
                let next = at.checked_add(PRESSING_PAUSE).unwrap_or(Timestamp::MAX).max(pressing);
                if next < subscription.expires {
                    challenge(&mut subscriptions.moments, subscription, next);
                }
            }
        }
    }
}

/// Tells a subscription's lifecycle receiver of an event, if it has one.
pub fn tell(tenant: &mut Tenant, id: &str, event: LifecycleEvent, now: Timestamp) {
    let Some(subscription) = tenant.subscriptions.all.get(id) else { return };
    let Some(url) = subscription.lifecycle_url.clone() else { return };
    let body = json!({
        "subscriptionId": &*subscription.id,
        "subscriptionExpirationDateTime": ticks(subscription.expires),
        "tenantId": tenant.tenant_id,
        "clientState": subscription.client_state,
        "lifecycleEvent": event.name(),
    });
    let notice = Notice { subscription: subscription.id.clone(), proof_for: None, lifecycle: true, body };
    let due = receivers::usual(tenant, now);
    tenant.subscriptions.receivers.queue(&url, notice, due);
}

impl Tenant {
    /// The application has proved again that it may see what it subscribed to: nobody asks again before the end.
    pub(crate) fn reauthorize(&mut self, id: &str) {
        let subscriptions = &mut self.subscriptions;
        if let Some(subscription) = subscriptions.all.get_mut(id) {
            unchallenge(&mut subscriptions.moments, subscription);
        }
    }

    /// Lets an event happen in the lives of all subscriptions to a mailbox.
    pub(crate) fn befall_all(&mut self, mailbox: MailboxNo, event: LifecycleEvent, now: Timestamp) {
        let watch = self.subscriptions.watches.get(&mailbox);
        let ids: Vec<SubscriptionId> =
            watch.into_iter().flat_map(|watch| &watch.subscriptions).cloned().collect();
        for id in ids {
            self.befall(&id, event, now);
        }
    }

    /// Lets an event happen in a subscription's life: one that is removed is gone.
    pub(crate) fn befall(&mut self, id: &str, event: LifecycleEvent, now: Timestamp) {
        tell(self, id, event, now);
        if event == LifecycleEvent::SubscriptionRemoved {
            self.unsubscribe(id);
        }
    }
}

fn before(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_sub(by).unwrap_or(moment)
}
