//! Messages that come into a mailbox, change, and leave it; whoever brings that about.

use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::{Attachment, ExtendedProperty, Stamp, merge_extended};
use crate::mailbox::extensions::Extensions;
use crate::mailbox::meeting_message::MeetingMessage;
use crate::mailbox::message::{Message, MessageContent};
use crate::mailbox::patch::merged;
use crate::tenant::Tenant;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// What stands in the MIME of a message.
const IN_MIME: [&str; 10] = [
    "subject",
    "body",
    "from",
    "sender",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "internetMessageHeaders",
    "importance",
];

impl Message {
    /// A message that arrives now, without ids.
    pub(crate) fn new(no: ItemNo, folder: ItemNo, content: MessageContent, now: Timestamp) -> Self {
        Self {
            no,
            folder,
            moves: 0,
            stamp: Stamp::new(now, 0),
            content,
            received: now,
            is_draft: false,
            internet_message_id: Box::default(),
            conversation: Box::default(),
            attachments: Vec::new(),
            extended: Vec::new(),
            extensions: Extensions::default(),
            meeting: None,
            mime: None,
            source: None,
        }
    }

    /// Changes what clients may change.
    pub(crate) fn change(
        &mut self,
        patch: &Map<String, Value>,
        extended: Vec<ExtendedProperty>,
    ) -> Result<(), GraphError> {
        let mut patch = patch.clone();
        if let Some(id) = patch.remove("internetMessageId").as_ref().and_then(Value::as_str) {
            if !self.is_draft {
                return Err(GraphError::invalid("internetMessageId can be set on drafts only."));
            }
            self.internet_message_id = id.into();
        }
        for name in ["conversationId", "receivedDateTime", "attachments"] {
            patch.remove(name);
        }
        if patch.keys().any(|name| IN_MIME.contains(&name.as_str())) {
            // What came over the wire no longer says what the message says.
            self.mime = None;
        }
        self.content = merged("message", &self.content, &patch)?;
        merge_extended(&mut self.extended, extended);
        Ok(())
    }
}

/// A message that is about to be put into a folder.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage {
    pub(crate) folder: ItemNo,
    pub(crate) content: MessageContent,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) extended: Vec<ExtendedProperty>,
    pub(crate) extensions: Extensions,
    pub(crate) internet_message_id: Option<Box<str>>,
    pub(crate) conversation: Option<Box<str>>,
    pub(crate) received: Option<Timestamp>,
    pub(crate) is_draft: bool,
    pub(crate) meeting: Option<Box<MeetingMessage>>,
    pub(crate) mime: Option<bytes::Bytes>,
    pub(crate) source: Option<Box<str>>,
}

impl Default for NewMessage {
    fn default() -> Self {
        Self {
            folder: ItemNo(0),
            content: MessageContent::default(),
            attachments: Vec::new(),
            extended: Vec::new(),
            extensions: Extensions::default(),
            internet_message_id: None,
            conversation: None,
            received: None,
            is_draft: false,
            meeting: None,
            mime: None,
            source: None,
        }
    }
}

impl Tenant {
    /// Puts a message into a folder.
    pub(crate) fn add_message(&mut self, mailbox: MailboxNo, new: NewMessage, now: Timestamp) -> ItemNo {
        let no = self.sequence.item();
        let stamp = Stamp::new(now, self.sequence.change());
        let domain = self.mailbox(mailbox).user.mail.split('@').nth(1).unwrap_or("localhost").to_owned();
        let unique = self.sequence.guid();
        let message = Message {
            received: new.received.unwrap_or(now),
            is_draft: new.is_draft,
            internet_message_id: new
                .internet_message_id
                .unwrap_or_else(|| format!("<{unique}@{domain}>").into()),
            conversation: new.conversation.unwrap_or_else(|| unique.into()),
            attachments: new.attachments,
            extended: new.extended,
            extensions: new.extensions,
            meeting: new.meeting,
            mime: new.mime,
            source: new.source,
            stamp,
            ..Message::new(no, new.folder, new.content, now)
        };
        self.mailbox_mut(mailbox).put_message(message);
        no
    }

    /// Moves a message to Deleted Items; one that lies there already goes for good.
    pub(crate) fn discard_message(&mut self, mailbox: MailboxNo, no: ItemNo, now: Timestamp) {
        let change = self.sequence.change();
        let store = self.mailbox_mut(mailbox);
        let bin = store.well_known("deleteditems");
        let folder = store.messages.get(&no).map(|message| message.folder);
        match (bin, folder) {
            (Some(bin), Some(folder)) if !store.lies_in(folder, bin) => {
                store.move_message(no, bin, |message| message.stamp.touch(now, change));
            }
            _ => {
                store.remove_message(no);
            }
        }
    }
}
