//! Attachments of messages, events and To Do tasks.

mod icalendar;
mod read;
mod session;
mod vcard;

pub(crate) use read::message_item;
pub(crate) use session::{UploadSessions, answer as answer_upload};

use super::hanging::Carrier;
use super::query::{Expand, covers};
use super::{Call, raw, render, time};
use crate::error::GraphError;
use crate::ids::{ItemNo, Kind, MailboxNo};
use crate::mailbox::attachment::{Attachment, AttachmentContent};
use crate::wire::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What one request may carry, in bytes; larger files need an upload session.
const LARGEST: usize = 3 * 1024 * 1024;

impl Call<'_> {
    /// `attachments` of an item.
    pub(super) fn attachments_route(
        &mut self,
        mailbox: MailboxNo,
        on: Carrier,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => {
                let all: Vec<&Attachment> = self.tenant.attachments(mailbox, on)?.iter().collect();
                // All of them come at once, unless the client says how many it wants.
                let page = self.query.top.or(self.prefer.page).unwrap_or(usize::MAX);
                Ok(self.list_of("attachments", all, page, |one| self.attachment(mailbox, on, one, In::List)))
            }
            ("GET", ["$count"]) => {
                Ok(raw("text/plain", self.tenant.attachments(mailbox, on)?.len().to_string().into()))
            }
            ("POST", []) => {
                let body = self.object()?;
                let attachment = self.new_attachment(Value::Object(body))?;
                let answer = self.attachment(mailbox, on, &attachment, In::Single);
                self.tenant.attach(mailbox, on, attachment, self.now)?;
                Ok(self.single(201, "attachments", answer))
            }
            ("POST", ["createUploadSession" | "microsoft.graph.createUploadSession"]) => {
                self.create_upload_session(mailbox, on)
            }
            ("GET", [id]) => {
                let found = self.find_attachment(mailbox, on, id)?;
                Ok(self.single(200, "attachments", self.attachment(mailbox, on, found, In::Single)))
            }
            ("GET", [id, "$value"]) => value(self.find_attachment(mailbox, on, id)?),
            ("DELETE", [id]) => {
                let no = self.find_attachment(mailbox, on, id)?.no;
                self.tenant.change_hanging(mailbox, on, self.now, |item| {
                    if let Some(all) = item.attachments {
                        all.retain(|one| one.no != no);
                    }
                    Ok(())
                })?;
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(&[&["attachments"], names].concat())),
        }
    }

    fn find_attachment(&self, mailbox: MailboxNo, on: Carrier, id: &str) -> Result<&Attachment, GraphError> {
        let no = self.item(mailbox, Kind::Attachment, id)?.item;
        let all = self.tenant.attachments(mailbox, on)?;
        all.iter().find(|one| one.no == no).ok_or_else(GraphError::not_found)
    }

    /// The id of an attachment.
    fn attachment_id(&self, mailbox: MailboxNo, no: ItemNo) -> String {
        self.id(Kind::Attachment, mailbox, no, 0)
    }

    /// The JSON of an attachment.
    fn attachment(&self, mailbox: MailboxNo, on: Carrier, one: &Attachment, place: In) -> Map<String, Value> {
        if matches!(on, Carrier::Task { .. }) {
            return self.task_attachment(mailbox, one, place);
        }
        let mut map = render::object(json!({
            "@odata.type": format!("#microsoft.graph.{}", type_name(one)),
            "id": self.attachment_id(mailbox, one.no),
            "lastModifiedDateTime": time(one.modified),
            "name": one.name,
            "contentType": one.content_type,
            "size": one.size(),
            "isInline": one.is_inline,
        }));
        match &one.content {
            AttachmentContent::File(bytes) => {
                if let Some(content_type) = &one.content_type {
                    map.insert("@odata.mediaContentType".to_owned(), json!(content_type));
                }
                map.insert("contentId".to_owned(), json!(one.content_id));
                map.insert("contentLocation".to_owned(), Value::Null);
                if self.query.select.is_none() || self.query.selects("contentBytes") {
                    map.insert("contentBytes".to_owned(), Value::String(STANDARD.encode(bytes)));
                }
            }
            AttachmentContent::Item(_) if self.query.expand.iter().any(is_item) => {
                self.show_item(&mut map, one);
            }
            AttachmentContent::Item(_) | AttachmentContent::Reference(_) => {}
        }
        map
    }

    /// The JSON of a `taskFileAttachment`. Lists do not show the content.
    fn task_attachment(&self, mailbox: MailboxNo, one: &Attachment, place: In) -> Map<String, Value> {
        let mut map = render::object(json!({
            "@odata.type": "#microsoft.graph.taskFileAttachment",
            "id": self.todo_id(Kind::Attachment, mailbox, one.no),
            "lastModifiedDateTime": time(one.modified),
            "name": one.name,
            "contentType": one.content_type,
            "size": one.size(),
        }));
        if place == In::Single {
            map.insert("contentBytes".to_owned(), Value::String(STANDARD.encode(one.bytes())));
        }
        map
    }

    fn show_item(&self, map: &mut Map<String, Value>, one: &Attachment) {
        let AttachmentContent::Item(item) = &one.content else { return };
        let mut shown = item.properties.clone();
        if self.prefer.body.is_some()
            && let Some(body) = shown.get("body").and_then(|body| serde_json::from_value(body.clone()).ok())
        {
            shown.insert("body".to_owned(), self.body_json(&body));
        }
        shown.insert("@odata.type".to_owned(), json!(format!("#microsoft.graph.{}", item.kind.name())));
        // An attached item is nowhere but in its attachment, and has no id of its own.
        shown.insert("id".to_owned(), json!(""));
        map.insert("item".to_owned(), Value::Object(shown));
    }

    /// Shows attachments that the query expands.
    pub(super) fn expand_attachments(
        &self,
        map: &mut Map<String, Value>,
        mailbox: MailboxNo,
        on: Carrier,
        attachments: &[Attachment],
    ) {
        let Some(expand) = self.query.expanded("attachments") else { return };
        let list = attachments.iter().map(|one| {
            let mut shown = self.attachment(mailbox, on, one, In::List);
            if let (AttachmentContent::File(bytes), false) =
                (&one.content, matches!(on, Carrier::Task { .. }))
            {
                // The selection of the item is not that of its attachments.
                shown.insert("contentBytes".to_owned(), Value::String(STANDARD.encode(bytes)));
            }
            if expand.expand.iter().any(is_item) {
                self.show_item(&mut shown, one);
            }
            if let Some(names) = &expand.select {
                shown.retain(|name, _| {
                    name == "id" || name.contains('@') || names.iter().any(|one| covers(one, name))
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
        if attachment.size() >= LARGEST {
            return Err(GraphError::new(
                413,
                "RequestEntityTooLarge",
                "Attachments of 3 MB and more need an upload session.",
            ));
        }
        Ok(attachment)
    }
}

/// Where an attachment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum In {
    List,
    Single,
}

fn type_name(one: &Attachment) -> &'static str {
    match one.content {
        AttachmentContent::File(_) => "fileAttachment",
        AttachmentContent::Item(_) => "itemAttachment",
        AttachmentContent::Reference(_) => "referenceAttachment",
    }
}

/// `microsoft.graph.itemAttachment/item`, in any case.
fn is_item(expand: &Expand) -> bool {
    let name = expand.name.to_ascii_lowercase();
    name == "microsoft.graph.itemattachment/item" || name == "item"
}

/// The bytes of a file or an item. A link has none.
fn value(one: &Attachment) -> Result<Response, GraphError> {
    match &one.content {
        AttachmentContent::File(bytes) => {
            Ok(raw(one.content_type.as_deref().unwrap_or("application/octet-stream"), bytes.clone()))
        }
        AttachmentContent::Item(item) => Ok(raw(item.kind.media_type(), item.raw.clone())),
        AttachmentContent::Reference(_) => Err(GraphError::new(
            405,
            "ErrorInvalidRequest",
            "A reference attachment has no content of its own.",
        )),
    }
}

impl crate::tenant::Tenant {
    /// Puts an attachment on an item, unless the item would become too large.
    pub(crate) fn attach(
        &mut self,
        mailbox: MailboxNo,
        on: Carrier,
        attachment: Attachment,
        now: jiff::Timestamp,
    ) -> Result<(), GraphError> {
        let size: usize = self.attachments(mailbox, on)?.iter().map(Attachment::size).sum();
        let limit = self.settings.behaviour.largest_message;
        if !matches!(on, Carrier::Task { .. }) && size + attachment.size() > limit {
            return Err(GraphError::new(
                413,
                "ErrorMessageSizeExceeded",
                format!("The message exceeds the maximum supported size of {limit} bytes."),
            ));
        }
        self.change_hanging(mailbox, on, now, |item| {
            if let Some(all) = item.attachments {
                all.push(attachment);
            }
            Ok(())
        })
    }
}
