//! Times: Graph's `dateTimeTimeZone` and `DateTimeOffset`.

use crate::zones;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_model::{When, Zone};

/// Graph `dateTimeTimeZone`: a wall-clock time and the zone of the clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DateTimeTimeZone {
    pub(crate) date_time: Option<String>,
    pub(crate) time_zone: Option<String>,
}

impl DateTimeTimeZone {
    /// The wall-clock time. Some answers carry an offset; it then counts, and the clock is in UTC.
    fn civil(&self) -> Option<(DateTime, Zone)> {
        let text = self.date_time.as_deref()?.trim();
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some((Zone::utc().time_zone().to_datetime(instant), Zone::utc()));
        }
        let zone = self
            .time_zone
            .as_deref()
            .map_or_else(Zone::utc, |name| zones::from_graph(name, &Zone::utc()).zone);
        Some((text.parse().ok()?, zone))
    }

    /// The instant.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        let (civil, zone) = self.civil()?;
        instant_of(civil, &zone)
    }

    /// The day, as the clock in its own zone shows it.
    pub(crate) fn date(&self) -> Option<Date> {
        Some(self.civil()?.0.date())
    }

    /// The day of an all-day event. Its times are midnight, mostly said as midnight UTC whatever the zone of the
    /// event, at times as that instant in UTC when it is midnight in the event's zone.
    pub(crate) fn all_day_date(&self, event_zone: &Zone) -> Option<Date> {
        let (civil, zone) = self.civil()?;
        if civil.time() == jiff::civil::Time::midnight() {
            return Some(civil.date());
        }
        midnight_date(instant_of(civil, &zone)?, event_zone)
    }
}

/// The day that begins at an instant that is midnight somewhere: in `zone`, or else in the zone nearest to UTC in
/// which it is. Graph gives the original start of an all-day event in UTC, without saying whose midnight it is.
pub(crate) fn midnight_date(instant: Timestamp, zone: &Zone) -> Option<Date> {
    let local = zone.time_zone().to_datetime(instant);
    if local.time() == jiff::civil::Time::midnight() {
        return Some(local.date());
    }
    let nearest = instant.checked_add(SignedDuration::from_hours(12)).ok()?;
    Some(Zone::utc().time_zone().to_datetime(nearest).date())
}

/// The instant at which the clock of a zone shows a time: the first of two, or the end of the gap.
pub(crate) fn instant_of(civil: DateTime, zone: &Zone) -> Option<Timestamp> {
    zone.time_zone().to_ambiguous_timestamp(civil).compatible().ok()
}

/// Reads `DateTimeOffset`; year 1 is Graph's way to say never.
pub(crate) fn instant(text: Option<&String>) -> Option<Timestamp> {
    let instant: Timestamp = text?.parse().ok()?;
    (instant.to_string().as_str() > "1601").then_some(instant)
}

/// An instant as the clock of a zone shows it; in UTC where that would be ambiguous or the zone has no name.
pub(crate) fn write_instant(instant: Timestamp, zone: &Zone) -> Value {
    if let Some(name) = zones::to_graph(zone) {
        let civil = zone.time_zone().to_datetime(instant);
        if instant_of(civil, zone) == Some(instant) {
            return json!({ "dateTime": civil.to_string(), "timeZone": name });
        }
    }
    json!({ "dateTime": Zone::utc().time_zone().to_datetime(instant).to_string(), "timeZone": "UTC" })
}

/// Midnight of a day, as the clock of a zone shows it.
pub(crate) fn write_date(date: Date, zone: &Zone) -> Value {
    let name = zones::to_graph(zone).unwrap_or("UTC");
    json!({ "dateTime": format!("{date}T00:00:00"), "timeZone": name })
}

/// Begin and end of an event. All-day events are written as midnight in `all_day_zone`.
pub(crate) fn write_when(when: &When, all_day_zone: &Zone) -> (Value, Value) {
    match when {
        When::AllDay { start, end } => (write_date(*start, all_day_zone), write_date(*end, all_day_zone)),
        When::Timed { start, end, zone } => (write_instant(*start, zone), write_instant(*end, zone)),
    }
}

/// Whether two times are one to Graph: the same instants, said in zones that it cannot tell apart.
pub(crate) fn same_when(a: &When, b: &When) -> bool {
    match (a, b) {
        (
            When::Timed { start: a_start, end: a_end, zone: a_zone },
            When::Timed { start: b_start, end: b_end, zone: b_zone },
        ) => (a_start, a_end) == (b_start, b_end) && zones::same(a_zone, b_zone),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn at(date_time: &str, zone: &str) -> DateTimeTimeZone {
        DateTimeTimeZone { date_time: Some(date_time.into()), time_zone: Some(zone.into()) }
    }

    #[test]
    fn wall_clocks() {
        let vienna = at("2026-07-01T10:00:00.0000000", "W. Europe Standard Time");
        assert_eq!(vienna.instant().unwrap().to_string(), "2026-07-01T08:00:00Z");
        assert_eq!(
            at("2026-07-01T10:00:00Z", "Eastern Standard Time").instant().unwrap().to_string(),
            "2026-07-01T10:00:00Z"
        );
        assert_eq!(at("2026-07-01T23:30:00", "Eastern Standard Time").date(), Some(date(2026, 7, 1)));
        assert_eq!(at("soon", "UTC").instant(), None);
    }

    #[test]
    fn all_day_events_are_days_however_they_are_said() {
        let vienna = Zone::new("Europe/Vienna");
        for said in [
            at("2026-07-01T00:00:00.0000000", "UTC"),
            at("2026-07-01T00:00:00", "W. Europe Standard Time"),
            at("2026-06-30T22:00:00.0000000", "UTC"),
        ] {
            assert_eq!(said.all_day_date(&vienna), Some(date(2026, 7, 1)), "{said:?}");
        }
        // Said without a zone that helps: the nearest midnight.
        assert_eq!(at("2018-06-05T07:00:00", "UTC").all_day_date(&Zone::utc()), Some(date(2018, 6, 5)));
        assert_eq!(at("2018-06-04T15:00:00", "UTC").all_day_date(&Zone::utc()), Some(date(2018, 6, 5)));
    }

    #[test]
    fn an_hour_that_comes_twice_is_said_in_utc() {
        let vienna = Zone::new("Europe/Vienna");
        let second = "2026-10-25T01:30:00Z".parse().unwrap();
        assert_eq!(write_instant(second, &vienna)["timeZone"], "UTC");
        let first = "2026-10-25T00:30:00Z".parse().unwrap();
        assert_eq!(
            write_instant(first, &vienna),
            json!({"dateTime": "2026-10-25T02:30:00", "timeZone": "W. Europe Standard Time"})
        );
    }

    #[test]
    fn never_is_no_time() {
        assert_eq!(instant(Some(&"0001-01-01T00:00:00Z".to_owned())), None);
        assert_eq!(
            instant(Some(&"2020-08-12T04:54:29.1925206Z".to_owned())).unwrap().to_string(),
            "2020-08-12T04:54:29.1925206Z"
        );
    }
}
