//! Attachments of messages, events and tasks.

use crate::ids::ItemNo;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// An attachment.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its number.
    pub no: ItemNo,
    /// Which kind, and what it holds.
    pub content: AttachmentContent,
    /// File name.
    pub name: Box<str>,
    /// MIME type.
    pub content_type: Option<Box<str>>,
    /// Whether the body shows it.
    pub is_inline: bool,
    /// The name by which the body refers to it.
    pub content_id: Option<Box<str>>,
    /// When it was added.
    pub modified: Timestamp,
}

/// What an attachment holds.
#[derive(Debug, Clone)]
pub enum AttachmentContent {
    /// `fileAttachment`: bytes.
    File(Bytes),
    /// `itemAttachment`: another item.
    Item(Box<AttachedItem>),
    /// `referenceAttachment`: a link.
    Reference(Box<str>),
}

/// An item within an attachment.
#[derive(Debug, Clone)]
pub struct AttachedItem {
    /// What it is.
    pub kind: AttachedKind,
    /// Its properties, as Graph shows them.
    pub properties: Map<String, Value>,
    /// The same as it would go by mail.
    pub raw: Bytes,
}

/// What may be attached as an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachedKind {
    /// A message; raw it is MIME.
    Message,
    /// An event; raw it is iCalendar.
    Event,
    /// A contact; raw it is a vCard.
    Contact,
}

impl AttachedKind {
    /// Graph's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Event => "event",
            Self::Contact => "contact",
        }
    }

    /// The MIME type of the raw form.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Message => "message/rfc822",
            Self::Event => "text/calendar; charset=utf-8",
            Self::Contact => "text/vcard; charset=utf-8",
        }
    }
}

impl Attachment {
    /// What it holds, as bytes; of a link, the link.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            AttachmentContent::File(bytes) => bytes,
            AttachmentContent::Item(item) => &item.raw,
            AttachmentContent::Reference(link) => link.as_bytes(),
        }
    }

    /// The size in bytes.
    pub fn size(&self) -> usize {
        self.bytes().len()
    }
}
