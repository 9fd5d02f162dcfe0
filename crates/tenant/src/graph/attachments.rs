//! Attachments of messages and events.

use super::{Call, raw, render, time};
use crate::error::GraphError;
use crate::ids::{ItemNo, Kind, MailboxNo};
use crate::mailbox::content::{Attachment, AttachmentContent};
use crate::wire::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What one request may carry.
const LARGEST: usize = 3 * 1024 * 1024;

impl Call<'_> {
    pub(super) fn message_attachments(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let mut message = self.tenant.mailbox(mailbox).messages[&no].clone();
        match (self.method.as_str(), names) {
            ("POST", []) => {
                let attachment = self.new_attachment(Value::Object(self.object()?))?;
                let answer = self.single(201, "attachments", self.attachment(mailbox, &attachment, true));
                message.attachments.push(attachment);
                message.stamp.touch(self.now, self.tenant.sequence.change());
                self.tenant.mailbox_mut(mailbox).put_message(message);
                Ok(answer)
            }
            ("DELETE", [id]) => {
                let id = self.attachment_number(mailbox, &message.attachments, id)?;
                message.attachments.retain(|attachment| attachment.no != id);
                message.stamp.touch(self.now, self.tenant.sequence.change());
                self.tenant.mailbox_mut(mailbox).put_message(message);
                Ok(Response::empty(204))
            }
            _ => self.read_attachment_route(mailbox, &message.attachments, names),
        }
    }

    pub(super) fn event_attachments(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let mut event = self.tenant.mailbox(mailbox).events[&no].clone();
        match (self.method.as_str(), names) {
            ("POST", []) => {
                let attachment = self.new_attachment(Value::Object(self.object()?))?;
                let answer = self.single(201, "attachments", self.attachment(mailbox, &attachment, true));
                event.attachments.push(attachment);
                event.stamp.touch(self.now, self.tenant.sequence.change());
                self.tenant.mailbox_mut(mailbox).put_event(event);
                Ok(answer)
            }
            ("DELETE", [id]) => {
                let id = self.attachment_number(mailbox, &event.attachments, id)?;
                event.attachments.retain(|attachment| attachment.no != id);
                event.stamp.touch(self.now, self.tenant.sequence.change());
                self.tenant.mailbox_mut(mailbox).put_event(event);
                Ok(Response::empty(204))
            }
            _ => self.read_attachment_route(mailbox, &event.attachments, names),
        }
    }

    fn read_attachment_route(
        &self,
        mailbox: MailboxNo,
        attachments: &[Attachment],
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => {
                let list: Vec<&Attachment> = attachments.iter().collect();
                Ok(self.list("attachments", list, |attachment| self.attachment(mailbox, attachment, true)))
            }
            ("GET", [id]) => {
                let no = self.attachment_number(mailbox, attachments, id)?;
                let found = attachments.iter().find(|attachment| attachment.no == no);
                let found = found.ok_or_else(GraphError::not_found)?;
                Ok(self.single(200, "attachments", self.attachment(mailbox, found, true)))
            }
            ("GET", [id, "$value"]) => {
                let no = self.attachment_number(mailbox, attachments, id)?;
                let found = attachments.iter().find(|attachment| attachment.no == no);
                let found = found.ok_or_else(GraphError::not_found)?;
                match &found.content {
                    AttachmentContent::File(bytes) | AttachmentContent::Item(bytes) => Ok(raw(
                        found.content_type.as_deref().unwrap_or("application/octet-stream"),
                        bytes.clone(),
                    )),
                    AttachmentContent::Reference(_) => Err(GraphError::new(
                        405,
                        "ErrorInvalidRequest",
                        "A reference attachment has no content of its own.",
                    )),
                }
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn attachment_number(
        &self,
        mailbox: MailboxNo,
        attachments: &[Attachment],
        id: &str,
    ) -> Result<ItemNo, GraphError> {
        let no = self.item(mailbox, Kind::Attachment, id)?.item;
        let known = attachments.iter().any(|attachment| attachment.no == no);
        if known { Ok(no) } else { Err(GraphError::not_found()) }
    }

    /// The JSON of an attachment.
    fn attachment(&self, mailbox: MailboxNo, attachment: &Attachment, whole: bool) -> Map<String, Value> {
        let mut map = render::object(json!({
            "id": self.id(Kind::Attachment, mailbox, attachment.no, 0),
            "name": attachment.name,
            "contentType": attachment.content_type,
            "size": attachment.size(),
            "isInline": attachment.is_inline,
            "lastModifiedDateTime": time(attachment.modified),
            "@odata.mediaContentType": attachment.content_type,
        }));
        let kind = match &attachment.content {
            AttachmentContent::File(bytes) => {
                map.insert("contentId".to_owned(), json!(attachment.content_id));
                map.insert("contentLocation".to_owned(), Value::Null);
                if whole && self.query.select.is_none() || self.query.selects("contentBytes") {
                    map.insert("contentBytes".to_owned(), Value::String(STANDARD.encode(bytes)));
                }
                "#microsoft.graph.fileAttachment"
            }
            AttachmentContent::Item(_) => "#microsoft.graph.itemAttachment",
            AttachmentContent::Reference(_) => "#microsoft.graph.referenceAttachment",
        };
        map.insert("@odata.type".to_owned(), Value::String(kind.to_owned()));
        map
    }

    /// Shows attachments that the query expands.
    pub(super) fn expand_attachments(
        &self,
        map: &mut Map<String, Value>,
        mailbox: MailboxNo,
        attachments: &[Attachment],
    ) {
        let Some(expand) = self.query.expanded("attachments") else { return };
        let list = attachments.iter().map(|attachment| {
            let mut shown = self.attachment(mailbox, attachment, false);
            let bytes =
                expand.select.as_ref().is_none_or(|names| names.iter().any(|name| name == "contentBytes"));
            if let (AttachmentContent::File(content), true) = (&attachment.content, bytes) {
                shown.insert("contentBytes".to_owned(), Value::String(STANDARD.encode(content)));
            }
            if let Some(names) = &expand.select {
                shown.retain(|name, _| {
                    name == "id" || name.contains('@') || names.iter().any(|one| one == name)
                });
            }
            Value::Object(shown)
        });
        map.insert("attachments".to_owned(), Value::Array(list.collect()));
    }

    /// Attachments that come with the creation of an item.
    pub(super) fn read_attachments(&mut self, value: Option<Value>) -> Result<Vec<Attachment>, GraphError> {
        match value {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(list)) => list.into_iter().map(|one| self.new_attachment(one)).collect(),
            Some(_) => Err(GraphError::bad("The property 'attachments' must be a list.")),
        }
    }

    fn new_attachment(&mut self, value: Value) -> Result<Attachment, GraphError> {
        let attachment = self.tenant.attachment_of(&value, self.now)?;
        if attachment.size() > LARGEST {
            return Err(GraphError::new(
                413,
                "RequestEntityTooLarge",
                "Attachments of 3 MB and more need an upload session.",
            ));
        }
        Ok(attachment)
    }
}

impl crate::tenant::Tenant {
    /// An attachment of its JSON.
    pub(crate) fn attachment_of(
        &mut self,
        value: &Value,
        now: jiff::Timestamp,
    ) -> Result<Attachment, GraphError> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let name = text("name")
            .ok_or_else(|| GraphError::invalid("The property 'name' of an attachment is required."))?;
        let kind = text("@odata.type").unwrap_or("#microsoft.graph.fileAttachment");
        let content = match kind.trim_start_matches('#') {
            "microsoft.graph.fileAttachment" => {
                let bytes = STANDARD.decode(text("contentBytes").unwrap_or_default().trim());
                let bytes = bytes
                    .map_err(|error| GraphError::bad(format!("contentBytes is not base64: {error}.")))?;
                AttachmentContent::File(bytes.into())
            }
            "microsoft.graph.itemAttachment" => {
                let item = value.get("item").cloned().unwrap_or_default();
                AttachmentContent::Item(item.to_string().into())
            }
            "microsoft.graph.referenceAttachment" => {
                AttachmentContent::Reference(text("sourceUrl").unwrap_or_default().into())
            }
            other => return Err(GraphError::bad(format!("Unknown type of attachment '{other}'."))),
        };
        Ok(Attachment {
            no: self.sequence.item(),
            content,
            name: name.into(),
            content_type: text("contentType").map(Box::from),
            is_inline: value.get("isInline").and_then(Value::as_bool).unwrap_or(false),
            content_id: text("contentId").map(Box::from),
            modified: now,
        })
    }
}
