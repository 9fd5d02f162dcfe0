//! A message as RFC 5322 text.

use crate::mailbox::content::{AttachmentContent, BodyType, Recipient};
use crate::mailbox::message::Message;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// The message as it came, or as it would have been written.
pub fn of(message: &Message) -> Bytes {
    if let Some(mime) = &message.mime {
        return mime.clone();
    }
    let mut out = headers(message);
    let body_type = match message.content.body.content_type {
        BodyType::Text => "text/plain",
        BodyType::Html => "text/html",
    };
    let body = encoded(message.content.body.content.as_bytes());
    let body = format!(
        "Content-Type: {body_type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"
    );
    if message.attachments.is_empty() {
        out.push_str(&body);
        return Bytes::from(out);
    }
    let boundary = format!("=_tenant_{:016x}", message.no.0);
    out.push_str(&format!(
        "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n{body}"
    ));
    for attachment in &message.attachments {
        let default = match &attachment.content {
            AttachmentContent::File(_) => "application/octet-stream",
            AttachmentContent::Item(item) => item.kind.media_type(),
            AttachmentContent::Reference(_) => "text/uri-list",
        };
        let media = attachment.content_type.as_deref().filter(|media| plain(media)).unwrap_or(default);
        let name = word(&attachment.name);
        let disposition = if attachment.is_inline { "inline" } else { "attachment" };
        out.push_str(&format!(
            "\r\n--{boundary}\r\nContent-Type: {media}; name=\"{name}\"\r\nContent-Disposition: {disposition}; filename=\"{name}\"\r\n"
        ));
        if let Some(id) = attachment.content_id.as_deref().filter(|id| plain(id)) {
            out.push_str(&format!("Content-ID: <{id}>\r\n"));
        }
        out.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
        out.push_str(&encoded(attachment.bytes()));
    }
    out.push_str(&format!("\r\n--{boundary}--\r\n"));
    Bytes::from(out)
}

fn headers(message: &Message) -> String {
    let content = &message.content;
    let sent = content.sent_date_time.unwrap_or(message.received);
    let mut out = format!("Date: {}\r\n", sent.strftime("%a, %d %b %Y %H:%M:%S +0000"));
    if let Some(from) = &content.from {
        out.push_str(&format!("From: {}\r\n", mailbox(from)));
    }
    for (name, list) in [("To", &content.to_recipients), ("Cc", &content.cc_recipients)] {
        if !list.is_empty() {
            let list: Vec<String> = list.iter().map(mailbox).collect();
            out.push_str(&format!("{name}: {}\r\n", list.join(",\r\n ")));
        }
    }
    out.push_str(&format!("Subject: {}\r\n", word(content.subject.as_deref().unwrap_or_default())));
    if plain(&message.internet_message_id) {
        out.push_str(&format!("Message-ID: {}\r\n", message.internet_message_id));
    }
    out.push_str("MIME-Version: 1.0\r\n");
    out
}

fn mailbox(recipient: &Recipient) -> String {
    let address = recipient.email_address.address.as_deref().filter(|address| plain(address));
    let address = address.unwrap_or("unknown@invalid");
    match recipient.email_address.name.as_deref() {
        Some(name) if !name.is_empty() && word(name) == name => format!("\"{name}\" <{address}>"),
        Some(name) if !name.is_empty() => format!("{} <{address}>", word(name)),
        _ => format!("<{address}>"),
    }
}

/// Whether a text may stand in a header as it is.
fn plain(text: &str) -> bool {
    text.chars().all(|sign| (' '..='~').contains(&sign))
}

/// A text for a header: as it is, or in encoded words (RFC 2047).
fn word(text: &str) -> String {
    if plain(text) && !text.contains(['"', '\\']) && !text.contains("=?") {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        // 45 bytes become 60 signs, and the whole word stays below the 75 that are allowed.
        let mut cut = rest.len().min(45);
        while !rest.is_char_boundary(cut) {
            cut -= 1;
        }
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(&rest[..cut])));
        rest = &rest[cut..];
    }
    words.join("\r\n ")
}

/// Base64 in lines.
fn encoded(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / 38 + 2);
    for (at, sign) in text.chars().enumerate() {
        if at > 0 && at % 76 == 0 {
            out.push_str("\r\n");
        }
        out.push(sign);
    }
    out.push_str("\r\n");
    out
}
