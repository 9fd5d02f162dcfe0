//! A receiver of notifications, as the connector's push intake is one: what arrives marks a mailbox as due.

use crate::hands::address;
use crate::sides::Sides;
use crate::stage::PEOPLE;
use crate::wire::GRAPH;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_outside::Clock;
use tandem_tenant::{Content, Outcome, Request};

/// Subscribes to everybody's appointments and messages. What is refused is left: push is a hint.
pub fn subscribe(sides: &Sides) {
    let Some(token) = token(sides) else { return };
    for who in 0..PEOPLE.len() {
        for collection in ["events", "messages"] {
            let body = json!({
                "changeType": "created,updated,deleted",
                "notificationUrl": format!("https://push.sim/{who}"),
                "lifecycleNotificationUrl": format!("https://push.sim/{who}"),
                "resource": format!("/users/{}/{collection}", address(who)),
                "expirationDateTime": "2026-03-14T06:00:00Z",
                "clientState": "world",
            });
            ask(
                sides,
                "POST",
                "/v1.0/subscriptions",
                Some(&token),
                "application/json",
                body.to_string().into(),
            );
            receive(sides);
        }
    }
}

/// Takes what the tenant sends by now. Answers whose mailboxes are due.
pub fn receive(sides: &Sides) -> BTreeSet<usize> {
    let mut due = BTreeSet::new();
    let now = sides.time.now();
    let mut tenant = sides.tenant();
    // What is answered may make more due; a notification that is never taken ends the wait.
    for _ in 0..20 {
        let sent = tenant.due(now);
        if sent.is_empty() {
            break;
        }
        for outgoing in sent {
            let token = outgoing.url.split_once("validationToken=").map(|(_, token)| token.to_owned());
            if token.is_none() {
                let who: Option<usize> =
                    outgoing.url.strip_prefix("https://push.sim/").and_then(|who| who.parse().ok());
                due.extend(who);
                sides
                    .book
                    .line(|| format!("push  {who:?} {}", String::from_utf8_lossy(&outgoing.body).len()));
            }
            let body = token.map(|token| Bytes::from(decoded(&token))).unwrap_or_default();
            let status = if body.is_empty() { 202 } else { 200 };
            let answer = Outcome::Answered { status, media_type: Some("text/plain".to_owned()), body };
            tenant.delivered(outgoing.number, answer, now);
        }
    }
    due
}

fn token(sides: &Sides) -> Option<String> {
    let (path, form) = {
        let tenant = sides.tenant();
        let form = format!(
            "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_id={}&client_secret={}",
            tenant.client_id(),
            tenant.client_secret()
        );
        (format!("/{}/oauth2/v2.0/token", tenant.tenant_id()), form)
    };
    let answer = ask(sides, "POST", &path, None, "application/x-www-form-urlencoded", form.into());
    answer["access_token"].as_str().map(str::to_owned)
}

fn ask(sides: &Sides, method: &str, path: &str, token: Option<&str>, media: &str, body: Bytes) -> Value {
    let mut headers =
        vec![("content-type".to_owned(), media.to_owned()), ("host".to_owned(), GRAPH.to_owned())];
    headers.extend(token.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
    let request =
        Request { method: method.to_owned(), path: path.to_owned(), headers, body, ..Request::default() };
    let now = sides.time.now();
    match sides.tenant().handle(&request, now).body {
        Content::Json(value) => value,
        _ => Value::Null,
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let text = String::from_utf8_lossy(&digits);
                bytes.extend(u8::from_str_radix(&text, 16));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
