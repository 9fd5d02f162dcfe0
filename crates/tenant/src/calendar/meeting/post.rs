//! Mails that calendars send: told to the control API, and laid into the Inboxes of those who have a mailbox here.

use crate::graph::NewMessage;
use crate::mailbox::content::{Body, BodyType, Recipient, ticks};
use crate::mailbox::event::{Event, EventContent, Response};
use crate::mailbox::meeting_message::{MeetingMessage, Previous, Purpose, RequestKind};
use crate::mailbox::message::MessageContent;
use crate::tenant::{MailKind, SentMail, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeSet;

/// A mail to send.
pub(super) struct Mail<'a> {
    /// What it is about.
    pub(super) kind: MailKind,
    /// Sender's address.
    pub(super) from: String,
    /// Recipients' addresses.
    pub(super) to: BTreeSet<String>,
    /// The meeting as it is now.
    pub(super) event: &'a Event,
    /// The occurrence, if it is about one.
    pub(super) date: Option<Date>,
    /// What the sender adds.
    pub(super) comment: &'a str,
    /// What the meeting said before an update.
    pub(super) before: Option<&'a EventContent>,
    /// The answer, in an answer, and the time proposed with it.
    pub(super) answer: Option<(Response, Option<&'a Value>)>,
}

impl<'a> Mail<'a> {
    /// A mail without comment, to nobody yet.
    pub(super) fn of(kind: MailKind, from: &str, event: &'a Event, date: Option<Date>) -> Self {
        let from = from.to_owned();
        Self { kind, from, to: BTreeSet::new(), event, date, comment: "", before: None, answer: None }
    }

    fn subject(&self, content: &EventContent) -> String {
        let subject = content.subject.as_deref().unwrap_or_default();
        let word = match (self.kind, self.answer) {
            (MailKind::Cancellation, _) => "Canceled: ",
            (_, Some((_, Some(_)))) => "New Time Proposed: ",
            (_, Some((Response::Accepted, None))) => "Accepted: ",
            (_, Some((Response::Declined, None))) => "Declined: ",
            (_, Some(_)) => "Tentative: ",
            _ => "",
        };
        // The copies of a meeting that was called off bear the word already.
        format!("{word}{}", subject.strip_prefix(word).unwrap_or(subject))
    }

    fn purpose(&self, content: &EventContent) -> Purpose {
        let (kind, previous) = match (self.kind, self.before) {
            (MailKind::Cancellation, _) => return Purpose::Cancellation,
            (MailKind::Response, _) => {
                let (response, proposed) = self.answer.unwrap_or((Response::None, None));
                return Purpose::Response { response, proposed_new_time: proposed.cloned() };
            }
            (MailKind::Update, Some(before)) => {
                let moved = (before.start != content.start || before.end != content.end)
                    .then(|| (before.start.clone(), before.end.clone()));
                let kind = if moved.is_some() || before.recurrence != content.recurrence {
                    RequestKind::FullUpdate
                } else {
                    RequestKind::InformationalUpdate
                };
                let (start, end) = moved.unzip();
                let location = (before.location != content.location).then(|| before.location.clone());
                (kind, Previous { start, end, location })
            }
            (MailKind::Update, None) => (RequestKind::InformationalUpdate, Previous::default()),
            (MailKind::Invitation, _) => (RequestKind::NewMeetingRequest, Previous::default()),
        };
        Purpose::Request {
            kind,
            response_requested: content.response_requested,
            allow_new_time_proposals: content.allow_new_time_proposals,
            previous: Box::new(previous),
        }
    }

    /// What the mail says about the meeting.
    fn meeting(&self, content: &EventContent) -> MeetingMessage {
        MeetingMessage {
            ical_uid: self.event.ical_uid.clone(),
            date: self.date,
            event_type: match (self.date, &content.recurrence) {
                (Some(_), _) => "exception",
                (None, Some(_)) => "seriesMaster",
                (None, None) => "singleInstance",
            },
            start: content.start.clone(),
            end: content.end.clone(),
            is_all_day: content.is_all_day,
            location: content.location.clone(),
            recurrence: content.recurrence.clone(),
            purpose: self.purpose(content),
        }
    }
}

impl Tenant {
    /// Sends a mail, unless nobody is to learn of what happens, or there is nobody to send it to.
    pub(super) fn post(&mut self, mail: Mail<'_>, now: Timestamp) {
        let to: Vec<String> = mail.to.iter().filter(|address| **address != mail.from).cloned().collect();
        if to.is_empty() || self.silent {
            return;
        }
        if mail.kind != MailKind::Response {
            self.stats.mails_sent += 1;
        }
        self.mails.push(SentMail {
            kind: mail.kind,
            from: mail.from.clone(),
            to: to.clone(),
            subject: mail.event.content.subject.as_deref().unwrap_or_default().to_owned(),
            ical_uid: mail.event.ical_uid.to_string(),
            original_date: mail.date,
            at: ticks(now),
        });
        if self.settings.behaviour.event_messages {
            self.lay_into_inboxes(&mail, &to, now);
        }
    }

    fn lay_into_inboxes(&mut self, mail: &Mail<'_>, to: &[String], now: Timestamp) {
        let content = match mail.date {
            Some(date) => mail.event.content_on(date),
            None => mail.event.content.clone(),
        };
        let from = self.correspondent(&mail.from, mail.event);
        let mut body = content.body.clone();
        if mail.kind == MailKind::Response {
            body = Body { content_type: BodyType::Text, content: mail.comment.into() };
        } else if !mail.comment.is_empty() {
            body = Body {
                content_type: BodyType::Text,
                content: format!("{}\r\n{}", mail.comment, body.plain()).into(),
            };
        }
        let message = MessageContent {
            subject: Some(mail.subject(&content).into()),
            body,
            sender: Some(from.clone()),
            from: Some(from),
            to_recipients: to.iter().map(|address| self.correspondent(address, mail.event)).collect(),
            importance: content.importance,
            sent_date_time: Some(now),
            ..MessageContent::default()
        };
        let meeting = mail.meeting(&content);
        let readers: BTreeSet<_> = to.iter().filter_map(|address| self.find_user(address)).collect();
        for reader in readers {
            let Some(folder) = self.mailbox(reader).well_known("inbox") else { continue };
            let meeting = Some(Box::new(meeting.clone()));
            let new = NewMessage { folder, content: message.clone(), meeting, ..NewMessage::default() };
            self.add_message(reader, new, now);
        }
    }

    /// Somebody by his address, with the name that the directory or the meeting knows.
    fn correspondent(&self, address: &str, event: &Event) -> Recipient {
        if let Some(mailbox) = self.find_user(address) {
            return self.owner(mailbox);
        }
        let organizer = &event.organizer.email_address;
        let known = event.content.attendees.iter().map(|attendee| &attendee.email_address);
        let known = std::iter::once(organizer).chain(known).find(|known| known.key() == address);
        Recipient::new(known.and_then(|known| known.name.as_deref()).unwrap_or(address), address)
    }

    /// Does something of which nobody is to learn: what is filled in happened in the past.
    pub(crate) fn silently<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.silent, true);
        let done = act(self);
        self.silent = before;
        done
    }
}
