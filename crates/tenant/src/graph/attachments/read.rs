//! Reading attachments from requests.

use super::{icalendar, vcard};
use crate::error::GraphError;
use crate::graph::mime;
use crate::ids::ItemNo;
use crate::mailbox::attachment::{AttachedItem, AttachedKind, Attachment, AttachmentContent};
use crate::mailbox::contact::ContactContent;
use crate::mailbox::content::seconds;
use crate::mailbox::event::EventContent;
use crate::mailbox::message::{Message, MessageContent};
use crate::mailbox::patch::{as_map, read};
use crate::tenant::Tenant;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

impl Tenant {
    /// An attachment of its JSON.
    pub(crate) fn attachment_of(&mut self, value: &Value, now: Timestamp) -> Result<Attachment, GraphError> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let name = text("name")
            .ok_or_else(|| GraphError::invalid("The property 'name' of an attachment is required."))?;
        let kind = text("@odata.type").unwrap_or("#microsoft.graph.fileAttachment");
        let content = match kind.trim_start_matches('#') {
            "microsoft.graph.fileAttachment" | "microsoft.graph.taskFileAttachment" => {
                let bytes = STANDARD.decode(text("contentBytes").unwrap_or_default().trim());
                let bytes = bytes
                    .map_err(|error| GraphError::bad(format!("contentBytes is not base64: {error}.")))?;
                AttachmentContent::File(bytes.into())
            }
            "microsoft.graph.itemAttachment" => {
                let Some(Value::Object(item)) = value.get("item") else {
                    return Err(GraphError::invalid(
                        "The property 'item' of an item attachment is required.",
                    ));
                };
                AttachmentContent::Item(Box::new(item_of(item.clone(), now)?))
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

/// An item that is attached.
fn item_of(mut item: Map<String, Value>, now: Timestamp) -> Result<AttachedItem, GraphError> {
    let kind = item.remove("@odata.type");
    let kind = kind.as_ref().and_then(Value::as_str).unwrap_or("#microsoft.graph.message");
    match kind.trim_start_matches('#') {
        "microsoft.graph.message" => {
            for name in ["internetMessageId", "conversationId", "receivedDateTime", "attachments"] {
                item.remove(name);
            }
            Ok(message_item(read("message", item)?, None, now))
        }
        "microsoft.graph.event" => {
            for name in ["iCalUId", "organizer", "attachments"] {
                item.remove(name);
            }
            let content: EventContent = read("event", item)?;
            let properties = stamped(as_map(&content), now);
            let raw = icalendar::of(&content, now).into();
            Ok(AttachedItem { kind: AttachedKind::Event, properties, raw })
        }
        "microsoft.graph.contact" => {
            let mut content: ContactContent = read("contact", item)?;
            content.complete();
            let properties = stamped(as_map(&content), now);
            Ok(AttachedItem { kind: AttachedKind::Contact, properties, raw: vcard::of(&content).into() })
        }
        other => Err(GraphError::bad(format!("An item of type '{other}' cannot be attached."))),
    }
}

/// A message that is attached; `mime` is how it came, if it did.
pub(crate) fn message_item(
    content: MessageContent,
    mime: Option<bytes::Bytes>,
    now: Timestamp,
) -> AttachedItem {
    let mut properties = stamped(as_map(&content), now);
    properties.remove("internetMessageHeaders");
    let sent = content.sent_date_time.unwrap_or(now);
    properties.insert("sentDateTime".to_owned(), json!(seconds(sent)));
    properties.insert("receivedDateTime".to_owned(), json!(seconds(sent)));
    properties.insert("bodyPreview".to_owned(), json!(content.body.preview()));
    properties.insert("isDraft".to_owned(), json!(false));
    let raw = mime.unwrap_or_else(|| mime::of(&Message::loose(content, now)));
    AttachedItem { kind: AttachedKind::Message, properties, raw }
}

fn stamped(mut properties: Map<String, Value>, now: Timestamp) -> Map<String, Value> {
    properties.insert("createdDateTime".to_owned(), json!(seconds(now)));
    properties.insert("lastModifiedDateTime".to_owned(), json!(seconds(now)));
    properties.insert("hasAttachments".to_owned(), json!(false));
    properties
}

impl Message {
    /// A message that lies in no folder.
    fn loose(content: MessageContent, now: Timestamp) -> Self {
        Self::new(ItemNo(0), ItemNo(0), content, now)
    }
}
