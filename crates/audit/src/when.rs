//! Times of both sides, brought to the same form.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// When something takes place, in comparable form. The end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Span {
    Days(Date, Date),
    Instants(Timestamp, Timestamp),
}

impl Span {
    /// Start and end as instants, days in UTC: good enough to tell whether something lies in a time frame.
    pub(crate) fn bounds(&self) -> (Timestamp, Timestamp) {
        match self {
            Span::Days(start, end) => (midnight(*start), midnight(*end)),
            Span::Instants(start, end) => (*start, *end),
        }
    }

    /// As people read it.
    pub(crate) fn text(&self) -> String {
        match self {
            Span::Days(start, end) => format!("{start} to {end} (days)"),
            Span::Instants(start, end) => format!("{start} to {end}"),
        }
    }
}

pub(crate) fn midnight(date: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A zone by its IANA or Windows name; what nobody knows is read as UTC.
pub(crate) fn zone(name: &str) -> TimeZone {
    let name = name.trim();
    if name.is_empty() || name.eq_ignore_ascii_case("utc") || name == "tzone://Microsoft/Utc" {
        return TimeZone::UTC;
    }
    let iana = WINDOWS.iter().find(|(windows, _)| *windows == name).map_or(name, |(_, iana)| iana);
    TimeZone::get(iana).unwrap_or(TimeZone::UTC)
}

/// Windows names with the IANA zone of their main territory (Unicode CLDR, `windowsZones`).
const WINDOWS: &[(&str, &str)] = &[
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("Argentina Standard Time", "America/Argentina/Buenos_Aires"),
    ("Atlantic Standard Time", "America/Halifax"),
    ("Central America Standard Time", "America/Guatemala"),
    ("Central Europe Standard Time", "Europe/Budapest"),
    ("Central European Standard Time", "Europe/Warsaw"),
    ("Central Standard Time", "America/Chicago"),
    ("China Standard Time", "Asia/Shanghai"),
    ("E. Australia Standard Time", "Australia/Brisbane"),
    ("E. Europe Standard Time", "Europe/Chisinau"),
    ("E. South America Standard Time", "America/Sao_Paulo"),
    ("Eastern Standard Time", "America/New_York"),
    ("FLE Standard Time", "Europe/Kiev"),
    ("GMT Standard Time", "Europe/London"),
    ("GTB Standard Time", "Europe/Bucharest"),
    ("Greenwich Standard Time", "Atlantic/Reykjavik"),
    ("India Standard Time", "Asia/Kolkata"),
    ("Israel Standard Time", "Asia/Jerusalem"),
    ("Korea Standard Time", "Asia/Seoul"),
    ("Mountain Standard Time", "America/Denver"),
    ("New Zealand Standard Time", "Pacific/Auckland"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Russian Standard Time", "Europe/Moscow"),
    ("SA Eastern Standard Time", "America/Cayenne"),
    ("SA Pacific Standard Time", "America/Bogota"),
    ("SE Asia Standard Time", "Asia/Bangkok"),
    ("Singapore Standard Time", "Asia/Singapore"),
    ("South Africa Standard Time", "Africa/Johannesburg"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Turkey Standard Time", "Europe/Istanbul"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("W. Australia Standard Time", "Australia/Perth"),
    ("W. Europe Standard Time", "Europe/Berlin"),
];

/// A wall time in a zone as an instant; a time that the zone skips or repeats is read as Outlook does (the earlier
/// offset of a gap, the first of two).
pub(crate) fn instant(wall: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(wall).compatible().ok()
}

/// An instant without fractions of a minute, which the CRM does not keep.
pub(crate) fn to_minute(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second().div_euclid(60) * 60).unwrap_or(instant)
}

/// Graph's `dateTimeTimeZone`.
pub(crate) fn graph_wall(value: &Value) -> Option<(DateTime, TimeZone)> {
    let text = value["dateTime"].as_str()?;
    let zone = zone(value["timeZone"].as_str().unwrap_or("UTC"));
    if let Some(text) = text.strip_suffix('Z') {
        return Some((text.parse().ok()?, TimeZone::UTC));
    }
    Some((text.parse().ok()?, zone))
}

/// Graph's `dateTimeTimeZone` as an instant.
pub(crate) fn graph_instant(value: &Value) -> Option<Timestamp> {
    let (wall, zone) = graph_wall(value)?;
    instant(wall, &zone)
}

/// Graph's ISO 8601 text in UTC.
pub(crate) fn graph_timestamp(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// `start` and `end` of an event.
pub(crate) fn graph_span(event: &Value) -> Option<Span> {
    if event["isAllDay"].as_bool() == Some(true) {
        let (start, end) = (graph_wall(&event["start"])?.0.date(), graph_wall(&event["end"])?.0.date());
        return Some(Span::Days(start, end));
    }
    Some(Span::Instants(to_minute(graph_instant(&event["start"])?), to_minute(graph_instant(&event["end"])?)))
}

/// A date of the CRM; none when empty.
pub(crate) fn crm_date(text: &str) -> Option<Date> {
    text.trim().get(..10)?.parse().ok()
}

/// A time of the CRM; midnight when empty.
pub(crate) fn crm_time(text: &str) -> Time {
    let padded = if text.len() == 5 { format!("{text}:00") } else { text.to_owned() };
    padded.parse().unwrap_or(Time::midnight())
}

/// The fields of an activity or absence that say when. `end_date` of something that takes whole days is its last day.
pub(crate) fn crm_span(dates: [&str; 4], all_day: bool, zone_name: &str) -> Option<Span> {
    let [start_date, start_time, end_date, end_time] = dates;
    let start = crm_date(start_date)?;
    let end = crm_date(end_date).unwrap_or(start);
    if all_day {
        return Some(Span::Days(start, end.checked_add(1.day()).ok()?));
    }
    let zone = zone(zone_name);
    let start = instant(start.to_datetime(crm_time(start_time)), &zone)?;
    let end = instant(end.to_datetime(crm_time(end_time)), &zone)?;
    Some(Span::Instants(to_minute(start), to_minute(end)))
}

/// Where something lies with regard to a time frame in days before and after `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Inside,
    Outside,
    /// So near to an edge that it depends on the second at which the connector looked, and on its zone.
    Edge,
}

/// Judges a stretch of time.
pub(crate) fn place(
    bounds: (Timestamp, Timestamp),
    now: Timestamp,
    past_days: i64,
    future_days: i64,
) -> Place {
    const DAY: i64 = 86_400;
    const SLACK: i64 = DAY + DAY / 2;
    let (from, to) = (now.as_second() - past_days * DAY, now.as_second() + future_days * DAY);
    let (start, end) = (bounds.0.as_second(), bounds.1.as_second().max(bounds.0.as_second()));
    if end < from - SLACK || start > to + SLACK {
        Place::Outside
    } else if end > from + SLACK && start < to - SLACK {
        Place::Inside
    } else {
        Place::Edge
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_sides_name_the_same_instants() {
        let event = json!({"start": {"dateTime": "2026-07-01T08:00:00.0000000", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-01T11:00:00", "timeZone": "W. Europe Standard Time"}});
        let crm = crm_span(["2026-07-01", "10:00", "2026-07-01", "11:00"], false, "Europe/Vienna");
        assert_eq!(graph_span(&event), crm);
        let winter =
            crm_span(["2026-12-01", "10:00", "2026-12-01", "11:00"], false, "Eastern Standard Time").unwrap();
        assert_eq!(winter.text(), "2026-12-01T15:00:00Z to 2026-12-01T16:00:00Z");
    }

    #[test]
    fn whole_days_end_exclusively() {
        let event = json!({"isAllDay": true, "start": {"dateTime": "2026-07-01T00:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-03T00:00:00", "timeZone": "UTC"}});
        assert_eq!(graph_span(&event), crm_span(["2026-07-01", "", "2026-07-02", ""], true, ""));
    }

    #[test]
    fn edges_of_the_time_frame_are_nobodys_fault() {
        let now: Timestamp = "2026-07-15T12:00:00Z".parse().unwrap();
        let at = |day: &str| {
            let start: Timestamp = format!("2026-{day}T12:00:00Z").parse().unwrap();
            place((start, start), now, 7, 7)
        };
        assert_eq!(at("07-15"), Place::Inside);
        assert_eq!(at("07-08"), Place::Edge);
        assert_eq!(at("07-01"), Place::Outside);
        assert_eq!(at("07-30"), Place::Outside);
    }
}
