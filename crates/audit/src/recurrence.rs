//! Recurrence rules of both sides, brought to the same form.

use crate::when::{crm_date, zone};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeSet;

/// How a rule steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Never,
    On(Date),
    After(u32),
}

/// A rule. Weekdays count from Monday = 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) every: Every,
    pub(crate) interval: u32,
    pub(crate) weekdays: BTreeSet<i8>,
    pub(crate) first_weekday: i8,
    pub(crate) day: Option<i8>,
    pub(crate) month: Option<i8>,
    /// Which of the matching days of a month: 1 to 4, or -1 for the last.
    pub(crate) which: Option<i8>,
    pub(crate) end: End,
}

impl Rule {
    /// Graph's `patternedRecurrence`.
    pub(crate) fn of_graph(recurrence: &Value) -> Option<Self> {
        let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
        let kind = pattern["type"].as_str()?;
        let relative = kind.starts_with("relative");
        let every = match kind {
            "daily" => Every::Day,
            "weekly" => Every::Week,
            "absoluteMonthly" | "relativeMonthly" => Every::Month,
            "absoluteYearly" | "relativeYearly" => Every::Year,
            _ => return None,
        };
        let days = pattern["daysOfWeek"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter_map(weekday);
        let small = |name: &str| pattern[name].as_i64().and_then(|number| i8::try_from(number).ok());
        let end = match range["type"].as_str()? {
            "endDate" => End::On(crm_date(range["endDate"].as_str()?)?),
            "numbered" => End::After(u32::try_from(range["numberOfOccurrences"].as_i64()?).ok()?),
            _ => End::Never,
        };
        Some(Self {
            every,
            interval: pattern["interval"]
                .as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(1)
                .max(1),
            weekdays: if relative || every == Every::Week { days.collect() } else { BTreeSet::new() },
            first_weekday: pattern["firstDayOfWeek"].as_str().and_then(weekday).unwrap_or(6),
            day: if relative {
                None
            } else {
                small("dayOfMonth").filter(|_| matches!(every, Every::Month | Every::Year))
            },
            month: small("month").filter(|_| every == Every::Year),
            which: relative.then(|| index(pattern["index"].as_str().unwrap_or("first"))),
            end,
        })
    }

    /// RFC 5545 RRULE text of the CRM; `start` fills what the rule leaves to the first occurrence, `zone_name` is
    /// that of the series, in which an UNTIL with a time is read.
    pub(crate) fn of_rrule(text: &str, start: Date, zone_name: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("RRULE:").unwrap_or(text);
        let part = |name: &str| {
            text.split(';')
                .filter_map(|part| part.split_once('='))
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let every = match part("FREQ")? {
            "DAILY" => Every::Day,
            "WEEKLY" => Every::Week,
            "MONTHLY" => Every::Month,
            "YEARLY" => Every::Year,
            _ => return None,
        };
        let (mut weekdays, mut which) =
            (BTreeSet::new(), part("BYSETPOS").and_then(|number| number.parse().ok()));
        for day in part("BYDAY").into_iter().flat_map(|days| days.split(',')) {
            let (number, name) = day.split_at(day.len().checked_sub(2)?);
            weekdays.insert(short_weekday(name)?);
            which = number.parse().ok().or(which);
        }
        let monthly = matches!(every, Every::Month | Every::Year);
        // "The 31st, or the last day of shorter months" is written BYMONTHDAY=28,29,30,31;BYSETPOS=-1.
        let days: Vec<i8> = part("BYMONTHDAY")
            .into_iter()
            .flat_map(|days| days.split(','))
            .filter_map(|day| day.parse().ok())
            .collect();
        let day = days.iter().copied().max().map(|day| if day == -1 { 31 } else { day });
        if !days.is_empty() {
            which = None;
        }
        if every == Every::Week && weekdays.is_empty() {
            weekdays.insert(start.weekday().to_monday_zero_offset());
        }
        let end = match (part("COUNT"), part("UNTIL")) {
            (Some(count), _) => End::After(count.parse().ok()?),
            (None, Some(until)) => End::On(until_date(until, &zone(zone_name))?),
            (None, None) => End::Never,
        };
        Some(Self {
            every,
            interval: part("INTERVAL").and_then(|number| number.parse().ok()).unwrap_or(1).max(1),
            first_weekday: part("WKST").and_then(short_weekday).unwrap_or(0),
            day: if monthly && weekdays.is_empty() { day.or(Some(start.day())) } else { None },
            month: if every == Every::Year {
                part("BYMONTH").and_then(|month| month.parse().ok()).or(Some(start.month()))
            } else {
                None
            },
            which: if monthly && !weekdays.is_empty() { which } else { None },
            weekdays,
            end,
        })
    }

    /// As people read it; two rules that mean the same read the same.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("every {} {:?}", self.interval, self.every);
        if !self.weekdays.is_empty() {
            let names: Vec<String> = self.weekdays.iter().map(|day| weekday_name(*day)).collect();
            text.push_str(&format!(" on {}", names.join(", ")));
        }
        if self.every == Every::Week && self.interval > 1 && self.weekdays.len() > 1 {
            text.push_str(&format!(" (weeks begin on {})", weekday_name(self.first_weekday)));
        }
        if let Some(which) = self.which {
            text.push_str(&format!(" no. {which}"));
        }
        if let Some(day) = self.day {
            text.push_str(&format!(" on day {day}"));
        }
        if let Some(month) = self.month {
            text.push_str(&format!(" of month {month}"));
        }
        match self.end {
            End::Never => {}
            End::On(date) => text.push_str(&format!(" until {date}")),
            End::After(count) => text.push_str(&format!(", {count} times")),
        }
        text
    }
}

fn weekday_name(day: i8) -> String {
    Weekday::from_monday_zero_offset(day).map_or_else(|_| day.to_string(), |day| format!("{day:?}"))
}

fn until_date(text: &str, zone: &TimeZone) -> Option<Date> {
    let date: Date = text.get(..8)?.parse().ok()?;
    if !text.ends_with('Z') {
        return Some(date);
    }
    let instant: Timestamp = text.parse().ok()?;
    Some(zone.to_datetime(instant).date())
}

fn weekday(name: &str) -> Option<i8> {
    short_weekday(name.get(..2)?)
}

fn short_weekday(name: &str) -> Option<i8> {
    const NAMES: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
    let lower = name.to_ascii_lowercase();
    NAMES.iter().position(|short| *short == lower).and_then(|position| i8::try_from(position).ok())
}

fn index(word: &str) -> i8 {
    match word {
        "second" => 2,
        "third" => 3,
        "fourth" => 4,
        "last" => -1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    fn same(pattern: Value, range: Value, rrule: &str, start: Date) {
        let graph = Rule::of_graph(&json!({"pattern": pattern, "range": range})).unwrap();
        let crm = Rule::of_rrule(rrule, start, "Europe/Vienna").unwrap();
        assert_eq!(graph.text(), crm.text());
    }

    #[test]
    fn rules_that_mean_the_same_read_the_same() {
        let never = json!({"type": "noEnd", "startDate": "2026-01-05"});
        let start = date(2026, 1, 5);
        same(json!({"type": "daily", "interval": 2}), never.clone(), "FREQ=DAILY;INTERVAL=2", start);
        same(
            json!({"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "sunday"}),
            never.clone(),
            "FREQ=WEEKLY",
            start,
        );
        same(
            json!({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "friday"], "firstDayOfWeek": "monday"}),
            never.clone(),
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO;WKST=MO",
            start,
        );
        same(
            json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}),
            never.clone(),
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
            start,
        );
        same(
            json!({"type": "relativeMonthly", "interval": 3, "daysOfWeek": ["tuesday"], "index": "last"}),
            never.clone(),
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TU",
            start,
        );
        same(
            json!({"type": "relativeMonthly", "interval": 3, "daysOfWeek": ["tuesday"], "index": "second"}),
            never.clone(),
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=TU;BYSETPOS=2",
            start,
        );
        same(
            json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 5, "month": 1}),
            never,
            "FREQ=YEARLY",
            start,
        );
        same(
            json!({"type": "daily", "interval": 1}),
            json!({"type": "endDate", "endDate": "2026-02-01"}),
            "FREQ=DAILY;UNTIL=20260131T230000Z",
            start,
        );
        same(
            json!({"type": "daily", "interval": 1}),
            json!({"type": "numbered", "numberOfOccurrences": 5}),
            "FREQ=DAILY;COUNT=5",
            start,
        );
    }

    #[test]
    fn another_day_reads_differently() {
        let monday = Rule::of_rrule("FREQ=WEEKLY;BYDAY=MO", date(2026, 1, 5), "").unwrap();
        let tuesday = Rule::of_rrule("FREQ=WEEKLY;BYDAY=TU", date(2026, 1, 5), "").unwrap();
        assert_ne!(monday.text(), tuesday.text());
    }
}
