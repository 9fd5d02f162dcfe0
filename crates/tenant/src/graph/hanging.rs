//! What hangs on items of several kinds: attachments and open extensions.

use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::attachment::Attachment;
use crate::mailbox::extensions::Extensions;
use crate::tenant::Tenant;
use jiff::Timestamp;

/// An item that carries attachments or extensions. Occurrences of a series carry those of their master.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A message.
    Message(ItemNo),
    /// An event.
    Event(ItemNo),
    /// A contact; it carries no attachments.
    Contact(ItemNo),
    /// A list of tasks; it carries no attachments.
    List(ItemNo),
    /// A task in a list.
    Task {
        /// The list.
        list: ItemNo,
        /// The task.
        task: ItemNo,
    },
}

/// The parts of an item that hang on it.
pub(crate) struct Hanging<'a> {
    /// Its attachments, if it may have any.
    pub(crate) attachments: Option<&'a mut Vec<Attachment>>,
    /// Its extensions.
    pub(crate) extensions: &'a mut Extensions,
}

impl Tenant {
    /// The attachments of an item.
    pub(crate) fn attachments(&self, mailbox: MailboxNo, on: Carrier) -> Result<&[Attachment], GraphError> {
        let store = self.mailbox(mailbox);
        let found: Option<&[Attachment]> = match on {
            Carrier::Message(no) => store.messages.get(&no).map(|message| &message.attachments[..]),
            Carrier::Event(no) => store.events.get(&no).map(|event| &event.attachments[..]),
            Carrier::Task { list, task } => store
                .lists
                .get(&list)
                .and_then(|list| list.tasks.get(&task))
                .map(|task| &task.attachments[..]),
            Carrier::Contact(_) | Carrier::List(_) => None,
        };
        found.ok_or_else(GraphError::not_found)
    }

    /// The extensions of an item.
    pub(crate) fn extensions(&self, mailbox: MailboxNo, on: Carrier) -> Result<&Extensions, GraphError> {
        let store = self.mailbox(mailbox);
        let found = match on {
            Carrier::Message(no) => store.messages.get(&no).map(|message| &message.extensions),
            Carrier::Event(no) => store.events.get(&no).map(|event| &event.extensions),
            Carrier::Contact(no) => store.contacts.get(&no).map(|contact| &contact.extensions),
            Carrier::List(no) => store.lists.get(&no).map(|list| &list.extensions),
            Carrier::Task { list, task } => {
                store.lists.get(&list).and_then(|list| list.tasks.get(&task)).map(|task| &task.extensions)
            }
        };
        found.ok_or_else(GraphError::not_found)
    }

    /// Changes what hangs on an item, and notes that the item changed.
    pub(crate) fn change_hanging<T>(
        &mut self,
        mailbox: MailboxNo,
        on: Carrier,
        now: Timestamp,
        change: impl FnOnce(Hanging<'_>) -> Result<T, GraphError>,
    ) -> Result<T, GraphError> {
        let number = self.sequence.change();
        let store = self.mailbox_mut(mailbox);
        match on {
            Carrier::Message(no) => {
                let mut message = store.messages.get(&no).cloned().ok_or_else(GraphError::not_found)?;
                let (attachments, extensions) = (Some(&mut message.attachments), &mut message.extensions);
                let done = change(Hanging { attachments, extensions })?;
                let before = store.messages.get(&no).map(|before| before.attachments.len());
                if before != Some(message.attachments.len()) {
                    // What came over the wire had other attachments.
                    message.mime = None;
                }
                message.stamp.touch(now, number);
                store.put_message(message);
                Ok(done)
            }
            Carrier::Event(no) => {
                let mut event = store.events.get(&no).cloned().ok_or_else(GraphError::not_found)?;
                let (attachments, extensions) = (Some(&mut event.attachments), &mut event.extensions);
                let done = change(Hanging { attachments, extensions })?;
                event.stamp.touch(now, number);
                store.put_event(event);
                Ok(done)
            }
            Carrier::Contact(no) => {
                let mut contact = store.contacts.get(&no).cloned().ok_or_else(GraphError::not_found)?;
                let done = change(Hanging { attachments: None, extensions: &mut contact.extensions })?;
                contact.stamp.touch(now, number);
                store.put_contact(contact);
                Ok(done)
            }
            Carrier::List(no) => {
                let list = store.lists.get_mut(&no).ok_or_else(GraphError::not_found)?;
                let done = change(Hanging { attachments: None, extensions: &mut list.extensions })?;
                list.stamp.touch(now, number);
                store.list_log.changed(no);
                Ok(done)
            }
            Carrier::Task { list, task } => {
                let list = store.lists.get_mut(&list).ok_or_else(GraphError::not_found)?;
                let item = list.tasks.get_mut(&task).ok_or_else(GraphError::not_found)?;
                let (attachments, extensions) = (Some(&mut item.attachments), &mut item.extensions);
                let done = change(Hanging { attachments, extensions })?;
                item.stamp.touch(now, number);
                list.log.changed(task);
                Ok(done)
            }
        }
    }
}
