//! Answers as XML.

use super::attributes::{Attributes, WriteError, checked_name};
use super::request_wire::write_attributes;
use super::{FieldValue, Record, Response, Return, ReturnKind, Returned};
use crate::xml::{self, Element, ReadError, Writer};
use tandem_model::Stamp;

const COMMAND: [&str; 2] = ["count", "transaction"];
const RECORD: [&str; 3] = ["tableshort", "id", "stamp"];
const RETURNED: [&str; 7] = ["type", "table", "tablename", "id", "func", "code", "text"];
const RETURN: &str = "return";

/// Writes an answer.
pub fn write_response(response: &Response) -> Result<Vec<u8>, WriteError> {
    let mut w = Writer::new();
    w.start("response");
    write_attributes(&mut w, &response.attributes, &[])?;
    if let Some(refusal) = &response.refusal {
        write_return(&mut w, refusal)?;
    }
    for returned in &response.results {
        w.start(checked_name(&returned.command)?);
        if let Some(count) = returned.count {
            w.plain_attribute("count", count);
        }
        w.flag("transaction", returned.transaction);
        write_attributes(&mut w, &returned.attributes, &COMMAND)?;
        for record in &returned.records {
            write_record(&mut w, record)?;
        }
        for each in &returned.returns {
            write_return(&mut w, each)?;
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
    w.end();
    Ok(())
}

fn write_return(w: &mut Writer, returned: &Return) -> Result<(), WriteError> {
    w.start(RETURN);
    if !returned.table.is_empty() || !returned.info_area.is_empty() || returned.id.is_some() {
        w.attribute("table", &returned.info_area).attribute("tablename", &returned.table);
        // The guide's error has the id 0.
        w.plain_attribute("id", returned.id.unwrap_or(0));
    }
    w.attribute("type", returned.kind.as_str());
    write_attributes(w, &returned.attributes, &RETURNED)?;
    w.leaf_if("ecode", &returned.code).leaf_if("etext", &returned.text);
    if let Some(field) = &returned.field {
        w.leaf("field", field);
    }
    w.end();
    Ok(())
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
            response.refusal = Some(read_return(&child)?);
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
        transaction: element.flag("transaction")?,
        attributes: others(&element, &COMMAND),
        ..Returned::default()
    };
    for child in element.into_children() {
        if child.local() == RETURN {
            returned.returns.push(read_return(&child)?);
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
        if child.attribute("tableshort").is_some() {
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

/// Of an error the guide names the table in a child, too; code and text may stand in attributes.
fn read_return(element: &Element<'_>) -> Result<Return, ReadError> {
    let inner = element.child("table");
    let own = |name: &str| element.attribute(name).map(str::to_owned);
    let of_table = |name: &str| {
        own(name)
            .or_else(|| inner.and_then(|table| table.attribute(name)).map(str::to_owned))
            .unwrap_or_default()
    };
    let told = |child: &str, attribute: &str| {
        element.child(child).map(|child| child.text().trim().to_owned()).or_else(|| own(attribute))
    };
    let id = element.parse_attribute::<u64>("id", "a record id, a decimal number")?;
    Ok(Return {
        kind: ReturnKind::parse(element.attribute("type").unwrap_or_default()),
        table: of_table("tablename"),
        info_area: of_table("table"),
        id: id.filter(|id| *id != 0),
        code: told("ecode", "code").unwrap_or_default(),
        text: told("etext", "text").unwrap_or_else(|| element.text().trim().to_owned()),
        field: element.child("field").map(|field| field.text().trim().to_owned()),
        attributes: others(element, &RETURNED),
    })
}

fn others(element: &Element<'_>, own: &[&str]) -> Attributes {
    element
        .attributes()
        .filter(|(name, _)| !own.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
