//! Drafts, changes, moves and copies of messages.

use crate::error::GraphError;
use crate::fill;
use crate::graph::arrival::NewMessage;
use crate::graph::{Call, extensions};
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::{Stamp, same_property};
use crate::mailbox::message::MessageContent;
use crate::mailbox::patch::{read, take_extended};
use crate::wire::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// What makes out a message that was sent: only drafts may change it ("Update message"), and from the end of 2026 on a
/// permission of its own is needed for others.
const SEALED: [&str; 8] =
    ["subject", "body", "from", "sender", "toRecipients", "ccRecipients", "bccRecipients", "replyTo"];

impl Call<'_> {
    pub(super) fn create_message(
        &mut self,
        mailbox: MailboxNo,
        folder: Option<ItemNo>,
    ) -> Result<Response, GraphError> {
        let store = self.tenant.mailbox(mailbox);
        let folder = folder.or_else(|| store.well_known("drafts")).unwrap_or_else(|| store.root());
        let new = if self.content_type.starts_with("text/plain") {
            self.draft_of_mime()?
        } else {
            self.draft_of_json()?
        };
        let no = self.tenant.add_message(mailbox, NewMessage { folder, ..new }, self.now);
        Ok(self.message_answer(201, mailbox, no))
    }

    /// A draft of MIME in base64 ("Create message", example with MIME content).
    fn draft_of_mime(&mut self) -> Result<NewMessage, GraphError> {
        let invalid = |why: String| GraphError::new(400, "ErrorMimeContentInvalidBase64String", why);
        let text: Vec<u8> = self.body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let mime = STANDARD
            .decode(text)
            .map_err(|error| invalid(format!("Invalid base64 string for MIME content: {error}.")))?;
        let new = fill::message_of_mime(&mut self.tenant.sequence, &mime, self.now).ok_or_else(|| {
            GraphError::new(400, "ErrorMimeContentInvalid", "The MIME content is no message.")
        })?;
        Ok(NewMessage {
            is_draft: true,
            received: None,
            content: MessageContent { is_read: true, ..new.content },
            ..new
        })
    }

    fn draft_of_json(&mut self) -> Result<NewMessage, GraphError> {
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let extensions = extensions::read_all(body.remove("extensions"))?.into_iter().collect();
        let files = body.remove("attachments");
        let id = body.remove("internetMessageId");
        for name in ["conversationId", "receivedDateTime", "@odata.type"] {
            body.remove(name);
        }
        let mut content: MessageContent = read("message", body)?;
        let odd = content
            .internet_message_headers
            .iter()
            .find(|header| !header.name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-")));
        if let Some(header) = odd {
            return Err(GraphError::new(
                400,
                "InvalidInternetMessageHeader",
                format!("The internet message header name '{}' should start with 'x-' or 'X-'.", header.name),
            ));
        }
        content.is_read = true;
        // MAPI's message flags say whether a message that is laid into a folder counts as sent, and as read.
        let flags = extended.iter().find(|one| same_property(&one.id, "Integer 0x0E07"));
        let flags = flags.and_then(|flags| flags.single()?.parse::<u32>().ok());
        let is_draft = flags.is_none_or(|flags| flags & 8 != 0);
        if let Some(flags) = flags {
            content.is_read = flags & 1 != 0;
        }
        let attachments = self.read_attachments(files)?;
        let internet_message_id = id.and_then(|id| id.as_str().map(Box::from));
        Ok(NewMessage {
            content,
            attachments,
            is_draft,
            internet_message_id,
            extended,
            extensions,
            ..NewMessage::default()
        })
    }

    pub(super) fn patch_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let mut message = self.tenant.mailbox(mailbox).messages[&no].clone();
        self.check_version(&message.stamp)?;
        let mut body = self.object()?;
        if !message.is_draft && self.tenant.settings.behaviour.sent_messages_sealed {
            refuse_sealed(&body)?;
        }
        let extended = take_extended(&mut body)?;
        message.change(&body, extended)?;
        message.stamp.touch(self.now, self.tenant.sequence.change());
        self.tenant.mailbox_mut(mailbox).put_message(message);
        Ok(self.message_answer(200, mailbox, no))
    }

    /// Moves a message to Deleted Items; one that lies there already goes for good.
    pub(super) fn delete_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        self.check_version(&self.tenant.mailbox(mailbox).messages[&no].stamp)?;
        self.tenant.discard_message(mailbox, no, self.now);
        Ok(Response::empty(204))
    }

    /// The folder that `destinationId` names.
    pub(in crate::graph) fn destination(&self, mailbox: MailboxNo) -> Result<ItemNo, GraphError> {
        let body = self.object()?;
        let name = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("destinationId"));
        let Some(name) = name.and_then(|(_, value)| value.as_str()) else {
            return Err(GraphError::new(
                400,
                "ErrorInvalidRequest",
                "The property 'DestinationId' is required.",
            ));
        };
        self.folder_number(mailbox, name)
    }

    pub(super) fn move_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let to = self.destination(mailbox)?;
        let (now, change) = (self.now, self.tenant.sequence.change());
        self.tenant.mailbox_mut(mailbox).move_message(no, to, |message| message.stamp.touch(now, change));
        Ok(self.message_answer(201, mailbox, no))
    }

    pub(super) fn copy_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let folder = self.destination(mailbox)?;
        let no = self.tenant.copy_message(mailbox, no, folder, self.now)?;
        Ok(self.message_answer(201, mailbox, no))
    }
}

fn refuse_sealed(body: &Map<String, Value>) -> Result<(), GraphError> {
    match body.keys().find(|name| SEALED.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(GraphError::new(
            403,
            "ErrorAccessDenied",
            format!(
                "'{name}' of a message that is no draft can be changed with the permission Mail-Advanced.ReadWrite only."
            ),
        )),
    }
}

impl crate::tenant::Tenant {
    /// Copies a message into a folder; the number of the copy.
    pub(in crate::graph) fn copy_message(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        folder: ItemNo,
        now: jiff::Timestamp,
    ) -> Result<ItemNo, GraphError> {
        let mut copy = self.mailbox(mailbox).messages.get(&no).cloned().ok_or_else(GraphError::not_found)?;
        copy.no = self.sequence.item();
        copy.folder = folder;
        copy.moves = 0;
        copy.stamp = Stamp::new(now, self.sequence.change());
        for attachment in &mut copy.attachments {
            attachment.no = self.sequence.item();
        }
        let no = copy.no;
        self.mailbox_mut(mailbox).put_message(copy);
        Ok(no)
    }
}
