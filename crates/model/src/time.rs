//! When something takes place, and the zone it was said in.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An IANA time zone name such as `Europe/Vienna`. Windows names are translated at the edge that reads them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(String);

impl Zone {
    /// Takes an IANA name; an unknown name is kept and read as UTC by [`Zone::time_zone`].
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The rules of the zone; UTC when the bundled zone data does not know the name.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }

    /// Whether the bundled zone data knows the name.
    pub fn is_known(&self) -> bool {
        TimeZone::get(&self.0).is_ok()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When an appointment or absence takes place. `end` is exclusive in both forms and never before `start`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum When {
    /// Whole days, whatever the zone of the reader.
    AllDay {
        /// First day.
        start: Date,
        /// The day after the last day.
        end: Date,
    },
    /// From one instant to another.
    Timed {
        /// Begin.
        start: Timestamp,
        /// End.
        end: Timestamp,
        /// The zone in which the times were said.
        zone: Zone,
    },
}

impl When {
    /// The first instant, reading whole days in `zone`.
    pub fn start_in(&self, zone: &TimeZone) -> Timestamp {
        match self {
            When::AllDay { start, .. } => midnight(*start, zone),
            When::Timed { start, .. } => *start,
        }
    }

    /// The first instant that no longer belongs to it, reading whole days in `zone`.
    pub fn end_in(&self, zone: &TimeZone) -> Timestamp {
        match self {
            When::AllDay { end, .. } => midnight(*end, zone),
            When::Timed { end, .. } => *end,
        }
    }

    /// The day on which it begins, in its own zone: what names an occurrence of a series.
    pub fn start_date(&self) -> Date {
        match self {
            When::AllDay { start, .. } => *start,
            When::Timed { start, zone, .. } => zone.time_zone().to_datetime(*start).date(),
        }
    }

    /// How long it takes; whole days count 24 hours.
    pub fn duration(&self) -> SignedDuration {
        match self {
            When::AllDay { start, end } => SignedDuration::from_hours(
                24 * i64::from(end.since(*start).map_or(1, |span| span.get_days()).max(1)),
            ),
            When::Timed { start, end, .. } => end.duration_since(*start),
        }
    }
}

/// The first instant of a day in a zone: midnight, or the end of the gap where midnight is skipped.
fn midnight(date: Date, zone: &TimeZone) -> Timestamp {
    zone.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        .compatible()
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_all_day_event_begins_at_local_midnight() {
        let when = When::AllDay { start: date(2026, 3, 29), end: date(2026, 3, 30) };
        let vienna = Zone::new("Europe/Vienna").time_zone();
        assert_eq!(when.start_in(&vienna).to_string(), "2026-03-28T23:00:00Z");
        assert_eq!(when.end_in(&vienna).to_string(), "2026-03-29T22:00:00Z");
        assert_eq!(when.duration(), SignedDuration::from_hours(24));
    }

    #[test]
    fn a_timed_event_begins_on_the_day_of_its_own_zone() {
        let when = When::Timed {
            start: "2026-03-01T01:30:00Z".parse().unwrap(),
            end: "2026-03-01T02:00:00Z".parse().unwrap(),
            zone: Zone::new("America/New_York"),
        };
        assert_eq!(when.start_date(), date(2026, 2, 28));
        assert!(!Zone::new("tzone://Microsoft/Custom").is_known());
    }
}
