//! Appointments from `.ics` files.

use super::appointment::{self, Draft};
use super::{Outcome, text_of};
use crate::calendar::meeting::EventRef;
use crate::graph::Call;
use crate::ids::{ItemNo, MailboxNo};
use crate::tenant::Tenant;
use crate::wire::Request;
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty};
use calcard::{Entry, Parser};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How many calendars and lines one file may hold.
const LIMIT: usize = 100_000;

/// Reads a calendar.
pub fn read(tenant: &mut Tenant, mailbox: MailboxNo, name: &str, bytes: &[u8], now: Timestamp) -> Outcome {
    let text = text_of(bytes);
    let (calendars, broken) = parse(&text);
    if calendars.is_empty() {
        return Outcome::refused(format!("is no calendar: {}", broken.as_deref().unwrap_or("it is empty")));
    }
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut events = 0;
    for calendar in &calendars {
        for meeting in meetings(calendar) {
            events += 1;
            match one(tenant, mailbox, name, calendar, &meeting, now) {
                Ok((no, more)) => {
                    found.push(no);
                    faults.extend(more);
                }
                Err(reason) => faults.push(reason),
            }
        }
    }
    if events == 0 {
        return match broken {
            Some(broken) if !text.contains("END:VCALENDAR") => Outcome::refused(broken),
            _ => Outcome::skipped("holds no event"),
        };
    }
    let request = Request::default();
    let call = Call::of_user(tenant, &request, now);
    let mut items: Vec<String> =
        found.into_iter().map(|no| call.event_id(mailbox, EventRef { no, date: None })).collect();
    items.dedup();
    faults.dedup();
    Outcome { items, refused: (!faults.is_empty()).then(|| faults.join("; ")), skipped: None }
}

/// The calendars of a text, and the first thing in it that is none.
fn parse(text: &str) -> (Vec<ICalendar>, Option<String>) {
    let mut parser = Parser::new(text);
    let (mut calendars, mut broken) = (Vec::new(), None);
    for _ in 0..LIMIT {
        match parser.entry() {
            Entry::ICalendar(calendar) => calendars.push(calendar),
            Entry::Eof => break,
            Entry::InvalidLine(line) => {
                let line: String = line.chars().take(60).collect();
                broken.get_or_insert(format!("the line '{}' is no calendar data", line.trim()));
            }
            Entry::UnterminatedComponent(part) => {
                broken.get_or_insert(format!("the component {part} does not end"));
            }
            Entry::UnexpectedComponentEnd { expected, found } => {
                broken.get_or_insert(format!("{} ends where {} should", found.as_str(), expected.as_str()));
            }
            Entry::TooManyComponents => {
                broken.get_or_insert("it holds too many components".to_owned());
            }
            other => {
                broken.get_or_insert(format!("it holds {other:?}").chars().take(80).collect());
            }
        }
    }
    (calendars, broken)
}

/// The parts of one meeting: its master and its changed occurrences.
#[derive(Default)]
struct Meeting<'a> {
    uid: Option<&'a str>,
    masters: Vec<&'a ICalendarComponent>,
    changed: Vec<&'a ICalendarComponent>,
}

/// The events of a calendar, those of one `UID` together, in the order of the file.
fn meetings(calendar: &ICalendar) -> Vec<Meeting<'_>> {
    let mut meetings: Vec<Meeting<'_>> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let events = calendar
        .components
        .iter()
        .filter(|component| component.component_type == ICalendarComponentType::VEvent);
    for event in events {
        let uid = event.uid().map(str::trim).filter(|uid| !uid.is_empty());
        let place = uid.and_then(|uid| known.get(uid).copied()).unwrap_or_else(|| {
            meetings.push(Meeting { uid, ..Meeting::default() });
            if let Some(uid) = uid {
                known.insert(uid, meetings.len() - 1);
            }
            meetings.len() - 1
        });
        let meeting = &mut meetings[place];
        if event.has_property(&ICalendarProperty::RecurrenceId) {
            meeting.changed.push(event);
        } else {
            meeting.masters.push(event);
        }
    }
    meetings
}

/// Takes one meeting into a calendar; with it the reasons why parts of it were left out.
fn one(
    tenant: &mut Tenant,
    mailbox: MailboxNo,
    source: &str,
    calendar: &ICalendar,
    meeting: &Meeting<'_>,
    now: Timestamp,
) -> Result<(ItemNo, Vec<String>), String> {
    let label = meeting.uid.unwrap_or("without UID");
    let because = |reason: String| format!("event {label}: {reason}");
    let home = tenant.mailbox(mailbox).user.zone.clone();
    let known = meeting.uid.and_then(|uid| tenant.mailbox(mailbox).by_uid.get(uid).copied());
    let mut faults = Vec::new();
    let mut no = known;
    for master in &meeting.masters {
        let draft = Draft::read(tenant, calendar, master, &home, now).map_err(because)?;
        let taken = appointment::put(tenant, mailbox, no, meeting.uid, draft, source, now);
        no = Some(taken.map_err(|error| because(error.message))?);
    }
    for changed in &meeting.changed {
        let draft = match Draft::read(tenant, calendar, changed, &home, now) {
            Ok(draft) => draft,
            Err(reason) => {
                faults.push(because(reason));
                continue;
            }
        };
        let result = match no {
            Some(no) => appointment::change(tenant, mailbox, no, draft, now).map(|()| no),
            // Invited to single occurrences of a series that he does not know: these are events of their own.
            None => appointment::put(tenant, mailbox, None, meeting.uid, draft, source, now)
                .map_err(|error| error.message),
        };
        match result {
            Ok(taken) => no = Some(taken),
            Err(reason) => faults.push(because(reason)),
        }
    }
    match no {
        Some(no) => Ok((no, faults)),
        None => Err(faults.join("; ")),
    }
}
