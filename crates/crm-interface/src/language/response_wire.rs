//! Answers as XML.

use super::attributes::{Attributes, WriteError, checked_name};
use super::request_wire::write_attributes;
use super::{FieldValue, Record, Response, Return, ReturnKind, Returned};
use crate::xml::{self, Element, ReadError, Writer};
use tandem_model::Stamp;

const COMMAND: [&str; 1] = ["count"];
const RECORD: [&str; 3] = ["tableshort", "id", "stamp"];
const RETURN: &str = "return";

/// Writes an answer.
pub fn write_response(response: &Response) -> Result<Vec<u8>, WriteError> {
    let mut w = Writer::new();
    w.start("response");
    write_attributes(&mut w, &response.attributes, &[])?;
    if let Some(refusal) = &response.refusal {
        write_return(&mut w, refusal);
    }
    for returned in &response.results {
        w.start(checked_name(&returned.command)?);
        if let Some(count) = returned.count {
            w.plain_attribute("count", count);
        }
        write_attributes(&mut w, &returned.attributes, &COMMAND)?;
        for record in &returned.records {
            write_record(&mut w, record)?;
        }
        for each in &returned.returns {
            write_return(&mut w, each);
        }
        w.end();
    }
    Ok(w.finish())
}

fn write_record(w: &mut Writer, record: &Record) -> Result<(), WriteError> {
    w.start(checked_name(&record.table)?).attribute("tableshort", &record.info_area);
    if let Some(id) = record.id {
        w.plain_attribute("id", id);
    }
    if let Some(stamp) = record.stamp {
        w.plain_attribute("stamp", stamp);
    }
    write_attributes(w, &record.attributes, &RECORD)?;
    for field in &record.fields {
        w.start(checked_name(&field.name)?);
        write_attributes(w, &field.attributes, &RECORD)?;
        w.text(&field.value).end();
    }
    for linked in &record.linked {
        write_record(w, linked)?;
    }
    for each in &record.returns {
        write_return(w, each);
    }
    w.end();
    Ok(())
}

fn write_return(w: &mut Writer, returned: &Return) {
    w.start(RETURN)
        .attribute("type", returned.kind.as_str())
        .attribute("code", &returned.code)
        .attribute("text", &returned.text)
        .end();
}

/// Reads an answer, whose root is `response`, alone or inside `root`.
pub fn read_response(message: &[u8]) -> Result<Response, ReadError> {
    let mut root = xml::parse(message)?;
    if root.local() == "root"
        && let Some(response) = root.take("response")
    {
        root = response;
    }
    if root.local() != "response" {
        return Err(root.invalid(root.name(), "the root element response"));
    }
    let mut response = Response { attributes: others(&root, &[]), ..Response::default() };
    for child in root.into_children() {
        if child.local() == RETURN {
            response.refusal = Some(read_return(&child));
        } else {
            response.results.push(read_command(child)?);
        }
    }
    Ok(response)
}

fn read_command(element: Element<'_>) -> Result<Returned, ReadError> {
    let mut returned = Returned {
        command: element.local().to_owned(),
        count: element.parse_attribute("count", "a number of records")?,
        attributes: others(&element, &COMMAND),
        ..Returned::default()
    };
    for child in element.into_children() {
        if child.local() == RETURN {
            returned.returns.push(read_return(&child));
        } else {
            returned.records.push(read_record(child)?);
        }
    }
    Ok(returned)
}

fn read_record(element: Element<'_>) -> Result<Record, ReadError> {
    let mut record = Record {
        table: element.local().to_owned(),
        info_area: element.attribute("tableshort").unwrap_or_default().trim().to_owned(),
        id: element.parse_attribute("id", "a record id, a decimal number")?,
        stamp: element.parse_attribute("stamp", "a change number")?.map(Stamp),
        attributes: others(&element, &RECORD),
        ..Record::default()
    };
    for child in element.into_children() {
        if child.local() == RETURN && child.attribute("type").is_some() {
            record.returns.push(read_return(&child));
        } else if child.attribute("tableshort").is_some() {
            record.linked.push(read_record(child)?);
        } else {
            record.fields.push(FieldValue {
                name: child.local().to_owned(),
                attributes: others(&child, &[]),
                value: child.into_text(),
            });
        }
    }
    Ok(record)
}

fn read_return(element: &Element<'_>) -> Return {
    let value = |name| element.attribute(name).unwrap_or_default().to_owned();
    Return {
        kind: ReturnKind::parse(element.attribute("type").unwrap_or_default()),
        code: value("code"),
        text: match element.attribute("text") {
            Some(text) => text.to_owned(),
            None => element.text().trim().to_owned(),
        },
    }
}

fn others(element: &Element<'_>, own: &[&str]) -> Attributes {
    element
        .attributes()
        .filter(|(name, _)| !own.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
