//! Whether a record lies within a span of time.

use crate::storage::Record;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use tandem_crm_interface::sync::{RecordState, Window};
use tandem_model::{Item, Pattern, Series, SeriesEnd, When, Zone};

/// What the record's dates alone say, to within a day for the zones: most of history is outside, and turning it
/// into items would cost much.
pub(super) fn is_certainly_outside(record: &Record, window: Window) -> bool {
    let (first, last) = match record.target.area.as_str() {
        "MA" => ("Date", "EndDate"),
        "A3" => ("StartDate", "EndDate"),
        _ => return false,
    };
    let date = |field: &str| record.get(field).parse::<Date>().ok();
    let Some(first) = date(first) else { return false };
    let last = date(last).unwrap_or(first);
    let day = |instant: Timestamp| TimeZone::UTC.to_datetime(instant).date();
    let after = day_after(day(window.to)) < first;
    let before = day_after(last) < day(window.from);
    if record.is("IsMasterContact") { false } else { after || before }
}

/// Whether the record's item lies within the window. Deletions always do.
pub(super) fn holds(state: &RecordState, window: Window, zone: &Zone) -> bool {
    let RecordState::Present { item, .. } = state else { return true };
    let overlaps = |when: &When| overlaps(when, window, &zone.time_zone());
    match item.as_ref() {
        Item::Appointment(appointment) => match &appointment.series {
            Some(series) => {
                series.exceptions.values().any(|occurrence| overlaps(&occurrence.when))
                    || series_overlaps(series, &appointment.when, window, &zone.time_zone())
            }
            None => overlaps(&appointment.when),
        },
        Item::Absence(absence) => overlaps(&absence.when),
        // A task without any date is always of today.
        Item::Task(task) => match (task.start.or(task.due), task.due.or(task.start)) {
            (Some(start), Some(end)) => overlaps(&When::AllDay { start, end: day_after(end.max(start)) }),
            _ => true,
        },
        Item::Mail(_) | Item::Contact(_) => true,
    }
}

fn overlaps(when: &When, window: Window, zone: &TimeZone) -> bool {
    let (start, end) = (when.start_in(zone), when.end_in(zone));
    // What takes no time is at its start.
    start < window.to && (end > window.from || (start == end && start == window.from))
}

/// A series lies within the window from its first occurrence to the last day on which it can have one.
fn series_overlaps(series: &Series, first: &When, window: Window, zone: &TimeZone) -> bool {
    let begins = first.start_in(zone) < window.to;
    let from = TimeZone::UTC.to_datetime(window.from).date();
    begins && last_day(series).is_none_or(|last| day_after(last) >= from)
}

/// The last day on which the series can have an occurrence; none when it never ends.
fn last_day(series: &Series) -> Option<Date> {
    match series.end {
        SeriesEnd::Never => None,
        SeriesEnd::Until(date) => Some(date),
        SeriesEnd::Count(count) => {
            let count = i64::from(count);
            // Each repetition has at least one occurrence, each week all of its days but for the first.
            let span = match &series.pattern {
                Pattern::Daily { interval } => {
                    Span::new().try_days(count.saturating_mul(i64::from(*interval)))
                }
                Pattern::Weekly { interval, days, .. } => {
                    let rounds = count / i64::try_from(days.len().max(1)).unwrap_or(1) + 2;
                    Span::new().try_weeks(rounds.saturating_mul(i64::from(*interval)))
                }
                Pattern::AbsoluteMonthly { interval, .. } | Pattern::RelativeMonthly { interval, .. } => {
                    Span::new().try_months(count.saturating_mul(i64::from(*interval)))
                }
                Pattern::AbsoluteYearly { interval, .. } | Pattern::RelativeYearly { interval, .. } => {
                    Span::new().try_years(count.saturating_mul(i64::from(*interval)))
                }
            };
            // A series that ends after the calendar does never ends.
            span.ok().and_then(|span| series.start.checked_add(span).ok())
        }
    }
}

fn day_after(date: Date) -> Date {
    date.tomorrow().unwrap_or(date)
}
