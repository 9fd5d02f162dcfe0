//! Complex types that several resources share, as Graph writes them.

pub use super::attachment::{Attachment, AttachmentContent};
pub use super::extended::{ExtendedProperty, merge_extended, same_property};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `emailAddress`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EmailAddress {
    /// Display name.
    pub name: Option<Box<str>>,
    /// SMTP address.
    pub address: Option<Box<str>>,
}

impl EmailAddress {
    /// The address in lower case, for comparison; empty when there is none.
    pub fn key(&self) -> String {
        self.address.as_deref().unwrap_or_default().trim().to_lowercase()
    }
}

/// `recipient`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Recipient {
    /// Who.
    pub email_address: EmailAddress,
}

impl Recipient {
    /// A recipient of a name and an address.
    pub fn new(name: &str, address: &str) -> Self {
        Self { email_address: EmailAddress { name: Some(name.into()), address: Some(address.into()) } }
    }
}

/// `itemBody`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Body {
    /// What `content` is.
    pub content_type: BodyType,
    /// The text.
    pub content: Box<str>,
}

/// `bodyType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyType {
    /// Plain text.
    #[default]
    #[serde(alias = "Text", alias = "TEXT")]
    Text,
    /// HTML.
    #[serde(alias = "HTML", alias = "Html")]
    Html,
}

impl Body {
    /// The body as plain text.
    pub fn plain(&self) -> String {
        match self.content_type {
            BodyType::Text => self.content.to_string(),
            BodyType::Html => mail_parser::decoders::html::html_to_text(&with_breaks(&self.content)),
        }
    }

    /// The first 255 characters of the plain text, on one line.
    pub fn preview(&self) -> String {
        let start: String = match self.content_type {
            BodyType::Text => self.content.chars().take(1024).collect(),
            BodyType::Html => self.plain(),
        };
        let mut preview = String::new();
        for word in start.split_whitespace() {
            if !preview.is_empty() {
                preview.push(' ');
            }
            preview.push_str(word);
            if preview.len() > 1020 {
                break;
            }
        }
        preview.chars().take(255).collect()
    }
}

/// `importance`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Importance {
    /// Low.
    #[serde(alias = "Low")]
    Low,
    /// Normal.
    #[default]
    #[serde(alias = "Normal")]
    Normal,
    /// High.
    #[serde(alias = "High")]
    High,
}

/// `physicalAddress`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PhysicalAddress {
    /// Street, house number and all that stands above the city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<Box<str>>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Box<str>>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<str>>,
    /// Country or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_or_region: Option<Box<str>>,
    /// Post code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Box<str>>,
}

/// When an item was made and changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stamp {
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    /// Number of the last change.
    pub change: u64,
}

impl Stamp {
    /// The stamp of a new item.
    pub fn new(now: Timestamp, change: u64) -> Self {
        Self { created: now, modified: now, change }
    }

    /// Notes a change.
    pub fn touch(&mut self, now: Timestamp, change: u64) {
        self.modified = now;
        self.change = change;
    }

    /// `changeKey`.
    pub fn change_key(&self) -> String {
        use base64::Engine;
        let mut bytes = [0x51_u8; 20];
        bytes[12..].copy_from_slice(&self.change.to_be_bytes());
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    /// `@odata.etag`.
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.change_key())
    }
}

/// An instant as Graph writes it for mail: to the second.
pub fn seconds(instant: Timestamp) -> String {
    format!("{instant:.0}")
}

/// An instant as Graph writes it for calendars: with seven decimals.
pub fn ticks(instant: Timestamp) -> String {
    format!("{instant:.7}")
}

/// HTML in which the ends of blocks are line breaks and those of cells are spaces, so that words of neighbouring
/// blocks do not run together in the text.
fn with_breaks(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while let Some(at) = rest.find("</") {
        let end = rest.get(at..).and_then(|tag| tag.find('>')).map_or(rest.len(), |end| at + end + 1);
        let name =
            rest.get(at + 2..end).unwrap_or_default().trim_end_matches('>').trim().to_ascii_lowercase();
        out.push_str(rest.get(..end).unwrap_or_default());
        match name.as_str() {
            "div" | "tr" | "table" | "li" | "ul" | "ol" | "blockquote" | "h1" | "h2" | "h3" | "h4" | "h5"
            | "h6" => {
                out.push_str("<br>");
            }
            "td" | "th" => out.push(' '),
            _ => {}
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
