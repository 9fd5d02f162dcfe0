//! Times in records: wall time in a zone, to the minute; whole days with an inclusive last day.

use crate::pen::{Eye, Pen};
use crate::{Record, Unreadable};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use tandem_model::{Kind, When, Zone};

/// The fields that say when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub(crate) date: &'static str,
    pub(crate) time: &'static str,
}

/// Activities.
pub(crate) const ACTIVITY: Names = Names { date: "Date", time: "Time" };
/// Absences.
pub(crate) const ABSENCE: Names = Names { date: "StartDate", time: "StartTime" };

/// Writes when something takes place. `series` is the zone in which a series keeps its wall-clock time: it must stay,
/// or the series would shift with the next change of the clock.
pub(crate) fn write(pen: &Pen<'_>, record: &mut Record, names: Names, when: &When, series: Option<&Zone>) {
    let (start, end, zone) = match when {
        When::AllDay { start, end } => {
            let last = end.checked_sub(1.day()).unwrap_or(*start).max(*start);
            let zone = series.map(known).unwrap_or_default();
            (Wall::day(*start), Wall::day(last), zone)
        }
        When::Timed { start, end, zone } => {
            let zone = series.unwrap_or(zone);
            let (tz, name) =
                if zone.is_known() { (zone.time_zone(), known(zone)) } else { (TimeZone::UTC, utc()) };
            let (local_start, local_end) =
                (to_minute(tz.to_datetime(*start)), to_minute(tz.to_datetime(*end)));
            let exact = same_minute(local_start, &tz, *start) && same_minute(local_end, &tz, *end);
            if exact || series.is_some() {
                (Wall::time(local_start), Wall::time(local_end), name)
            } else {
                // The clock shows this time twice and the second one is meant.
                let in_utc = |instant| Wall::time(to_minute(TimeZone::UTC.to_datetime(instant)));
                (in_utc(*start), in_utc(*end), utc())
            }
        }
    };
    let all_day = matches!(when, When::AllDay { .. });
    pen.put(record, names.date, &start.date);
    pen.put(record, names.time, &start.time);
    pen.put(record, "EndDate", &end.date);
    pen.put(record, "EndTime", &end.time);
    pen.put(record, "TimeZone", &zone);
    pen.logical(record, "AllDay", all_day);
    let minutes = when.duration().as_mins();
    pen.number(record, "Duration", u64::try_from(minutes).ok());
    pen.put(record, "Unit", "Minutes");
}

fn known(zone: &Zone) -> String {
    if zone.is_known() { zone.to_string() } else { utc() }
}

fn utc() -> String {
    Zone::utc().to_string()
}

struct Wall {
    date: String,
    time: String,
}

impl Wall {
    fn day(date: Date) -> Self {
        Self { date: date.to_string(), time: String::new() }
    }

    fn time(at: DateTime) -> Self {
        Self { date: at.date().to_string(), time: format!("{:02}:{:02}", at.hour(), at.minute()) }
    }
}

fn to_minute(at: DateTime) -> DateTime {
    let time = Time::new(at.hour(), at.minute(), 0, 0).unwrap_or(Time::midnight());
    at.date().to_datetime(time)
}

/// Whether reading the wall time gives the instant back, but for its seconds.
fn same_minute(wall: DateTime, zone: &TimeZone, instant: Timestamp) -> bool {
    let minute = |instant: Timestamp| instant.as_second().div_euclid(60);
    self::instant(wall, zone).is_some_and(|read| minute(read) == minute(instant))
}

/// A wall time as an instant: of a time that comes twice the first, of one that is skipped the one after the gap.
fn instant(wall: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(wall).compatible().ok()
}

/// Writes an instant as a date and a time in a zone.
pub(crate) fn write_instant(pen: &Pen<'_>, record: &mut Record, instant: Timestamp, zone: &Zone) {
    let when = When::Timed { start: instant, end: instant, zone: zone.clone() };
    // A mail takes no time: the fields of its end stay empty.
    let mut whole = Record::new(record.info_area);
    write(pen, &mut whole, ACTIVITY, &when, None);
    for field in ["Date", "Time", "TimeZone"] {
        pen.put(record, field, pen.get(&whole, field));
    }
}

/// Reads when something takes place. `default` is the zone of a record without one.
pub(crate) fn read(
    eye: Eye<'_>,
    kind: Kind,
    record: &Record,
    names: Names,
    default: &Zone,
) -> Result<When, Unreadable> {
    let start_date =
        date(eye, kind, record, names.date)?.ok_or_else(|| unreadable(kind, names.date, "", DATE))?;
    let end_date = date(eye, kind, record, "EndDate")?;
    let start_time = time(eye, kind, record, names.time)?;
    let Some(start_time) = start_time.filter(|_| !eye.is(record, "AllDay")) else {
        // A record that only has a date takes the whole day.
        let last = end_date.unwrap_or(start_date).max(start_date);
        let end = last.checked_add(1.day()).unwrap_or(last);
        return Ok(When::AllDay { start: start_date, end });
    };
    let zone = match eye.get(record, "TimeZone") {
        "" => default.clone(),
        name => Zone::new(name),
    };
    let tz = zone.time_zone();
    let at = |field: &str, date: Date, time: Time| {
        instant(date.to_datetime(time), &tz)
            .ok_or_else(|| unreadable(kind, field, eye.get(record, field), DATE))
    };
    let start = at(names.date, start_date, start_time)?;
    let end = match time(eye, kind, record, "EndTime")? {
        Some(end_time) => Some(at("EndDate", end_date.unwrap_or(start_date), end_time)?),
        None => None,
    };
    // An end before the start is left over from a move of the start alone: the duration still holds.
    let end = end
        .filter(|end| *end >= start)
        .or_else(|| start.checked_add(i64::from(minutes(eye, record, "Duration", "Unit")?).minutes()).ok())
        .unwrap_or(start);
    Ok(When::Timed { start, end, zone })
}

/// Reads a date; none when the field is empty.
pub(crate) fn date(
    eye: Eye<'_>,
    kind: Kind,
    record: &Record,
    field: &str,
) -> Result<Option<Date>, Unreadable> {
    match eye.get(record, field) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| unreadable(kind, field, text, DATE)),
    }
}

fn time(eye: Eye<'_>, kind: Kind, record: &Record, field: &str) -> Result<Option<Time>, Unreadable> {
    match eye.get(record, field) {
        "" => Ok(None),
        text => {
            text.parse().map(Some).map_err(|_| unreadable(kind, field, text, "a time is written like 14:30"))
        }
    }
}

const DATE: &str = "a date is written like 2026-11-30";

pub(crate) fn unreadable(kind: Kind, field: &str, value: &str, expected: &'static str) -> Unreadable {
    Unreadable { kind, field: field.to_owned(), value: value.to_owned(), expected }
}

/// Reads a number and its unit as minutes.
pub(crate) fn minutes(eye: Eye<'_>, record: &Record, number: &str, unit: &str) -> Option<u32> {
    let number: u32 = eye.get(record, number).parse().ok()?;
    let minutes = match eye.get(record, unit).chars().next().map(|first| first.to_ascii_lowercase()) {
        Some('h' | 's') => 60,
        Some('d' | 't') => 1_440,
        Some('w') => 10_080,
        _ => 1,
    };
    number.checked_mul(minutes)
}
