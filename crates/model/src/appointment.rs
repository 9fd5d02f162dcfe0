//! Appointments and absences.

use crate::{Additional, Attendee, EmailAddress, Importance, Person, Response, Series, When};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How an appointment shows in the calendar (Graph `freeBusyStatus`; `unknown` reads as busy).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ShowAs {
    Free,
    Tentative,
    #[default]
    Busy,
    Oof,
    WorkingElsewhere,
}

/// A meeting or a single person's appointment; a recurring one with its whole series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Subject line.
    #[serde(default)]
    pub subject: String,
    /// Plain text; HTML is turned into text by the side that has it. Lines end in `\n`, no white space at the end.
    #[serde(default)]
    pub text: String,
    /// Display name of the place.
    #[serde(default)]
    pub location: String,
    /// When; of a series: its first occurrence.
    pub when: When,
    /// How it shows in the calendar.
    #[serde(default)]
    pub show_as: ShowAs,
    /// Marked private or confidential by its owner (Graph `sensitivity`).
    #[serde(default)]
    pub private: bool,
    /// Importance.
    #[serde(default)]
    pub importance: Importance,
    /// Minutes before the start at which to remind; none without a reminder.
    #[serde(default)]
    pub reminder_minutes: Option<u32>,
    /// Categories of the Microsoft 365 copy.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// Who called it. In a calendar entry without attendees: the owner of the mailbox.
    #[serde(default)]
    pub organizer: Option<Person>,
    /// Who else is invited; the organiser is not among them.
    #[serde(default)]
    pub attendees: BTreeSet<Attendee>,
    /// What the attendees answered; one without an entry has not answered.
    #[serde(default)]
    pub responses: BTreeMap<EmailAddress, Response>,
    /// Present when it recurs.
    #[serde(default)]
    pub series: Option<Series>,
    /// Additional fields.
    #[serde(default)]
    pub additional: Additional,
}

/// A time of absence recorded in the CRM, which becomes an out-of-office event in Microsoft 365.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// What it is called: the CRM's type of absence, or its text.
    #[serde(default)]
    pub subject: String,
    /// Plain text.
    #[serde(default)]
    pub text: String,
    /// When.
    pub when: When,
    /// How the event that stands for it shows: out of office, unless somebody has changed that in his calendar.
    #[serde(default = "out_of_office", skip_serializing_if = "is_out_of_office")]
    pub show_as: ShowAs,
    /// Additional fields.
    #[serde(default)]
    pub additional: Additional,
}

fn out_of_office() -> ShowAs {
    ShowAs::Oof
}

fn is_out_of_office(shows: &ShowAs) -> bool {
    *shows == ShowAs::Oof
}
