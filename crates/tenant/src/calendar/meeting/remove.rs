//! Deleting events and calling meetings off.

use super::{EventRef, Mail, addresses};
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
        let event = self.event(mailbox, at)?.clone();
        match at.date {
            None => self.delete_whole(mailbox, &event, now),
            Some(date) => self.delete_occurrence(mailbox, event, date, now),
        }
        Ok(())
    }

    fn delete_whole(&mut self, mailbox: MailboxNo, event: &Event, now: Timestamp) {
        self.mailbox_mut(mailbox).remove_event(event.no);
        if !event.is_organizer || event.is_cancelled {
            return;
        }
        let mut to = addresses(&event.content);
        for date in event.exceptions.keys() {
            to.extend(addresses(&event.content_on(*date)));
        }
        let from = event.organizer.email_address.key();
        self.record_mail(Mail { kind: MailKind::Cancellation, from, to: to.clone(), event, date: None }, now);
        self.call_off(mailbox, &event.ical_uid, &to, now);
    }

    fn delete_occurrence(&mut self, mailbox: MailboxNo, before: Event, date: Date, now: Timestamp) {
        let to = addresses(&before.content_on(date));
        let mut after = before;
        after.exceptions.remove(&date);
        after.cancelled.insert(date);
        after.stamp.touch(now, self.sequence.change());
        self.mailbox_mut(mailbox).put_event(after.clone());
        if after.is_organizer {
            let from = after.organizer.email_address.key();
            self.record_mail(
                Mail { kind: MailKind::Cancellation, from, to, event: &after, date: Some(date) },
                now,
            );
            self.distribute(mailbox, after.no, false, now);
        }
    }

    /// Calls a meeting off as its organiser.
    pub(crate) fn cancel_event(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let event = self.event(mailbox, at)?;
        if !event.is_organizer || event.content.attendees.is_empty() {
            return Err(GraphError::invalid(
                "Your request can't be completed. You need to be an organizer to cancel a meeting.",
            ));
        }
        self.delete_event(mailbox, at, now)
    }
}
