//! Answers to invitations.

use super::EventRef;
use super::post::Mail;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::event::{Attendee, Event, Response, ResponseStatus, ShowAs};
use crate::tenant::{MailKind, Tenant};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What an attendee answers.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The answer.
    pub response: Response,
    /// Whether the organiser is to learn it.
    pub send: bool,
    /// What goes with it.
    pub comment: &'a str,
    /// `timeSlot` that would suit better.
    pub proposed: Option<&'a Value>,
}

impl Tenant {
    /// Answers an invitation.
    pub(crate) fn respond(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        answer: Answer<'_>,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let mut event = self.event(mailbox, at)?.clone();
        check(&event, answer)?;
        let status = ResponseStatus::given(answer.response, now);
        event.stamp.touch(now, self.sequence.change());
        let show_as = match answer.response {
            Response::TentativelyAccepted => ShowAs::Tentative,
            Response::Declined => ShowAs::Free,
            _ => ShowAs::Busy,
        };
        let leaves = answer.response == Response::Declined && self.settings.behaviour.declined_leaves;
        match at.date {
            None => {
                event.response = status.clone();
                event.content.show_as = show_as;
                self.mark_own(mailbox, &mut event.content.attendees, &status);
            }
            Some(date) if leaves => {
                event.exceptions.remove(&date);
                event.cancelled.insert(date);
            }
            Some(date) => {
                let exception = event.exception_on(date, now);
                exception.overlay.insert("showAs".to_owned(), json!(show_as));
                exception.response = Some(status.clone());
            }
        }
        self.mailbox_mut(mailbox).put_event(event.clone());
        if answer.send {
            self.tell_organizer(mailbox, at, &event, answer, &status, now);
        }
        if leaves && at.date.is_none() {
            self.mailbox_mut(mailbox).remove_event(event.no);
        }
        Ok(())
    }

    /// Somebody's own answer among the attendees of his copy; those of the others he does not see.
    pub(super) fn mark_own(&self, mailbox: MailboxNo, attendees: &mut [Attendee], status: &ResponseStatus) {
        for attendee in attendees {
            if self.is_owner(mailbox, &attendee.email_address.key()) {
                attendee.status = status.clone();
            }
        }
    }

    fn tell_organizer(
        &mut self,
        attendee: MailboxNo,
        at: EventRef,
        copy: &Event,
        answer: Answer<'_>,
        status: &ResponseStatus,
        now: Timestamp,
    ) {
        let organizer = copy.organizer.email_address.key();
        let from = self.mailbox(attendee).user.mail.to_lowercase();
        let mail = Mail::of(MailKind::Response, &from, copy, at.date);
        let to = [organizer.clone()].into();
        let said = Some((answer.response, answer.proposed));
        self.post(Mail { to, comment: answer.comment, answer: said, ..mail }, now);
        let (uid, date) = copy.named_by(at.date);
        let Some(home) = self.find_user(&organizer) else { return };
        let Some(no) = self.mailbox(home).by_uid.get(uid) else { return };
        let Some(original) = self.mailbox(home).events.get(no).filter(|event| event.is_organizer) else {
            return;
        };
        // Answers are counted for meetings of the primary calendar only (`isTallyingResponses`).
        if original.calendar != self.mailbox(home).default_calendar() {
            return;
        }
        let mut original = original.clone();
        let mut names = super::addresses(&copy.content);
        names.retain(|name| self.find_user(name) == Some(attendee));
        names.insert(from);
        original.stamp.touch(now, self.sequence.change());
        match date {
            None => note(&mut original.content.attendees, &names, status, answer.proposed),
            Some(date) if original.occurs_on(date) => {
                let mut attendees = original.content_on(date).attendees;
                note(&mut attendees, &names, status, answer.proposed);
                original.exception_on(date, now).set_attendees(attendees);
            }
            Some(_) => return,
        }
        self.mailbox_mut(home).put_event(original);
    }
}

/// Refuses an answer that makes no sense.
fn check(event: &Event, answer: Answer<'_>) -> Result<(), GraphError> {
    let refused = |why: &str| Err(GraphError::invalid(format!("Your request can't be completed. {why}")));
    if event.is_organizer {
        return refused("You can't respond to this meeting because you're the meeting organizer.");
    }
    // Both are documented with tentativelyAccept and decline.
    match answer.proposed {
        Some(_) if !event.content.allow_new_time_proposals => {
            refused("The meeting organizer doesn't allow new time proposals.")
        }
        Some(_) if !answer.send => refused("A new time can only be proposed with a response that is sent."),
        _ => Ok(()),
    }
}

fn note(
    attendees: &mut [Attendee],
    names: &BTreeSet<String>,
    status: &ResponseStatus,
    proposed: Option<&Value>,
) {
    for attendee in attendees.iter_mut().filter(|attendee| names.contains(&attendee.email_address.key())) {
        attendee.status = status.clone();
        attendee.proposed_new_time = proposed.cloned();
    }
}
