//! Faults: the catalogue, the rules, and what is to happen now.

use super::body;
use crate::error::GraphError;
use crate::faults::{FaultError, FaultRule};
use crate::tenant::Tenant;
use crate::wire::{Request, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// `/faults…`.
pub fn route(
    tenant: &mut Tenant,
    request: &Request,
    names: &[&str],
    now: Timestamp,
) -> Result<Response, GraphError> {
    match (request.method.as_str(), names) {
        ("GET", []) => Ok(Response::json(200, tenant.faults.shown())),
        ("POST", []) => {
            let rule: FaultRule = serde_json::from_value(Value::Object(body(request)?))
                .map_err(|error| GraphError::bad(format!("The rule cannot be read: {error}.")))?;
            let id = tenant.arm(rule).map_err(|error| refusal(&error))?;
            Ok(Response::json(201, json!({ "id": id })))
        }
        ("POST", [fault, "play"]) => {
            let body = if request.body.is_empty() { Map::new() } else { body(request)? };
            let mailbox = body.get("mailbox").and_then(Value::as_str).unwrap_or_default();
            let with = body.get("with").and_then(Value::as_object).cloned().unwrap_or_default();
            tenant.play(fault, mailbox, &with, now).map_err(|error| refusal(&error))?;
            Ok(Response::empty(204))
        }
        ("DELETE", []) => {
            tenant.faults.disarm_all();
            Ok(Response::empty(204))
        }
        ("DELETE", [id]) => match id.parse() {
            Ok(id) if tenant.faults.disarm(id) => Ok(Response::empty(204)),
            _ => Err(GraphError::new(404, "UnknownRule", format!("There is no rule '{id}'."))),
        },
        _ => Err(super::unknown(request)),
    }
}

fn refusal(error: &FaultError) -> GraphError {
    match error {
        FaultError::Unknown(_) | FaultError::Mailbox { .. } => GraphError::new(404, "UnknownFault", error),
        FaultError::Taken(_) => GraphError::new(409, "UserExists", error),
        _ => GraphError::bad(error),
    }
}
