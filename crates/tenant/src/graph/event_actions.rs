//! What is done with an event beyond reading and writing it: answers, forwarding, reminders.

use super::{Call, render};
use crate::calendar::WallTime;
use crate::calendar::meeting::{Answer, EventRef};
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::content::Recipient;
use crate::mailbox::event::Response as Said;
use crate::wire::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `timeSlot`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeSlot {
    start: WallTime,
    end: WallTime,
}

impl Call<'_> {
    /// One of the actions of an event.
    pub(super) fn event_action(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        name: &str,
    ) -> Result<Response, GraphError> {
        let body = self.parameters()?;
        match name {
            "forward" => {
                let to: Vec<Recipient> = read("recipient", body.get("toRecipients"))?.unwrap_or_default();
                self.tenant.forward(mailbox, at, &to, text(&body, "comment"), self.now)?;
                Ok(Response::empty(202))
            }
            "dismissReminder" => {
                self.tenant.dismiss_reminder(mailbox, at, self.now)?;
                Ok(Response::empty(200))
            }
            "snoozeReminder" => {
                let until: Option<WallTime> = read("dateTimeTimeZone", body.get("newReminderTime"))?;
                if until.is_none() {
                    return Err(GraphError::invalid("The parameter 'newReminderTime' is required."));
                }
                self.tenant.snooze_reminder(mailbox, at, self.now)?;
                Ok(Response::empty(200))
            }
            _ => self.answer_event(mailbox, at, name, &body),
        }
    }

    fn answer_event(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        name: &str,
        body: &Map<String, Value>,
    ) -> Result<Response, GraphError> {
        let response = match name {
            "accept" => Said::Accepted,
            "decline" => Said::Declined,
            _ => Said::TentativelyAccepted,
        };
        let slot: Option<TimeSlot> = read("timeSlot", body.get("proposedNewTime"))?;
        if slot.is_some() && response == Said::Accepted {
            return Err(GraphError::bad("The parameter 'proposedNewTime' does not belong to 'accept'."));
        }
        let proposed = slot.map(|slot| json!({ "start": slot.start.json(), "end": slot.end.json() }));
        let answer = Answer {
            response,
            send: body.get("sendResponse").and_then(Value::as_bool).unwrap_or(true),
            comment: text(body, "comment"),
            proposed: proposed.as_ref(),
        };
        self.tenant.respond(mailbox, at, answer, self.now)?;
        Ok(Response::empty(202))
    }

    /// The parameters of an action. Their names may begin with capitals, as in the examples of the documents.
    pub(super) fn parameters(&self) -> Result<Map<String, Value>, GraphError> {
        Ok(render::object(lowered(Value::Object(self.optional_object()?))))
    }
}

/// A parameter that is a text; empty when it is missing.
pub(super) fn text<'a>(body: &'a Map<String, Value>, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn read<T: serde::de::DeserializeOwned>(
    resource: &str,
    value: Option<&Value>,
) -> Result<Option<T>, GraphError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|error| GraphError::body(resource, &error)),
    }
}

fn lowered(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let mut letters = name.chars();
                    let first = letters.next().map(|first| first.to_ascii_lowercase());
                    (first.into_iter().chain(letters).collect(), lowered(value))
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(lowered).collect()),
        other => other,
    }
}
