//! Deleting events and calling meetings off.

use super::post::Mail;
use super::{EventRef, addresses};
use crate::calendar::global_id::uid_on;
use crate::error::GraphError;
use crate::ids::MailboxNo;
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
        self.mailbox_mut(mailbox).remove_event(event.no);
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
