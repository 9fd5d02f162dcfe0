//! `/clock` of the control API: the only part of it that the shell answers itself, for the tenant has no clock.

use super::clock::ClockMode;
use super::site::Site;
use crate::error::GraphError;
use crate::wire::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// Answers `GET` and `POST /clock`; `None` for all other paths.
pub fn answer(site: &Site, request: &Request) -> Option<Response> {
    if request.path.trim_end_matches('/') != "/clock" {
        return None;
    }
    let outcome = match request.method.as_str() {
        "GET" => Ok(()),
        "POST" => turn(site, request),
        other => Err(GraphError::new(405, "MethodNotAllowed", format!("A clock knows no {other}."))),
    };
    Some(match outcome {
        Ok(()) => Response::json(200, shown(site)),
        Err(error) => {
            Response::json(error.status, json!({ "error": { "code": error.code, "message": error.message } }))
        }
    })
}

fn shown(site: &Site) -> Value {
    let (mode, offset) = match site.clock.mode() {
        ClockMode::Real { offset } => ("real", Some(offset.to_string())),
        ClockMode::Virtual { .. } => ("virtual", None),
    };
    json!({
        "mode": mode,
        "now": site.clock.now().to_string(),
        "offset": offset,
        "deadline": site.deadline().map(|deadline| deadline.to_string()),
    })
}

/// Moves the clock, or lets it run in another way.
fn turn(site: &Site, request: &Request) -> Result<(), GraphError> {
    let body: Map<String, Value> = serde_json::from_slice(&request.body)
        .map_err(|error| GraphError::bad(format!("The body is no JSON object: {error}.")))?;
    if let Some(name) =
        body.keys().find(|name| !["mode", "set", "advance", "offset", "to"].contains(&name.as_str()))
    {
        return Err(GraphError::bad(format!("A clock knows no '{name}'.")));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let now = site.clock.now();
    let machine = Timestamp::now();
    let mut mode = match (text("mode"), site.clock.mode()) {
        (None, mode) => mode,
        (Some("real"), ClockMode::Real { offset }) => ClockMode::Real { offset },
        (Some("real"), ClockMode::Virtual { .. }) => ClockMode::default(),
        (Some("virtual"), _) => ClockMode::Virtual { now },
        (Some(other), _) => {
            return Err(GraphError::bad(format!("'{other}' is no mode of a clock: 'real' or 'virtual'.")));
        }
    };
    if let Some(offset) = text("offset") {
        mode = match mode {
            ClockMode::Real { .. } => ClockMode::Real { offset: duration("offset", offset)? },
            ClockMode::Virtual { .. } => {
                return Err(GraphError::bad("A virtual clock has no offset: say 'set' or 'advance'."));
            }
        };
    }
    let target = match (text("set"), text("advance"), text("to")) {
        (None, None, None) => None,
        (Some(set), None, None) => {
            let instant = set.parse();
            Some(instant.map_err(|error| GraphError::bad(format!("'set' is no instant: {error}.")))?)
        }
        (None, Some(by), None) => {
            let moved = now.checked_add(duration("advance", by)?);
            Some(moved.map_err(|error| GraphError::bad(format!("'advance' leads too far: {error}.")))?)
        }
        // Without anything to come, the clock stays.
        (None, None, Some("deadline")) => Some(site.deadline().unwrap_or(now).max(now)),
        (None, None, Some(other)) => return Err(GraphError::bad(format!("There is no moment '{other}'."))),
        _ => return Err(GraphError::bad("Say one of 'set', 'advance' and 'to'.")),
    };
    if let Some(target) = target {
        mode = match mode {
            ClockMode::Real { .. } => ClockMode::Real { offset: target.duration_since(machine) },
            ClockMode::Virtual { .. } => ClockMode::Virtual { now: target },
        };
    }
    site.clock.set(mode);
    Ok(())
}

fn duration(name: &str, text: &str) -> Result<SignedDuration, GraphError> {
    text.parse().map_err(|error| {
        GraphError::bad(format!("'{name}' is no ISO 8601 duration such as PT10M or -PT5S: {error}."))
    })
}
