//! Recurrence of an appointment.

use super::super::words::{Word, index, weekday};
use super::when::{self, DATE, required};
use crate::xml::{Element, Problem, ReadError, Writer};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{Occurrence, Pattern, Series, SeriesEnd, ShowAs, Weekday, Zone};

const POSITIVE: &str = "a number from 1";

pub(super) fn write(w: &mut Writer, series: &Series) {
    w.start("series").plain_attribute("start", series.start).attribute("zone", series.zone.as_str());
    match series.end {
        SeriesEnd::Never => {}
        SeriesEnd::Until(date) => {
            w.plain_attribute("until", date);
        }
        SeriesEnd::Count(count) => {
            w.plain_attribute("count", count);
        }
    }
    write_pattern(w, &series.pattern);
    for date in &series.cancelled {
        w.start("cancelled").plain(date).end();
    }
    for (date, occurrence) in &series.exceptions {
        w.start("exception").plain_attribute("date", date);
        w.attribute_if("showAs", occurrence.show_as.unusual());
        when::write(w, &occurrence.when);
        w.leaf_if("subject", &occurrence.subject)
            .leaf_if("location", &occurrence.location)
            .leaf_if("text", &occurrence.text)
            .end();
    }
    w.end();
}

fn write_pattern(w: &mut Writer, pattern: &Pattern) {
    w.start("pattern");
    let mut begin = |kind: &str, interval: &u32| {
        w.attribute("type", kind).plain_attribute("interval", interval);
    };
    let none = BTreeSet::new();
    let days = match pattern {
        Pattern::Daily { interval } => {
            begin("daily", interval);
            &none
        }
        Pattern::Weekly { interval, days, first_day } => {
            begin("weekly", interval);
            w.attribute("firstDay", weekday::word(*first_day));
            days
        }
        Pattern::AbsoluteMonthly { interval, day } => {
            begin("absoluteMonthly", interval);
            w.plain_attribute("day", day);
            &none
        }
        Pattern::RelativeMonthly { interval, days, index } => {
            begin("relativeMonthly", interval);
            w.attribute("index", index::word(*index));
            days
        }
        Pattern::AbsoluteYearly { interval, month, day } => {
            begin("absoluteYearly", interval);
            w.plain_attribute("month", month).plain_attribute("day", day);
            &none
        }
        Pattern::RelativeYearly { interval, month, days, index } => {
            begin("relativeYearly", interval);
            w.plain_attribute("month", month).attribute("index", index::word(*index));
            days
        }
    };
    for day in days {
        w.leaf("day", weekday::word(*day));
    }
    w.end();
}

pub(super) fn read(element: Element<'_>) -> Result<Series, ReadError> {
    let end = match element.parse_attribute("until", DATE)? {
        Some(date) => SeriesEnd::Until(date),
        None => element
            .parse_attribute("count", "a number of occurrences")?
            .map_or(SeriesEnd::Never, SeriesEnd::Count),
    };
    let mut series = Series {
        pattern: read_pattern(element.require("pattern")?)?,
        start: required(&element, "start", DATE)?,
        end,
        zone: element.attribute("zone").map_or_else(Zone::utc, Zone::new),
        cancelled: BTreeSet::new(),
        exceptions: BTreeMap::new(),
    };
    for child in element.into_children() {
        match child.local() {
            "cancelled" => {
                series.cancelled.insert(child.parse(DATE)?);
            }
            "exception" => {
                series.exceptions.insert(required(&child, "date", DATE)?, read_occurrence(child)?);
            }
            _ => {}
        }
    }
    Ok(series)
}

fn read_occurrence(element: Element<'_>) -> Result<Occurrence, ReadError> {
    let mut occurrence = Occurrence {
        when: when::read(element.require("when")?)?,
        subject: String::new(),
        location: String::new(),
        text: String::new(),
        show_as: ShowAs::attribute(&element, "showAs")?,
    };
    for child in element.into_children() {
        match child.local() {
            "subject" => occurrence.subject = child.into_text(),
            "location" => occurrence.location = child.into_text(),
            "text" => occurrence.text = child.into_text(),
            _ => {}
        }
    }
    Ok(occurrence)
}

fn read_pattern(element: &Element<'_>) -> Result<Pattern, ReadError> {
    let interval = required(element, "interval", POSITIVE)?;
    if interval == 0 {
        return Err(element.invalid("0", POSITIVE));
    }
    let month = || in_range(element, "month", 12, "a month, 1 to 12");
    let day = || in_range(element, "day", 31, "a day of a month, 1 to 31");
    let index = || index::read(element, element.require_attribute("index")?);
    Ok(match element.require_attribute("type")? {
        "daily" => Pattern::Daily { interval },
        "weekly" => Pattern::Weekly {
            interval,
            days: days(element)?,
            first_day: element
                .attribute("firstDay")
                .map_or(Ok(Weekday::Monday), |day| weekday::read(element, day))?,
        },
        "absoluteMonthly" => Pattern::AbsoluteMonthly { interval, day: day()? },
        "relativeMonthly" => Pattern::RelativeMonthly { interval, days: days(element)?, index: index()? },
        "absoluteYearly" => Pattern::AbsoluteYearly { interval, month: month()?, day: day()? },
        "relativeYearly" => {
            Pattern::RelativeYearly { interval, month: month()?, days: days(element)?, index: index()? }
        }
        other => return Err(element.invalid(other, "a pattern of recurrence")),
    })
}

fn in_range(
    element: &Element<'_>,
    name: &'static str,
    most: u8,
    expected: &'static str,
) -> Result<u8, ReadError> {
    let number: u8 = required(element, name, expected)?;
    if number == 0 || number > most {
        return Err(element.invalid(&number.to_string(), expected));
    }
    Ok(number)
}

/// The days of a pattern: never none.
fn days(element: &Element<'_>) -> Result<BTreeSet<Weekday>, ReadError> {
    let days = element
        .children()
        .iter()
        .filter(|child| child.local() == "day")
        .map(|child| weekday::read(child, child.text()))
        .collect::<Result<BTreeSet<_>, _>>()?;
    if days.is_empty() { Err(element.error(Problem::Missing("day"))) } else { Ok(days) }
}
