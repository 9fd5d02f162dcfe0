//! Forwarding invitations.

use super::post::Mail;
use super::{EventRef, addresses};
use crate::error::GraphError;
use crate::graph::NewMessage;
use crate::ids::MailboxNo;
use crate::mailbox::content::{Body, BodyType, Recipient, Stamp};
use crate::mailbox::event::{Attendee, Event};
use crate::mailbox::message::MessageContent;
use crate::tenant::{MailKind, Tenant};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Tenant {
    /// Forwards a meeting as its organiser or an attendee. The organiser's event gets the new attendees, and he is told
    /// if it was not he who forwarded.
    pub(crate) fn forward(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        to: &[Recipient],
        comment: &str,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let event = self.event(mailbox, at)?.clone();
        let names: BTreeSet<String> =
            to.iter().map(|who| who.email_address.key()).filter(|key| !key.is_empty()).collect();
        if names.is_empty() {
            return Err(GraphError::invalid("At least one recipient isn't valid: ToRecipients is required."));
        }
        let from = self.mailbox(mailbox).user.mail.to_lowercase();
        let mail = Mail::of(MailKind::Invitation, &from, &event, at.date);
        self.post(Mail { to: names.clone(), comment, ..mail }, now);
        let (uid, date) = event.named_by(at.date);
        let home = self.find_user(&event.organizer.email_address.key());
        let original = home.and_then(|home| Some((home, self.copy_of(home, uid, date)?)));
        match original {
            Some((home, original)) => {
                self.invite_more(home, original, to, now);
                if home != mailbox {
                    self.tell_of_forwarding(home, &event, mailbox, to, now);
                }
            }
            // The organiser is elsewhere: all that is known of the meeting is the forwarder's copy.
            None => self.pass_on(mailbox, &event, &names, now),
        }
        Ok(())
    }

    /// Adds attendees to the organiser's event and brings it into their calendars.
    fn invite_more(&mut self, home: MailboxNo, at: EventRef, to: &[Recipient], now: Timestamp) {
        let change = self.sequence.change();
        let Some(mut original) = self.mailbox(home).events.get(&at.no).cloned() else { return };
        original.stamp.touch(now, change);
        let mut attendees = match at.date {
            Some(date) => original.content_on(date).attendees,
            None => original.content.attendees.clone(),
        };
        for who in to {
            let key = who.email_address.key();
            if !key.is_empty() && !attendees.iter().any(|known| known.email_address.key() == key) {
                attendees.push(Attendee { email_address: who.email_address.clone(), ..Attendee::default() });
            }
        }
        match at.date {
            Some(date) => original.exception_on(date, now).set_attendees(attendees),
            None => {
                let before = original.content.clone();
                original.content.attendees = attendees;
                original.follow_attendees(&before);
            }
        }
        self.mailbox_mut(home).put_event(original);
        self.distribute(home, at.no, false, now);
    }

    fn tell_of_forwarding(
        &mut self,
        home: MailboxNo,
        event: &Event,
        forwarder: MailboxNo,
        to: &[Recipient],
        now: Timestamp,
    ) {
        let Some(folder) = self.mailbox(home).well_known("inbox") else { return };
        if self.silent || !self.settings.behaviour.event_messages {
            return;
        }
        let names: Vec<&str> = to.iter().filter_map(|who| who.email_address.address.as_deref()).collect();
        let subject = event.content.subject.as_deref().unwrap_or_default();
        let from = self.owner(forwarder);
        let text = format!("Your meeting was forwarded to: {}", names.join(", "));
        let content = MessageContent {
            subject: Some(format!("Meeting Forward Notification: {subject}").into()),
            body: Body { content_type: BodyType::Text, content: text.into() },
            sender: Some(from.clone()),
            from: Some(from),
            to_recipients: vec![self.owner(home)],
            sent_date_time: Some(now),
            ..MessageContent::default()
        };
        self.add_message(home, NewMessage { folder, content, ..NewMessage::default() }, now);
    }

    fn pass_on(&mut self, mailbox: MailboxNo, event: &Event, names: &BTreeSet<String>, now: Timestamp) {
        for reader in self.internal(mailbox, names) {
            if self.mailbox(reader).by_uid.contains_key(&event.ical_uid)
                || addresses(&event.content).is_empty()
            {
                continue;
            }
            let stamp = Stamp::new(now, self.sequence.change());
            let no = self.sequence.item();
            let copy = self.invitation(reader, no, event, stamp);
            self.mailbox_mut(reader).put_event(copy);
        }
    }
}
