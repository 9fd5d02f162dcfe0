//! People as items name them: by address and display name.

use crate::EmailAddress;
use serde::{Deserialize, Serialize};

/// Somebody named in an item. Either part may be empty in real data; both empty never leaves a parser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Display name as the item gives it; empty when it gives none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Address; empty when the item names somebody without one.
    pub address: EmailAddress,
}

impl Person {
    /// Somebody with a display name and an address.
    pub fn new(name: impl Into<String>, address: &str) -> Self {
        Self { name: name.into(), address: EmailAddress::new(address) }
    }
}

/// How an attendee takes part (Graph `attendeeType`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Must be there.
    #[default]
    Required,
    /// May be there.
    Optional,
    /// A room or a thing; also a BCC of a mail. The CRM calls it informational.
    Resource,
}

/// What an attendee answered (Graph `responseType`; `organizer` and `notResponded` both read as `None`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Response {
    /// No answer yet.
    #[default]
    None,
    /// Will come.
    Accepted,
    /// May come.
    Tentative,
    /// Will not come.
    Declined,
}

/// Somebody invited to an appointment, without the answer, which is a field of its own
/// (`Appointment::responses`): answers belong to the attendee, the list of attendees to the organiser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attendee {
    /// Who.
    #[serde(flatten)]
    pub person: Person,
    /// How.
    pub role: Role,
}
