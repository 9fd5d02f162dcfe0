//! What an item says, in a form in which two systems' copies of one item are equal.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use tandem_model::{EmailAddress, Item, Kind, When};

/// Subject, times, organiser and participants of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    kind: Kind,
    /// In lower case, with single spaces.
    subject: String,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    organizer: Option<EmailAddress>,
    participants: BTreeSet<EmailAddress>,
}

impl Fingerprint {
    /// The fingerprint of an item. Whole days are read in UTC and instants are cut to the minute, which is as exact as
    /// CRM records are.
    pub fn of(item: &Item) -> Self {
        let mut of = Self {
            kind: item.kind(),
            subject: plain(&item.title()),
            start: None,
            end: None,
            organizer: None,
            participants: BTreeSet::new(),
        };
        match item {
            Item::Appointment(appointment) => {
                (of.start, of.end) = times(&appointment.when);
                of.organizer = appointment.organizer.as_ref().map(|organizer| organizer.address.clone());
                of.participants =
                    appointment.attendees.iter().map(|attendee| attendee.person.address.clone()).collect();
            }
            Item::Absence(absence) => (of.start, of.end) = times(&absence.when),
            Item::Mail(mail) => {
                of.start = minute(mail.sent_at);
                of.organizer = mail.from.as_ref().map(|from| from.address.clone());
                of.participants = mail.recipients().map(|recipient| recipient.address.clone()).collect();
            }
            Item::Task(task) => {
                let midnight = |day: Date| TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok();
                (of.start, of.end) = (task.start.and_then(midnight), task.due.and_then(midnight));
            }
            Item::Contact(contact) => of.participants = contact.emails.iter().cloned().collect(),
        }
        // An organiser is a participant in one system and not in the other.
        if let Some(organizer) = &of.organizer {
            of.participants.remove(organizer);
        }
        of
    }

    /// Whether two items with this fingerprint are hardly different ones: it has a subject, and a time or a person. Two
    /// tasks "Call back" without a date may well be two tasks.
    pub fn is_telling(&self) -> bool {
        let placed = self.start.is_some() || self.end.is_some() || !self.participants.is_empty();
        !self.subject.is_empty() && placed
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn times(when: &When) -> (Option<Timestamp>, Option<Timestamp>) {
    (minute(when.start_in(&TimeZone::UTC)), minute(when.end_in(&TimeZone::UTC)))
}

fn minute(instant: Timestamp) -> Option<Timestamp> {
    Timestamp::from_second(instant.as_second().div_euclid(60) * 60).ok()
}
