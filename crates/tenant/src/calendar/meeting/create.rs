//! Making events.

use super::super::online;
use super::super::series::settled;
use super::addresses;
use super::post::Mail;
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo, Sequence};
use crate::mailbox::content::{Attachment, ExtendedProperty, Recipient, Stamp};
use crate::mailbox::event::{Event, EventContent, Exception, Response, ResponseStatus};
use crate::mailbox::extensions::Extensions;
use crate::tenant::{MailKind, RepeatedTransaction, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// An event that is about to be made.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The calendar, if not the default one.
    pub calendar: Option<ItemNo>,
    /// What it says.
    pub content: EventContent,
    /// Who called it, if not the owner of the calendar.
    pub organizer: Option<Recipient>,
    /// Its global id, if it comes from elsewhere.
    pub ical_uid: Option<Box<str>>,
    /// What the owner has answered, if he was invited.
    pub response: Option<Response>,
    /// Extended properties.
    pub extended: Vec<ExtendedProperty>,
    /// Open extensions.
    pub extensions: Extensions,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// Changed occurrences.
    pub exceptions: BTreeMap<Date, Exception>,
    /// Deleted occurrences.
    pub cancelled: BTreeSet<Date>,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// The file it comes from.
    pub source: Option<Box<str>>,
}

impl NewEvent {
    /// An event of some content and nothing else.
    pub fn new(content: EventContent) -> Self {
        Self {
            calendar: None,
            content,
            organizer: None,
            ical_uid: None,
            response: None,
            extended: Vec::new(),
            extensions: Extensions::default(),
            attachments: Vec::new(),
            exceptions: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            is_cancelled: false,
            source: None,
        }
    }
}

impl Tenant {
    /// Makes an event in a calendar, and invites its attendees if the owner of the calendar called it.
    pub(crate) fn create_event(
        &mut self,
        mailbox: MailboxNo,
        new: NewEvent,
        now: Timestamp,
    ) -> Result<ItemNo, GraphError> {
        if let Some(first) = self.transaction(mailbox, &new.content)? {
            return Ok(first);
        }
        let mut content = settled(new.content)?;
        online::enable(&mut content, &mut self.sequence);
        let known = new.ical_uid.as_ref().and_then(|uid| self.mailbox(mailbox).by_uid.get(uid).copied());
        let invited_by = new.organizer.filter(|who| !self.is_owner(mailbox, &who.email_address.key()));
        let is_organizer = invited_by.is_none();
        let response = match new.response {
            Some(response) if !is_organizer => ResponseStatus::given(response, now),
            None if !is_organizer => ResponseStatus::unasked(Response::NotResponded),
            _ if content.attendees.is_empty() => ResponseStatus::default(),
            _ => ResponseStatus::unasked(Response::Organizer),
        };
        let event = Event {
            // An invitation that comes again is an update of the same event.
            no: known.filter(|_| !is_organizer).unwrap_or_else(|| self.sequence.item()),
            calendar: new.calendar.unwrap_or_else(|| self.mailbox(mailbox).default_calendar()),
            stamp: Stamp::new(now, self.sequence.change()),
            lone: None,
            ical_uid: new.ical_uid.unwrap_or_else(|| global_object_id(&mut self.sequence, now)),
            organizer: invited_by.unwrap_or_else(|| self.owner(mailbox)),
            is_organizer,
            is_cancelled: new.is_cancelled,
            response,
            content,
            exceptions: new.exceptions,
            cancelled: new.cancelled,
            attachments: new.attachments,
            extended: new.extended,
            extensions: new.extensions,
            source: new.source,
        };
        let no = event.no;
        self.mailbox_mut(mailbox).put_event(event.clone());
        if is_organizer && !event.content.attendees.is_empty() && !event.is_cancelled {
            let (from, to) = (event.organizer.email_address.key(), addresses(&event.content));
            self.post(Mail { to, ..Mail::of(MailKind::Invitation, &from, &event, None) }, now);
            self.distribute(mailbox, no, false, now);
        }
        Ok(no)
    }

    /// The event that was made under the same `transactionId`.
    fn transaction(&self, mailbox: MailboxNo, content: &EventContent) -> Result<Option<ItemNo>, GraphError> {
        let Some(id) = &content.transaction_id else { return Ok(None) };
        let Some(no) = self.mailbox(mailbox).by_transaction.get(id) else { return Ok(None) };
        match self.settings.behaviour.repeated_transaction {
            RepeatedTransaction::SameEvent => Ok(Some(*no)),
            RepeatedTransaction::BadRequest => {
                Err(GraphError::bad("Your request can't be completed. The transactionId was used before."))
            }
            RepeatedTransaction::Conflict => Err(GraphError::new(
                409,
                "ErrorDuplicateTransactionId",
                format!(
                    "Your request can't be completed. An event with this transactionId exists already: '{}'.",
                    self.ids.encode(ItemId { kind: Kind::Event, mailbox, item: *no, day: 0, moves: None }),
                ),
            )),
        }
    }
}

/// A new global object id, as Outlook makes them.
fn global_object_id(sequence: &mut Sequence, now: Timestamp) -> Box<str> {
    let made = (now.as_second().cast_unsigned().wrapping_add(11_644_473_600)).wrapping_mul(10_000_000);
    let unique = (sequence.bits(), sequence.bits());
    format!(
        "040000008200E00074C5B7101A82E00800000000{:016X}000000000000000010000000{:016X}{:016X}",
        made.swap_bytes(),
        unique.0,
        unique.1
    )
    .into()
}
