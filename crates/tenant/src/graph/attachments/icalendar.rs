//! An event as iCalendar (RFC 5545), the form in which Graph gives out event attachments.

use super::vcard::{escaped, line};
use crate::calendar::{PatternKind, RangeKind, Recurrence, WeekIndex, Weekday};
use crate::mailbox::event::{AttendeeKind, EventContent, Sensitivity, ShowAs};
use jiff::Timestamp;

/// The iCalendar of an event. Times are in UTC, so that no zone needs to be described.
pub fn of(event: &EventContent, now: Timestamp) -> String {
    let mut out =
        String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tandem//Simulated tenant//EN\r\n");
    out.push_str("METHOD:PUBLISH\r\nBEGIN:VEVENT\r\n");
    let subject = event.subject.as_deref().unwrap_or_default();
    line(&mut out, "UID", &format!("{:016x}-{:08x}", now.as_nanosecond(), subject.len()));
    line(&mut out, "DTSTAMP", &utc(now));
    if event.is_all_day {
        line(&mut out, "DTSTART;VALUE=DATE", &event.start.local.strftime("%Y%m%d").to_string());
        line(&mut out, "DTEND;VALUE=DATE", &event.end.local.strftime("%Y%m%d").to_string());
    } else {
        line(&mut out, "DTSTART", &utc(event.start.instant()));
        line(&mut out, "DTEND", &utc(event.end.instant()));
    }
    line(&mut out, "SUMMARY", &escaped(subject));
    let text = event.body.plain();
    if !text.trim().is_empty() {
        line(&mut out, "DESCRIPTION", &escaped(text.trim_end()));
    }
    if !event.location.display_name.is_empty() {
        line(&mut out, "LOCATION", &escaped(&event.location.display_name));
    }
    if let Some(recurrence) = &event.recurrence {
        line(&mut out, "RRULE", &rule(recurrence));
    }
    for attendee in &event.attendees {
        let role = match attendee.kind {
            AttendeeKind::Required => "REQ-PARTICIPANT",
            AttendeeKind::Optional => "OPT-PARTICIPANT",
            AttendeeKind::Resource => "NON-PARTICIPANT",
        };
        let address = attendee.email_address.address.as_deref().unwrap_or_default();
        line(&mut out, &format!("ATTENDEE;ROLE={role}"), &format!("mailto:{address}"));
    }
    let class = match event.sensitivity {
        Sensitivity::Normal => "PUBLIC",
        Sensitivity::Personal | Sensitivity::Private => "PRIVATE",
        Sensitivity::Confidential => "CONFIDENTIAL",
    };
    line(&mut out, "CLASS", class);
    line(&mut out, "TRANSP", if event.show_as == ShowAs::Free { "TRANSPARENT" } else { "OPAQUE" });
    out.push_str("END:VEVENT\r\nEND:VCALENDAR\r\n");
    out
}

fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn rule(recurrence: &Recurrence) -> String {
    let pattern = &recurrence.pattern;
    let days: Vec<&str> = pattern.days_of_week.iter().map(|day| short(*day)).collect();
    let days = days.join(",");
    let place = match pattern.index {
        WeekIndex::First => 1,
        WeekIndex::Second => 2,
        WeekIndex::Third => 3,
        WeekIndex::Fourth => 4,
        WeekIndex::Last => -1,
    };
    let (frequency, mut parts) = match pattern.kind {
        PatternKind::Daily => ("DAILY", Vec::new()),
        PatternKind::Weekly => {
            ("WEEKLY", vec![format!("BYDAY={days}"), format!("WKST={}", short(pattern.first_day_of_week))])
        }
        PatternKind::AbsoluteMonthly => ("MONTHLY", vec![format!("BYMONTHDAY={}", pattern.day_of_month)]),
        PatternKind::RelativeMonthly => {
            ("MONTHLY", vec![format!("BYDAY={days}"), format!("BYSETPOS={place}")])
        }
        PatternKind::AbsoluteYearly => (
            "YEARLY",
            vec![format!("BYMONTH={}", pattern.month), format!("BYMONTHDAY={}", pattern.day_of_month)],
        ),
        PatternKind::RelativeYearly => (
            "YEARLY",
            vec![format!("BYMONTH={}", pattern.month), format!("BYDAY={days}"), format!("BYSETPOS={place}")],
        ),
    };
    parts.insert(0, format!("FREQ={frequency};INTERVAL={}", pattern.interval));
    match recurrence.range.kind {
        RangeKind::NoEnd => {}
        RangeKind::Numbered => parts.push(format!("COUNT={}", recurrence.range.number_of_occurrences)),
        RangeKind::EndDate => {
            parts.push(format!("UNTIL={}T235959Z", recurrence.range.end_date.strftime("%Y%m%d")));
        }
    }
    parts.join(";")
}

fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Sunday => "SU",
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
    }
}
