//! Documents: `putdoc` and `getdoc`.
//!
//! Public (administrator guide of CRM.interface, *Working with transactions*): `putdoc` with `Name`, `Keyword` and the
//! content in base64 in `rawdata`. Ours: `table`, that any further element is a field of the document's record, and
//! `getdoc`, which names documents as the writing commands name records and is answered with records whose content stands
//! in `rawdata`.

use super::FieldInput;
use super::attributes::{WriteError, checked_name};
use crate::xml::{Element, Problem, ReadError, Writer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) const CONTENT: &str = "rawdata";
const NAME: &str = "Name";
/// Namespace and attribute with which the guide's example says that the content is base64; read over.
const TYPES: &str = "urn:schemas-microsoft-com:datatypes";

/// A document that is put into the CRM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Table of the document; none means the CRM's own.
    pub table: Option<String>,
    /// File name.
    pub name: String,
    /// Content.
    pub content: Vec<u8>,
    /// Further fields of the document's record, such as `Keyword`.
    pub fields: Vec<FieldInput>,
}

pub(super) fn write(w: &mut Writer, document: &Document) -> Result<(), WriteError> {
    w.leaf(NAME, &document.name);
    for field in &document.fields {
        if [NAME, CONTENT].contains(&field.name.as_str()) || field.matchup || field.by_key {
            return Err(WriteError::Incomplete(
                "a document's further fields are plain and not its name or content",
            ));
        }
        w.leaf(checked_name(&field.name)?, &field.value);
    }
    w.start(CONTENT)
        .attribute("xmlns:dt", TYPES)
        .attribute("dt:dt", "bin.base64")
        .base64(&document.content)
        .end();
    Ok(())
}

pub(super) fn read(element: Element<'_>) -> Result<Document, ReadError> {
    let mut document =
        Document { table: element.attribute("table").map(str::to_owned), ..Document::default() };
    let (no_name, no_content) =
        (element.error(Problem::Missing(NAME)), element.error(Problem::Missing(CONTENT)));
    let mut content = None;
    for child in element.into_children() {
        match child.local() {
            NAME => document.name = child.into_text(),
            CONTENT => {
                let text: String = child.text().split_ascii_whitespace().collect();
                let bad = || child.error(Problem::Mismatch("the content is no base64".to_owned()));
                content = Some(STANDARD.decode(text).map_err(|_| bad())?);
            }
            _ => {
                let name = child.local().to_owned();
                document.fields.push(FieldInput::new(name, child.into_text()));
            }
        }
    }
    if document.name.is_empty() {
        return Err(no_name);
    }
    document.content = content.ok_or(no_content)?;
    Ok(document)
}
