//! What requests and answers have in common: the frame, addresses and types.

use super::{META_NAMESPACE, NAMESPACE, ReadError};
use crate::sync::ContentType;
use crate::xml::{Element, Problem, Writer};

/// What a header says.
pub(super) struct Header<'a> {
    pub session_id: &'a str,
    pub message_id: &'a str,
    pub target: &'a str,
    pub source: &'a str,
    /// `Source/LocName`: the user, in a message with credentials.
    pub source_name: Option<&'a str>,
}

/// Opens the message and its header, which the caller may add to and must end.
pub(super) fn start(w: &mut Writer, header: &Header<'_>) {
    w.start("SyncML").attribute("xmlns", NAMESPACE).start("SyncHdr");
    w.leaf("VerDTD", "1.1").leaf("VerProto", "SyncML/1.1");
    w.leaf("SessionID", header.session_id).leaf("MsgID", header.message_id);
    location(w, "Target", header.target);
    w.start("Source").leaf("LocURI", header.source);
    if let Some(name) = header.source_name {
        w.leaf("LocName", name);
    }
    w.end();
}

/// Ends the body and with it the message.
pub(super) fn finish(mut w: Writer) -> Vec<u8> {
    w.start("Final").end();
    w.finish()
}

/// Writes a `Target` or `Source`.
pub(super) fn location(w: &mut Writer, name: &str, uri: &str) {
    w.start(name).leaf("LocURI", uri).end();
}

/// Writes `Meta/Type`.
pub(super) fn content_type(w: &mut Writer, content_type: ContentType) {
    w.start("Meta");
    meta(w, "Type", content_type.as_str());
    w.end();
}

/// Writes an element of the meta-information namespace.
pub(super) fn meta(w: &mut Writer, name: &str, text: &str) {
    w.start(name).attribute("xmlns", META_NAMESPACE).text(text).end();
}

/// The parts of a message, if it is one.
pub(super) fn parts(root: Element<'_>) -> Result<(Element<'_>, Element<'_>), ReadError> {
    if root.local() != "SyncML" {
        return Err(root.invalid(root.name(), "the root element SyncML"));
    }
    let version = root.require("SyncHdr")?.require("VerProto")?;
    if version.text().trim() != "SyncML/1.1" {
        return Err(version.invalid(version.text(), "SyncML/1.1, the only version that this program speaks"));
    }
    let mut root = root;
    let header = root.take("SyncHdr").ok_or_else(|| root.error(Problem::Missing("SyncHdr")))?;
    let body = root.take("SyncBody").ok_or_else(|| root.error(Problem::Missing("SyncBody")))?;
    Ok((header, body))
}

/// The text of `Target/LocURI` or `Source/LocURI`.
pub(super) fn uri<'e>(element: &'e Element<'_>, name: &str) -> Option<&'e str> {
    Some(element.child(name)?.child("LocURI")?.text())
}

/// The same where it must be there.
pub(super) fn require_uri<'e>(element: &'e Element<'_>, name: &'static str) -> Result<&'e str, ReadError> {
    uri(element, name).ok_or_else(|| element.error(Problem::Missing(name)))
}

/// The text of a child, or nothing.
pub(super) fn text<'e>(element: &'e Element<'_>, name: &str) -> &'e str {
    element.child(name).map_or("", Element::text)
}

/// `CmdID` or a reference to one.
pub(super) fn command_id(element: &Element<'_>, name: &'static str) -> Result<u32, ReadError> {
    element.require(name)?.parse("the number of a command")
}

/// `Meta/Type` of an element, if it has one.
pub(super) fn meta_type(element: &Element<'_>) -> Result<Option<ContentType>, ReadError> {
    match element.child("Meta").and_then(|meta| meta.child("Type")) {
        Some(name) => read_type(name, name.text()).map(Some),
        None => Ok(None),
    }
}

/// A content type by its name.
pub(super) fn read_type(element: &Element<'_>, name: &str) -> Result<ContentType, ReadError> {
    ContentType::parse(name.trim())
        .ok_or_else(|| element.invalid(name, "a content type of the catalog Content Type (groupware)"))
}
