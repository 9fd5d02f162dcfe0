//! Changing events.

use super::super::global_id::uid_on;
use super::super::online;
use super::super::series::settled;
use super::post::Mail;
use super::{EventRef, addresses};
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::content::{ExtendedProperty, merge_extended};
use crate::mailbox::event::{Event, EventContent, Location, PERSONAL, ResponseStatus};
use crate::mailbox::patch;
use crate::tenant::{MailKind, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

impl Tenant {
    /// Changes an event or an occurrence as the owner of the calendar. An organiser's change is mailed and reaches
    /// the attendees' copies; an attendee's stays in his own.
    pub(crate) fn change_event(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        patch: &Map<String, Value>,
        extended: Vec<ExtendedProperty>,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let before = self.event(mailbox, at)?.clone();
        let stamp_change = self.sequence.change();
        let mut after = before.clone();
        after.stamp.touch(now, stamp_change);
        let moved = match at.date {
            None => change_whole(&mut after, patch, extended)?,
            Some(date) => change_occurrence(&mut after, date, patch, extended, now)?,
        };
        online::enable(&mut after.content, &mut self.sequence);
        self.mailbox_mut(mailbox).put_event(after.clone());
        if after.is_organizer {
            self.tell_attendees(mailbox, at.date, &before, &after, patch, moved, now);
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the facts that decide who gets which mail")]
    fn tell_attendees(
        &mut self,
        mailbox: MailboxNo,
        date: Option<Date>,
        before: &Event,
        after: &Event,
        patch: &Map<String, Value>,
        moved: bool,
        now: Timestamp,
    ) {
        let people = |event: &Event| match date {
            Some(date) => addresses(&event.content_on(date)),
            None => addresses(&event.content),
        };
        let (old, new) = (people(before), people(after));
        if old.is_empty() && new.is_empty() {
            return;
        }
        let personal_only = patch.keys().all(|name| PERSONAL.contains(&name.as_str()));
        if personal_only && !self.settings.behaviour.personal_changes_mail {
            return;
        }
        let added: BTreeSet<String> = new.difference(&old).cloned().collect();
        let removed: BTreeSet<String> = old.difference(&new).cloned().collect();
        let staying: BTreeSet<String> = new.intersection(&old).cloned().collect();
        // Documented: a change of nothing but the attendees is mailed only to those whom it concerns.
        let only_attendees = patch.len() == 1 && patch.contains_key("attendees");
        let from = after.organizer.email_address.key();
        let said = |date| match date {
            Some(date) => before.content_on(date),
            None => before.content.clone(),
        };
        let mut mail = |kind, to: &BTreeSet<String>, date| {
            let said = said(date);
            let mail = Mail::of(kind, &from, after, date);
            self.post(Mail { to: to.clone(), before: Some(&said), ..mail }, now);
        };
        mail(MailKind::Invitation, &added, date);
        mail(MailKind::Cancellation, &removed, date);
        if !only_attendees {
            mail(MailKind::Update, &staying, date);
            // A series is mailed once for itself and once for each of its changed occurrences.
            for changed in after.exceptions.keys().filter(|_| date.is_none()) {
                mail(MailKind::Update, &new, Some(*changed));
            }
        }
        match date {
            None => self.call_off(mailbox, &after.ical_uid, &removed, now),
            Some(date) => {
                let alone = removed.intersection(&before.invited_alone(date)).cloned().collect();
                self.call_off(mailbox, &uid_on(&after.ical_uid, Some(date)), &alone, now);
            }
        }
        self.distribute(mailbox, after.no, moved && date.is_none(), now);
    }
}

/// Changes a single event or a series; whether its time changed.
fn change_whole(
    event: &mut Event,
    patch: &Map<String, Value>,
    extended: Vec<ExtendedProperty>,
) -> Result<bool, GraphError> {
    let mut content: EventContent = patch::merged("event", &event.content, patch)?;
    // An update that names the start of a series in another zone must not shift its pattern's dates.
    if content.recurrence.is_some() && content.recurrence == event.content.recurrence {
        content.start = content.start.in_zone(&event.content.start.zone);
        content.end = content.end.in_zone(&event.content.start.zone);
        follow_start(event, &mut content);
    }
    follow_location(&mut content, patch);
    online::keep(&event.content, &mut content, patch);
    let content = settled(content)?;
    let old = &event.content;
    let moved = content.start.instant() != old.start.instant()
        || content.end.instant() != old.end.instant()
        || content.recurrence != old.recurrence
        || content.is_all_day != old.is_all_day;
    if moved && event.is_series() {
        // Outlook drops the exceptions of a series whose pattern or time of day changes.
        event.exceptions.clear();
        event.cancelled.clear();
    }
    let before = std::mem::replace(&mut event.content, content);
    for attendee in &mut event.content.attendees {
        let known =
            before.attendees.iter().find(|old| old.email_address.key() == attendee.email_address.key());
        attendee.status = match known {
            Some(known) if !moved => known.status.clone(),
            _ => ResponseStatus::default(),
        };
    }
    event.follow_attendees(&before);
    merge_extended(&mut event.extended, extended);
    Ok(moved)
}

/// `location` and `locations` always correspond: the one that is written makes the other.
fn follow_location(content: &mut EventContent, patch: &Map<String, Value>) {
    match (patch.contains_key("location"), patch.contains_key("locations")) {
        (true, false) => content.locations.clear(),
        (false, true) => content.location = Location::default(),
        _ => {}
    }
}

/// A series whose start is moved to another day begins on that day.
fn follow_start(event: &Event, content: &mut EventContent) {
    let (old, new) = (event.content.start.local.date(), content.start.local.date());
    if let Some(recurrence) = content.recurrence.as_mut().filter(|_| old != new) {
        recurrence.range.start_date = new;
    }
}

/// Changes one occurrence, which becomes an exception; whether its time changed.
fn change_occurrence(
    event: &mut Event,
    date: Date,
    patch: &Map<String, Value>,
    extended: Vec<ExtendedProperty>,
    now: Timestamp,
) -> Result<bool, GraphError> {
    if patch.get("recurrence").is_some_and(|value| !value.is_null()) {
        return Err(GraphError::invalid("An occurrence of a series cannot have a recurrence of its own."));
    }
    let before = event.content_on(date);
    let mut content = patch::merged("event", &before, patch)?;
    follow_location(&mut content, patch);
    online::keep(&before, &mut content, patch);
    let content = settled(content)?;
    let moved =
        content.start.instant() != before.start.instant() || content.end.instant() != before.end.instant();
    if moved {
        event.check_neighbours(date, &content)?;
    }
    let whole = patch::as_map(&content);
    let exception = event.exception_on(date, now);
    let mut names: BTreeSet<&str> = patch.keys().map(String::as_str).collect();
    if names.contains("location") || names.contains("locations") {
        names.extend(["location", "locations"]);
    }
    if names.contains("body") && before.is_online_meeting != content.is_online_meeting {
        names.extend(["isOnlineMeeting", "onlineMeeting", "onlineMeetingProvider", "onlineMeetingUrl"]);
    }
    for name in names {
        if let Some(value) = whole.get(name) {
            exception.overlay.insert(name.to_owned(), value.clone());
        }
    }
    merge_extended(&mut exception.extended, extended);
    Ok(moved)
}
