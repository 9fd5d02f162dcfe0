//! What a message says about a meeting: `eventMessage` and what derives from it.

use super::event::{Location, Response};
use crate::calendar::{Recurrence, WallTime};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The meeting of a message.
#[derive(Debug, Clone)]
pub struct MeetingMessage {
    /// Which meeting: by it the event in the calendar of the reader is found.
    pub ical_uid: Box<str>,
    /// Which occurrence, if it is about one.
    pub date: Option<Date>,
    /// `type` of the event: single, series or exception.
    pub event_type: &'static str,
    /// When it begins.
    pub start: WallTime,
    /// When it ends.
    pub end: WallTime,
    /// Whether it lasts whole days.
    pub is_all_day: bool,
    /// Where it takes place.
    pub location: Location,
    /// On which days.
    pub recurrence: Option<Recurrence>,
    /// What the sender wants.
    pub purpose: Purpose,
}

/// Why a message about a meeting was sent.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// `eventMessageRequest`: an invitation or an update.
    Request {
        /// How much of it is new.
        kind: RequestKind,
        /// Whether an answer is wanted.
        response_requested: bool,
        /// Whether other times may be proposed.
        allow_new_time_proposals: bool,
        /// When and where it was to be before, if that changed.
        previous: Box<Previous>,
    },
    /// The meeting was called off.
    Cancellation,
    /// `eventMessageResponse`: an answer.
    Response {
        /// Which one.
        response: Response,
        /// `timeSlot` that would suit better.
        proposed_new_time: Option<Value>,
    },
}

/// What an update changed.
#[derive(Debug, Clone, Default)]
pub struct Previous {
    /// When it began.
    pub start: Option<WallTime>,
    /// When it ended.
    pub end: Option<WallTime>,
    /// Where it took place.
    pub location: Option<Location>,
}

/// `meetingRequestType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RequestKind {
    /// Never seen before.
    NewMeetingRequest,
    /// Moved: the answers of before no longer count.
    FullUpdate,
    /// Something else changed.
    InformationalUpdate,
}

/// What somebody tells of a message about a meeting that arrives from elsewhere.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ToldMeeting {
    meeting_message_type: ToldKind,
    #[serde(rename = "iCalUId", default)]
    ical_uid: Box<str>,
    start_date_time: WallTime,
    #[serde(default)]
    end_date_time: Option<WallTime>,
    #[serde(default)]
    location: Location,
    #[serde(default)]
    is_all_day: bool,
}

/// `meetingMessageType`, in Graph's spelling and in the right one.
#[derive(Debug, Clone, Copy, Deserialize)]
enum ToldKind {
    #[serde(rename = "meetingRequest")]
    Request,
    #[serde(rename = "meetingCancelled")]
    Cancelled,
    #[serde(rename = "meetingAccepted")]
    Accepted,
    #[serde(rename = "meetingTenativelyAccepted", alias = "meetingTentativelyAccepted")]
    TentativelyAccepted,
    #[serde(rename = "meetingDeclined")]
    Declined,
}

impl From<ToldMeeting> for MeetingMessage {
    fn from(told: ToldMeeting) -> Self {
        let answer = |response| Purpose::Response { response, proposed_new_time: None };
        Self {
            ical_uid: told.ical_uid,
            date: None,
            event_type: "singleInstance",
            end: told.end_date_time.unwrap_or_else(|| told.start_date_time.clone()),
            start: told.start_date_time,
            is_all_day: told.is_all_day,
            location: told.location,
            recurrence: None,
            purpose: match told.meeting_message_type {
                ToldKind::Request => Purpose::Request {
                    kind: RequestKind::NewMeetingRequest,
                    response_requested: true,
                    allow_new_time_proposals: true,
                    previous: Box::default(),
                },
                ToldKind::Cancelled => Purpose::Cancellation,
                ToldKind::Accepted => answer(Response::Accepted),
                ToldKind::TentativelyAccepted => answer(Response::TentativelyAccepted),
                ToldKind::Declined => answer(Response::Declined),
            },
        }
    }
}

impl MeetingMessage {
    /// The type that Graph gives the message.
    pub fn odata_type(&self) -> &'static str {
        match self.purpose {
            Purpose::Request { .. } => "#microsoft.graph.eventMessageRequest",
            Purpose::Cancellation => "#microsoft.graph.eventMessage",
            Purpose::Response { .. } => "#microsoft.graph.eventMessageResponse",
        }
    }

    /// `meetingMessageType`.
    pub fn kind(&self) -> &'static str {
        match self.purpose {
            Purpose::Request { .. } => "meetingRequest",
            Purpose::Cancellation => "meetingCancelled",
            Purpose::Response { response: Response::Accepted, .. } => "meetingAccepted",
            Purpose::Response { response: Response::Declined, .. } => "meetingDeclined",
            // Misspelt in Graph's own metadata, and so in every client that is made from it.
            Purpose::Response { .. } => "meetingTenativelyAccepted",
        }
    }
}
