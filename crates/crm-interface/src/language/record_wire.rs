//! Records that are written, as XML.

use super::attributes::checked_name;
use super::request_wire::{custom, write_attributes};
use super::{FieldInput, RecordInput, WriteError};
use crate::xml::{Element, Problem, ReadError, Writer};

const RECORD: [&str; 3] = ["id", "tableshort", "stamp"];

pub(super) fn write_inputs(w: &mut Writer, records: &[RecordInput]) -> Result<(), WriteError> {
    w.start("fields");
    for record in records {
        write_input(w, record)?;
    }
    w.end();
    Ok(())
}

fn write_input(w: &mut Writer, record: &RecordInput) -> Result<(), WriteError> {
    w.start(checked_name(&record.table)?);
    if let Some(id) = record.id {
        w.plain_attribute("id", id);
    }
    write_attributes(w, &record.attributes, &RECORD)?;
    for field in &record.fields {
        w.start(checked_name(&field.name)?).flag("matchup", field.matchup).text(&field.value).end();
    }
    if !record.linked.is_empty() {
        // Wrapped, so that a linked record without fields is not taken for a field.
        w.start("fields");
        for linked in &record.linked {
            write_input(w, linked)?;
        }
        w.end();
    }
    w.end();
    Ok(())
}

/// Reads the records in the `<fields>` of a writing command.
pub(super) fn read_inputs(element: Element<'_>) -> Result<Vec<RecordInput>, ReadError> {
    let missing = element.error(Problem::Missing("fields"));
    let mut records = Vec::new();
    let mut found = false;
    for child in element.into_children() {
        if child.local() == "fields" {
            found = true;
            for record in child.into_children() {
                records.push(read_input(record)?);
            }
        }
    }
    if found { Ok(records) } else { Err(missing) }
}

/// A record's children are fields, except for those with children of their own, which are linked records, and for
/// `<fields>`, which holds linked records.
fn read_input(element: Element<'_>) -> Result<RecordInput, ReadError> {
    let mut record = RecordInput {
        table: element.local().to_owned(),
        id: element.parse_attribute("id", "a record id, a decimal number")?,
        attributes: custom(&element, &RECORD)?,
        ..RecordInput::default()
    };
    for child in element.into_children() {
        if child.local() == "fields" && (!child.children().is_empty() || child.text().is_empty()) {
            for linked in child.into_children() {
                record.linked.push(read_input(linked)?);
            }
        } else if child.children().is_empty() && child.attribute("id").is_none() {
            record.fields.push(FieldInput {
                name: child.local().to_owned(),
                matchup: child.flag("matchup")?,
                value: child.into_text(),
            });
        } else {
            record.linked.push(read_input(child)?);
        }
    }
    Ok(record)
}
