//! What the administrator allows, for one kind.

use crate::MailRules;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tandem_model::{Document, Item, Kind};

/// Which way items of a kind travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    Both,
    /// From Microsoft 365 to the CRM; what is changed in the CRM is overwritten.
    ToCrm,
    /// From the CRM to Microsoft 365; what is changed in Microsoft 365 is overwritten.
    ToM365,
}

impl Direction {
    /// Whether Microsoft 365's changes reach the CRM.
    pub fn to_crm(self) -> bool {
        self != Direction::ToM365
    }

    /// Whether the CRM's changes reach Microsoft 365.
    pub fn to_m365(self) -> bool {
        self != Direction::ToCrm
    }
}

/// The policy for one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Which way.
    pub direction: Direction,
    /// Fields that travel one way only, whatever `direction` says.
    pub fields: BTreeMap<String, Direction>,
    /// New items come from the CRM only; changes travel as `direction` says.
    pub new_only_from_crm: bool,
    /// Whether deletions travel.
    pub deletions: bool,
    /// Whether private items take part.
    pub private: bool,
    /// Whether meetings of organisers who are not synchronised take part.
    pub published: bool,
    /// Leave out what was made before this instant.
    pub ignore_before: Option<Timestamp>,
    /// The time frame, end exclusive; what lies outside is not brought in anew.
    pub window: Option<(Timestamp, Timestamp)>,
    /// Who may be mailed because of a change that was made in the CRM.
    pub mail: MailRules,
}

impl Policy {
    /// Everything both ways, nothing left out, nobody mailed.
    pub fn open() -> Self {
        Self {
            direction: Direction::Both,
            fields: BTreeMap::new(),
            new_only_from_crm: false,
            deletions: true,
            private: true,
            published: true,
            ignore_before: None,
            window: None,
            mail: MailRules::default(),
        }
    }
}

/// Which way the fields of an item travel.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'a> {
    all: Direction,
    one_way: Option<&'a BTreeMap<String, Direction>>,
}

impl<'a> Ways<'a> {
    /// All of them `all`, and some of them one way only.
    pub(crate) fn of(all: Direction, one_way: &'a BTreeMap<String, Direction>) -> Self {
        Self { all, one_way: Some(one_way) }
    }

    fn limit(self, field: &str) -> Direction {
        self.one_way.and_then(|fields| fields.get(field)).copied().unwrap_or(Direction::Both)
    }

    /// Whether Microsoft 365's changes of a field reach the CRM.
    pub(crate) fn to_crm(self, field: &str) -> bool {
        self.all.to_crm() && self.limit(field).to_crm()
    }

    /// Whether the CRM's changes of a field reach Microsoft 365.
    pub(crate) fn to_m365(self, field: &str) -> bool {
        self.all.to_m365() && self.limit(field).to_m365()
    }
}

impl From<Direction> for Ways<'_> {
    fn from(all: Direction) -> Self {
        Self { all, one_way: None }
    }
}

/// Fields that belong to Microsoft 365 whatever the direction: the CRM is told, and never tells.
pub(crate) fn owned_by_m365(kind: Kind, field: &str) -> bool {
    kind == Kind::Appointment && matches!(field, ORGANIZER | RESPONSES)
}

/// Fields whose values are lists in which each side may add and remove independently.
pub(crate) fn is_set(field: &str) -> bool {
    matches!(field, ATTENDEES | "categories")
}

/// The field of a document that names who is invited.
pub(crate) const ATTENDEES: &str = "attendees";

/// The field of a document that says who answered what.
pub(crate) const RESPONSES: &str = "responses";

/// The field of a document that says when an appointment takes place.
pub(crate) const WHEN: &str = "when";

/// The field of a document that says who called a meeting.
pub(crate) const ORGANIZER: &str = "organizer";

/// Fields that say where an item comes from and never change.
pub(crate) fn is_origin(field: &str) -> bool {
    field == ORGANIZER
}

/// Fields that gather what different people said: each side may know entries that the other does not.
pub(crate) fn is_overlay(field: &str) -> bool {
    field == RESPONSES
}

/// Whether a document's appointment, as far as it can be read, is over at `now`. Whole days count as UTC days:
/// the few hours of doubt fall to the side that mails nobody.
pub(crate) fn is_past(document: &Document, now: Timestamp) -> bool {
    match document.item(Kind::Appointment) {
        Ok(Item::Appointment(appointment)) => match &appointment.series {
            Some(series) => match series.end {
                tandem_model::SeriesEnd::Until(last) => day_begin(last) < now,
                _ => false,
            },
            None => appointment.when.end_in(&jiff::tz::TimeZone::UTC) <= now,
        },
        _ => true,
    }
}

/// The first instant of a day in UTC.
pub(crate) fn day_begin(day: jiff::civil::Date) -> Timestamp {
    jiff::tz::TimeZone::UTC
        .to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
        .unwrap_or(Timestamp::MAX)
}
