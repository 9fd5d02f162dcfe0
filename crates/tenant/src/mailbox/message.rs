//! Messages.

use super::content::{Attachment, Body, ExtendedProperty, Importance, Recipient, Stamp};
use super::extensions::Extensions;
use crate::ids::ItemNo;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message in a folder.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its number.
    pub no: ItemNo,
    /// The folder it lies in.
    pub folder: ItemNo,
    /// How often it was moved.
    pub moves: u32,
    /// When it was made and changed.
    pub stamp: Stamp,
    /// What clients may write.
    pub content: MessageContent,
    /// When it arrived; for a draft, when it was made.
    pub received: Timestamp,
    /// Whether it was never sent.
    pub is_draft: bool,
    /// Its global id, `<…@…>`.
    pub internet_message_id: Box<str>,
    /// Groups answers with what they answer.
    pub conversation: Box<str>,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// Extended properties.
    pub extended: Vec<ExtendedProperty>,
    /// Open extensions.
    pub extensions: Extensions,
    /// The meeting that it is about, if it is an event message.
    pub meeting: Option<Box<super::meeting_message::MeetingMessage>>,
    /// The message as it came over the wire, if it did.
    pub mime: Option<bytes::Bytes>,
    /// The file it was filled from.
    pub source: Option<Box<str>>,
}

/// The writable properties of `message`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MessageContent {
    /// Subject.
    pub subject: Option<Box<str>>,
    /// Body.
    pub body: Body,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Recipient>,
    /// Who sent it, for another perhaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<Recipient>,
    /// To.
    pub to_recipients: Vec<Recipient>,
    /// Cc.
    pub cc_recipients: Vec<Recipient>,
    /// Bcc.
    pub bcc_recipients: Vec<Recipient>,
    /// Where answers go.
    pub reply_to: Vec<Recipient>,
    /// Categories.
    pub categories: Vec<Box<str>>,
    /// Importance.
    pub importance: Importance,
    /// Whether it was read.
    pub is_read: bool,
    /// Whether a read receipt is wanted.
    pub is_read_receipt_requested: Option<bool>,
    /// Whether a delivery receipt is wanted.
    pub is_delivery_receipt_requested: Option<bool>,
    /// Follow-up flag.
    pub flag: Flag,
    /// Focused or other.
    pub inference_classification: Option<Box<str>>,
    /// Headers; shown only when selected.
    pub internet_message_headers: Vec<Header>,
    /// When it was sent.
    pub sent_date_time: Option<Timestamp>,
}

/// `internetMessageHeader`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// Name.
    pub name: Box<str>,
    /// Value, unfolded.
    pub value: Box<str>,
}

/// `followupFlag`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Flag {
    /// `notFlagged`, `flagged` or `complete`.
    pub flag_status: Box<str>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_date_time: Option<Value>,
    /// When it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_time: Option<Value>,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date_time: Option<Value>,
}

impl Default for Flag {
    fn default() -> Self {
        Self {
            flag_status: "notFlagged".into(),
            completed_date_time: None,
            due_date_time: None,
            start_date_time: None,
        }
    }
}
