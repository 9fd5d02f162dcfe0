//! What an item says, in a form in which two systems' copies of one item are equal.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::fmt;
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

    /// Marks of which two items share one when they say nearly the same: the bare subject on the same or the next day
    /// (zones are up to 14 hours apart), a task's bare subject, an address or a name.
    pub(crate) fn likeness(&self) -> BTreeSet<String> {
        let bare = bare(&self.subject);
        let named = (!bare.is_empty()).then(|| format!("{} {bare}", self.kind));
        match (self.kind, self.start.or(self.end)) {
            (Kind::Contact, _) => self.participants.iter().map(ToString::to_string).chain(named).collect(),
            (Kind::Task, _) | (_, None) => named.into_iter().collect(),
            (_, Some(at)) => {
                let day = |hours: i64| at.checked_add(SignedDuration::from_hours(hours)).unwrap_or(at);
                let days = [day(-12), day(12)].map(|at| TimeZone::UTC.to_datetime(at).date());
                named.iter().flat_map(|named| days.map(|day| format!("{named} {day}"))).collect()
            }
        }
    }
}

/// Subject, times and people on one line, as a plan shows them to a person, and as it is compared with what is there
/// when the plan is carried out.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.subject)?;
        match (self.start, self.end) {
            (Some(start), Some(end)) => write!(f, " | {} - {}", Minute(start), Minute(end))?,
            (Some(at), None) | (None, Some(at)) => write!(f, " | {}", Minute(at))?,
            (None, None) => {}
        }
        if let Some(organizer) = &self.organizer {
            write!(f, " | by {organizer}")?;
        }
        if !self.participants.is_empty() {
            let named: Vec<&str> = self.participants.iter().map(EmailAddress::as_str).collect();
            write!(f, " | {}", named.join(", "))?;
        }
        Ok(())
    }
}

/// An instant to the minute, in UTC.
struct Minute(Timestamp);

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%d %H:%MZ"))
    }
}

/// A subject without what programs put before it: words such as `AW:` or `CRM:`, and what stands in brackets.
pub(crate) fn bare(subject: &str) -> &str {
    let mut rest = subject.trim();
    loop {
        let bracketed =
            rest.strip_prefix('[').and_then(|inner| inner.split_once(']')).map(|(_, after)| after);
        let prefixed = rest.split_once(':').filter(|(word, _)| {
            (1..=5).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic)
        });
        match bracketed.or(prefixed.map(|(_, after)| after)).map(str::trim) {
            Some(after) if !after.is_empty() => rest = after,
            _ => return rest,
        }
    }
}

pub(crate) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

pub(crate) fn times(when: &When) -> (Option<Timestamp>, Option<Timestamp>) {
    (minute(when.start_in(&TimeZone::UTC)), minute(when.end_in(&TimeZone::UTC)))
}

fn minute(instant: Timestamp) -> Option<Timestamp> {
    Timestamp::from_second(instant.as_second().div_euclid(60) * 60).ok()
}
