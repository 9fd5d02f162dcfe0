//! The copies of a meeting in the calendars of its internal attendees.

use super::addresses;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::Stamp;
use crate::mailbox::event::{Event, EventContent, PERSONAL, Response, ResponseStatus, ShowAs};
use crate::mailbox::extensions::Extensions;
use crate::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
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
        self.distribute_alone(organizer, &original, ask_again, now);
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

    /// The copy of someone who is invited for the first time.
    pub(super) fn invitation(
        &self,
        attendee: MailboxNo,
        no: ItemNo,
        original: &Event,
        stamp: Stamp,
    ) -> Event {
        let mut copy = Event {
            no,
            calendar: self.mailbox(attendee).default_calendar(),
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
    pub(super) fn refreshed(
        &self,
        attendee: MailboxNo,
        known: Event,
        original: &Event,
        ask_again: bool,
        stamp: Stamp,
    ) -> Event {
        let mut copy = self.invitation(attendee, known.no, original, stamp);
        copy.calendar = known.calendar;
        copy.stamp.created = known.stamp.created;
        copy.content.categories = known.content.categories;
        copy.content.is_reminder_on = known.content.is_reminder_on;
        copy.content.reminder_minutes_before_start = known.content.reminder_minutes_before_start;
        copy.extended = known.extended;
        copy.extensions = known.extensions;
        copy.source = known.source;
        // Whoever was taken off and is invited again is asked anew.
        if !ask_again && !known.is_cancelled {
            copy.response = known.response;
            copy.content.show_as = known.content.show_as;
            if copy.response.response != Response::NotResponded {
                let own = copy.response.clone();
                self.mark_own(attendee, &mut copy.content.attendees, &own);
            }
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
        self.trim_attendees(attendee, &mut copy.content);
        let dates: Vec<Date> = copy.exceptions.keys().copied().collect();
        for date in dates {
            let mut content = copy.content_on(date);
            let Some(exception) = copy.exceptions.get_mut(&date) else { continue };
            exception.overlay.retain(|name, _| !PERSONAL.contains(&name.as_str()));
            exception.response = None;
            exception.extended.clear();
            if !exception.overlay.contains_key("attendees") {
                continue;
            }
            let invited =
                content.attendees.iter().any(|one| self.is_owner(attendee, &one.email_address.key()));
            if invited {
                self.trim_attendees(attendee, &mut content);
                exception.set_attendees(content.attendees);
            } else {
                // Whoever was taken out of one occurrence only has a gap there.
                copy.exceptions.remove(&date);
                copy.cancelled.insert(date);
            }
        }
    }

    /// Takes the answers of the attendees out of a copy, and their names too if they are hidden.
    fn trim_attendees(&self, attendee: MailboxNo, content: &mut EventContent) {
        for other in &mut content.attendees {
            other.status = ResponseStatus::default();
            other.proposed_new_time = None;
        }
        if content.hide_attendees {
            content.attendees.retain(|other| self.is_owner(attendee, &other.email_address.key()));
        }
    }
}
