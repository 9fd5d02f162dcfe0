//! The control API: what an administrator or a user in Outlook would do, and what a test wants to know.

mod access;
mod apps;
mod calendar;
mod dump;
mod faults;
mod mail;
pub mod outgoing;
mod people;
pub mod stats;
mod subscriptions;
mod switches;
mod things;

use crate::error::GraphError;
use crate::fill;
use crate::graph::Call;
use crate::ids::MailboxNo;
use crate::tenant::Tenant;
use crate::wire::{Request, Response, unescaped};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Answers a request to the control API.
pub(crate) fn handle(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Response {
    answer(tenant, request, now).unwrap_or_else(|error| {
        Response::json(error.status, json!({ "error": { "code": error.code, "message": error.message } }))
    })
}

fn answer(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Result<Response, GraphError> {
    let names: Vec<String> =
        request.path.split('/').filter(|part| !part.is_empty()).map(|part| unescaped(part, false)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match (request.method.as_str(), &names[..]) {
        ("GET", ["health"]) => Ok(Response::json(200, json!({ "healthy": true }))),
        ("GET", ["users"]) => Ok(people::list(tenant)),
        ("POST", ["users"]) => people::add(tenant, &body(request)?, now),
        ("POST", ["populate"]) => people::populate(tenant, body(request)?, now),
        ("GET", ["stats"]) => Ok(Response::json(200, tenant.counted())),
        ("GET", ["behaviour"]) => Ok(switches::shown(&tenant.settings.behaviour)),
        ("PATCH", ["behaviour"]) => switches::set(&mut tenant.settings.behaviour, body(request)?),
        ("GET", ["limits"]) => Ok(switches::shown(&tenant.settings.limits)),
        ("PATCH", ["limits"]) => switches::set(&mut tenant.settings.limits, body(request)?),
        ("GET", ["mails"]) => Ok(Response::json(200, json!(tenant.mails))),
        ("POST", ["reset"]) => {
            tenant.reset();
            Ok(Response::empty(204))
        }
        (_, ["faults", rest @ ..]) => faults::route(tenant, request, rest, now),
        ("POST", ["outgoing"]) => outgoing::probe(tenant, request, &body(request)?, now),
        ("GET", ["subscriptions"]) => Ok(subscriptions::list(tenant)),
        ("POST", ["subscriptions", id, "lifecycle"]) => {
            subscriptions::befall(tenant, id, &body(request)?, now)
        }
        ("GET", ["fill"]) => Ok(Response::json(200, json!({ "files": tenant.filled }))),
        ("POST", ["fill"]) => {
            let body = body(request)?;
            let order = fill::Order::read(tenant, &body)?;
            let files = fill::run(tenant, &order, now)?;
            Ok(Response::json(200, json!({ "files": files })))
        }
        (_, ["apps", rest @ ..]) => apps::route(tenant, request, rest, now),
        (_, ["access-policies", rest @ ..]) => access::policies(tenant, request, rest, now),
        ("GET", ["permissions"]) => Ok(access::permissions()),
        ("PATCH" | "DELETE", ["users", user]) => {
            let no = tenant
                .find_user(user)
                .ok_or_else(|| GraphError::new(404, "UserNotFound", format!("There is no user '{user}'.")))?;
            match request.method.as_str() {
                "PATCH" => people::change(tenant, no, &body(request)?),
                _ => {
                    let order = if request.body.is_empty() { Map::new() } else { body(request)? };
                    let for_good = order.get("permanently").and_then(Value::as_bool).unwrap_or(false);
                    Ok(people::remove(tenant, no, for_good))
                }
            }
        }
        (_, ["users", user, rest @ ..]) => {
            let mailbox = tenant
                .find_user(user)
                .ok_or_else(|| GraphError::new(404, "UserNotFound", format!("There is no user '{user}'.")))?;
            in_mailbox(tenant, request, mailbox, rest, now)
        }
        _ => Err(unknown(request)),
    }
}

fn in_mailbox(
    tenant: &mut Tenant,
    request: &Request,
    mailbox: MailboxNo,
    names: &[&str],
    now: Timestamp,
) -> Result<Response, GraphError> {
    let mut call = Call::of_user(tenant, request, now);
    match (request.method.as_str(), names) {
        ("GET", ["dump"]) => Ok(dump::of(&call, mailbox, request.query.as_deref())),
        (_, ["messages", rest @ ..]) => mail::route(&mut call, mailbox, rest),
        (_, ["events", rest @ ..]) => calendar::route(&mut call, mailbox, rest),
        (_, ["tasks", rest @ ..]) => things::tasks(&mut call, mailbox, rest),
        (_, ["contacts", rest @ ..]) => things::contacts(&mut call, mailbox, rest),
        _ => Err(unknown(request)),
    }
}

fn body(request: &Request) -> Result<Map<String, Value>, GraphError> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(GraphError::bad("The body must be a JSON object.")),
        Err(error) => Err(GraphError::bad(format!("The body is no JSON: {error}."))),
    }
}

fn unknown(request: &Request) -> GraphError {
    GraphError::new(
        404,
        "UnknownRoute",
        format!("The control API has no {} {}.", request.method, request.path),
    )
}
