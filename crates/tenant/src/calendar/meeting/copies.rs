//! The copies of a meeting in the calendars of its internal attendees.

use super::addresses;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::Stamp;
use crate::mailbox::event::{Event, Exception, PERSONAL, Response, ResponseStatus, ShowAs};
use crate::mailbox::extensions::Extensions;
use crate::tenant::Tenant;
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Tenant {
    /// Brings the organiser's event into the calendars of all internal attendees. `ask_again` when it was moved:
    /// then the answers of before no longer count.
    pub(crate) fn distribute(&mut self, organizer: MailboxNo, no: ItemNo, ask_again: bool, now: Timestamp) {
        let Some(original) = self.mailbox(organizer).events.get(&no).cloned() else { return };
        for attendee in self.internal(organizer, &addresses(&original.content)) {
            let known = self.mailbox(attendee).by_uid.get(&original.ical_uid).copied();
            let stamp = Stamp::new(now, self.sequence.change());
            let copy = match known.and_then(|known| self.mailbox(attendee).events.get(&known)).cloned() {
                // Somebody who holds the meeting as its organiser is not overwritten by an invitation to it.
                Some(known) if known.is_organizer => continue,
                Some(known) => self.refreshed(attendee, known, &original, ask_again, stamp),
                None => {
                    let no = self.sequence.item();
                    self.invitation(attendee, no, &original, stamp)
                }
            };
            self.mailbox_mut(attendee).put_event(copy);
        }
    }

    /// Marks the copies of a meeting that was called off, or that some are no longer invited to.
    pub(super) fn call_off(
        &mut self,
        organizer: MailboxNo,
        uid: &str,
        whose: &BTreeSet<String>,
        now: Timestamp,
    ) {
        for attendee in self.internal(organizer, whose) {
            let change = self.sequence.change();
            let mailbox = self.mailbox_mut(attendee);
            let Some(no) = mailbox.by_uid.get(uid) else { continue };
            let Some(mut copy) = mailbox.events.get(no).filter(|copy| !copy.is_organizer).cloned() else {
                continue;
            };
            copy.is_cancelled = true;
            copy.content.show_as = ShowAs::Free;
            let subject = copy.content.subject.as_deref().unwrap_or_default();
            copy.content.subject = Some(format!("Canceled: {subject}").into());
            copy.stamp.touch(now, change);
            mailbox.put_event(copy);
        }
    }

    /// Mailboxes of the tenant among some addresses, without the organiser's.
    fn internal(&self, organizer: MailboxNo, addresses: &BTreeSet<String>) -> BTreeSet<MailboxNo> {
        addresses
            .iter()
            .filter_map(|address| self.find_user(address))
            .filter(|mailbox| *mailbox != organizer)
            .collect()
    }

    /// The copy of someone who is invited for the first time.
    fn invitation(&self, attendee: MailboxNo, no: ItemNo, original: &Event, stamp: Stamp) -> Event {
        let mut copy = Event {
            no,
            stamp,
            is_organizer: false,
            response: ResponseStatus::unasked(Response::NotResponded),
            extended: Vec::new(),
            extensions: Extensions::default(),
            source: None,
            ..original.clone()
        };
        self.trim(attendee, &mut copy);
        copy.content.show_as = ShowAs::Tentative;
        copy.content.categories.clear();
        copy
    }

    /// A copy after the organiser's update: what belongs to the meeting is replaced, what belongs to the owner of
    /// the copy stays.
    fn refreshed(
        &self,
        attendee: MailboxNo,
        known: Event,
        original: &Event,
        ask_again: bool,
        stamp: Stamp,
    ) -> Event {
        let mut copy = self.invitation(attendee, known.no, original, stamp);
        copy.stamp.created = known.stamp.created;
        copy.content.categories = known.content.categories;
        copy.content.is_reminder_on = known.content.is_reminder_on;
        copy.content.reminder_minutes_before_start = known.content.reminder_minutes_before_start;
        copy.extended = known.extended;
        copy.extensions = known.extensions;
        copy.source = known.source;
        if !ask_again {
            copy.response = known.response;
            copy.content.show_as = known.content.show_as;
        }
        for (date, exception) in &mut copy.exceptions {
            if let Some(before) = known.exceptions.get(date) {
                exception.extended.clone_from(&before.extended);
                exception.response.clone_from(&before.response);
            }
        }
        copy
    }

    /// Takes out of a copy what its owner may not see.
    fn trim(&self, attendee: MailboxNo, copy: &mut Event) {
        copy.content.transaction_id = None;
        for other in &mut copy.content.attendees {
            other.status = ResponseStatus::default();
        }
        if copy.content.hide_attendees {
            copy.content
                .attendees
                .retain(|other| self.find_user(&other.email_address.key()) == Some(attendee));
        }
        for exception in copy.exceptions.values_mut() {
            exception.overlay.retain(|name, _| !PERSONAL.contains(&name.as_str()));
            *exception = Exception { response: None, extended: Vec::new(), ..exception.clone() };
        }
    }
}
