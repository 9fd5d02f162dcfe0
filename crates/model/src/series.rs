//! Recurring appointments: the six patterns of Graph's `patternedRecurrence`, and what departs from them.

use crate::{ShowAs, When, Zone};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A recurring appointment's rule and its exceptions. The series is one item: an occurrence that was moved or
/// cancelled is a fact about it, named by the date on which it would have begun in the series' zone
/// (Graph `originalStart`; `OID.{seriesMasterId}.{date}` for cancelled ones).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// How it repeats.
    pub pattern: Pattern,
    /// First day, in `zone`.
    pub start: Date,
    /// When it ends.
    pub end: SeriesEnd,
    /// The zone in which the wall-clock time stays the same over the year (`recurrenceTimeZone`).
    pub zone: Zone,
    /// Occurrences that do not take place, by their original date.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cancelled: BTreeSet<Date>,
    /// Occurrences that differ from the master, by their original date.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exceptions: BTreeMap<Date, Occurrence>,
}

/// When a series stops (Graph `recurrenceRange`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SeriesEnd {
    /// Never.
    Never,
    /// On this day at the latest, inclusive.
    Until(Date),
    /// After so many occurrences, cancelled ones included.
    Count(u32),
}

/// How a series repeats (Graph `recurrencePattern`). `interval` counts from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Pattern {
    /// Every `interval` days.
    Daily {
        /// Days from one to the next.
        interval: u32,
    },
    /// Every `interval` weeks on the given days.
    Weekly {
        /// Weeks from one to the next.
        interval: u32,
        /// On which days; never empty.
        days: BTreeSet<Weekday>,
        /// The day on which a week begins, which matters when `interval` is not 1.
        first_day: Weekday,
    },
    /// Every `interval` months on the same day of the month.
    AbsoluteMonthly {
        /// Months from one to the next.
        interval: u32,
        /// Day of the month; months that lack it take their last day, as Outlook does.
        day: u8,
    },
    /// Every `interval` months on, say, the second Tuesday.
    RelativeMonthly {
        /// Months from one to the next.
        interval: u32,
        /// Any of these days; never empty.
        days: BTreeSet<Weekday>,
        /// Which of them in the month.
        index: RelativeIndex,
    },
    /// Every `interval` years on the same day.
    AbsoluteYearly {
        /// Years from one to the next.
        interval: u32,
        /// Month, 1 to 12.
        month: u8,
        /// Day of the month.
        day: u8,
    },
    /// Every `interval` years on, say, the last Friday of November.
    RelativeYearly {
        /// Years from one to the next.
        interval: u32,
        /// Month, 1 to 12.
        month: u8,
        /// Any of these days; never empty.
        days: BTreeSet<Weekday>,
        /// Which of them in the month.
        index: RelativeIndex,
    },
}

/// A day of the week (Graph `dayOfWeek`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Which of the matching days of a month (Graph `weekIndex`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum RelativeIndex {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

/// What an occurrence is, where it departs from its series: the whole of it, not a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// When it takes place instead.
    pub when: When,
    /// Subject.
    #[serde(default)]
    pub subject: String,
    /// Place.
    #[serde(default)]
    pub location: String,
    /// Plain text.
    #[serde(default)]
    pub text: String,
    /// How it shows in the calendar.
    #[serde(default)]
    pub show_as: ShowAs,
}
