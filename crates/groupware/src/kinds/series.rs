//! Series: one master activity, and a child activity for each occurrence that differs.

use crate::moments::{self, unreadable};
use crate::pen::{Eye, Pen};
use crate::rrule::Rule;
use crate::{InfoArea, Note, Record, RecordSet, Unreadable, words};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{Appointment, Kind, Occurrence, Series, When, Zone};

/// Fields of the master that its children share.
const SHARED: [&str; 12] = [
    "Contact",
    "Status",
    "RepID",
    "Rep",
    "ContactByID",
    "ContactBy",
    "PeGrp",
    "PeNo",
    "CoGrp",
    "CoNo",
    "Person",
    "Company",
];

/// Writes when an appointment takes place: once, or as a series.
pub(super) fn write(pen: &mut Pen<'_>, appointment: &Appointment, set: &mut RecordSet) {
    let series = appointment.series.as_ref();
    moments::write(
        pen,
        &mut set.primary,
        moments::ACTIVITY,
        &appointment.when,
        series.map(|series| &series.zone),
    );
    if !pen.exchanges(&set.primary, "IsMasterContact") {
        if series.is_some() {
            let text = "the form does not list IsMasterContact: only the first occurrence is kept";
            pen.notes.push(Note::new("series-not-exchanged", text));
        }
        return;
    }
    let rule = series.map(|series| Rule { pattern: series.pattern.clone(), end: series.end }.text());
    let cancelled = series.map(|series| dates(&series.cancelled)).unwrap_or_default();
    pen.logical(&mut set.primary, "IsMasterContact", series.is_some());
    pen.put(&mut set.primary, "Recurrence", &rule.unwrap_or_default());
    pen.put(&mut set.primary, "CancelledDates", &cancelled);
    let old = std::mem::take(&mut set.exceptions);
    for (original, occurrence) in series.iter().flat_map(|series| &series.exceptions) {
        let written = exception(pen, &set.primary, &old, *original, occurrence);
        set.exceptions.push(written);
    }
}

fn dates(dates: &BTreeSet<Date>) -> String {
    dates.iter().map(Date::to_string).collect::<Vec<_>>().join(",")
}

fn exception(
    pen: &mut Pen<'_>,
    master: &Record,
    old: &[Record],
    original: Date,
    occurrence: &Occurrence,
) -> Record {
    let name = original.to_string();
    let known = old.iter().find(|record| pen.get(record, "OriginalDate") == name);
    let mut record = known.cloned().unwrap_or_else(|| Record::new(InfoArea::Activity));
    for field in SHARED {
        pen.put(&mut record, field, pen.get(master, field));
    }
    pen.logical(&mut record, "IsSerialContact", true);
    pen.put(&mut record, "OriginalDate", &name);
    moments::write(pen, &mut record, moments::ACTIVITY, &occurrence.when, None);
    pen.text(&mut record, "Subject", &occurrence.subject);
    pen.text(&mut record, "Location", &occurrence.location);
    pen.text(&mut record, "Text", &occurrence.text);
    pen.put(&mut record, "ShowAs", words::show_as(occurrence.show_as));
    record
}

/// Reads the series of a master whose first occurrence is `when`; none for a single appointment.
pub(super) fn read(
    eye: Eye<'_>,
    set: &RecordSet,
    when: &When,
    zone: &Zone,
) -> Result<Option<Series>, Unreadable> {
    let record = &set.primary;
    if !eye.is(record, "IsMasterContact") {
        return Ok(None);
    }
    let zone = match (when, eye.get(record, "TimeZone")) {
        (When::Timed { zone, .. }, _) => zone.clone(),
        (When::AllDay { .. }, "") => zone.clone(),
        (When::AllDay { .. }, name) => Zone::new(name),
    };
    let (start, text) = (when.start_date(), eye.get(record, "Recurrence"));
    let rule = Rule::parse(text, start, &zone.time_zone()).ok_or_else(|| {
        unreadable(Kind::Appointment, "Recurrence", text, "a rule is an RFC 5545 RRULE that Outlook can have")
    })?;
    Ok(Some(Series {
        pattern: rule.pattern,
        start,
        end: rule.end,
        cancelled: cancelled(eye, record)?,
        exceptions: exceptions(eye, set, &zone)?,
        zone,
    }))
}

fn cancelled(eye: Eye<'_>, record: &Record) -> Result<BTreeSet<Date>, Unreadable> {
    let text = eye.get(record, "CancelledDates");
    let dates = text.split([',', ';', ' ']).filter(|date| !date.is_empty());
    dates
        .map(|date| {
            date.parse().map_err(|_| {
                unreadable(
                    Kind::Appointment,
                    "CancelledDates",
                    text,
                    "dates like 2026-11-30 stand between commas",
                )
            })
        })
        .collect()
}

fn exceptions(eye: Eye<'_>, set: &RecordSet, zone: &Zone) -> Result<BTreeMap<Date, Occurrence>, Unreadable> {
    let mut exceptions = BTreeMap::new();
    for record in set.exceptions.iter().filter(|record| eye.is(record, "IsSerialContact")) {
        let when = moments::read(eye, Kind::Appointment, record, moments::ACTIVITY, zone)?;
        let original = moments::date(eye, Kind::Appointment, record, "OriginalDate")?;
        let occurrence = Occurrence {
            subject: eye.owned(record, "Subject"),
            location: eye.owned(record, "Location"),
            text: eye.lines(record, "Text"),
            show_as: words::read_show_as(eye.get(record, "ShowAs")),
            when,
        };
        // A child without an original date was made by hand for its own day.
        exceptions.insert(original.unwrap_or_else(|| occurrence.when.start_date()), occurrence);
    }
    Ok(exceptions)
}
