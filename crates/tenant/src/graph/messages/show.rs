//! How a message is shown.

use super::unique;
use crate::graph::hanging::Carrier;
use crate::graph::{Call, render, time};
use crate::ids::{Kind, MailboxNo};
use crate::mailbox::message::Message;
use crate::mailbox::patch::as_map;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

impl Call<'_> {
    /// The JSON of a message.
    pub(crate) fn message(&self, mailbox: MailboxNo, message: &Message) -> Map<String, Value> {
        let mut map = as_map(&message.content);
        let headers = map.remove("internetMessageHeaders");
        if self.query.selects("internetMessageHeaders") {
            map.insert("internetMessageHeaders".to_owned(), headers.unwrap_or_default());
        }
        if message.content.inference_classification.is_none() {
            map.insert("inferenceClassification".to_owned(), json!("focused"));
        }
        let sent = message.content.sent_date_time.unwrap_or(message.received);
        map.extend(render::object(json!({
            "@odata.etag": message.stamp.etag(),
            "id": self.id(Kind::Message, mailbox, message.no, message.moves),
            "createdDateTime": time(message.stamp.created),
            "lastModifiedDateTime": time(message.stamp.modified),
            "changeKey": message.stamp.change_key(),
            "receivedDateTime": time(message.received),
            "sentDateTime": time(sent),
            "hasAttachments": message.attachments.iter().any(|attachment| !attachment.is_inline),
            "internetMessageId": message.internet_message_id,
            "bodyPreview": message.content.body.preview(),
            "parentFolderId": self.folder_id(mailbox, message.folder),
            "conversationId": message.conversation,
            "conversationIndex": conversation_index(&message.conversation, message.stamp.created),
            "isDraft": message.is_draft,
            "webLink": format!("https://outlook.office365.com/owa/?ItemID={}", message.no.0),
            "body": self.body_json(&message.content.body),
        })));
        if self.query.selects("uniqueBody") {
            let unique = unique::body(&message.content.body);
            map.insert("uniqueBody".to_owned(), self.body_json(&unique));
        }
        if let Some(meeting) = &message.meeting {
            self.add_meeting(&mut map, mailbox, meeting);
        }
        self.expand_extended(&mut map, &message.extended);
        self.expand_attachments(&mut map, mailbox, Carrier::Message(message.no), &message.attachments);
        self.expand_extensions(&mut map, &message.extensions);
        map
    }
}

/// `PidTagConversationIndex` (MS-OXOMSG 2.2.1.3): a reserved byte, five bytes of the time as a FILETIME without its
/// lowest part, and a GUID, which here follows from the conversation.
fn conversation_index(conversation: &str, begun: Timestamp) -> String {
    // FILETIME counts steps of 100 ns from 1601-01-01.
    let ticks = (begun.as_nanosecond() / 100 + 116_444_736_000_000_000).to_be_bytes();
    let mut bytes = [1_u8; 22];
    bytes[1..6].copy_from_slice(&ticks[9..14]);
    bytes[6..].copy_from_slice(&Sha256::digest(conversation.as_bytes())[..16]);
    STANDARD.encode(bytes)
}
