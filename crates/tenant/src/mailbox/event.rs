//! Events: single ones and series with their exceptions.

use super::content::{Attachment, Body, EmailAddress, ExtendedProperty, Importance, Recipient, Stamp};
use super::extensions::Extensions;
use crate::calendar::{Recurrence, WallTime};
use crate::ids::ItemNo;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A single event or a series, in one mailbox.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its number.
    pub no: ItemNo,
    /// The calendar it stands in.
    pub calendar: ItemNo,
    /// When it was made and changed.
    pub stamp: Stamp,
    /// Shared by the copies of all attendees.
    pub ical_uid: Box<str>,
    /// The series, of someone who was invited to one of its occurrences only.
    pub lone: Option<Box<Lone>>,
    /// Who called the meeting; the owner of the mailbox when `is_organizer`.
    pub organizer: Recipient,
    /// Whether the owner of the mailbox called it.
    pub is_organizer: bool,
    /// Whether the organiser has called it off.
    pub is_cancelled: bool,
    /// What the owner answered.
    pub response: ResponseStatus,
    /// What clients may write.
    pub content: EventContent,
    /// Changed occurrences by their original date.
    pub exceptions: BTreeMap<Date, Exception>,
    /// Original dates of the occurrences that were deleted.
    pub cancelled: BTreeSet<Date>,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// Extended properties.
    pub extended: Vec<ExtendedProperty>,
    /// Open extensions.
    pub extensions: Extensions,
    /// The file it was filled from.
    pub source: Option<Box<str>>,
}

/// Which occurrence of which series an event is, for someone who does not have the series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lone {
    /// The global id of the series.
    pub series: Box<str>,
    /// The original date of the occurrence.
    pub date: Date,
}

/// An occurrence that differs from its series.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The properties that differ, as JSON.
    pub overlay: Map<String, Value>,
    /// When it was made and changed.
    pub stamp: Stamp,
    /// What the owner answered to this one.
    pub response: Option<ResponseStatus>,
    /// Extended properties of this one.
    pub extended: Vec<ExtendedProperty>,
}

/// The writable properties of `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are those of Graph's resource and say it all")]
pub struct EventContent {
    pub start: WallTime,
    pub end: WallTime,
    #[serde(default)]
    pub subject: Option<Box<str>>,
    #[serde(default)]
    pub body: Body,
    #[serde(default)]
    pub is_all_day: bool,
    #[serde(default)]
    pub location: Location,
    #[serde(default)]
    pub locations: Vec<Location>,
    #[serde(default)]
    pub attendees: Vec<Attendee>,
    #[serde(default)]
    pub recurrence: Option<Recurrence>,
    #[serde(default)]
    pub sensitivity: Sensitivity,
    #[serde(default)]
    pub show_as: ShowAs,
    #[serde(default)]
    pub importance: Importance,
    #[serde(default)]
    pub categories: Vec<Box<str>>,
    #[serde(default = "yes")]
    pub is_reminder_on: bool,
    #[serde(default = "quarter")]
    pub reminder_minutes_before_start: i32,
    #[serde(default = "yes")]
    pub response_requested: bool,
    #[serde(default = "yes")]
    pub allow_new_time_proposals: bool,
    #[serde(default)]
    pub hide_attendees: bool,
    #[serde(default, deserialize_with = "truth")]
    pub is_online_meeting: bool,
    #[serde(default)]
    pub online_meeting_provider: OnlineMeetingProvider,
    #[serde(default)]
    pub online_meeting: Option<Value>,
    #[serde(default)]
    pub online_meeting_url: Option<Box<str>>,
    #[serde(default)]
    pub transaction_id: Option<Box<str>>,
}

fn yes() -> bool {
    true
}

/// A truth, also as a text: client libraries such as O365 send `"false"`, and the service takes it.
fn truth<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Told(bool),
        Written(Word),
    }
    #[derive(Deserialize)]
    enum Word {
        #[serde(rename = "true", alias = "True")]
        Yes,
        #[serde(rename = "false", alias = "False")]
        No,
    }
    Ok(match Truth::deserialize(from)? {
        Truth::Told(truth) => truth,
        Truth::Written(word) => matches!(word, Word::Yes),
    })
}

fn quarter() -> i32 {
    15
}

/// `location`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub struct Location {
    pub display_name: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_type: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_uri: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_email_address: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_id_type: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<Value>,
}

/// `attendee`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Attendee {
    /// Required, optional or a resource.
    #[serde(rename = "type")]
    pub kind: AttendeeKind,
    /// What he answered, in the organiser's copy.
    pub status: ResponseStatus,
    /// Who.
    pub email_address: EmailAddress,
    /// Another time that he would like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_new_time: Option<Value>,
}

/// `attendeeType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub enum AttendeeKind {
    #[default]
    #[serde(alias = "Required")]
    Required,
    #[serde(alias = "Optional")]
    Optional,
    #[serde(alias = "Resource")]
    Resource,
}

/// `responseStatus`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ResponseStatus {
    /// The answer.
    pub response: Response,
    /// When it was given; year 1 when it was not.
    pub time: Option<Box<str>>,
}

impl Default for ResponseStatus {
    fn default() -> Self {
        Self::unasked(Response::None)
    }
}

impl ResponseStatus {
    /// A status that nobody gave yet.
    pub fn unasked(response: Response) -> Self {
        Self { response, time: Some("0001-01-01T00:00:00Z".into()) }
    }

    /// An answer given now.
    pub fn given(response: Response, now: Timestamp) -> Self {
        Self { response, time: Some(super::content::ticks(now).into()) }
    }
}

/// `responseType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub enum Response {
    #[default]
    None,
    Organizer,
    TentativelyAccepted,
    Accepted,
    Declined,
    NotResponded,
}

/// `sensitivity`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub enum Sensitivity {
    #[default]
    #[serde(alias = "Normal")]
    Normal,
    #[serde(alias = "Personal")]
    Personal,
    #[serde(alias = "Private")]
    Private,
    #[serde(alias = "Confidential")]
    Confidential,
}

/// `freeBusyStatus`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub enum ShowAs {
    #[serde(alias = "Free")]
    Free,
    #[serde(alias = "Tentative")]
    Tentative,
    #[default]
    #[serde(alias = "Busy")]
    Busy,
    #[serde(alias = "Oof")]
    Oof,
    #[serde(alias = "WorkingElsewhere")]
    WorkingElsewhere,
    #[serde(alias = "Unknown")]
    Unknown,
}

/// `onlineMeetingProviderType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub enum OnlineMeetingProvider {
    #[default]
    Unknown,
    SkypeForBusiness,
    SkypeForConsumer,
    TeamsForBusiness,
}

/// Properties that belong to the copy of a meeting, not to the meeting.
pub const PERSONAL: [&str; 5] =
    ["categories", "isReminderOn", "reminderMinutesBeforeStart", "showAs", "transactionId"];
