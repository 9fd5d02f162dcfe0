//! Subscriptions to changes, and what they bring about: handshakes, notifications, lifecycle events.
//!
//! What changed is read from the logs that delta queries are read from. A mailbox that nobody watches is not even
//! noted when it changes, so that without subscriptions all this costs nothing.

mod draft;
mod handshake;
mod lifecycle;
mod notice;
mod receivers;
mod resource;
mod rich;
mod watch;

pub(crate) use draft::{Draft, Renewal};
pub(crate) use handshake::Handshake;
pub(crate) use lifecycle::LifecycleEvent;
pub(crate) use receivers::Parcel;

use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::ticks;
use crate::tenant::Tenant;
use draft::ChangeTypes;
use jiff::Timestamp;
use lifecycle::Moments;
use receivers::Receivers;
use resource::{Resource, Scope};
use rich::Certificate;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use watch::{UsersWatch, Watch};

/// How many subscriptions a mailbox bears, over all applications
/// (`concepts/outlook-change-notifications-overview.md`).
const PER_MAILBOX: usize = 1000;

/// The id of a subscription, a GUID.
pub(crate) type SubscriptionId = Arc<str>;

/// Who wants to be told of which changes, where, and until when.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Of what.
    pub resource: Resource,
    /// Which kinds of changes.
    pub changes: ChangeTypes,
    /// The application that made it.
    pub app: Box<str>,
    /// Where changes are told.
    pub notification_url: Arc<str>,
    /// Where events in the subscription's own life are told.
    pub lifecycle_url: Option<Arc<str>>,
    /// What every notification repeats, so that the receiver knows it is none of a stranger.
    pub client_state: Option<Box<str>>,
    /// `latestSupportedTlsVersion`.
    pub tls: Box<str>,
    /// `notificationUrlAppId`.
    pub url_app: Option<Box<str>>,
    /// Until when.
    pub expires: Timestamp,
    /// For whom contents are encrypted that come with notifications; `None` when none come.
    pub certificate: Option<Certificate>,
    /// Whether ids are immutable, as the creation preferred.
    pub immutable: bool,
    /// The items that fulfil the filter, if there is one: whichever enters is created, whichever leaves is deleted.
    pub matching: Option<BTreeSet<ItemNo>>,
    /// When it is to be reauthorised next.
    pub challenge: Option<Timestamp>,
}

impl Subscription {
    /// The JSON of `subscription`.
    pub fn json(&self) -> Map<String, Value> {
        let certificate = self.certificate.as_ref();
        let value = json!({
            "id": &*self.id,
            "resource": self.resource.text,
            "changeType": self.changes.text,
            "applicationId": self.app,
            "notificationUrl": &*self.notification_url,
            "lifecycleNotificationUrl": self.lifecycle_url.as_deref(),
            "notificationUrlAppId": self.url_app,
            "notificationQueryOptions": null,
            "clientState": self.client_state,
            "expirationDateTime": ticks(self.expires),
            "creatorId": self.app,
            "includeResourceData": certificate.map(|_| true),
            "latestSupportedTlsVersion": self.tls,
            "encryptionCertificate": certificate.map(|one| &*one.text),
            "encryptionCertificateId": certificate.map(|one| &one.id),
        });
        value.as_object().cloned().unwrap_or_default()
    }
}

/// All subscriptions of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    all: BTreeMap<SubscriptionId, Subscription>,
    watches: BTreeMap<MailboxNo, Watch>,
    users: UsersWatch,
    /// Watched mailboxes in which something may have changed since somebody last looked.
    touched: BTreeSet<MailboxNo>,
    receivers: Receivers,
    moments: Moments,
}

impl Subscriptions {
    /// Notes that somebody writes into a mailbox.
    pub fn touch(&mut self, mailbox: MailboxNo) {
        if !self.watches.is_empty() && self.watches.contains_key(&mailbox) {
            self.touched.insert(mailbox);
        }
    }

    /// The next moment at which something is to be told.
    pub fn deadline(&self) -> Option<Timestamp> {
        let moment = self.moments.first().map(|(at, _, _)| *at);
        [moment, self.receivers.deadline()].into_iter().flatten().min()
    }

    /// A subscription of an application.
    pub fn of(&self, app: &str, id: &str) -> Option<&Subscription> {
        self.all.get(id).filter(|subscription| *subscription.app == *app)
    }

    /// The subscriptions of an application, or all of them.
    pub fn list<'a>(&'a self, app: Option<&'a str>) -> impl Iterator<Item = &'a Subscription> {
        self.all.values().filter(move |one| app.is_none_or(|app| *one.app == *app))
    }

    /// Refuses what exists already, or is one too many for a mailbox.
    fn refuse(&self, draft: &Draft) -> Result<(), GraphError> {
        let mailbox = draft.resource.scope.mailbox();
        let same = |one: &&Subscription| {
            one.app == draft.app
                && one.resource.text == draft.resource.text
                && one.changes.same(&draft.changes)
        };
        let watch = mailbox.and_then(|mailbox| self.watches.get(&mailbox));
        let candidates = match mailbox {
            Some(_) => watch.map(|watch| &watch.subscriptions),
            None => Some(&self.users.subscriptions),
        };
        let twin = candidates.into_iter().flatten().filter_map(|id| self.all.get(id)).find(same);
        if let Some(twin) = twin {
            let message = format!("Subscription Id {} already exists for the requested combination", twin.id);
            return Err(GraphError::new(409, "Conflict", message));
        }
        if watch.is_some_and(|watch| watch.subscriptions.len() >= PER_MAILBOX) {
            return Err(GraphError::new(
                403,
                "ExtensionError",
                format!(
                    "Operation: Create; Exception: [Status Code: Forbidden; Reason: The mailbox has reached its maximum of {PER_MAILBOX} active subscriptions]"
                ),
            ));
        }
        Ok(())
    }
}

impl Tenant {
    /// Lets a subscription begin whose receivers have proved that they listen.
    fn subscribe(&mut self, draft: Draft, now: Timestamp) -> Result<SubscriptionId, GraphError> {
        self.subscriptions.refuse(&draft)?;
        // What happened before is nobody's news.
        self.tell_changes(now);
        let id: SubscriptionId = self.sequence.guid().into();
        let subscription = draft.begun(id.clone());
        let matching = notice::matching(self, &subscription, now);
        let mut subscription = Subscription { matching, ..subscription };
        let change = self.sequence.last_change();
        match subscription.resource.scope.mailbox() {
            Some(mailbox) => {
                let begin = || Watch::begin(&self.mailboxes[mailbox.0 as usize], change);
                let watch = self.subscriptions.watches.entry(mailbox).or_insert_with(begin);
                watch.subscriptions.insert(id.clone());
            }
            None => self.subscriptions.users.begin(id.clone(), &self.users_log),
        }
        lifecycle::plan(&mut self.subscriptions.moments, &mut subscription, now);
        self.subscriptions.all.insert(id.clone(), subscription);
        Ok(id)
    }

    /// Ends a subscription. What waits for its receiver is still told.
    pub(crate) fn unsubscribe(&mut self, id: &str) -> Option<Subscription> {
        let mut gone = self.subscriptions.all.remove(id)?;
        lifecycle::forget(&mut self.subscriptions.moments, &mut gone);
        match gone.resource.scope.mailbox() {
            Some(mailbox) => {
                if let Some(watch) = self.subscriptions.watches.get_mut(&mailbox) {
                    watch.subscriptions.remove(id);
                    if watch.subscriptions.is_empty() {
                        self.subscriptions.watches.remove(&mailbox);
                        self.subscriptions.touched.remove(&mailbox);
                    }
                }
            }
            None => {
                self.subscriptions.users.subscriptions.remove(id);
            }
        }
        Some(gone)
    }

    /// Changes a subscription; a longer life reauthorises it too.
    pub(crate) fn renew(&mut self, id: &str, renewal: Renewal, now: Timestamp) {
        let subscriptions = &mut self.subscriptions;
        let Some(subscription) = subscriptions.all.get_mut(id) else { return };
        if let Some(expires) = renewal.expires {
            lifecycle::forget(&mut subscriptions.moments, subscription);
            subscription.expires = expires;
            lifecycle::plan(&mut subscriptions.moments, subscription, now);
        }
        if renewal.certificate.is_some() {
            subscription.certificate = renewal.certificate;
        }
    }

    /// Tells watchers what changed since they were last told. Called whenever something may have changed.
    pub(crate) fn tell_changes(&mut self, now: Timestamp) {
        while let Some(mailbox) = self.subscriptions.touched.pop_first() {
            let change = self.sequence.last_change();
            let store = &self.mailboxes[mailbox.0 as usize];
            let Some(watch) = self.subscriptions.watches.get_mut(&mailbox) else { continue };
            let news = watch.news(store, change);
            if news.is_empty() {
                continue;
            }
            for id in watch.subscriptions.iter().cloned().collect::<Vec<_>>() {
                notice::tell(self, &id, &news, now);
            }
        }
        if self.subscriptions.users.subscriptions.is_empty() {
            return;
        }
        let news = self.subscriptions.users.news(&self.users_log);
        if !news.is_empty() {
            for id in self.subscriptions.users.subscriptions.iter().cloned().collect::<Vec<_>>() {
                notice::tell(self, &id, &news, now);
            }
        }
    }

    /// Does what is due: subscriptions end, receivers are warned, notifications leave.
    pub(crate) fn tend_subscriptions(&mut self, now: Timestamp) {
        self.tell_changes(now);
        lifecycle::tend(self, now);
        receivers::release(self, now);
    }
}

impl Scope {
    /// The mailbox whose items are watched.
    pub fn mailbox(&self) -> Option<MailboxNo> {
        match self {
            Self::Messages(mailbox, _) | Self::Events(mailbox) | Self::Contacts(mailbox, _) => Some(*mailbox),
            Self::Users(_) => None,
        }
    }
}
