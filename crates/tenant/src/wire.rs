//! Requests and responses, free of any HTTP library.

use crate::limits::SlotNo;
use crate::outbox::OutgoingNo;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Method, in capitals.
    pub method: String,
    /// Path with its percent escapes.
    pub path: String,
    /// Query with its percent escapes.
    pub query: Option<String>,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

impl Request {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a header.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, beside those that follow from the body.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Content,
    /// How it is to reach the client.
    pub delivery: Delivery,
    /// How long the service took for it. Its way to the client begins after that.
    pub took: Duration,
    /// What it occupies until it has reached the client or the client is gone; then
    /// [`Tenant::finished`](crate::Tenant::finished) is to be told.
    pub slot: Option<SlotNo>,
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub enum Content {
    /// None.
    Empty,
    /// JSON; turned into text by the shell, after the tenant is free again.
    Json(Value),
    /// Anything else.
    Bytes {
        /// MIME type.
        media_type: String,
        /// Content.
        bytes: Bytes,
    },
}

/// How an answer reaches the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// At once and whole.
    #[default]
    Prompt,
    /// Whole, after this much of the tenant's time.
    Late(Duration),
    /// The status, the headers and so many bytes of the body; then the connection breaks.
    Cut(usize),
    /// Not a byte: the connection breaks.
    Broken,
    /// Never: the client waits until it gives up.
    Never,
    /// Once the answer to a request of the tenant's own is in: [`Tenant::delivered`](crate::Tenant::delivered) gives
    /// what to send.
    Held(OutgoingNo),
}

impl Response {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Content::Empty,
            delivery: Delivery::Prompt,
            took: Duration::ZERO,
            slot: None,
        }
    }

    /// The answer that comes when that to a request of the tenant's own is in.
    pub fn held(until: OutgoingNo) -> Self {
        Self { delivery: Delivery::Held(until), ..Self::empty(202) }
    }

    /// A JSON answer.
    pub fn json(status: u16, value: Value) -> Self {
        Self { body: Content::Json(value), ..Self::empty(status) }
    }

    /// The JSON of the body; null when it is none.
    pub fn value(&self) -> Value {
        self.as_json().clone()
    }

    /// The same, where it stands.
    pub fn as_json(&self) -> &Value {
        match &self.body {
            Content::Json(value) => value,
            Content::Empty | Content::Bytes { .. } => &Value::Null,
        }
    }

    /// The body and its MIME type as they go over the wire.
    pub fn into_bytes(self) -> (Option<String>, Bytes) {
        match self.body {
            Content::Empty => (None, Bytes::new()),
            Content::Json(value) => {
                let media_type = "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8";
                // Values always serialise; a writer of bytes is twice as fast as one of text.
                (Some(media_type.to_owned()), Bytes::from(serde_json::to_vec(&value).unwrap_or_default()))
            }
            Content::Bytes { media_type, bytes } => (Some(media_type), bytes),
        }
    }
}

/// An instant as the header `date` has it.
pub fn http_date(instant: Timestamp) -> String {
    // It fails for years before 0 only.
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&instant).unwrap_or_default()
}

/// A text without its percent escapes; `+` counts as a space in queries.
pub fn unescaped(text: &str, in_query: bool) -> String {
    // Most texts have none, and every part of every path comes by here.
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &tail[2..];
                continue;
            }
            (b'+', ..) if in_query => bytes.push(b' '),
            _ => bytes.push(first),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text with percent escapes, fit for a query.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$,()'/:=".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The names and values of a query or a form.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (unescaped(name, true), unescaped(value, true))
        })
        .collect()
}
