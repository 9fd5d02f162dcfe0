//! What happens to one request.

use super::catalogue::{Effect, Fault};
use super::event;
use super::facts::Facts;
use super::rule::Armed;
use crate::error::GraphError;
use crate::graph::Target;
use crate::ids::ItemNo;
use crate::tenant::{RepeatedTransaction, Tenant};
use crate::wire::{Content, Delivery, Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

/// What the rules ordered for one request.
#[derive(Debug, Default)]
pub(crate) struct Play {
    /// What is answered instead of asking the tenant.
    pub instead: Option<Result<Response, GraphError>>,
    skew: SignedDuration,
    ending: Option<Ending>,
    mask: Option<&'static Fault>,
    repeat: bool,
    hide: Option<(u64, &'static Fault)>,
    /// The reading of `transactionId` that holds for the others.
    usual: Option<RepeatedTransaction>,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Never,
    Broken,
    Cut(Option<u64>),
    Late(Duration),
}

/// Asks the rules about a request, and lets happen in mailboxes what is to happen before it.
pub(crate) fn begin(tenant: &mut Tenant, request: &Request, target: &Target, now: Timestamp) -> Play {
    let mut play = Play::default();
    if tenant.faults.rules.is_empty() && tenant.faults.hidden.is_empty() {
        return play;
    }
    let facts = Facts::of(request, target.names(), target.owner);
    if let Some(fault) = hidden(tenant, &facts) {
        play.instead = Some(Err(error(fault)));
        return play;
    }
    let mut rules = std::mem::take(&mut tenant.faults.rules);
    for armed in &mut rules {
        if armed.happens(tenant, &facts, now) {
            tenant.faults.note(armed.fault);
            play.add(tenant, armed, request, &facts, now);
        }
        if play.instead.is_some() {
            break;
        }
    }
    tenant.faults.rules = rules;
    play
}

/// Answers a request outside of Graph, such as one for a token, under the rules.
pub(crate) fn around(
    tenant: &mut Tenant,
    request: &Request,
    now: Timestamp,
    answer: impl FnOnce(&mut Tenant, Timestamp) -> Response,
) -> Response {
    let target = Target::of(tenant, request);
    let mut play = begin(tenant, request, &target, now);
    let now = play.time(now);
    let mut response = match play.instead.take() {
        Some(Ok(response)) => response,
        Some(Err(error)) => refused(&error),
        None => answer(tenant, now),
    };
    play.end(tenant, &mut response, now);
    response
}

/// An error in the shape of the token endpoint.
fn refused(error: &GraphError) -> Response {
    let body = json!({
        "error": "temporarily_unavailable",
        "error_description": format!("AADSTS90033: A transient error has occurred. Please try again. ({})", error.message),
        "error_codes": [90033],
    });
    let mut response = Response::json(error.status, body);
    if let Some(seconds) = error.retry_after {
        response.headers.push(("retry-after", seconds.to_string()));
    }
    response
}

/// The error that a fault of the catalogue describes.
pub(super) fn error(fault: &'static Fault) -> GraphError {
    let code = fault.code.as_deref().unwrap_or("UnknownError");
    GraphError::new(fault.status.unwrap_or(500), code, fault.message.as_deref().unwrap_or_default())
}

/// The fault under which the item of a request is hidden. Each question makes it less so.
fn hidden(tenant: &mut Tenant, facts: &Facts<'_>) -> Option<&'static Fault> {
    let item: ItemNo = facts
        .names
        .iter()
        .filter_map(|name| tenant.ids.decode(name))
        .map(|id| id.item)
        .find(|item| tenant.faults.hidden.contains_key(item))?;
    let (times, fault) = tenant.faults.hidden.get_mut(&item)?;
    let fault = *fault;
    *times -= 1;
    if *times == 0 {
        tenant.faults.hidden.remove(&item);
    }
    Some(fault)
}

impl Play {
    /// The time of the server that answers.
    pub fn time(&self, now: Timestamp) -> Timestamp {
        now.checked_add(self.skew).unwrap_or(now)
    }

    fn add(
        &mut self,
        tenant: &mut Tenant,
        armed: &Armed,
        request: &Request,
        facts: &Facts<'_>,
        now: Timestamp,
    ) {
        let (fault, with) = (armed.fault, &armed.rule.with);
        let seconds = fault.number(with, "seconds").unwrap_or(0.0);
        match fault.effect {
            Effect::Refuse => {
                let mut refusal = error(fault);
                refusal.retry_after = fault.count(with, "retry_after");
                self.instead = Some(Err(refusal));
            }
            Effect::Mask => self.mask = Some(fault),
            Effect::Withhold => {
                self.instead = Some(Ok(Response::empty(504)));
                self.ending = Some(Ending::Never);
            }
            Effect::Break => {
                self.instead = Some(Ok(Response::empty(502)));
                self.ending = Some(Ending::Broken);
            }
            Effect::LoseReply => {
                let broken = fault.switch(with, "broken");
                self.ending = Some(if broken { Ending::Broken } else { Ending::Never });
            }
            Effect::Cut => self.ending = Some(Ending::Cut(fault.count(with, "bytes"))),
            Effect::Delay => {
                self.ending = Some(Ending::Late(Duration::try_from_secs_f64(seconds).unwrap_or_default()));
            }
            Effect::Skew => {
                self.skew = SignedDuration::try_from_secs_f64(seconds).unwrap_or_default();
            }
            Effect::HideAfterMove => {
                let times = fault.count(with, "times").unwrap_or(1);
                self.hide = (times > 0).then_some((times, fault));
            }
            Effect::LoseSyncState => {
                if let Some(token) = &facts.token {
                    tenant.syncs.lose(token);
                }
            }
            Effect::RepeatEntries => self.repeat = true,
            Effect::EmptyPage => self.instead = Some(Ok(empty_page(tenant, request))),
            Effect::RepeatedTransaction => {
                let name = fault.text(with, "answer").unwrap_or_default();
                if let Ok(reading) = serde_json::from_value(json!(name)) {
                    let behaviour = &mut tenant.settings.behaviour;
                    self.usual.get_or_insert(behaviour.repeated_transaction);
                    behaviour.repeated_transaction = reading;
                }
            }
            Effect::SlowPermissions => event::happen_to_all(tenant, fault),
            Effect::LoseNotification
            | Effect::RepeatNotification
            | Effect::DelayNotification
            | Effect::OvertakeNotification => {}
            Effect::Touch
            | Effect::RenameMailbox
            | Effect::RenameFolder
            | Effect::Leave
            | Effect::Return
            | Effect::MissNotifications
            | Effect::RemoveSubscriptions => {
                let named = armed.rule.mailbox.as_deref().and_then(|who| tenant.find_user(who));
                if let Some(mailbox) = named.or(facts.owner) {
                    // A rule whose new address is taken by then renames nobody; the request goes on.
                    let _ = event::happen(tenant, fault, with, mailbox, now);
                }
            }
        }
    }

    /// Does to the answer what was ordered. `now` is the time of the server that answers.
    pub fn end(self, tenant: &mut Tenant, response: &mut Response, now: Timestamp) {
        if let Some(usual) = self.usual {
            tenant.settings.behaviour.repeated_transaction = usual;
        }
        if !self.skew.is_zero() {
            response.headers.push(("date", crate::wire::http_date(now)));
        }
        if let Some((times, fault)) = self.hide.filter(|_| response.status < 300)
            && let Some(id) = response.as_json().get("id").and_then(Value::as_str)
            && let Some(id) = tenant.ids.decode(id)
        {
            tenant.faults.hidden.insert(id.item, (times, fault));
        }
        if self.repeat {
            repeat(response);
        }
        if let Some(fault) = self.mask {
            let error = error(fault);
            response.status = error.status;
            response.body =
                Content::Json(json!({ "error": { "code": error.code, "message": error.message } }));
        }
        match self.ending {
            None => {}
            Some(Ending::Never) => response.delivery = Delivery::Never,
            Some(Ending::Broken) => response.delivery = Delivery::Broken,
            // An answer that waits for somebody else has no body yet, and comes when it comes.
            Some(_) if matches!(response.delivery, Delivery::Held(_)) => {}
            Some(Ending::Late(delay)) => response.delivery = Delivery::Late(delay),
            Some(Ending::Cut(bytes)) => cut(response, bytes),
        }
    }
}

/// Lets so many bytes of an answer arrive; half of them if that is not said.
fn cut(response: &mut Response, bytes: Option<u64>) {
    let content = std::mem::replace(&mut response.body, Content::Empty);
    let (media_type, whole) = Response { body: content, ..Response::empty(200) }.into_bytes();
    let half = whole.len() / 2;
    let arriving = bytes.map_or(half, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    response.delivery = Delivery::Cut(arriving.min(whole.len().saturating_sub(1)));
    if let Some(media_type) = media_type {
        response.body = Content::Bytes { media_type, bytes: whole };
    }
}

/// Tells each entry of a page twice, the second time from the end.
fn repeat(response: &mut Response) {
    if let Content::Json(page) = &mut response.body
        && let Some(entries) = page.get_mut("value").and_then(Value::as_array_mut)
    {
        let again: Vec<Value> = entries.iter().rev().cloned().collect();
        entries.extend(again);
    }
}

/// A page without entries, from which the same link leads on.
fn empty_page(tenant: &Tenant, request: &Request) -> Response {
    let query = request.query.as_deref().unwrap_or_default();
    let link = format!("{}{}?{query}", tenant.graph_url, request.path);
    Response::json(200, json!({ "value": [], "@odata.nextLink": link }))
}
