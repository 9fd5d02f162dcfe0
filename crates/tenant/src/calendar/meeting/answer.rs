//! Answers to invitations.

use super::{EventRef, Mail};
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::content::Stamp;
use crate::mailbox::event::{Attendee, Event, Exception, Response, ResponseStatus, ShowAs};
use crate::mailbox::patch;
use crate::tenant::{MailKind, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, json};

impl Tenant {
    /// Answers an invitation. The organiser learns it only if `send`.
    pub(crate) fn respond(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        response: Response,
        send: bool,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let mut event = self.event(mailbox, at)?.clone();
        if event.is_organizer {
            return Err(GraphError::invalid(
                "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
            ));
        }
        let status = ResponseStatus::given(response, now);
        event.stamp.touch(now, self.sequence.change());
        let show_as = match response {
            Response::TentativelyAccepted => ShowAs::Tentative,
            Response::Declined => ShowAs::Free,
            _ => ShowAs::Busy,
        };
        let leaves = response == Response::Declined && self.settings.behaviour.declined_leaves;
        match at.date {
            None => {
                event.response = status.clone();
                event.content.show_as = show_as;
            }
            Some(date) if leaves => {
                event.exceptions.remove(&date);
                event.cancelled.insert(date);
            }
            Some(date) => {
                let exception = exception_of(&mut event, date, now);
                exception.overlay.insert("showAs".to_owned(), json!(show_as));
                exception.response = Some(status.clone());
            }
        }
        self.mailbox_mut(mailbox).put_event(event.clone());
        if send {
            self.tell_organizer(mailbox, at.date, &event, &status, now);
        }
        if leaves && at.date.is_none() {
            self.mailbox_mut(mailbox).remove_event(event.no);
        }
        Ok(())
    }

    fn tell_organizer(
        &mut self,
        attendee: MailboxNo,
        date: Option<Date>,
        copy: &Event,
        status: &ResponseStatus,
        now: Timestamp,
    ) {
        let organizer = copy.organizer.email_address.key();
        let from = self.mailbox(attendee).user.mail.to_lowercase();
        let to = [organizer.clone()].into();
        self.record_mail(Mail { kind: MailKind::Response, from: from.clone(), to, event: copy, date }, now);
        let Some(home) = self.find_user(&organizer) else { return };
        let change = self.sequence.change();
        let mut names = super::addresses(&copy.content);
        names.retain(|name| self.find_user(name) == Some(attendee));
        names.insert(from);
        let is_attendee = |other: &Attendee| names.contains(&other.email_address.key());
        let mailbox = self.mailbox_mut(home);
        let Some(no) = mailbox.by_uid.get(&copy.ical_uid) else { return };
        let Some(mut original) = mailbox.events.get(no).filter(|event| event.is_organizer).cloned() else {
            return;
        };
        original.stamp.touch(now, change);
        match date {
            None => answer(&mut original.content.attendees, is_attendee, status),
            Some(date) if original.occurs_on(date) => {
                let mut content = original.content_on(date);
                answer(&mut content.attendees, is_attendee, status);
                let attendees = patch::as_map(&content).remove("attendees").unwrap_or_default();
                exception_of(&mut original, date, now).overlay.insert("attendees".to_owned(), attendees);
            }
            Some(_) => return,
        }
        mailbox.put_event(original);
    }
}

fn answer(attendees: &mut [Attendee], is_he: impl Fn(&Attendee) -> bool, status: &ResponseStatus) {
    for attendee in attendees.iter_mut().filter(|attendee| is_he(attendee)) {
        attendee.status = status.clone();
    }
}

/// The exception of a date, made if there is none.
fn exception_of(event: &mut Event, date: Date, now: Timestamp) -> &mut Exception {
    let change = event.stamp.change;
    let exception = event.exceptions.entry(date).or_insert_with(|| Exception {
        overlay: Map::new(),
        stamp: Stamp::new(now, change),
        response: None,
        extended: Vec::new(),
    });
    exception.stamp.touch(now, change);
    exception
}
