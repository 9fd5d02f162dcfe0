//! Recurrence as Graph says it: six patterns, three ranges.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `patternedRecurrence`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recurrence {
    /// On which days.
    pub pattern: Pattern,
    /// From when to when.
    pub range: Range,
}

/// `recurrencePattern`. What a type of pattern does not use is written as 0 and read as absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pattern {
    /// Which of the six.
    #[serde(rename = "type")]
    pub kind: PatternKind,
    /// Every how many days, weeks, months or years.
    #[serde(default = "one")]
    pub interval: i32,
    /// Month of the year, 1 to 12.
    #[serde(default)]
    pub month: i8,
    /// Day of the month, 1 to 31. A shorter month has it on its last day.
    #[serde(default)]
    pub day_of_month: i8,
    /// Days of the week.
    #[serde(default)]
    pub days_of_week: Vec<Weekday>,
    /// With which day weeks begin; matters for every second, third … week.
    #[serde(default)]
    pub first_day_of_week: Weekday,
    /// Which of the days in the month.
    #[serde(default)]
    pub index: WeekIndex,
}

fn one() -> i32 {
    1
}

/// The six patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PatternKind {
    /// Every n days.
    #[serde(alias = "Daily")]
    Daily,
    /// Every n weeks on some days.
    #[serde(alias = "Weekly")]
    Weekly,
    /// Every n months on a day of the month.
    #[serde(alias = "AbsoluteMonthly")]
    AbsoluteMonthly,
    /// Every n months on, say, the last Friday.
    #[serde(alias = "RelativeMonthly")]
    RelativeMonthly,
    /// Every n years on a date.
    #[serde(alias = "AbsoluteYearly")]
    AbsoluteYearly,
    /// Every n years on, say, the first Monday of May.
    #[serde(alias = "RelativeYearly")]
    RelativeYearly,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Weekday {
    /// Sunday, where weeks begin unless said otherwise.
    #[default]
    #[serde(alias = "Sunday")]
    Sunday,
    /// Monday.
    #[serde(alias = "Monday")]
    Monday,
    /// Tuesday.
    #[serde(alias = "Tuesday")]
    Tuesday,
    /// Wednesday.
    #[serde(alias = "Wednesday")]
    Wednesday,
    /// Thursday.
    #[serde(alias = "Thursday")]
    Thursday,
    /// Friday.
    #[serde(alias = "Friday")]
    Friday,
    /// Saturday.
    #[serde(alias = "Saturday")]
    Saturday,
}

impl Weekday {
    /// The weekday of a date.
    pub fn of(date: Date) -> Self {
        use jiff::civil::Weekday as Day;
        match date.weekday() {
            Day::Sunday => Self::Sunday,
            Day::Monday => Self::Monday,
            Day::Tuesday => Self::Tuesday,
            Day::Wednesday => Self::Wednesday,
            Day::Thursday => Self::Thursday,
            Day::Friday => Self::Friday,
            Day::Saturday => Self::Saturday,
        }
    }

    /// How many days it comes after `first`, 0 to 6.
    pub fn after(self, first: Self) -> i64 {
        (self as i64 - first as i64).rem_euclid(7)
    }
}

/// Which of the matching days in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WeekIndex {
    /// The first.
    #[default]
    #[serde(alias = "First")]
    First,
    /// The second.
    #[serde(alias = "Second")]
    Second,
    /// The third.
    #[serde(alias = "Third")]
    Third,
    /// The fourth.
    #[serde(alias = "Fourth")]
    Fourth,
    /// The last.
    #[serde(alias = "Last")]
    Last,
}

/// `recurrenceRange`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Range {
    /// How the series ends.
    #[serde(rename = "type")]
    pub kind: RangeKind,
    /// Where counting begins.
    pub start_date: Date,
    /// The last possible date, with `endDate`.
    #[serde(default = "never")]
    pub end_date: Date,
    /// The zone of the dates.
    #[serde(default)]
    pub recurrence_time_zone: Option<Box<str>>,
    /// How many, with `numbered`.
    #[serde(default)]
    pub number_of_occurrences: i32,
}

/// What Graph writes for "no date".
pub fn never() -> Date {
    Date::constant(1, 1, 1)
}

/// The three ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RangeKind {
    /// To a date.
    #[serde(alias = "EndDate")]
    EndDate,
    /// For ever.
    #[serde(alias = "NoEnd")]
    NoEnd,
    /// A number of times.
    #[serde(alias = "Numbered")]
    Numbered,
}

impl Recurrence {
    /// What is wrong with it, in words.
    pub fn fault(&self) -> Option<String> {
        use PatternKind::{AbsoluteMonthly, AbsoluteYearly, Daily, RelativeMonthly, RelativeYearly, Weekly};
        let (pattern, range) = (&self.pattern, &self.range);
        let missing = |name: &str| Some(format!("{name} is required by pattern {:?}.", pattern.kind));
        // What a pattern does not use is checked all the same.
        if !(0..=12).contains(&pattern.month) {
            return Some(format!("month {} is not between 1 and 12.", pattern.month));
        }
        if !(0..=31).contains(&pattern.day_of_month) {
            return Some(format!("dayOfMonth {} is not between 1 and 31.", pattern.day_of_month));
        }
        if !(1..=999).contains(&pattern.interval) {
            return Some(format!("interval {} is not between 1 and 999.", pattern.interval));
        }
        match pattern.kind {
            Daily => {}
            Weekly | RelativeMonthly | RelativeYearly if pattern.days_of_week.is_empty() => {
                return missing("daysOfWeek");
            }
            AbsoluteMonthly | AbsoluteYearly if pattern.day_of_month == 0 => {
                return missing("dayOfMonth");
            }
            AbsoluteYearly | RelativeYearly if pattern.month == 0 => {
                return missing("month");
            }
            // A leap year: the 29th of February has its day in some years at least.
            AbsoluteYearly if Date::new(2024, pattern.month, pattern.day_of_month).is_err() => {
                return Some(format!("Month {} has no day {}.", pattern.month, pattern.day_of_month));
            }
            _ => {}
        }
        match range.kind {
            RangeKind::EndDate if range.end_date < range.start_date => {
                Some("endDate is before startDate.".to_owned())
            }
            RangeKind::Numbered if !(1..=999).contains(&range.number_of_occurrences) => {
                Some("numberOfOccurrences is not between 1 and 999.".to_owned())
            }
            _ => None,
        }
    }
}
