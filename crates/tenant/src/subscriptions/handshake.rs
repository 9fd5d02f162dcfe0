//! The handshake with a receiver: it must echo a token before anything is sent to it
//! (`concepts/includes/change-notifications-delivery-notificationurl-validation.md`).

use super::Draft;
use crate::error::GraphError;
use crate::outbox::{Outcome, Outgoing, OutgoingNo, Purpose};
use crate::tenant::Tenant;
use crate::wire::Response;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A creation that waits for a receiver's echo.
#[derive(Debug, Clone)]
pub(crate) struct Handshake {
    draft: Draft,
    token: String,
    /// Whether the receiver of notifications has echoed, and it is the turn of that of lifecycle events.
    second: bool,
}

impl Handshake {
    /// Shakes hands with the receivers of a subscription; the answer comes when they have echoed.
    pub fn begin(tenant: &mut Tenant, draft: Draft, now: Timestamp) -> Result<Response, GraphError> {
        tenant.subscriptions.refuse(&draft)?;
        let url = draft.notification_url.clone();
        Ok(Self::send(tenant, draft, &url, false, now))
    }

    fn send(tenant: &mut Tenant, draft: Draft, url: &str, second: bool, now: Timestamp) -> Response {
        let token = format!(
            "Validation: Testing client application reachability for subscription Request-Id: {}",
            tenant.sequence.guid()
        );
        let separator = if url.contains('?') { '&' } else { '?' };
        let outgoing = Outgoing {
            number: OutgoingNo(0),
            due: now,
            url: format!("{url}{separator}validationToken={}", form_encoded(&token)),
            headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body: Bytes::new(),
            timeout: PATIENCE,
        };
        let handshake = Self { draft, token, second };
        Response::held(tenant.outbox.send(outgoing, Purpose::Handshake(Box::new(handshake))))
    }

    /// Takes notice of what a receiver answered: the subscription begins, the other receiver's turn comes, or nothing
    /// comes of it.
    pub fn echoed(
        self,
        tenant: &mut Tenant,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<Response, GraphError> {
        check(&self.token, outcome)?;
        match self.draft.lifecycle_url.clone() {
            // Both are asked, even if they are the same.
            Some(url) if !self.second => Ok(Self::send(tenant, self.draft, &url, true, now)),
            _ => {
                let id = tenant.subscribe(self.draft, now)?;
                let mut map =
                    tenant.subscriptions.all.get(&id).map(super::Subscription::json).unwrap_or_default();
                let context = format!("{}/v1.0/$metadata#subscriptions/$entity", tenant.graph_url);
                map.insert("@odata.context".to_owned(), json!(context));
                let mut response = Response::json(201, Value::Object(map));
                let place = format!("{}/v1.0/subscriptions/{id}", tenant.graph_url);
                response.headers.push(("location", place));
                Ok(response)
            }
        }
    }
}

fn check(token: &str, outcome: &Outcome) -> Result<(), GraphError> {
    let refuse = |why: &str| Err(GraphError::new(400, "ValidationError", why));
    match outcome {
        Outcome::TimedOut => refuse("Subscription validation request timed out."),
        Outcome::Failed { .. } => refuse(
            "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.",
        ),
        Outcome::Answered { status: 200, media_type, body } => {
            let plain = media_type.as_deref().is_some_and(|name| name.trim_start().starts_with("text/plain"));
            if plain && body[..] == *token.as_bytes() {
                return Ok(());
            }
            refuse(
                "Subscription validation request failed. Response must exactly match validationToken query parameter.",
            )
        }
        Outcome::Answered { status, .. } => {
            let status = http::StatusCode::from_u16(*status).ok();
            let reason = status.and_then(|status| status.canonical_reason()).unwrap_or("Unknown");
            refuse(&format!(
                "Subscription validation request failed. HTTP status code is '{}'. Notification endpoint must respond with 200 OK to validation request.",
                reason.replace(' ', "")
            ))
        }
    }
}

/// A text as the service writes it into a URL: as in a form, with `+` for spaces, which receivers must undo.
fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
