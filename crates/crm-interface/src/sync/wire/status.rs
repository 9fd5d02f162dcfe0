//! `Status`: how a command ended.

use super::envelope::{CommandRef, Envelope};
use super::message::{command_id, content_type, location, meta_type, uri};
use super::names::{NOTE, NOTE_CODE, PAYLOAD_NAMESPACE, REASON, STAMP, TEXT};
use super::{META_NAMESPACE, ReadError, item};
use crate::sync::{ContentType, Note, Status, StatusCode};
use crate::xml::{Element, Problem, Writer};
use tandem_model::{RecordId, Stamp};

/// What the SyncML header is called as a command; its reference is always zero.
pub(super) const HEADER: &str = "SyncHdr";

/// Writes the parts of a status up to its code. The caller adds an item, if there is one, and ends it.
pub(super) fn start(w: &mut Writer, id: u32, envelope: &Envelope, command: &CommandRef, code: StatusCode) {
    w.start("Status").start("CmdID").plain(id).end();
    w.leaf("MsgRef", &envelope.message_id).start("CmdRef").plain(command.id).end();
    w.leaf("Cmd", command.name);
    if let Some(target) = &command.target {
        w.leaf("TargetRef", target);
    }
    if let Some(source) = &command.source {
        w.leaf("SourceRef", source);
    }
    w.start("Data").plain(code.0).end();
}

/// Writes all that a status says beyond its code as an item; nothing if it says no more.
pub(super) fn write_detail(w: &mut Writer, status: &Status) {
    let Status { code: _, record, stamp, item, reason, text, notes } = status;
    if record.is_none()
        && stamp.is_none()
        && item.is_none()
        && reason.is_none()
        && text.is_none()
        && notes.is_empty()
    {
        return;
    }
    w.start("Item");
    if let Some(stamp) = stamp {
        w.plain_attribute(STAMP, stamp);
    }
    w.attribute_if(REASON, reason.as_ref());
    if let Some(record) = record {
        location(w, "Source", record.as_str());
    }
    if let Some(text) = text {
        w.start(TEXT).attribute("xmlns", PAYLOAD_NAMESPACE).text(text).end();
    }
    for note in notes {
        w.start(NOTE).attribute("xmlns", PAYLOAD_NAMESPACE).attribute(NOTE_CODE, &note.code);
        w.text(&note.text).end();
    }
    if let Some(item) = item {
        content_type(w, ContentType::from(item.kind()));
        item::write(w, item);
    }
    w.end();
}

/// Writes the anchor of a page of changes as the item of its alert's status.
pub(super) fn write_anchor(w: &mut Writer, next: Stamp) {
    w.start("Item").start("Data").start("Anchor").attribute("xmlns", META_NAMESPACE);
    w.start("Next").plain(next).end().end().end().end();
}

/// A status as it was read: to which command it belongs, and what it says.
pub(super) struct Received {
    pub command: u32,
    pub name: String,
    pub status: Status,
    /// `Anchor/Next`, in the status of an alert.
    pub next: Option<Stamp>,
}

pub(super) fn read(mut element: Element<'_>) -> Result<Received, ReadError> {
    let code = element.require("Data")?.parse("a status code")?;
    let command = command_id(&element, "CmdRef")?;
    let name = element.require("Cmd")?.text().trim().to_owned();
    let mut received = Received { command, name, status: Status::new(StatusCode(code)), next: None };
    if let Some(item) = element.take("Item") {
        read_detail(item, &mut received)?;
    }
    Ok(received)
}

fn read_detail(mut element: Element<'_>, received: &mut Received) -> Result<(), ReadError> {
    let status = &mut received.status;
    status.record = uri(&element, "Source").map(RecordId::new);
    status.stamp = element.parse_attribute(STAMP, "a change number")?.map(Stamp);
    status.reason = element.attribute(REASON).map(str::to_owned);
    let content_type = meta_type(&element)?;
    if let Some(data) = element.take("Data") {
        match data.child("Anchor") {
            Some(anchor) => {
                let next = anchor.require("Next")?;
                received.next = Some(Stamp(next.parse("a change number")?));
            }
            None => {
                let content_type =
                    content_type.ok_or_else(|| element.error(Problem::Missing("Meta/Type")))?;
                status.item = Some(item::read(data, content_type)?);
            }
        }
    }
    for child in element.into_children() {
        match child.local() {
            TEXT => status.text = Some(child.into_text()),
            NOTE => {
                let code = child.attribute(NOTE_CODE).unwrap_or_default().to_owned();
                status.notes.push(Note { code, text: child.into_text() });
            }
            _ => {}
        }
    }
    Ok(())
}
