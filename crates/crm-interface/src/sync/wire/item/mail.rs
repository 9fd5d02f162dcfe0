//! `application/x-mmRecord`: e-mails.

use super::super::words::Word;
use super::{additional, person, when};
use crate::xml::{Element, Problem, ReadError, Writer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::collections::BTreeSet;
use tandem_model::{
    Additional, Attachment, AttachmentContent, Body, Direction, Importance, InternetMessageId, Mail,
};

pub(super) fn write(w: &mut Writer, mail: &Mail) {
    w.attribute("messageId", mail.message_id.as_str())
        .plain_attribute("sent", mail.sent_at)
        .attribute_if("direction", mail.direction.unusual())
        .attribute_if("importance", mail.importance.unusual());
    w.leaf_if("subject", &mail.subject);
    if let Some(from) = &mail.from {
        person::write(w, "from", from);
    }
    for (name, people) in [("to", &mail.to), ("cc", &mail.cc), ("bcc", &mail.bcc)] {
        for person in people {
            person::write(w, name, person);
        }
    }
    super::write_categories(w, &mail.categories);
    if mail.body != Body::default() {
        w.start("body").flag("html", mail.body.html).flag("truncated", mail.body.truncated);
        w.text(&mail.body.text).end();
    }
    for attachment in &mail.attachments {
        write_attachment(w, attachment);
    }
    additional::write(w, &mail.additional);
}

fn write_attachment(w: &mut Writer, attachment: &Attachment) {
    w.start("attachment")
        .attribute("name", &attachment.name)
        .attribute("mediaType", &attachment.media_type)
        .plain_attribute("size", attachment.size)
        .flag("inline", attachment.inline);
    match &attachment.content {
        AttachmentContent::Bytes(bytes) => w.start("content").base64(bytes).end(),
        AttachmentContent::Link(link) => w.leaf("link", link),
        AttachmentContent::LeftOut(why) => w.leaf("leftOut", why),
    };
    w.end();
}

pub(super) fn read(element: Element<'_>) -> Result<Mail, ReadError> {
    let mut mail = Mail {
        message_id: InternetMessageId::new(element.require_attribute("messageId")?),
        subject: String::new(),
        from: None,
        to: Vec::new(),
        cc: Vec::new(),
        bcc: Vec::new(),
        sent_at: when::required(&element, "sent", when::INSTANT)?,
        direction: Direction::attribute(&element, "direction")?,
        importance: Importance::attribute(&element, "importance")?,
        categories: BTreeSet::new(),
        body: Body::default(),
        attachments: Vec::new(),
        additional: Additional::default(),
    };
    for child in element.into_children() {
        match child.local() {
            "subject" => mail.subject = child.into_text(),
            "from" => mail.from = Some(person::read(&child)),
            "to" => mail.to.push(person::read(&child)),
            "cc" => mail.cc.push(person::read(&child)),
            "bcc" => mail.bcc.push(person::read(&child)),
            "category" => {
                mail.categories.insert(child.into_text());
            }
            "body" => {
                mail.body = Body {
                    html: child.flag("html")?,
                    truncated: child.flag("truncated")?,
                    text: child.into_text(),
                };
            }
            additional::ELEMENT => additional::read(child, &mut mail.additional)?,
            "attachment" => mail.attachments.push(read_attachment(child)?),
            _ => {}
        }
    }
    Ok(mail)
}

fn read_attachment(element: Element<'_>) -> Result<Attachment, ReadError> {
    let name = element.attribute("name").unwrap_or_default().to_owned();
    let media_type = element.attribute("mediaType").unwrap_or_default().to_owned();
    let size = when::required(&element, "size", "a number of bytes")?;
    let inline = element.flag("inline")?;
    let missing = element.error(Problem::Missing("content, link or leftOut"));
    for child in element.into_children() {
        let content = match child.local() {
            "content" => AttachmentContent::Bytes(bytes(&child)?),
            "link" => AttachmentContent::Link(child.into_text()),
            "leftOut" => AttachmentContent::LeftOut(child.into_text()),
            _ => continue,
        };
        return Ok(Attachment { name, media_type, size, inline, content });
    }
    Err(missing)
}

/// Decodes base64, with white space in it as MIME breaks lines.
fn bytes(element: &Element<'_>) -> Result<Vec<u8>, ReadError> {
    let text = element.text();
    let text: Cow<'_, str> = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        text.split_ascii_whitespace().collect::<String>().into()
    } else {
        text.into()
    };
    STANDARD.decode(text.as_bytes()).map_err(|_| element.invalid(&text, "base64"))
}
