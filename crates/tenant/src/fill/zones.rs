//! What the `TZID` of a calendar means: names of Windows, of IANA, and of whoever wrote the file.

use crate::calendar::{WallTime, Zone, representatives, windows_name};
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty};
use jiff::civil::date;
use jiff::tz::Offset;

/// The zone of a `TZID`.
pub fn resolve(tzid: &str, calendar: &ICalendar) -> Option<Zone> {
    let name = tzid.trim().trim_matches('"');
    if let Some(zone) = by_name(name) {
        return Some(zone);
    }
    let definition = definition(name, calendar)?;
    by_location(definition).or_else(|| by_offsets(definition, calendar))
}

/// A zone by its name, with the prefixes that calendar programs put before it taken off.
fn by_name(name: &str) -> Option<Zone> {
    if let Some(zone) = Zone::named(name) {
        return Some(zone);
    }
    // "/citadel.org/20210210_1/Europe/Berlin", "posix/Europe/Vaduz", "/Europe/Stockholm"
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    (0..parts.len().saturating_sub(1))
        .map(|from| parts[from..].join("/"))
        .filter(|tail| tail.starts_with(|first: char| first.is_ascii_uppercase()))
        .find_map(|tail| Zone::named(&tail))
}

fn definition<'a>(name: &str, calendar: &'a ICalendar) -> Option<&'a ICalendarComponent> {
    calendar.components.iter().find(|component| {
        component.component_type == ICalendarComponentType::VTimezone
            && text(component, &ICalendarProperty::Tzid).is_some_and(|id| id.trim().trim_matches('"') == name)
    })
}

fn text<'a>(component: &'a ICalendarComponent, name: &ICalendarProperty) -> Option<&'a str> {
    component.property(name)?.values.first()?.as_text()
}

fn by_location(definition: &ICalendarComponent) -> Option<Zone> {
    let location = ICalendarProperty::Other("X-LIC-LOCATION".to_owned());
    by_name(text(definition, &location)?)
}

/// A zone with the same clocks in January and July as the definition has by its last rules.
fn by_offsets(definition: &ICalendarComponent, calendar: &ICalendar) -> Option<Zone> {
    let standard = offset(definition, &ICalendarComponentType::Standard, calendar)?;
    let daylight = offset(definition, &ICalendarComponentType::Daylight, calendar).unwrap_or(standard);
    let (january, july) = (date(2024, 1, 15).at(12, 0, 0, 0), date(2024, 7, 15).at(12, 0, 0, 0));
    representatives().find_map(|iana| {
        let zone = Zone::named(iana)?;
        let at = |local| Some(zone.rules().to_offset(WallTime { local, zone: zone.clone() }.instant()));
        let clocks = (at(january)?, at(july)?);
        let fits = clocks == (standard, daylight) || clocks == (daylight, standard);
        if fits { Zone::named(windows_name(iana)?) } else { None }
    })
}

/// The offset of the latest of the definition's parts of one kind.
fn offset(
    definition: &ICalendarComponent,
    kind: &ICalendarComponentType,
    calendar: &ICalendar,
) -> Option<Offset> {
    definition
        .component_ids
        .iter()
        .filter_map(|id| calendar.component_by_id(*id))
        .filter(|part| part.component_type == *kind)
        .filter_map(|part| {
            let to = part.property(&ICalendarProperty::Tzoffsetto)?.values.first()?.as_partial_date_time()?;
            let start = part.property(&ICalendarProperty::Dtstart)?.values.first()?.as_partial_date_time()?;
            let seconds = i32::from(to.tz_hour?) * 3600 + i32::from(to.tz_minute.unwrap_or(0)) * 60;
            let seconds = if to.tz_minus { -seconds } else { seconds };
            Some(((start.year, start.month, start.day), Offset::from_seconds(seconds).ok()?))
        })
        .max_by_key(|(start, _)| *start)
        .map(|(_, offset)| offset)
}
