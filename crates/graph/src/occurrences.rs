//! Single occurrences of a series: what departs from the rule is written occurrence by occurrence.

use crate::transport::call::IMMUTABLE_ID;
use crate::wire::event::{self, EventWire};
use crate::wire::{id, series, text, time};
use crate::{Class, GraphError, Mailbox, Remote};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tandem_model::{Appointment, GraphId, Item, Kind, Occurrence, When, Zone};

/// What has to be done to an occurrence.
#[derive(Debug, Clone, PartialEq)]
enum Step<'a> {
    Cancel,
    /// Becomes this; what it is now, as far as known, says what need not be written.
    Change(&'a Occurrence, Option<Occurrence>),
}

impl Mailbox {
    /// Makes the occurrences of a series what `wanted` says, touching only those that differ from `known` (or, when
    /// that is not given, from what the series is now), and reads the series again.
    pub(crate) async fn settle_series(
        &self,
        kind: Kind,
        master: &GraphId,
        wanted: &Appointment,
        known: Option<&Appointment>,
    ) -> Result<Remote, GraphError> {
        let now;
        let known = match known {
            Some(known) => known,
            None => {
                now = self.read_existing(kind, master, "").await?;
                match &now.item {
                    Item::Appointment(now) => now,
                    _ => return Ok(now),
                }
            }
        };
        let undone = regular_again(wanted, known);
        let mut open = steps(wanted, known, &undone);
        // Whatever moves to where its neighbour has not left yet is refused: it comes after its neighbour.
        while !open.is_empty() {
            let (before, mut refused) = (open.len(), None);
            for (date, step) in std::mem::take(&mut open) {
                match self.take_step(kind, master, known, date, &step).await {
                    Err(error) if crosses(&error) => {
                        open.push((date, step));
                        refused = Some(error);
                    }
                    ended => ended?,
                }
            }
            if let Some(error) = refused.filter(|_| open.len() == before) {
                return Err(error);
            }
        }
        self.read_existing(kind, master, "").await
    }

    async fn take_step(
        &self,
        kind: Kind,
        master: &GraphId,
        known: &Appointment,
        date: Date,
        step: &Step<'_>,
    ) -> Result<(), GraphError> {
        match step {
            Step::Cancel => self.cancel_occurrence(master, known, date).await,
            Step::Change(to, from) => {
                match self.change_occurrence(master, known, date, to, from.as_ref()).await {
                    Err(error) if error.class() == Class::Ambiguous => {
                        self.look_after(kind, master, date, to, from.as_ref(), error).await
                    }
                    ended => ended,
                }
            }
        }
    }

    async fn cancel_occurrence(
        &self,
        master: &GraphId,
        known: &Appointment,
        date: Date,
    ) -> Result<(), GraphError> {
        match self.occurrence(master, known, date).await? {
            Some(occurrence) => self.delete(Kind::Appointment, &occurrence, None, None).await,
            None => Ok(()),
        }
    }

    async fn change_occurrence(
        &self,
        master: &GraphId,
        known: &Appointment,
        date: Date,
        to: &Occurrence,
        from: Option<&Occurrence>,
    ) -> Result<(), GraphError> {
        let Some(occurrence) = self.occurrence(master, known, date).await? else {
            return Err(GraphError::NotWritable {
                what: self.what(&format!("changing an occurrence of series {master}")),
                why: format!("the series has no occurrence on {date}"),
            });
        };
        let body = difference(to, from, &self.lens.zone);
        if !body.is_empty() {
            let path = ["events", occurrence.as_str()];
            self.patch(Kind::Appointment, &path, &occurrence, None, body, "").await?;
        }
        Ok(())
    }

    /// Nobody heard what became of the change of an occurrence: it is done, or that stays unclear.
    async fn look_after(
        &self,
        kind: Kind,
        master: &GraphId,
        date: Date,
        to: &Occurrence,
        from: Option<&Occurrence>,
        error: GraphError,
    ) -> Result<(), GraphError> {
        let Item::Appointment(now) = self.read_existing(kind, master, "").await?.item else {
            return Err(error);
        };
        let Some(series) = &now.series else { return Err(error) };
        let is = series.exceptions.get(&date).cloned().or_else(|| series::regular(&now, &series.zone, date));
        let left = difference(to, is.as_ref(), &self.lens.zone);
        let asked = difference(to, from, &self.lens.zone);
        if asked.keys().any(|name| left.contains_key(name)) { Err(error) } else { Ok(()) }
    }

    /// The id of the occurrence whose original date this is.
    async fn occurrence(
        &self,
        master: &GraphId,
        known: &Appointment,
        date: Date,
    ) -> Result<Option<GraphId>, GraphError> {
        let zone = known.series.as_ref().map_or_else(Zone::utc, |series| series.zone.clone());
        let doing = format!("looking for the occurrence of series {master} on {date}");
        let Some((from, to)) = around(date) else { return Ok(None) };
        let fields = "id,type,seriesMasterId,originalStart,start,end,isAllDay,originalStartTimeZone";
        let query = [("startDateTime", from.as_str()), ("endDateTime", to.as_str()), ("$select", fields)];
        let call = self.get(&["events", master.as_str(), "instances"], &query, &doing).prefer(IMMUTABLE_ID);
        let instances: Vec<EventWire> = self.all(call).await?;
        let named = |events: &[EventWire]| {
            let found =
                events.iter().find(|event| series::original_date(event, &zone, &self.lens) == Some(date));
            found.map(|event| id(&event.id))
        };
        if let Some(found) = named(&instances) {
            return Ok(Some(found));
        }
        // An exception is listed where it was moved to, which may be far away.
        let query = [("$select", "id,type"), ("$expand", "exceptionOccurrences")];
        let call = self.get(&["events", master.as_str()], &query, &doing).prefer(IMMUTABLE_ID);
        let whole: EventWire = self.send(call).await?.json()?;
        Ok(named(&whole.exception_occurrences.unwrap_or_default()))
    }
}

/// Whether an occurrence may not move there, for its neighbour is on that day or before it.
fn crosses(error: &GraphError) -> bool {
    matches!(error, GraphError::Rejected(at) if at.code == "ErrorOccurrenceCrossingBoundary")
}

/// A span that holds the day in every zone.
fn around(date: Date) -> Option<(String, String)> {
    let midnight: Timestamp =
        time::instant_of(date.to_datetime(jiff::civil::Time::midnight()), &Zone::utc())?;
    let from = midnight.checked_sub(SignedDuration::from_hours(24)).ok()?;
    let to = midnight.checked_add(SignedDuration::from_hours(48)).ok()?;
    Some((from.to_string(), to.to_string()))
}

/// Exceptions that are none any more, as what the rule gives for them.
fn regular_again(wanted: &Appointment, known: &Appointment) -> Vec<(Date, Occurrence)> {
    let (Some(to), Some(from)) = (&wanted.series, &known.series) else { return Vec::new() };
    let gone = from
        .exceptions
        .keys()
        .filter(|date| !to.exceptions.contains_key(*date) && !to.cancelled.contains(*date));
    gone.filter_map(|date| Some((*date, series::regular(wanted, &to.zone, *date)?))).collect()
}

fn steps<'a>(
    wanted: &'a Appointment,
    known: &Appointment,
    undone: &'a [(Date, Occurrence)],
) -> Vec<(Date, Step<'a>)> {
    let (Some(to), Some(from)) = (&wanted.series, &known.series) else { return Vec::new() };
    let mut steps: Vec<(Date, Step<'a>)> = Vec::new();
    let cancelled: BTreeSet<Date> = to.cancelled.difference(&from.cancelled).copied().collect();
    steps.extend(cancelled.into_iter().map(|date| (date, Step::Cancel)));
    let exceptions = to.exceptions.iter().map(|(date, to)| (*date, to));
    let regular = undone.iter().map(|(date, to)| (*date, to));
    for (date, occurrence) in exceptions.chain(regular) {
        let now = from.exceptions.get(&date).cloned().or_else(|| series::regular(known, &from.zone, date));
        let differs = !difference(occurrence, now.as_ref(), &to.zone).is_empty();
        if differs && !to.cancelled.contains(&date) {
            steps.push((date, Step::Change(occurrence, now)));
        }
    }
    steps
}

/// The JSON that makes an occurrence `to`; what `from` has already is left out.
fn difference(to: &Occurrence, from: Option<&Occurrence>, zone: &Zone) -> Map<String, Value> {
    let mut body = Map::new();
    if !from.is_some_and(|from| time::same_when(&from.when, &to.when)) {
        let (start, end) = time::write_when(&to.when, zone);
        body.insert("start".into(), start);
        body.insert("end".into(), end);
        body.insert("isAllDay".into(), json!(matches!(to.when, When::AllDay { .. })));
    }
    let mut set = |same: bool, name: &str, value: Value| {
        if !same {
            body.insert(name.to_owned(), value);
        }
    };
    set(from.is_some_and(|from| from.subject == to.subject), "subject", json!(to.subject));
    set(
        from.is_some_and(|from| from.location == to.location),
        "location",
        json!({ "displayName": to.location }),
    );
    set(from.is_some_and(|from| from.text == to.text), "body", text::body(&to.text));
    set(
        from.is_some_and(|from| from.show_as == to.show_as),
        "showAs",
        json!(event::show_as_name(to.show_as)),
    );
    body
}
