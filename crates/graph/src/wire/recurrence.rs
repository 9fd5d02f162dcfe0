//! Graph's `patternedRecurrence`.

use crate::zones;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tandem_model::{Pattern, RelativeIndex, Series, SeriesEnd, Weekday, Zone};

/// Graph `patternedRecurrence`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Recurrence {
    pattern: PatternWire,
    range: RangeWire,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PatternWire {
    r#type: Option<String>,
    interval: Option<u32>,
    month: Option<u8>,
    day_of_month: Option<u8>,
    days_of_week: Option<Vec<String>>,
    first_day_of_week: Option<String>,
    index: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RangeWire {
    r#type: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    number_of_occurrences: Option<u32>,
    recurrence_time_zone: Option<String>,
}

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const INDEXES: [(&str, RelativeIndex); 5] = [
    ("first", RelativeIndex::First),
    ("second", RelativeIndex::Second),
    ("third", RelativeIndex::Third),
    ("fourth", RelativeIndex::Fourth),
    ("last", RelativeIndex::Last),
];

fn named<T: Copy>(names: &[(&str, T)], text: &str) -> Option<T> {
    names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}

impl Recurrence {
    /// The series, without exceptions. `zone` is the event's, where the recurrence names none of its own; `start` the
    /// day of the first occurrence.
    pub(crate) fn series(&self, zone: &Zone, preferred: &Zone, start: Date) -> Result<Series, String> {
        let range = &self.range;
        let date =
            |text: &Option<String>| text.as_deref().and_then(|text| text.get(..10)?.parse::<Date>().ok());
        let start = date(&range.start_date).filter(|date| date.year() > 1).unwrap_or(start);
        let end = match range.r#type.as_deref().unwrap_or("noEnd").to_ascii_lowercase().as_str() {
            "enddate" => SeriesEnd::Until(date(&range.end_date).ok_or("its series ends on no readable day")?),
            "numbered" => SeriesEnd::Count(range.number_of_occurrences.unwrap_or(1).max(1)),
            _ => SeriesEnd::Never,
        };
        let zone = match range.recurrence_time_zone.as_deref() {
            Some(name) if !name.is_empty() => {
                let named = zones::from_graph(name, preferred);
                if named.custom { zone.clone() } else { named.zone }
            }
            _ => zone.clone(),
        };
        let pattern = self.pattern.read(start)?;
        Ok(Series { pattern, start, end, zone, cancelled: BTreeSet::new(), exceptions: Default::default() })
    }
}

impl PatternWire {
    fn read(&self, start: Date) -> Result<Pattern, String> {
        let interval = self.interval.unwrap_or(1).max(1);
        let day =
            self.day_of_month.filter(|day| (1..=31).contains(day)).unwrap_or(start.day().unsigned_abs());
        let month =
            self.month.filter(|month| (1..=12).contains(month)).unwrap_or(start.month().unsigned_abs());
        let index =
            named(&INDEXES, self.index.as_deref().unwrap_or_default()).unwrap_or(RelativeIndex::First);
        let kind = self.r#type.as_deref().unwrap_or_default();
        Ok(match kind.to_ascii_lowercase().as_str() {
            "daily" => Pattern::Daily { interval },
            "weekly" => {
                let first_day = self.first_day_of_week.as_deref().unwrap_or_default();
                let first_day = named(&DAYS, first_day).unwrap_or(Weekday::Sunday);
                Pattern::Weekly { interval, days: self.days(start), first_day }
            }
            "absolutemonthly" => Pattern::AbsoluteMonthly { interval, day },
            "relativemonthly" => Pattern::RelativeMonthly { interval, days: self.days(start), index },
            "absoluteyearly" => Pattern::AbsoluteYearly { interval, month, day },
            "relativeyearly" => Pattern::RelativeYearly { interval, month, days: self.days(start), index },
            _ => return Err(format!("it recurs in an unknown way (\"{kind}\")")),
        })
    }

    /// The days named, or the one on which the series begins.
    fn days(&self, start: Date) -> BTreeSet<Weekday> {
        let days: BTreeSet<Weekday> =
            self.days_of_week.iter().flatten().filter_map(|name| named(&DAYS, name)).collect();
        if !days.is_empty() {
            return days;
        }
        let number = usize::from(start.weekday().to_monday_zero_offset().unsigned_abs());
        DAYS.get(number).map(|(_, day)| *day).into_iter().collect()
    }
}

/// The recurrence of a series for Graph. Only what a pattern uses may be said ("Graph documentation:
/// recurrencePattern").
pub(crate) fn write(series: &Series) -> Value {
    let mut range = Map::new();
    range.insert("startDate".into(), json!(series.start.to_string()));
    match series.end {
        SeriesEnd::Never => range.insert("type".into(), json!("noEnd")),
        SeriesEnd::Until(date) => {
            range.insert("endDate".into(), json!(date.to_string()));
            range.insert("type".into(), json!("endDate"))
        }
        SeriesEnd::Count(count) => {
            range.insert("numberOfOccurrences".into(), json!(count));
            range.insert("type".into(), json!("numbered"))
        }
    };
    range.insert("recurrenceTimeZone".into(), json!(zones::to_graph(&series.zone).unwrap_or("UTC")));
    json!({ "pattern": write_pattern(&series.pattern), "range": range })
}

fn write_pattern(pattern: &Pattern) -> Value {
    let days =
        |days: &BTreeSet<Weekday>| -> Vec<&str> { days.iter().map(|day| name_of(&DAYS, day)).collect() };
    match pattern {
        Pattern::Daily { interval } => json!({ "type": "daily", "interval": interval }),
        Pattern::Weekly { interval, days: on, first_day } => json!({
            "type": "weekly", "interval": interval, "daysOfWeek": days(on),
            "firstDayOfWeek": name_of(&DAYS, first_day),
        }),
        Pattern::AbsoluteMonthly { interval, day } => {
            json!({ "type": "absoluteMonthly", "interval": interval, "dayOfMonth": day })
        }
        Pattern::RelativeMonthly { interval, days: on, index } => json!({
            "type": "relativeMonthly", "interval": interval, "daysOfWeek": days(on), "index": name_of(&INDEXES, index),
        }),
        Pattern::AbsoluteYearly { interval, month, day } => {
            json!({ "type": "absoluteYearly", "interval": interval, "month": month, "dayOfMonth": day })
        }
        Pattern::RelativeYearly { interval, month, days: on, index } => json!({
            "type": "relativeYearly", "interval": interval, "month": month, "daysOfWeek": days(on),
            "index": name_of(&INDEXES, index),
        }),
    }
}
