//! A try of whether a receiver of notifications can be reached.

use crate::error::GraphError;
use crate::graph::Trace;
use crate::outbox::{Outcome, Outgoing, OutgoingNo, Purpose};
use crate::tenant::Tenant;
use crate::wire::{Request, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long a receiver has; as long as it would have for a notification's handshake.
const TIMEOUT: Duration = Duration::from_secs(10);

/// `POST /outgoing`: sends a text to a URL, and answers once that has answered.
pub fn probe(
    tenant: &mut Tenant,
    request: &Request,
    body: &Map<String, Value>,
    now: Timestamp,
) -> Result<Response, GraphError> {
    let url = body
        .get("url")
        .and_then(Value::as_str)
        .ok_or_else(|| GraphError::bad("Say where to send to, as 'url'."))?;
    let text = body.get("body").and_then(Value::as_str).unwrap_or_default();
    let outgoing = Outgoing {
        number: OutgoingNo(0),
        due: now,
        url: url.to_owned(),
        headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
        body: text.to_owned().into(),
        timeout: TIMEOUT,
    };
    let response = Response::held(tenant.outbox.send(outgoing, Purpose::Probe));
    let trace = Trace::of(tenant, request);
    tenant.outbox.hold(&response, &trace);
    Ok(response)
}

/// What the receiver answered.
pub fn probed(outcome: &Outcome) -> Response {
    let answer = match outcome {
        Outcome::Answered { status, media_type, body } => json!({
            "status": status,
            "contentType": media_type,
            "body": String::from_utf8_lossy(body),
        }),
        Outcome::TimedOut => json!({ "status": null, "failed": "no answer in time" }),
        Outcome::Failed { why } => json!({ "status": null, "failed": why }),
    };
    Response::json(200, answer)
}
