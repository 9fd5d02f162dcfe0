//! Mails from `.eml` files.

use super::Outcome;
use crate::graph::{NewMessage, message_item};
use crate::ids::{ItemId, Kind, MailboxNo, Sequence};
use crate::mailbox::content::{Attachment, AttachmentContent, Body, BodyType, Importance, Recipient};
use crate::mailbox::message::{Header, MessageContent};
use crate::tenant::Tenant;
use jiff::Timestamp;
use mail_parser::{Address, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// Where filled mails go.
const FOLDER: &str = "/Inbox/crm";

/// Reads a mail.
pub fn read(tenant: &mut Tenant, mailbox: MailboxNo, name: &str, bytes: &[u8], now: Timestamp) -> Outcome {
    let Some(message) = MessageParser::default().parse(bytes) else {
        return Outcome::refused("is no e-mail message: it holds no header");
    };
    if !message.headers().iter().any(|header| !matches!(header.name, HeaderName::Other(_))) {
        return Outcome::refused("is no e-mail message: it holds no header that e-mail knows");
    }
    let mut sequence = tenant.sequence.clone();
    let folder = tenant.mailbox_mut(mailbox).folder_at(FOLDER, &mut sequence);
    tenant.sequence = sequence;
    let new = incoming(&mut tenant.sequence, &message, now);
    let new = NewMessage { folder, mime: Some(bytes.to_vec().into()), source: Some(name.into()), ..new };
    let item = tenant.add_message(mailbox, new, now);
    let id = tenant.ids.encode(ItemId { kind: Kind::Message, mailbox, item, day: 0, moves: None });
    Outcome { items: vec![id], ..Outcome::default() }
}

/// A message of MIME, for whatever folder; `None` when it is none.
pub fn message_of_mime(sequence: &mut Sequence, mime: &[u8], now: Timestamp) -> Option<NewMessage> {
    let message = MessageParser::default().parse(mime)?;
    if !message.headers().iter().any(|header| !matches!(header.name, HeaderName::Other(_))) {
        return None;
    }
    Some(NewMessage { mime: Some(mime.to_vec().into()), ..incoming(sequence, &message, now) })
}

fn incoming(sequence: &mut Sequence, message: &Message<'_>, now: Timestamp) -> NewMessage {
    let sent = message.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
    let attachments = message
        .attachments()
        .enumerate()
        .map(|(number, part)| attachment(sequence.item(), number, part, now))
        .collect();
    NewMessage {
        content: content(message, sent),
        attachments,
        internet_message_id: message
            .message_id()
            .filter(|id| !id.is_empty())
            .map(|id| format!("<{id}>").into()),
        received: Some(sent.unwrap_or(now)),
        ..NewMessage::default()
    }
}

fn content(message: &Message<'_>, sent: Option<Timestamp>) -> MessageContent {
    let from = message.from().and_then(|from| recipients(Some(from)).into_iter().next());
    let sender = message.sender().and_then(|sender| recipients(Some(sender)).into_iter().next());
    let headers = message.headers_raw().map(|(name, value)| Header {
        name: name.into(),
        value: value.split_whitespace().collect::<Vec<_>>().join(" ").into(),
    });
    let importance = match message.header_raw("Importance").or_else(|| message.header_raw("X-Priority")) {
        Some(value) if value.trim().eq_ignore_ascii_case("high") || value.trim().starts_with('1') => {
            Importance::High
        }
        Some(value) if value.trim().eq_ignore_ascii_case("low") || value.trim().starts_with('5') => {
            Importance::Low
        }
        _ => Importance::Normal,
    };
    MessageContent {
        subject: message.subject().map(Box::from),
        body: body(message),
        sender: sender.or_else(|| from.clone()),
        from,
        to_recipients: recipients(message.to()),
        cc_recipients: recipients(message.cc()),
        bcc_recipients: recipients(message.bcc()),
        reply_to: recipients(message.reply_to()),
        importance,
        internet_message_headers: headers.collect(),
        sent_date_time: sent,
        ..MessageContent::default()
    }
}

fn body(message: &Message<'_>) -> Body {
    let html = message.html_body.first().and_then(|part| message.parts.get(*part as usize));
    if let Some(PartType::Html(html)) = html.map(|part| &part.body) {
        return Body { content_type: BodyType::Html, content: html.as_ref().into() };
    }
    let text = message.body_text(0).unwrap_or_default();
    Body { content_type: BodyType::Text, content: text.as_ref().into() }
}

fn recipients(address: Option<&Address<'_>>) -> Vec<Recipient> {
    let Some(address) = address else { return Vec::new() };
    address
        .iter()
        .filter_map(|one| {
            let address = one.address().filter(|address| !address.is_empty())?;
            Some(Recipient::new(one.name().unwrap_or(address), address))
        })
        .collect()
}

fn attachment(no: crate::ids::ItemNo, number: usize, part: &MessagePart<'_>, now: Timestamp) -> Attachment {
    let media = part.content_type().map(|media| match media.subtype() {
        Some(subtype) => format!("{}/{subtype}", media.ctype()),
        None => media.ctype().to_owned(),
    });
    let inline = part.content_disposition().is_some_and(|disposition| disposition.is_inline())
        || part.content_id().is_some() && !part.content_disposition().is_some_and(|d| d.is_attachment());
    let (content, name) = match &part.body {
        PartType::Message(inner) => {
            let subject = inner.subject().unwrap_or("Message").to_owned();
            {
                let sent = inner.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
                let item = message_item(content(inner, sent), Some(inner.raw_message().to_vec().into()), now);
                (AttachmentContent::Item(Box::new(item)), Some(subject))
            }
        }
        _ => (AttachmentContent::File(part.contents().to_vec().into()), None),
    };
    let name = part.attachment_name().map(str::to_owned).or(name);
    let name = name.unwrap_or_else(|| format!("attachment-{}", number + 1));
    Attachment {
        no,
        content,
        name: name.into(),
        content_type: media.map(Into::into),
        is_inline: inline,
        content_id: part.content_id().map(Box::from),
        modified: now,
    }
}
