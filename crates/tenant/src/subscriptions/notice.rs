//! Notifications of changes, as receivers get them.

use super::receivers::{Notice, later, usual};
use super::watch::{ChangeKind, Changed, News};
use super::{LifecycleEvent, Scope, Subscription, rich};
use crate::calendar::meeting::EventRef;
use crate::graph::{Call, Query};
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::mailbox::content::ticks;
use crate::tenant::Tenant;
use crate::wire::Request;
use crate::{access, faults};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Tells a subscription's receiver what concerns it of some changes.
pub fn tell(tenant: &mut Tenant, id: &str, news: &[News], now: Timestamp) {
    let Some(subscription) = tenant.subscriptions.all.get(id) else { return };
    let scope = subscription.resource.scope;
    let news: Vec<News> = news.iter().filter(|one| scope.covers(one)).copied().collect();
    if news.is_empty() {
        return;
    }
    if !access::still_reads(tenant, &subscription.app, &subscription.resource.text, now) {
        tenant.befall(id, LifecycleEvent::SubscriptionRemoved, now);
        return;
    }
    let Some(subscription) = tenant.subscriptions.all.get(id) else { return };
    let (query, immutable) = (subscription.resource.query.clone(), subscription.immutable);
    let mut told = Vec::new();
    let mut matching = subscription.matching.clone();
    let call = Watcher::new(tenant, scope, query, immutable, now);
    for one in news {
        let seen = call.see(&one);
        if let Some(kind) = filtered(&call, matching.as_mut(), &one, seen.content.as_ref()) {
            told.push((kind, seen));
        }
    }
    let Some(subscription) = tenant.subscriptions.all.get_mut(id) else { return };
    subscription.matching = matching;
    told.retain(|(kind, _)| subscription.changes.include(*kind));
    for (kind, seen) in told {
        queue(tenant, id, kind, seen, now);
    }
}

/// The items that fulfil a subscription's filter when it begins; `None` when it has none.
pub fn matching(
    tenant: &mut Tenant,
    subscription: &Subscription,
    now: Timestamp,
) -> Option<BTreeSet<ItemNo>> {
    subscription.resource.query.filter.as_ref()?;
    let scope = subscription.resource.scope;
    let query = subscription.resource.query.clone();
    let call = Watcher::new(tenant, scope, query, subscription.immutable, now);
    let present = call.present();
    let holds = |item: &Changed| {
        let seen = call.see(&News { item: *item, kind: ChangeKind::Updated });
        seen.content.is_some_and(|content| call.holds(content))
    };
    Some(present.iter().filter(|item| holds(item)).filter_map(number).collect())
}

/// What a change is to a subscription with a filter: whatever enters the filter is created, whatever leaves it is
/// deleted (`concepts/outlook-change-notifications-overview.md`).
fn filtered(
    call: &Watcher<'_>,
    matching: Option<&mut BTreeSet<ItemNo>>,
    news: &News,
    content: Option<&Map<String, Value>>,
) -> Option<ChangeKind> {
    let Some((matching, no)) = matching.zip(number(&news.item)) else { return Some(news.kind) };
    let holds = content.is_some_and(|content| call.holds(content.clone()));
    match (if holds { !matching.insert(no) } else { matching.remove(&no) }, holds) {
        (true, true) => Some(news.kind),
        (false, true) => Some(ChangeKind::Created),
        (true, false) => Some(ChangeKind::Deleted),
        (false, false) => None,
    }
}

fn number(item: &Changed) -> Option<ItemNo> {
    match item {
        Changed::Message { no, .. } | Changed::Contact { no, .. } | Changed::Event { no, date: None } => {
            Some(*no)
        }
        Changed::Event { .. } | Changed::User(_) => None,
    }
}

/// A changed item, as a subscription sees it.
struct Seen {
    id: String,
    etag: Option<String>,
    /// Its properties, when somebody wants to look at them.
    content: Option<Map<String, Value>>,
}

/// The eyes of a subscription.
struct Watcher<'a> {
    call: Call<'a>,
    scope: Scope,
    mailbox: MailboxNo,
    /// Whether contents are looked at, or ids only.
    whole: bool,
}

impl<'a> Watcher<'a> {
    fn new(tenant: &'a mut Tenant, scope: Scope, query: Query, immutable: bool, now: Timestamp) -> Self {
        let whole = query.select.is_some() || query.filter.is_some();
        let mut call = Call::of_user(tenant, &Request::default(), now);
        call.prefer.immutable = immutable;
        call.query = query;
        Self { call, scope, mailbox: scope.mailbox().unwrap_or(MailboxNo(u32::MAX)), whole }
    }

    fn see(&self, news: &News) -> Seen {
        let (call, mailbox) = (&self.call, self.mailbox);
        let id = |kind, item, moves: u32| {
            let moves = (!call.prefer.immutable).then_some(moves);
            call.tenant.ids.encode(ItemId { kind, mailbox, item, day: 0, moves })
        };
        let there = news.kind != ChangeKind::Deleted;
        match news.item {
            Changed::Message { no, moves, .. } => {
                let message = call.tenant.mailbox(mailbox).messages.get(&no).filter(|_| there);
                Seen {
                    id: id(Kind::Message, no, moves),
                    etag: message.map(|message| message.stamp.etag()),
                    content: message.filter(|_| self.whole).map(|message| call.message(mailbox, message)),
                }
            }
            Changed::Contact { no, .. } => {
                let contact = call.tenant.mailbox(mailbox).contacts.get(&no).filter(|_| there);
                Seen {
                    id: id(Kind::Contact, no, 0),
                    etag: contact.map(|contact| contact.stamp.etag()),
                    content: contact.filter(|_| self.whole).map(|contact| call.contact(mailbox, contact)),
                }
            }
            Changed::Event { no, date } => {
                let event = call.tenant.mailbox(mailbox).events.get(&no).filter(|_| there);
                let exception = event.zip(date).and_then(|(event, date)| event.exceptions.get(&date));
                let stamp = exception.map(|one| one.stamp).or(event.map(|event| event.stamp));
                Seen {
                    id: call.event_id(mailbox, EventRef { no, date }),
                    etag: stamp.map(|stamp| stamp.etag()),
                    content: event.filter(|_| self.whole).map(|event| call.event_json(mailbox, event, date)),
                }
            }
            Changed::User(user) => {
                let user =
                    call.tenant.mailboxes.get(user.0 as usize).map(|mailbox| mailbox.user.id.to_string());
                Seen { id: user.unwrap_or_default(), etag: None, content: None }
            }
        }
    }

    /// All items that are watched.
    fn present(&self) -> Vec<Changed> {
        let Some(store) = self.call.tenant.mailboxes.get(self.mailbox.0 as usize) else { return Vec::new() };
        match self.scope {
            Scope::Messages(_, folder) => store
                .messages
                .values()
                .filter(|message| folder.is_none_or(|folder| folder == message.folder))
                .map(|one| Changed::Message { no: one.no, folder: one.folder, moves: one.moves })
                .collect(),
            Scope::Contacts(_, folder) => store
                .contacts
                .values()
                .filter(|contact| folder.is_none_or(|folder| folder == contact.folder))
                .map(|one| Changed::Contact { no: one.no, folder: one.folder })
                .collect(),
            Scope::Events(_) => {
                store.events.keys().map(|no| Changed::Event { no: *no, date: None }).collect()
            }
            Scope::Users(_) => Vec::new(),
        }
    }

    fn holds(&self, content: Map<String, Value>) -> bool {
        self.call.query.filter.as_ref().is_none_or(|filter| filter.holds(&Value::Object(content)))
    }
}

/// Puts a notification into its receiver's queue.
fn queue(tenant: &mut Tenant, id: &str, kind: ChangeKind, seen: Seen, now: Timestamp) {
    let Some(subscription) = tenant.subscriptions.all.get(id) else { return };
    let scope = subscription.resource.scope;
    let certificate = subscription.certificate.clone();
    let (type_name, collection) = scope.names();
    let user = scope.mailbox().map(|mailbox| tenant.mailbox(mailbox).user.id.clone());
    let place = match (&user, &certificate) {
        (None, _) => format!("Users/{}", seen.id),
        (Some(user), None) => format!("Users/{user}/{collection}/{}", seen.id),
        (Some(user), Some(_)) => format!("Users('{user}')/{}('{}')", collection.to_lowercase(), seen.id),
    };
    let type_name = match certificate {
        Some(_) => format!("#microsoft.graph.{}", type_name.to_lowercase()),
        None => format!("#Microsoft.Graph.{type_name}"),
    };
    let mut data = json!({ "@odata.type": type_name, "@odata.id": place, "id": seen.id });
    if let Some(etag) = seen.etag {
        data["@odata.etag"] = json!(etag);
    }
    let mut body = json!({
        "subscriptionId": &*subscription.id,
        "subscriptionExpirationDateTime": ticks(subscription.expires),
        "changeType": kind.name(),
        "resource": place,
        "resourceData": data,
        "clientState": subscription.client_state,
        "tenantId": tenant.tenant_id,
    });
    let url = subscription.notification_url.clone();
    let selected = subscription.resource.query.select.clone();
    let proof_for = certificate.as_ref().map(|_| subscription.app.clone());
    let subscription = subscription.id.clone();
    if let Some((certificate, content)) = certificate.zip(seen.content) {
        let content = rich::selected(content, selected.as_deref().unwrap_or_default());
        body["encryptedContent"] = json!(certificate.encrypted(&content, &mut tenant.sequence));
    }
    let notice = Notice { subscription, proof_for, lifecycle: false, body };
    send(tenant, scope, &url, notice, now);
}

/// Lets a notification leave, unless the faults in force want it otherwise.
fn send(tenant: &mut Tenant, scope: Scope, url: &Arc<str>, notice: Notice, now: Timestamp) {
    let fate = faults::fate(tenant, scope.resource(), scope.mailbox(), now);
    if fate.lost {
        return;
    }
    let due = usual(tenant, now);
    let receivers = &mut tenant.subscriptions.receivers;
    if let Some(after) = fate.again {
        receivers.postpone(url, notice.clone(), later(due, after));
    }
    if !fate.late.is_zero() {
        receivers.postpone(url, notice, later(due, fate.late));
    } else if let Some(most) = fate.overtaken {
        receivers.let_overtake(url, notice, later(due, most));
    } else {
        receivers.queue(url, notice, due);
    }
}
