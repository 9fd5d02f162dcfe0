//! What a person compares of an appointment.

use super::meeting::{Copy, Meeting, rule_of_record, span_of_record};
use crate::mail::{same_line, same_text};
use crate::participants::{address, by_address, coverage};
use crate::records::{CrmWorld, activity_number, is_live, number};
use crate::recurrence::Rule;
use crate::text::squeeze;
use crate::when::{Span, crm_date, graph_span, graph_wall, instant, midnight, to_minute, zone};
use crate::{Record, Scope};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Comparable fields.
pub(super) type Face = BTreeMap<&'static str, String>;

type Differences = BTreeMap<String, (String, String)>;

/// Compares the organiser's copy with the activity. Where it is in none of the mailboxes, any copy may have been the one
/// that was taken over, for reminder and free/busy status are each attendee's own; where two claim to be it (two people
/// imported the same file), either may lead. The most similar one counts.
pub(super) fn compare(
    meeting: &Meeting<'_>,
    record: &Record,
    world: &CrmWorld,
    scope: &Scope,
) -> Differences {
    let organizer = meeting.lead().is_organizer();
    let copies = meeting.copies.iter().filter(|copy| copy.is_organizer() == organizer);
    let candidates = copies.map(|copy| {
        let mut differences = compare_event(copy.event, meeting, record, world, scope);
        if is_of_others(copy, record, world) {
            differences.retain(|field, _| !OWN.contains(&field.as_str()));
            if attendees(copy.event).is_empty() {
                differences.remove("attendees");
            }
        }
        differences
    });
    candidates.min_by_key(BTreeMap::len).unwrap_or_default()
}

/// What everybody has for himself in a meeting that somebody else called.
const OWN: [&str; 3] = ["show as", "private", "reminder"];

/// Whether the activity names an organiser, or else a rep, who is not the copy's owner: it was made for a colleague,
/// without mail.
fn is_of_others(copy: &Copy<'_>, record: &Record, world: &CrmWorld) -> bool {
    let rows = world.participants_of(record).iter();
    let mut organizers = rows.filter(|row| is_live(row) && row.get("Role") == "organizer").peekable();
    if organizers.peek().is_some() {
        return organizers.all(|row| world.addresses(row).is_disjoint(copy.addresses));
    }
    let reps = world.addresses_of_rep(record);
    !reps.is_empty() && reps.is_disjoint(copy.addresses)
}

fn compare_event(
    event: &Value,
    meeting: &Meeting<'_>,
    record: &Record,
    world: &CrmWorld,
    scope: &Scope,
) -> Differences {
    let (m365, crm) = (face_of_event(event), face_of_record(world, record));
    let mut differences = Differences::new();
    for (field, value) in &m365 {
        let other = crm.get(field).cloned().unwrap_or_default();
        let same =
            if matches!(*field, "subject" | "location") { same_line(value, &other) } else { *value == other };
        if !same {
            differences.insert((*field).to_owned(), (value.clone(), other));
        }
    }
    if !same_text(&event["body"], record.get("Text")) {
        let content = squeeze(event["body"]["content"].as_str().unwrap_or_default());
        differences.insert("text".to_owned(), (content, squeeze(record.get("Text"))));
    }
    let attendees = attendees(event);
    let silent = attendees.is_empty() && may_be_silent(event, record, scope);
    let owners: BTreeSet<String> =
        meeting.copies.iter().flat_map(|copy| copy.addresses.clone()).chain(organizer(event)).collect();
    let mut people = coverage(world, record, &attendees, &owners);
    people.missing.retain(|address| !is_named_otherwise(address, meeting, record, world));
    if !silent && (!people.missing.is_empty() || !people.extra.is_empty()) {
        let list = |addresses: BTreeSet<String>| addresses.into_iter().collect::<Vec<_>>().join(", ");
        differences.insert("attendees".to_owned(), (list(people.missing), list(people.extra)));
    }
    answers(meeting, record, world, &mut differences);
    differences
}

/// Whether the activity names somebody by another address of his mailbox, which was renamed.
fn is_named_otherwise(address: &str, meeting: &Meeting<'_>, record: &Record, world: &CrmWorld) -> bool {
    let mut his = meeting.copies.iter().filter(|copy| copy.addresses.contains(address));
    his.any(|copy| {
        let mut rows = world.participants_of(record).iter();
        rows.any(|row| !world.addresses(row).is_disjoint(copy.addresses))
    })
}

/// Whether the event of a CRM's own activity may not name its attendees, because they would get mail about the past, or
/// about what was taken over when synchronisation began. `F5021` marks activities that came from Microsoft 365.
fn may_be_silent(event: &Value, record: &Record, scope: &Scope) -> bool {
    let over = span_of_record(record).is_some_and(|span| span.bounds().1 <= scope.now);
    let created = event["createdDateTime"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let imported = scope.imported_until.zip(created).is_some_and(|(until, created)| created <= until);
    !record.is("F5021") && (imported || (over && !scope.mail_about_past))
}

/// The fields of a copy.
pub(super) fn face_of_event(event: &Value) -> Face {
    let text = |field: &Value| squeeze(field.as_str().unwrap_or_default());
    let reminder = event["isReminderOn"].as_bool() == Some(true);
    let mut face = Face::from([
        ("subject", text(&event["subject"])),
        ("location", text(&event["location"]["displayName"])),
        ("when", graph_span(event).map(|span| span.text()).unwrap_or_default()),
        ("show as", show_as(event["showAs"].as_str().unwrap_or("busy"))),
        ("private", matches!(event["sensitivity"].as_str(), Some("private" | "confidential")).to_string()),
        (
            "reminder",
            if reminder {
                event["reminderMinutesBeforeStart"].as_i64().unwrap_or(0).to_string()
            } else {
                String::new()
            },
        ),
    ]);
    let rule = Rule::of_graph(&event["recurrence"]);
    face.insert("recurrence", rule.as_ref().map(Rule::text).unwrap_or_default());
    if rule.is_some() {
        let (cancelled, exceptions) = graph_exceptions(event);
        face.insert("cancelled", join(&cancelled));
        face.insert("exceptions", told(&exceptions));
    }
    face
}

/// The fields of the activity.
pub(super) fn face_of_record(world: &CrmWorld, record: &Record) -> Face {
    let span = span_of_record(record);
    let rule = span.as_ref().and_then(|span| rule_of_record(record, span));
    let mut face = Face::from([
        ("subject", squeeze(record.get("Subject"))),
        ("location", squeeze(record.get("A031Location"))),
        ("when", span.as_ref().map(Span::text).unwrap_or_default()),
        ("show as", show_as(record.get("ShowAs"))),
        ("private", record.is("Private").to_string()),
        ("reminder", reminder(record)),
        ("recurrence", rule.as_ref().map(Rule::text).unwrap_or_default()),
    ]);
    if let (Some(_), Some(span)) = (rule, span) {
        let cancelled: BTreeSet<Date> =
            record.get("CancelledDates").split([',', ';', ' ']).filter_map(crm_date).collect();
        face.insert("cancelled", join(&cancelled));
        let exceptions = crm_exceptions(world, record, &span);
        face.insert("exceptions", told(&exceptions));
    }
    face
}

fn told(exceptions: &BTreeMap<Date, String>) -> String {
    exceptions.iter().map(|(date, what)| format!("{date}: {what}")).collect::<Vec<_>>().join("; ")
}

fn join(dates: &BTreeSet<Date>) -> String {
    dates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Cancelled dates and departing occurrences of a master, by the date on which they would have begun.
fn graph_exceptions(event: &Value) -> (BTreeSet<Date>, BTreeMap<Date, String>) {
    // Cancelled ones read OID.{seriesMasterId}.{date}.
    let ids = event["cancelledOccurrences"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let cancelled = ids.filter_map(|id| crm_date(id.rsplit('.').next()?)).collect();
    let series_zone = series_zone(event);
    let regular = graph_span(event);
    let mut exceptions = BTreeMap::new();
    for occurrence in event["exceptionOccurrences"].as_array().into_iter().flatten() {
        let original =
            occurrence["originalStart"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let (Some(original), Some(regular)) = (original, regular.as_ref()) else { continue };
        let all_day = matches!(regular, Span::Days(..));
        let date = if all_day {
            TimeZone::UTC.to_datetime(original).date()
        } else {
            series_zone.to_datetime(original).date()
        };
        let what = occurrence_text(
            graph_span(occurrence),
            &occurrence["subject"],
            &occurrence["location"]["displayName"],
        );
        let usual = occurrence_text(
            shifted(regular, date, &series_zone),
            &event["subject"],
            &event["location"]["displayName"],
        );
        if what != usual {
            exceptions.insert(date, what);
        }
    }
    (cancelled, exceptions)
}

fn series_zone(event: &Value) -> TimeZone {
    let named = event["recurrence"]["range"]["recurrenceTimeZone"].as_str().filter(|name| !name.is_empty());
    match named.or(event["originalStartTimeZone"].as_str()) {
        Some(name) => zone(name),
        None => graph_wall(&event["start"]).map_or(TimeZone::UTC, |(_, zone)| zone),
    }
}

fn occurrence_text(span: Option<Span>, subject: &Value, location: &Value) -> String {
    let text = |value: &Value| squeeze(value.as_str().unwrap_or_default());
    format!(
        "{}, \"{}\", at \"{}\"",
        span.map(|span| span.text()).unwrap_or_default(),
        text(subject),
        text(location)
    )
}

/// The regular occurrence on a date: same wall time in the zone of the series, same length.
fn shifted(first: &Span, date: Date, zone: &TimeZone) -> Option<Span> {
    match first {
        Span::Days(start, end) => {
            let length = midnight(*end).duration_since(midnight(*start));
            let end = midnight(date).checked_add(length).ok()?;
            Some(Span::Days(date, TimeZone::UTC.to_datetime(end).date()))
        }
        Span::Instants(start, end) => {
            let wall = zone.to_datetime(*start).time();
            let start_then = instant(date.to_datetime(wall), zone)?;
            let end_then = start_then.checked_add(end.duration_since(*start)).ok()?;
            Some(Span::Instants(to_minute(start_then), to_minute(end_then)))
        }
    }
}

fn crm_exceptions(world: &CrmWorld, master: &Record, first: &Span) -> BTreeMap<Date, String> {
    let zone = zone(master.get("TimeZone"));
    let text = |record: &Record, span: Option<Span>| {
        occurrence_text(span, &Value::from(record.get("Subject")), &Value::from(record.get("A031Location")))
    };
    let children = world.activities.iter().filter(|child| {
        child.is("IsSerialContact") && is_live(child) && activity_number(child) == number(master)
    });
    children
        .filter_map(|child| {
            let date = crm_date(child.get("OriginalDate"))?;
            let what = text(child, span_of_record(child));
            (what != text(master, shifted(first, date, &zone))).then_some((date, what))
        })
        .collect()
}

/// Graph's word for the free/busy status, whatever the side calls it.
pub(crate) fn show_as(word: &str) -> String {
    let plain: String =
        word.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_lowercase();
    match plain.as_str() {
        "outofoffice" => "oof".to_owned(),
        "" | "unknown" => "busy".to_owned(),
        _ => plain,
    }
}

/// Minutes; empty without a reminder.
fn reminder(record: &Record) -> String {
    let Ok(number) = record.get("ReminderDur").parse::<i64>() else { return String::new() };
    let unit = record.get("ReminderUnit").to_lowercase();
    let minutes = match unit.chars().next() {
        Some('h') => 60,
        Some('d') => 1_440,
        Some('w') => 10_080,
        _ => 1,
    };
    (number * minutes).to_string()
}

fn organizer(event: &Value) -> Option<String> {
    address(&event["organizer"])
}

/// Everybody who is invited, without the organiser.
fn attendees(event: &Value) -> BTreeSet<String> {
    let organizer = organizer(event);
    event["attendees"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(address)
        .filter(|address| Some(address) != organizer.as_ref())
        .collect()
}

/// The organiser's copy knows what everybody answered; another copy knows its owner's answer only.
fn answers(meeting: &Meeting<'_>, record: &Record, world: &CrmWorld, differences: &mut Differences) {
    let event = meeting.lead().event;
    let organizer = organizer(event);
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    if meeting.lead().is_organizer() {
        for attendee in event["attendees"].as_array().into_iter().flatten() {
            if let Some(address) = address(attendee).filter(|address| Some(address) != organizer.as_ref()) {
                expected.insert(address, answer(attendee["status"]["response"].as_str().unwrap_or_default()));
            }
        }
    } else {
        for copy in &meeting.copies {
            let own = answer(copy.event["responseStatus"]["response"].as_str().unwrap_or_default());
            let invited = attendees(copy.event);
            expected.extend(
                copy.addresses
                    .iter()
                    .find(|address| invited.contains(*address))
                    .map(|address| (address.clone(), own)),
            );
        }
    }
    let addresses: BTreeSet<String> = expected.keys().cloned().collect();
    let known = by_address(world, record, &addresses, "Status");
    let (mut m365, mut crm) = (Vec::new(), Vec::new());
    for (address, found) in known {
        let (wanted, found) = (expected.get(&address).cloned().unwrap_or_default(), answer(&found));
        if wanted != found {
            m365.push(format!("{address} {wanted}"));
            crm.push(format!("{address} {found}"));
        }
    }
    if !m365.is_empty() {
        differences.insert("responses".to_owned(), (m365.join(", "), crm.join(", ")));
    }
}

fn answer(word: &str) -> String {
    match word {
        "accepted" => "accepted",
        "tentativelyAccepted" | "tentative" => "tentative",
        "declined" => "declined",
        _ => "none",
    }
    .to_owned()
}
