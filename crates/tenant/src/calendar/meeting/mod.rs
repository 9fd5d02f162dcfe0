//! Meetings: what a user does in one calendar, and what follows from it in the others.

mod answer;
mod change;
mod copies;
mod create;
mod exceptions;
mod forward;
mod lone;
mod post;
mod reminder;
mod remove;

pub use answer::Answer;
pub use create::NewEvent;

use crate::calendar::global_id::uid_on;
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::Recipient;
use crate::mailbox::event::{Event, EventContent};
use crate::tenant::Tenant;
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

    /// Somebody's copy of a meeting, or of one occurrence of it, by the global id of the whole.
    pub(crate) fn copy_of(&self, mailbox: MailboxNo, uid: &str, date: Option<Date>) -> Option<EventRef> {
        let store = self.mailbox(mailbox);
        let whole = store.by_uid.get(uid).map(|no| EventRef { no: *no, date });
        whole.filter(|at| self.event(mailbox, *at).is_ok()).or_else(|| {
            // Those who were invited to one occurrence only have it without its series.
            let alone = store.by_uid.get(uid_on(uid, Some(date?)).as_str())?;
            Some(EventRef { no: *alone, date: None })
        })
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

    /// Mailboxes of the tenant among some addresses, without the organiser's.
    fn internal(&self, organizer: MailboxNo, addresses: &BTreeSet<String>) -> BTreeSet<MailboxNo> {
        addresses
            .iter()
            .filter_map(|address| self.find_user(address))
            .filter(|mailbox| *mailbox != organizer)
            .collect()
    }
}
