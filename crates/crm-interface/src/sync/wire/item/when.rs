//! When something takes place.

use crate::xml::{Element, ReadError, Writer};
use std::str::FromStr;
use tandem_model::{When, Zone};

pub(super) const DATE: &str = "a date such as 2026-03-29";
pub(super) const INSTANT: &str = "an instant such as 2026-03-29T08:00:00Z";

pub(super) fn write(w: &mut Writer, when: &When) {
    w.start("when");
    match when {
        When::AllDay { start, end } => {
            w.flag("allDay", true).plain_attribute("start", start).plain_attribute("end", end);
        }
        When::Timed { start, end, zone } => {
            w.plain_attribute("start", start).plain_attribute("end", end).attribute("zone", zone.as_str());
        }
    }
    w.end();
}

pub(super) fn read(element: &Element<'_>) -> Result<When, ReadError> {
    Ok(if element.flag("allDay")? {
        When::AllDay { start: required(element, "start", DATE)?, end: required(element, "end", DATE)? }
    } else {
        When::Timed {
            start: required(element, "start", INSTANT)?,
            end: required(element, "end", INSTANT)?,
            zone: element.attribute("zone").map_or_else(Zone::utc, Zone::new),
        }
    })
}

pub(super) fn required<T: FromStr>(
    element: &Element<'_>,
    name: &'static str,
    expected: &'static str,
) -> Result<T, ReadError> {
    element.require_attribute(name)?;
    element.parse_attribute(name, expected)?.ok_or_else(|| element.error(crate::xml::Problem::Missing(name)))
}
