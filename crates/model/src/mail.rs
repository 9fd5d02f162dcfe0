//! E-mails, which travel from Microsoft 365 to the CRM and never back.

use crate::{Additional, Importance, InternetMessageId, Person};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether the owner of the mailbox received the message or sent it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Direction {
    #[default]
    In,
    Out,
}

/// The text of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Whether `text` is HTML.
    #[serde(default)]
    pub html: bool,
    /// The text itself.
    pub text: String,
    /// Whether the end was cut off by the configured maximum.
    #[serde(default)]
    pub truncated: bool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The global id; Exchange gives one to a message that came without.
    pub message_id: InternetMessageId,
    /// Subject line.
    #[serde(default)]
    pub subject: String,
    /// Who wrote it; malformed messages lack it.
    #[serde(default)]
    pub from: Option<Person>,
    /// To whom.
    #[serde(default)]
    pub to: Vec<Person>,
    /// To whom in copy.
    #[serde(default)]
    pub cc: Vec<Person>,
    /// To whom in blind copy; known in sent messages only.
    #[serde(default)]
    pub bcc: Vec<Person>,
    /// When it was sent; of a message without a date: when it was received.
    pub sent_at: Timestamp,
    /// Seen from the mailbox that holds it.
    #[serde(default)]
    pub direction: Direction,
    /// Importance.
    #[serde(default)]
    pub importance: Importance,
    /// Categories.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// Text.
    #[serde(default)]
    pub body: Body,
    /// Attachments, in their order.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// Additional fields.
    #[serde(default)]
    pub additional: Additional,
}

impl Mail {
    /// Everybody it was sent to, in the order to, cc, bcc.
    pub fn recipients(&self) -> impl Iterator<Item = &Person> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

/// A file that hangs on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name as given by the sender: never a path, but not to be trusted as a file name either.
    pub name: String,
    /// Media type as given by the sender.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Whether the HTML text shows it in place.
    #[serde(default)]
    pub inline: bool,
    /// The bytes, or why they are not here.
    pub content: AttachmentContent,
}

/// The content of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttachmentContent {
    /// Its bytes.
    Bytes(#[serde(skip)] Vec<u8>),
    /// It is a link to a file elsewhere (Graph `referenceAttachment`).
    Link(String),
    /// It was not fetched; the reason in plain words.
    LeftOut(String),
}
