//! Deleting events and calling meetings off.

use super::post::Mail;
use super::{EventRef, addresses};
use crate::calendar::global_id::uid_on;
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::event::Event;
use crate::tenant::{MailKind, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;

impl Tenant {
    /// Deletes an event or an occurrence. The organiser's deletion calls the meeting off; an attendee's tells nobody.
    pub(crate) fn delete_event(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        self.delete_saying(mailbox, at, "", now)
    }

    fn delete_saying(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        comment: &str,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let event = self.event(mailbox, at)?.clone();
        match at.date {
            None => self.delete_whole(mailbox, &event, comment, now),
            Some(date) => self.delete_occurrence(mailbox, event, date, comment, now),
        }
        Ok(())
    }

    fn delete_whole(&mut self, mailbox: MailboxNo, event: &Event, comment: &str, now: Timestamp) {
        let store = self.mailbox_mut(mailbox);
        if let Some(removed) = store.remove_event(event.no) {
            store.bin.events.insert(event.no, removed);
        }
        if !event.is_organizer || event.is_cancelled {
            return;
        }
        let mut to = addresses(&event.content);
        for date in event.exceptions.keys() {
            to.extend(addresses(&event.content_on(*date)));
        }
        let from = event.organizer.email_address.key();
        let mail = Mail::of(MailKind::Cancellation, &from, event, None);
        self.post(Mail { to: to.clone(), comment, ..mail }, now);
        self.call_off(mailbox, &event.ical_uid, &to, now);
        for date in event.exceptions.keys() {
            let alone = event.invited_alone(*date);
            self.call_off(mailbox, &uid_on(&event.ical_uid, Some(*date)), &alone, now);
        }
    }

    fn delete_occurrence(
        &mut self,
        mailbox: MailboxNo,
        before: Event,
        date: Date,
        comment: &str,
        now: Timestamp,
    ) {
        let to = addresses(&before.content_on(date));
        let alone = before.invited_alone(date);
        let mut after = before.clone();
        after.exceptions.remove(&date);
        after.cancelled.insert(date);
        after.stamp.touch(now, self.sequence.change());
        self.mailbox_mut(mailbox).put_event(after.clone());
        if after.is_organizer {
            let from = after.organizer.email_address.key();
            let mail = Mail::of(MailKind::Cancellation, &from, &before, Some(date));
            self.post(Mail { to, comment, ..mail }, now);
            self.call_off(mailbox, &uid_on(&after.ical_uid, Some(date)), &alone, now);
            self.distribute(mailbox, after.no, false, now);
        }
    }

    /// Takes an event out of Deleted Items. What was moved within a mailbox keeps its immutable id (Graph documentation,
    /// *Get immutable identifiers for Outlook resources*).
    pub(crate) fn restore_event(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let change = self.sequence.change();
        let store = self.mailbox_mut(mailbox);
        let found = store.bin.events.get(&no).ok_or_else(GraphError::not_found)?;
        if found.is_organizer && !found.content.attendees.is_empty() {
            return Err(GraphError::bad("A meeting that was called off stays off: its attendees were told."));
        }
        if store.by_uid.contains_key(&found.ical_uid) {
            return Err(GraphError::bad("The calendar holds this meeting again already."));
        }
        if let Some(mut event) = store.bin.events.remove(&no) {
            event.stamp.touch(now, change);
            store.put_event(event);
        }
        Ok(())
    }

    /// Calls a meeting off as its organiser.
    pub(crate) fn cancel_event(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        comment: &str,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let event = self.event(mailbox, at)?;
        if !event.is_organizer || event.content.attendees.is_empty() {
            return Err(GraphError::invalid(
                "Your request can't be completed. You need to be an organizer to cancel a meeting.",
            ));
        }
        self.delete_saying(mailbox, at, comment, now)
    }
}
