//! What an event is on a day: the series, its exceptions and its gaps seen as one.

use super::midnight;
use crate::error::GraphError;
use crate::mailbox::event::{Event, EventContent};
use crate::mailbox::patch;
use jiff::civil::{Date, Time};
use jiff::{Span, Timestamp, ToSpan};

impl Event {
    /// Whether it recurs.
    pub fn is_series(&self) -> bool {
        self.content.recurrence.is_some()
    }

    /// Whether there is an occurrence whose original date is `date`, that was not deleted.
    pub fn occurs_on(&self, date: Date) -> bool {
        !self.cancelled.contains(&date)
            && self.content.recurrence.as_ref().is_some_and(|recurrence| recurrence.falls_on(date))
    }

    /// What the occurrence of an original date says, exception or not.
    pub fn content_on(&self, date: Date) -> EventContent {
        let plain = self.plain_content_on(date);
        let Some(exception) = self.exceptions.get(&date) else { return plain };
        patch::merged("event", &plain, &exception.overlay).unwrap_or(plain)
    }

    /// What the occurrence of a date would say if it were no exception.
    pub fn plain_content_on(&self, date: Date) -> EventContent {
        let from = self.content.start.local.date();
        let days = from.until(date).map_or(0, |span| i64::from(span.get_days()));
        let mut content = self.content.clone();
        content.start = content.start.shifted(days);
        content.end = content.end.shifted(days);
        content.recurrence = None;
        content.transaction_id = None;
        content
    }

    /// The original dates of the occurrences that touch a window, in the order of their present starts.
    pub fn occurrences(&self, window: Window) -> Vec<Date> {
        let Some(recurrence) = &self.content.recurrence else { return Vec::new() };
        let (start, end) = (&self.content.start, &self.content.end);
        let length = start.local.date().until(end.local.date()).map_or(0, |span| i64::from(span.get_days()));
        // A day more on both sides covers every time zone; the exact test follows.
        let first = shifted(window.from, -(length.max(0) + 2));
        let last = shifted(window.to, 2);
        let mut found: Vec<(Timestamp, Date)> = recurrence
            .dates(first)
            .take_while(|date| *date <= last)
            .filter(|date| !self.cancelled.contains(date) && !self.exceptions.contains_key(date))
            .filter_map(|date| {
                let days = i64::from(start.local.date().until(date).ok()?.get_days());
                let (start, end) = (start.shifted(days).instant(), end.shifted(days).instant());
                window.touches(start, end).then_some((start, date))
            })
            .collect();
        for date in self.exceptions.keys() {
            let content = self.content_on(*date);
            let (start, end) = (content.start.instant(), content.end.instant());
            if window.touches(start, end) {
                found.push((start, *date));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, date)| date).collect()
    }

    /// Whether a single event touches a window.
    pub fn touches(&self, window: Window) -> bool {
        window.touches(self.content.start.instant(), self.content.end.instant())
    }

    /// Refuses to move an occurrence onto the day of a neighbour or past it.
    pub fn check_neighbours(&self, date: Date, content: &EventContent) -> Result<(), GraphError> {
        let Some(recurrence) = &self.content.recurrence else { return Ok(()) };
        let new = content.start.in_zone(&self.content.start.zone).local.date();
        let day_of = |date: Date| self.content_on(date).start.in_zone(&self.content.start.zone).local.date();
        let next = date
            .tomorrow()
            .ok()
            .and_then(|from| recurrence.dates(from).find(|next| !self.cancelled.contains(next)));
        let previous = self.before(date);
        let crosses = next.is_some_and(|next| new >= day_of(next))
            || previous.is_some_and(|previous| new <= day_of(previous));
        if crosses {
            return Err(GraphError::new(
                400,
                "ErrorOccurrenceCrossingBoundary",
                "Modified occurrence is crossing or overlapping adjacent occurrence.",
            ));
        }
        Ok(())
    }

    /// The original date of the occurrence before `date`.
    fn before(&self, date: Date) -> Option<Date> {
        let recurrence = self.content.recurrence.as_ref()?;
        // Widening steps backwards, so that a daily series of many years is not walked from its start.
        for years in [1, 10, 100, 3000] {
            let from = date.saturating_sub(years.years()).max(recurrence.range.start_date);
            let found = recurrence
                .dates(from)
                .take_while(|day| *day < date)
                .filter(|day| !self.cancelled.contains(day))
                .last();
            if found.is_some() || from == recurrence.range.start_date {
                return found;
            }
        }
        None
    }
}

/// A span of time, its end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
}

impl Window {
    /// Whether something from `start` to `end` lies in it, at least in part.
    pub fn touches(self, start: Timestamp, end: Timestamp) -> bool {
        start < self.to && (end > self.from || (start == end && start >= self.from))
    }
}

fn shifted(instant: Timestamp, days: i64) -> Date {
    let date = jiff::tz::TimeZone::UTC.to_datetime(instant).date();
    date.saturating_add(Span::new().try_days(days).unwrap_or_default())
}

/// Checks an event and brings it into the form in which it is kept: a series in its own zone, with its first
/// occurrence as start.
pub fn settled(mut content: EventContent) -> Result<EventContent, GraphError> {
    if content.end.instant() < content.start.instant() {
        return Err(GraphError::new(
            400,
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "The end of the event is earlier than its start.",
        ));
    }
    if content.attendees.len() > 500 {
        return Err(GraphError::invalid("An event may have at most 500 attendees."));
    }
    if content.is_all_day {
        let at_midnight = |time: jiff::civil::DateTime| time.time() == Time::midnight();
        let (start, end) = (content.start.local, content.end.local);
        // Both in one zone: midnight by other clocks is no midnight.
        let one_zone = content.end.in_zone(&content.start.zone).local == end;
        if !at_midnight(start) || !at_midnight(end) || end <= start || !one_zone {
            return Err(GraphError::new(
                400,
                "ErrorInvalidRequest",
                "The Event.Start and Event.End of an all-day event must be set to midnight and be at least \
                 24 hours apart.",
            ));
        }
    }
    if let Some(recurrence) = content.recurrence.take() {
        content = settled_series(content, recurrence)?;
    }
    match_locations(&mut content);
    Ok(content)
}

/// `location` names all places of `locations`, and these are at least that one.
fn match_locations(content: &mut EventContent) {
    if content.locations.is_empty() && !content.location.display_name.is_empty() {
        content.locations = vec![content.location.clone()];
    }
    if content.location.display_name.is_empty() {
        match &content.locations[..] {
            [] => {}
            [only] => content.location = only.clone(),
            several => {
                let names: Vec<&str> = several.iter().map(|one| &*one.display_name).collect();
                content.location.display_name = names.join("; ").into();
            }
        }
    }
}

fn settled_series(
    mut content: EventContent,
    mut recurrence: super::Recurrence,
) -> Result<EventContent, GraphError> {
    if let Some(fault) = recurrence.fault() {
        return Err(GraphError::new(400, "ErrorPropertyValidationFailure", fault));
    }
    let named = recurrence.range.recurrence_time_zone.as_deref().filter(|name| !name.is_empty());
    if let Some(name) = named.filter(|name| *name != content.start.zone.name()) {
        let zone = super::Zone::named(name)
            .ok_or_else(|| GraphError::bad(format!("The recurrenceTimeZone '{name}' is not supported.")))?;
        if !content.is_all_day {
            content.start = content.start.in_zone(&zone);
            content.end = content.end.in_zone(&zone);
        }
    }
    recurrence.range.recurrence_time_zone = Some(content.start.zone.name().into());
    let first = recurrence.dates(recurrence.range.start_date).next().ok_or_else(|| {
        GraphError::new(
            400,
            "ErrorRecurrenceHasNoOccurrence",
            "The specified recurrence has no occurrence in the specified range.",
        )
    })?;
    let from = content.start.local.date();
    let days = from.until(first).map_or(0, |span| i64::from(span.get_days()));
    content.start = content.start.shifted(days);
    content.end = content.end.shifted(days);
    if content.end.local < midnight(first) {
        return Err(GraphError::invalid("The series ends before it starts."));
    }
    content.recurrence = Some(recurrence);
    Ok(content)
}
