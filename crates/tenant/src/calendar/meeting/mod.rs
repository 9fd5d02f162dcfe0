//! Meetings: what a user does in one calendar, and what follows from it in the others.

mod answer;
mod change;
mod copies;
mod create;
mod remove;

pub use create::NewEvent;

use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::{Recipient, ticks};
use crate::mailbox::event::{Event, EventContent};
use crate::tenant::{MailKind, SentMail, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// An event, or one occurrence of a series by its original date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRef {
    /// The event.
    pub no: ItemNo,
    /// The occurrence.
    pub date: Option<Date>,
}

/// Addresses of attendees in lower case.
fn addresses(content: &EventContent) -> BTreeSet<String> {
    content
        .attendees
        .iter()
        .map(|attendee| attendee.email_address.key())
        .filter(|key| !key.is_empty())
        .collect()
}

impl Tenant {
    /// The event of a reference; 404 when it, or its occurrence, is not there.
    pub(crate) fn event(&self, mailbox: MailboxNo, at: EventRef) -> Result<&Event, GraphError> {
        let event = self.mailbox(mailbox).events.get(&at.no).ok_or_else(GraphError::not_found)?;
        match at.date {
            Some(date) if !event.occurs_on(date) => Err(GraphError::not_found()),
            _ => Ok(event),
        }
    }

    fn record_mail(&mut self, mail: Mail<'_>, now: Timestamp) {
        let mut to: Vec<String> = mail.to.into_iter().filter(|address| *address != mail.from).collect();
        to.sort_unstable();
        if to.is_empty() {
            return;
        }
        if mail.kind != MailKind::Response {
            self.stats.mails_sent += 1;
        }
        self.mails.push(SentMail {
            kind: mail.kind,
            from: mail.from,
            to,
            subject: mail.event.content.subject.as_deref().unwrap_or_default().to_owned(),
            ical_uid: mail.event.ical_uid.to_string(),
            original_date: mail.date,
            at: ticks(now),
        });
    }

    /// The owner of a mailbox, as a recipient.
    pub(crate) fn owner(&self, mailbox: MailboxNo) -> Recipient {
        let user = &self.mailbox(mailbox).user;
        Recipient::new(&user.display_name, &user.mail)
    }

    /// Whether an address is one of the owner's.
    fn is_owner(&self, mailbox: MailboxNo, address: &str) -> bool {
        self.find_user(address) == Some(mailbox)
    }
}

/// A mail to record.
struct Mail<'a> {
    kind: MailKind,
    from: String,
    to: BTreeSet<String>,
    event: &'a Event,
    date: Option<Date>,
}
