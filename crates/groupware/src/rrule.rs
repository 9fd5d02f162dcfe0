//! Rules of series as RFC 5545 RRULE text (section 3.3.10).
//!
//! Two conventions: `UNTIL` is a date, the last day in the zone of the series; and a day of the month that short
//! months lack is written as the last of those that they have (`BYMONTHDAY=28,29,30,31;BYSETPOS=-1`), for a plain
//! `BYMONTHDAY=31` would skip them where Outlook takes their last day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{Pattern, RelativeIndex, SeriesEnd, Weekday};

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) pattern: Pattern,
    pub(crate) end: SeriesEnd,
}

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "MO"),
    (Weekday::Tuesday, "TU"),
    (Weekday::Wednesday, "WE"),
    (Weekday::Thursday, "TH"),
    (Weekday::Friday, "FR"),
    (Weekday::Saturday, "SA"),
    (Weekday::Sunday, "SU"),
];

/// Far longer than any rule that Outlook can have, in bytes.
const LONGEST: usize = 2_000;

impl Rule {
    /// The rule as text.
    pub(crate) fn text(&self) -> String {
        let mut parts = pattern(&self.pattern);
        match self.end {
            SeriesEnd::Never => {}
            SeriesEnd::Until(date) => parts.push(format!("UNTIL={}", date.strftime("%Y%m%d"))),
            SeriesEnd::Count(count) => parts.push(format!("COUNT={count}")),
        }
        parts.join(";")
    }

    /// Reads a rule; what it leaves open follows from the first day, an `UNTIL` in UTC is a day of `zone`. None for a
    /// rule that Outlook cannot have.
    pub(crate) fn parse(text: &str, first: Date, zone: &TimeZone) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let text = text.to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let mut parts = BTreeMap::new();
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=')?;
            parts.insert(name.trim(), value.trim());
        }
        Parts { parts, first, zone }.rule()
    }
}

fn pattern(pattern: &Pattern) -> Vec<String> {
    let head =
        |frequency: &str, interval: &u32| vec![format!("FREQ={frequency}"), format!("INTERVAL={interval}")];
    match pattern {
        Pattern::Daily { interval } => head("DAILY", interval),
        Pattern::Weekly { interval, days, first_day } => {
            let mut parts = head("WEEKLY", interval);
            parts.push(format!("BYDAY={}", weekdays(days)));
            parts.push(format!("WKST={}", short(*first_day)));
            parts
        }
        Pattern::AbsoluteMonthly { interval, day } => {
            let mut parts = head("MONTHLY", interval);
            parts.extend(day_of_month(*day));
            parts
        }
        Pattern::RelativeMonthly { interval, days, index } => {
            let mut parts = head("MONTHLY", interval);
            parts.extend(relative(days, *index));
            parts
        }
        Pattern::AbsoluteYearly { interval, month, day } => {
            let mut parts = head("YEARLY", interval);
            parts.push(format!("BYMONTH={month}"));
            parts.extend(day_of_month(*day));
            parts
        }
        Pattern::RelativeYearly { interval, month, days, index } => {
            let mut parts = head("YEARLY", interval);
            parts.push(format!("BYMONTH={month}"));
            parts.extend(relative(days, *index));
            parts
        }
    }
}

fn short(day: Weekday) -> &'static str {
    DAYS.iter().find(|(other, _)| *other == day).map_or("MO", |(_, short)| short)
}

fn weekdays(days: &BTreeSet<Weekday>) -> String {
    days.iter().map(|day| short(*day)).collect::<Vec<_>>().join(",")
}

/// Every month has 28 days.
const SHORTEST_MONTH: u8 = 28;

fn day_of_month(day: u8) -> Vec<String> {
    if day <= SHORTEST_MONTH {
        return vec![format!("BYMONTHDAY={day}")];
    }
    let days: Vec<String> = (SHORTEST_MONTH..=day).map(|day| day.to_string()).collect();
    vec![format!("BYMONTHDAY={}", days.join(",")), "BYSETPOS=-1".to_owned()]
}

fn relative(days: &BTreeSet<Weekday>, index: RelativeIndex) -> Vec<String> {
    let position = match index {
        RelativeIndex::First => 1,
        RelativeIndex::Second => 2,
        RelativeIndex::Third => 3,
        RelativeIndex::Fourth => 4,
        RelativeIndex::Last => -1,
    };
    vec![format!("BYDAY={}", weekdays(days)), format!("BYSETPOS={position}")]
}

fn relative_index(position: i8) -> Option<RelativeIndex> {
    Some(match position {
        1 => RelativeIndex::First,
        2 => RelativeIndex::Second,
        3 => RelativeIndex::Third,
        4 => RelativeIndex::Fourth,
        -1 => RelativeIndex::Last,
        _ => return None,
    })
}

struct Parts<'a> {
    parts: BTreeMap<&'a str, &'a str>,
    first: Date,
    zone: &'a TimeZone,
}

impl Parts<'_> {
    fn rule(&self) -> Option<Rule> {
        const KNOWN: [&str; 9] =
            ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"];
        if self.parts.keys().any(|name| !KNOWN.contains(name) && !name.starts_with("X-")) {
            return None;
        }
        let interval = self.number("INTERVAL")?.unwrap_or(1).max(1);
        let pattern = match *self.parts.get("FREQ")? {
            "DAILY" => self.daily(interval)?,
            "WEEKLY" => self.weekly(interval)?,
            "MONTHLY" => self.monthly(interval)?,
            "YEARLY" => self.yearly(interval)?,
            _ => return None,
        };
        Some(Rule { pattern, end: self.end()? })
    }

    /// A number; `Some(None)` when the part is absent.
    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<Option<T>> {
        match self.parts.get(name) {
            Some(text) => text.parse().ok().map(Some),
            None => Some(None),
        }
    }

    fn end(&self) -> Option<SeriesEnd> {
        if let Some(count) = self.number("COUNT")? {
            return Some(SeriesEnd::Count(count));
        }
        match self.parts.get("UNTIL") {
            Some(text) if text.ends_with('Z') => {
                let instant: Timestamp = text.parse().ok()?;
                Some(SeriesEnd::Until(self.zone.to_datetime(instant).date()))
            }
            Some(text) => Date::strptime("%Y%m%d", text.get(..8)?).ok().map(SeriesEnd::Until),
            None => Some(SeriesEnd::Never),
        }
    }

    /// The weekdays of `BYDAY`, and the ordinal that they share, if they have one.
    fn by_day(&self) -> Option<(BTreeSet<Weekday>, Option<i8>)> {
        let (mut days, mut ordinal) = (BTreeSet::new(), None);
        for part in self.parts.get("BYDAY").map(|text| text.split(',')).into_iter().flatten() {
            let part = part.trim();
            let (number, name) = part.split_at_checked(part.len().checked_sub(2)?)?;
            days.insert(DAYS.iter().find(|(_, short)| *short == name)?.0);
            if !number.is_empty() {
                ordinal = Some(number.parse().ok()?);
            }
        }
        Some((days, ordinal))
    }

    fn first_weekday(&self) -> Weekday {
        let offset = usize::try_from(self.first.weekday().to_monday_zero_offset()).unwrap_or_default();
        DAYS.get(offset).map_or(Weekday::Monday, |(day, _)| *day)
    }

    fn daily(&self, interval: u32) -> Option<Pattern> {
        let (days, _) = self.by_day()?;
        match (days.is_empty(), interval) {
            (true, _) => Some(Pattern::Daily { interval }),
            // "Every day, but only on working days" is weekly on these days.
            (false, 1) => Some(Pattern::Weekly { interval, days, first_day: Weekday::Monday }),
            _ => None,
        }
    }

    fn weekly(&self, interval: u32) -> Option<Pattern> {
        let (mut days, _) = self.by_day()?;
        if days.is_empty() {
            days.insert(self.first_weekday());
        }
        let first_day = match self.parts.get("WKST") {
            Some(name) => DAYS.iter().find(|(_, short)| short == name)?.0,
            None => Weekday::Monday,
        };
        Some(Pattern::Weekly { interval, days, first_day })
    }

    /// Either the day of the month, or weekdays and which of them.
    fn in_month(&self) -> Option<Result<u8, (BTreeSet<Weekday>, RelativeIndex)>> {
        let (days, ordinal) = self.by_day()?;
        if !days.is_empty() {
            let position = self.number("BYSETPOS")?.or(ordinal)?;
            return Some(Err((days, relative_index(position)?)));
        }
        let Some(text) = self.parts.get("BYMONTHDAY") else {
            return Some(Ok(u8::try_from(self.first.day()).ok()?));
        };
        let days = text.split(',').map(|day| day.trim().parse::<i8>().ok()).collect::<Option<Vec<_>>>()?;
        let day = match days.as_slice() {
            [-1] => 31,
            [day] => u8::try_from(*day).ok()?,
            _ => {
                let last = u8::try_from(*days.iter().max()?).ok()?;
                let ours = day_of_month(last).first() == Some(&format!("BYMONTHDAY={text}"));
                (ours && self.number("BYSETPOS")? == Some(-1)).then_some(last)?
            }
        };
        (1..=31).contains(&day).then_some(Ok(day))
    }

    fn monthly(&self, interval: u32) -> Option<Pattern> {
        Some(match self.in_month()? {
            Ok(day) => Pattern::AbsoluteMonthly { interval, day },
            Err((days, index)) => Pattern::RelativeMonthly { interval, days, index },
        })
    }

    fn yearly(&self, interval: u32) -> Option<Pattern> {
        let month = match self.number("BYMONTH")? {
            Some(month) => month,
            // Without a month, "the 2nd Tuesday" counts in the year, which Outlook cannot.
            None if self.parts.contains_key("BYDAY") => return None,
            None => u8::try_from(self.first.month()).ok()?,
        };
        if !(1..=12).contains(&month) {
            return None;
        }
        Some(match self.in_month()? {
            Ok(day) => Pattern::AbsoluteYearly { interval, month, day },
            Err((days, index)) => Pattern::RelativeYearly { interval, month, days, index },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(text: &str) -> Option<Rule> {
        Rule::parse(text, date(2026, 1, 13), &TimeZone::get("Europe/Vienna").unwrap())
    }

    #[test]
    fn rules_read_as_outlook_means_them() {
        let days = |days: &[Weekday]| days.iter().copied().collect::<BTreeSet<_>>();
        for (text, pattern) in [
            ("FREQ=DAILY;INTERVAL=2", Pattern::Daily { interval: 2 }),
            (
                "RRULE:FREQ=WEEKLY",
                Pattern::Weekly { interval: 1, days: days(&[Weekday::Tuesday]), first_day: Weekday::Monday },
            ),
            (
                "freq=weekly;byday=fr,mo;wkst=su",
                Pattern::Weekly {
                    interval: 1,
                    days: days(&[Weekday::Monday, Weekday::Friday]),
                    first_day: Weekday::Sunday,
                },
            ),
            ("FREQ=MONTHLY", Pattern::AbsoluteMonthly { interval: 1, day: 13 }),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", Pattern::AbsoluteMonthly { interval: 1, day: 31 }),
            (
                "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
                Pattern::AbsoluteMonthly { interval: 1, day: 30 },
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR",
                Pattern::RelativeMonthly {
                    interval: 1,
                    days: days(&[Weekday::Friday]),
                    index: RelativeIndex::Last,
                },
            ),
            (
                "FREQ=YEARLY;BYMONTH=11;BYDAY=TH;BYSETPOS=4",
                Pattern::RelativeYearly {
                    interval: 1,
                    month: 11,
                    days: days(&[Weekday::Thursday]),
                    index: RelativeIndex::Fourth,
                },
            ),
            ("FREQ=YEARLY", Pattern::AbsoluteYearly { interval: 1, month: 1, day: 13 }),
        ] {
            assert_eq!(read(text).map(|rule| rule.pattern), Some(pattern), "{text}");
        }
        assert_eq!(
            read("FREQ=DAILY;UNTIL=20260301T225959Z").unwrap().end,
            SeriesEnd::Until(date(2026, 3, 1))
        );
        assert_eq!(
            read("FREQ=DAILY;UNTIL=20260301T230000Z").unwrap().end,
            SeriesEnd::Until(date(2026, 3, 2))
        );
        assert_eq!(read("FREQ=DAILY;COUNT=5").unwrap().end, SeriesEnd::Count(5));
    }

    #[test]
    fn rules_that_outlook_cannot_have_are_refused() {
        for text in [
            "",
            "every day",
            "FREQ=HOURLY",
            "FREQ=MONTHLY;BYMONTHDAY=1,15",
            "FREQ=MONTHLY;BYDAY=MO",
            "FREQ=MONTHLY;BYDAY=5MO",
            "FREQ=YEARLY;BYDAY=2TU",
            "FREQ=YEARLY;BYWEEKNO=7",
            "FREQ=YEARLY;BYMONTH=13",
            "FREQ=DAILY;INTERVAL=x",
            "FREQ=DAILY;UNTIL=soon",
            "FREQ=WEEKLY;BYDAY=ÄÖ",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_thirty_first_is_the_last_day_of_short_months() {
        let rule = Rule { pattern: Pattern::AbsoluteMonthly { interval: 1, day: 31 }, end: SeriesEnd::Never };
        assert_eq!(rule.text(), "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30,31;BYSETPOS=-1");
    }
}
