//! One event of a calendar file: what it says, and how a calendar takes it in.

use super::attendees;
use super::reader::{Reader, When};
use crate::calendar::Zone;
use crate::calendar::meeting::NewEvent;
use crate::calendar::series::settled;
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::{Attachment, Stamp};
use crate::mailbox::event::{Event, EventContent, Exception, ShowAs};
use crate::mailbox::patch::as_map;
use crate::tenant::Tenant;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarParameterName,
    ICalendarProperty as Property, ICalendarStatus,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Map;
use std::collections::BTreeSet;

/// An event of a file, read.
#[derive(Debug)]
pub struct Draft {
    content: EventContent,
    people: attendees::People,
    attachments: Vec<Attachment>,
    /// Original dates of deleted occurrences.
    cancelled: BTreeSet<Date>,
    /// The occurrence that it changes.
    occurrence: Option<When>,
    is_cancelled: bool,
}

impl Draft {
    /// Reads an event; or says why it cannot be one.
    pub fn read(
        tenant: &mut Tenant,
        calendar: &ICalendar,
        event: &ICalendarComponent,
        home: &Zone,
        now: Timestamp,
    ) -> Result<Self, String> {
        let reader = Reader { calendar, event, home };
        for (property, name) in [(Property::Rdate, "RDATE"), (Property::Exrule, "EXRULE")] {
            if event.has_property(&property) {
                return Err(format!("Outlook has no equal of {name}"));
            }
        }
        let start = reader.time(&Property::Dtstart)?.ok_or("DTSTART is missing")?;
        let end = reader.end(&start)?;
        let mut content = reader.content(&start, end)?;
        content.recurrence = reader.recurrence(&start)?;
        let people = attendees::read(event);
        content.attendees.clone_from(&people.attendees);
        let occurrence = reader.time(&Property::RecurrenceId)?;
        let ranged = event
            .property(&Property::RecurrenceId)
            .is_some_and(|entry| entry.has_parameter(&ICalendarParameterName::Range));
        if ranged {
            return Err("Outlook has no equal of RECURRENCE-ID;RANGE=THISANDFUTURE".to_owned());
        }
        let status = event.status();
        let is_cancelled = status == Some(&ICalendarStatus::Cancelled) || method(calendar) == "CANCEL";
        if method(calendar) == "REPLY" {
            return Err("METHOD:REPLY is an answer to an invitation, no appointment".to_owned());
        }
        if is_cancelled {
            content.show_as = ShowAs::Free;
        }
        Ok(Self {
            cancelled: reader.cancelled(&start)?,
            attachments: reader.attachments(tenant, now),
            content,
            people,
            occurrence,
            is_cancelled,
        })
    }
}

fn method(calendar: &ICalendar) -> String {
    let whole =
        calendar.components.iter().find(|part| part.component_type == ICalendarComponentType::VCalendar);
    let method = whole.and_then(|part| part.property(&Property::Method)?.values.first()?.as_text());
    method.unwrap_or_default().to_ascii_uppercase()
}

/// Takes an event into a calendar, in the place of `known` if it is there already.
pub fn put(
    tenant: &mut Tenant,
    mailbox: MailboxNo,
    known: Option<ItemNo>,
    uid: Option<&str>,
    draft: Draft,
    source: &str,
    now: Timestamp,
) -> Result<ItemNo, GraphError> {
    let (organizer, response) = draft.people.seen_by(tenant, mailbox);
    let mut new = NewEvent {
        organizer,
        ical_uid: uid.map(Box::from),
        response,
        attachments: draft.attachments,
        cancelled: draft.cancelled,
        is_cancelled: draft.is_cancelled,
        source: Some(source.into()),
        ..NewEvent::new(draft.content)
    };
    keep_real_dates(&mut new)?;
    let Some(no) = known else { return tenant.create_event(mailbox, new, now) };
    // The same UID again: the event is replaced, its place in the calendar stays.
    let content = settled(new.content)?;
    let change = tenant.sequence.change();
    let before = tenant.mailbox(mailbox).events.get(&no).cloned().ok_or_else(GraphError::not_found)?;
    let mut after = Event { content, attachments: new.attachments, source: new.source, ..before };
    after.cancelled = new.cancelled;
    after.exceptions.clear();
    after.is_cancelled = new.is_cancelled;
    after.stamp.touch(now, change);
    let is_organizer = after.is_organizer;
    tenant.mailbox_mut(mailbox).put_event(after);
    if is_organizer {
        tenant.distribute(mailbox, no, false, now);
    }
    Ok(no)
}

/// Forgets deleted dates on which the series has no occurrence anyway.
fn keep_real_dates(new: &mut NewEvent) -> Result<(), GraphError> {
    let settled = settled(new.content.clone())?;
    match &settled.recurrence {
        Some(recurrence) => new.cancelled.retain(|date| recurrence.falls_on(*date)),
        None => new.cancelled.clear(),
    }
    Ok(())
}

/// Changes one occurrence of a series.
pub fn change(
    tenant: &mut Tenant,
    mailbox: MailboxNo,
    no: ItemNo,
    draft: Draft,
    now: Timestamp,
) -> Result<(), String> {
    let change = tenant.sequence.change();
    let mut event =
        tenant.mailbox(mailbox).events.get(&no).cloned().ok_or("its series is not in the calendar")?;
    let original = draft.occurrence.ok_or("RECURRENCE-ID is missing")?;
    let zone = &event.content.start.zone;
    let original = if original.is_date { original.wall.local } else { original.wall.in_zone(zone).local };
    let date = original.date();
    if !event.content.recurrence.as_ref().is_some_and(|recurrence| recurrence.falls_on(date)) {
        return Err(format!("RECURRENCE-ID {original} names no occurrence of the series"));
    }
    event.stamp.touch(now, change);
    if draft.is_cancelled {
        event.exceptions.remove(&date);
        event.cancelled.insert(date);
    } else {
        let content =
            settled(EventContent { recurrence: None, ..draft.content }).map_err(|error| error.message)?;
        event.check_neighbours(date, &content).map_err(|error| error.message)?;
        let (plain, whole) = (as_map(&event.plain_content_on(date)), as_map(&content));
        let overlay: Map<_, _> =
            whole.into_iter().filter(|(name, value)| plain.get(name) != Some(value)).collect();
        let exception =
            Exception { overlay, stamp: Stamp::new(now, change), response: None, extended: Vec::new() };
        event.cancelled.remove(&date);
        event.exceptions.insert(date, exception);
    }
    let is_organizer = event.is_organizer;
    tenant.mailbox_mut(mailbox).put_event(event);
    if is_organizer {
        tenant.distribute(mailbox, no, false, now);
    }
    Ok(())
}
