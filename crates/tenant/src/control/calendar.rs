//! What a user does in his calendar.

use crate::calendar::CUSTOM;
use crate::calendar::meeting::{Answer, EventRef, NewEvent};
use crate::error::GraphError;
use crate::graph::{Call, require_times};
use crate::ids::MailboxNo;
use crate::mailbox::content::Recipient;
use crate::mailbox::event::{EventContent, Response as Said};
use crate::mailbox::patch::{read, take_extended};
use crate::wire::Response;
use serde_json::{Map, Value};

/// `/users/{id}/events…`.
pub fn route(call: &mut Call<'_>, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
    match (call.method.as_str(), names) {
        ("POST", []) => {
            let new = new_event(call)?;
            let from_outside = new.organizer.is_some();
            let no = call.tenant.create_event(mailbox, new, call.now)?;
            if from_outside {
                // Whoever else is invited and has a mailbox here gets the same invitation.
                call.tenant.distribute(mailbox, no, false, call.now);
            }
            Ok(call.event_answer(201, mailbox, EventRef { no, date: None }))
        }
        ("GET", [id]) => {
            let at = call.event_ref(mailbox, id)?;
            call.tenant.event(mailbox, at)?;
            Ok(call.event_answer(200, mailbox, at))
        }
        ("GET", [id, "occurrences", date]) => {
            let date =
                date.parse().map_err(|_| GraphError::bad("An occurrence is named by its first date."))?;
            let at = EventRef { date: Some(date), ..call.event_ref(mailbox, id)? };
            call.tenant.event(mailbox, at)?;
            Ok(call.event_answer(200, mailbox, at))
        }
        ("PATCH", [id]) => {
            let at = call.event_ref(mailbox, id)?;
            let mut body = call.object()?;
            let extended = take_extended(&mut body)?;
            call.tenant.change_event(mailbox, at, &body, extended, call.now)?;
            Ok(call.event_answer(200, mailbox, at))
        }
        ("DELETE", [id]) => {
            let at = call.event_ref(mailbox, id)?;
            call.tenant.delete_event(mailbox, at, call.now)?;
            Ok(Response::empty(204))
        }
        ("POST", [id, "restore"]) => {
            let at = call.named_event(mailbox, id)?;
            call.tenant.restore_event(mailbox, at.no, call.now)?;
            Ok(call.event_answer(200, mailbox, at))
        }
        ("POST", [id, "respond"]) => {
            let at = call.event_ref(mailbox, id)?;
            let body = call.object()?;
            let response = match body.get("response").and_then(Value::as_str) {
                Some("accepted") => Said::Accepted,
                Some("tentativelyAccepted") => Said::TentativelyAccepted,
                Some("declined") => Said::Declined,
                _ => {
                    return Err(GraphError::bad(
                        "'response' must be accepted, tentativelyAccepted or declined.",
                    ));
                }
            };
            let send = body.get("sendResponse").and_then(Value::as_bool).unwrap_or(true);
            let comment = body.get("comment").and_then(Value::as_str).unwrap_or_default();
            let answer = Answer { response, send, comment, proposed: None };
            call.tenant.respond(mailbox, at, answer, call.now)?;
            if call.tenant.event(mailbox, at).is_err() {
                return Ok(Response::empty(204));
            }
            Ok(call.event_answer(200, mailbox, at))
        }
        _ => Err(GraphError::new(404, "UnknownRoute", "The control API has no such operation on events.")),
    }
}

fn new_event(call: &mut Call<'_>) -> Result<NewEvent, GraphError> {
    let mut body = call.object()?;
    let extended = take_extended(&mut body)?;
    let files = body.remove("attachments");
    let attachments = match files.as_ref().and_then(Value::as_array) {
        Some(list) => {
            list.iter().map(|one| call.tenant.attachment_of(one, call.now)).collect::<Result<Vec<_>, _>>()?
        }
        None => Vec::new(),
    };
    let organizer: Option<Recipient> = match body.remove("organizer") {
        None | Some(Value::Null) => None,
        Some(Value::Object(map)) => Some(read("recipient", map)?),
        Some(_) => return Err(GraphError::bad("'organizer' must be a recipient.")),
    };
    let ical_uid = body.remove("iCalUId").and_then(|uid| uid.as_str().map(Box::from));
    let response = response(&mut body)?;
    require_times(&body)?;
    let custom = body.get("originalStartTimeZone").and_then(Value::as_str) == Some(CUSTOM);
    let mut content: EventContent = read("event", body)?;
    if custom {
        // As old desktop programs store zones: the clocks are known, the name is not.
        content.start.zone = content.start.zone.custom();
        content.end.zone = content.end.zone.custom();
    }
    Ok(NewEvent { organizer, ical_uid, response, extended, attachments, ..NewEvent::new(content) })
}

/// What the owner has answered already, where he was invited.
fn response(body: &mut Map<String, Value>) -> Result<Option<Said>, GraphError> {
    let Some(status) = body.remove("responseStatus") else { return Ok(None) };
    let value = status.get("response").cloned().unwrap_or_default();
    serde_json::from_value(value).map(Some).map_err(|error| GraphError::body("responseStatus", &error))
}
