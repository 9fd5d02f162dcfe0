//! Subscriptions, as the service sees them.

use crate::error::GraphError;
use crate::subscriptions::LifecycleEvent;
use crate::tenant::Tenant;
use crate::wire::Response;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// All subscriptions, of whatever application.
pub fn list(tenant: &Tenant) -> Response {
    let all = tenant.subscriptions.list(None).map(|one| Value::Object(one.json()));
    Response::json(200, all.collect())
}

/// Lets an event happen in a subscription's life.
pub fn befall(
    tenant: &mut Tenant,
    id: &str,
    body: &Map<String, Value>,
    now: Timestamp,
) -> Result<Response, GraphError> {
    let name = body.get("event").and_then(Value::as_str).unwrap_or_default();
    let event = LifecycleEvent::named(name)
        .ok_or_else(|| GraphError::bad(format!("'{name}' is no event in a subscription's life.")))?;
    if !tenant.subscriptions.list(None).any(|one| *one.id == *id) {
        return Err(GraphError::new(
            404,
            "SubscriptionNotFound",
            format!("There is no subscription '{id}'."),
        ));
    }
    tenant.befall(id, event, now);
    Ok(Response::empty(204))
}
