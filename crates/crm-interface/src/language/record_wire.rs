//! Records that are written, as XML.

use super::attributes::checked_name;
use super::request_wire::{custom, write_attributes};
use super::{FieldInput, Linked, RecordInput, WriteError};
use crate::xml::{Element, Problem, ReadError, Writer};

const RECORD: [&str; 6] = ["recId", "recid", "id", "tableshort", "stamp", "type"];
/// The names of a record's id: what public clients write, and what answers call it.
const ID: [&str; 3] = ["recId", "recid", "id"];
const LAST_RECORD: &str = "$lastRecId";

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
        w.plain_attribute("recId", id);
    }
    write_attributes(w, &record.attributes, &RECORD)?;
    if !record.links.is_empty() {
        w.start("links");
        for link in &record.links {
            w.start("link").attribute("tablename", checked_name(&link.table)?);
            w.attribute("id", &link.id.map_or_else(|| LAST_RECORD.to_owned(), |id| id.to_string())).end();
        }
        w.end();
    }
    for field in &record.fields {
        w.start(checked_name(&field.name)?).flag("matchup", field.matchup).flag("extkey", field.by_key);
        w.text(&field.value).end();
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
        id: record_id(&element, &ID)?,
        attributes: custom(&element, &RECORD)?,
        ..RecordInput::default()
    };
    for child in element.into_children() {
        if child.local() == "fields" && (!child.children().is_empty() || child.text().is_empty()) {
            for linked in child.into_children() {
                record.linked.push(read_input(linked)?);
            }
        } else if child.local() == "links" && !child.children().is_empty() {
            record.links.extend(child.children().iter().map(read_link).collect::<Result<Vec<_>, _>>()?);
        } else if child.children().is_empty() && ID.iter().all(|name| child.attribute(name).is_none()) {
            record.fields.push(FieldInput {
                name: child.local().to_owned(),
                matchup: child.flag("matchup")?,
                by_key: child.flag("extkey")?,
                value: child.into_text(),
            });
        } else {
            record.linked.push(read_input(child)?);
        }
    }
    Ok(record)
}

fn read_link(element: &Element<'_>) -> Result<Linked, ReadError> {
    if element.local() != "link" {
        return Err(element.invalid(element.name(), "the element link"));
    }
    let named = element.attribute("tablename").or_else(|| element.attribute("table"));
    let table = named.ok_or_else(|| element.error(Problem::Missing("tablename")))?.to_owned();
    let id = match element.attribute("id").map(str::trim) {
        Some(LAST_RECORD) => None,
        _ => Some(record_id(element, &ID)?.ok_or_else(|| element.error(Problem::Missing("id")))?),
    };
    Ok(Linked { table, id })
}

/// A record id, under the first of these names that the element has.
pub(super) fn record_id(element: &Element<'_>, names: &[&str]) -> Result<Option<u64>, ReadError> {
    let found = names.iter().find(|name| element.attribute(name).is_some());
    found.map_or(Ok(None), |name| element.parse_attribute(name, "a record id, a decimal number"))
}
