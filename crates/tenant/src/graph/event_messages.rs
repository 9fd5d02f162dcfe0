//! Messages about meetings, as Graph shows them.

use super::{Call, render};
use crate::calendar::meeting::EventRef;
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::meeting_message::{MeetingMessage, Purpose};
use crate::wire::Response;
use serde_json::{Map, Value, json};

/// The navigation property that leads from a message to the event; only derived types have it.
const EVENT: &str = "microsoft.graph.eventMessage/event";

impl Call<'_> {
    /// Adds to the JSON of a message what it says about a meeting.
    pub(super) fn add_meeting(
        &self,
        map: &mut Map<String, Value>,
        mailbox: MailboxNo,
        meeting: &MeetingMessage,
    ) {
        map.extend(render::object(json!({
            "@odata.type": meeting.odata_type(),
            "meetingMessageType": meeting.kind(),
            "type": meeting.event_type,
            "isDelegated": false,
            "isAllDay": meeting.is_all_day,
            "startDateTime": self.wall(&meeting.start, meeting.is_all_day),
            "endDateTime": self.wall(&meeting.end, meeting.is_all_day),
            "location": meeting.location,
            "recurrence": meeting.recurrence,
        })));
        match &meeting.purpose {
            Purpose::Request { kind, response_requested, allow_new_time_proposals, previous } => {
                let wall = |time| self.wall(time, meeting.is_all_day);
                map.extend(render::object(json!({
                    "meetingRequestType": kind,
                    "responseRequested": response_requested,
                    "allowNewTimeProposals": allow_new_time_proposals,
                    "previousStartDateTime": previous.start.as_ref().map(wall),
                    "previousEndDateTime": previous.end.as_ref().map(wall),
                    "previousLocation": previous.location,
                })));
            }
            Purpose::Cancellation => {}
            Purpose::Response { response, proposed_new_time } => {
                map.insert("responseType".to_owned(), json!(response));
                map.insert("proposedNewTime".to_owned(), json!(proposed_new_time));
            }
        }
        if self.query.expanded(EVENT).is_some() || self.query.expanded("event").is_some() {
            let event = self.event_of(mailbox, meeting).and_then(|at| {
                let event = self.tenant.event(mailbox, at).ok()?;
                Some(Value::Object(self.event_json(mailbox, event, at.date)))
            });
            map.insert("event".to_owned(), event.unwrap_or_default());
        }
    }

    /// The event that a message is about, in the calendar of its reader; 404 when it is not there, or no longer.
    pub(super) fn event_of_message(&self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let meeting =
            self.tenant.mailbox(mailbox).messages.get(&no).and_then(|message| message.meeting.as_deref());
        let meeting = meeting.ok_or_else(GraphError::not_found)?;
        let at = self.event_of(mailbox, meeting).ok_or_else(GraphError::not_found)?;
        Ok(self.event_answer(200, mailbox, at))
    }

    fn event_of(&self, mailbox: MailboxNo, meeting: &MeetingMessage) -> Option<EventRef> {
        self.tenant.copy_of(mailbox, &meeting.ical_uid, meeting.date)
    }
}
