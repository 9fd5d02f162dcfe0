//! A series' exceptions and cancelled occurrences, named by their original date.

use super::event::{EventWire, show_as};
use super::recurrence::Recurrence;
use super::text::ItemBody;
use super::{Lens, time};
use jiff::civil::Date;
use serde_json::Value;
use tandem_model::{Appointment, Occurrence, Series, When, Zone};

/// The series of a master.
pub(crate) fn read(
    wire: &EventWire,
    recurrence: &Recurrence,
    master: &Appointment,
    lens: &Lens,
) -> Result<Series, String> {
    let zone = match &master.when {
        When::Timed { zone, .. } => zone.clone(),
        When::AllDay { .. } => lens.zone.clone(),
    };
    let mut series = recurrence.series(&zone, &lens.zone, master.when.start_date())?;
    series.cancelled = wire.cancelled_occurrences.iter().flatten().filter_map(cancelled_date).collect();
    for exception in wire.exception_occurrences.iter().flatten() {
        let Some(date) = original_date(exception, &series.zone, lens) else { continue };
        let Some(occurrence) = occurrence(exception, master, lens) else { continue };
        // What equals its series departs from nothing: an exception that was undone stays one in Exchange.
        if regular(master, &series.zone, date).as_ref() != Some(&occurrence) {
            series.exceptions.insert(date, occurrence);
        }
    }
    Ok(series)
}

/// The date of a cancelled occurrence from its name, `OID.{seriesMasterId}.{date}`.
fn cancelled_date(name: &Value) -> Option<Date> {
    let name = name.as_str().or_else(|| name["id"].as_str())?;
    name.rsplit('.').next()?.parse().ok()
}

/// The date on which an occurrence or exception would have begun, in the zone of its series.
pub(crate) fn original_date(wire: &EventWire, zone: &Zone, lens: &Lens) -> Option<Date> {
    let named = wire.occurrence_id.as_deref().and_then(|id| id.rsplit('.').next()?.parse::<Date>().ok());
    let is_occurrence = wire.r#type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("occurrence"));
    let all_day = wire.is_all_day.unwrap_or_default();
    named.or_else(|| {
        let original = time::instant(wire.original_start.as_ref());
        match original {
            // What never moved begins on its original date; said as a day, it needs no zone.
            Some(_) if all_day && is_occurrence => Some(wire.when(lens)?.start_date()),
            Some(original) if all_day => time::midnight_date(original, zone),
            Some(original) => Some(zone.time_zone().to_datetime(original).date()),
            None => match wire.when(lens)? {
                When::AllDay { start, .. } => Some(start),
                When::Timed { start, .. } => Some(zone.time_zone().to_datetime(start).date()),
            },
        }
    })
}

/// An exception as it is; what the answer leaves out is as in the master.
fn occurrence(wire: &EventWire, master: &Appointment, lens: &Lens) -> Option<Occurrence> {
    let mut when = wire.when(lens)?;
    // An exception is said in the zone of its series, whatever the answer says about its times.
    if let (When::Timed { zone, .. }, When::Timed { zone: master_zone, .. }) = (&mut when, &master.when) {
        *zone = master_zone.clone();
    }
    Some(Occurrence {
        when,
        subject: wire.subject.as_ref().map_or_else(|| master.subject.clone(), |text| text.trim().to_owned()),
        location: wire.place().unwrap_or_else(|| master.location.clone()),
        text: wire.body.as_ref().map_or_else(|| master.text.clone(), ItemBody::text),
        show_as: wire.show_as.as_deref().map_or(master.show_as, |text| show_as(Some(text))),
    })
}

/// What the master gives on a date: the same wall-clock time, as long.
pub(crate) fn regular(master: &Appointment, zone: &Zone, date: Date) -> Option<Occurrence> {
    let when = match &master.when {
        When::AllDay { start, end } => {
            let days = end.since(*start).ok()?;
            When::AllDay { start: date, end: date.checked_add(days).ok()? }
        }
        When::Timed { start, end, zone: said } => {
            let clock = zone.time_zone().to_datetime(*start).time();
            let begin = time::instant_of(date.to_datetime(clock), zone)?;
            When::Timed {
                start: begin,
                end: begin.checked_add(end.duration_since(*start)).ok()?,
                zone: said.clone(),
            }
        }
    };
    Some(Occurrence {
        when,
        subject: master.subject.clone(),
        location: master.location.clone(),
        text: master.text.clone(),
        show_as: master.show_as,
    })
}
