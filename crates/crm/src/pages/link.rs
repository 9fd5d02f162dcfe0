//! Fields that lead to a person or a company: filled in by name or e-mail address.

use super::seen::Condition;
use crate::language::rights::Rights;
use crate::schema::Table;
use crate::storage::{Fields, Reading, Record, StorageError, Target};
use crate::sync::person_name;
use tandem_model::EmailAddress;

/// Why what was filled in leads nowhere; the text's key.
pub(super) type Astray = &'static str;

/// The fields by which a record points to one of these.
fn numbers(area: &str) -> [&'static str; 2] {
    if area == "KP" { ["PeGrp", "PeNo"] } else { ["CoGrp", "CoNo"] }
}

/// The field that holds its name, in tables that have one.
fn text_field(area: &str) -> &'static str {
    if area == "KP" { "Person" } else { "Company" }
}

fn name(record: &Record) -> String {
    match record.target.area.as_str() {
        "KP" => person_name(record),
        _ => record.get("Company").to_owned(),
    }
}

/// What a record says about where it points: the name that it holds, or that of the record to which its numbers lead.
pub(super) fn shown(reading: &Reading<'_>, record: &Record, area: &str) -> Result<String, StorageError> {
    let held = record.get(text_field(area));
    if !held.is_empty() {
        return Ok(held.to_owned());
    }
    Ok(target(reading, record, area)?.map(|found| name(&found)).unwrap_or_default())
}

/// The record to which the numbers lead.
pub(super) fn target(
    reading: &Reading<'_>,
    record: &Record,
    area: &str,
) -> Result<Option<Record>, StorageError> {
    let fields = numbers(area);
    let values = fields.map(|field| (field, record.get(field)));
    if values.iter().any(|(_, value)| value.is_empty()) {
        return Ok(None);
    }
    Ok(reading.find(area, &values, 1)?.pop())
}

/// The fields that make a record of `table` point to what was filled in.
pub(super) fn follow(
    reading: &Reading<'_>,
    rights: &Rights,
    table: &Table,
    area: &str,
    text: &str,
) -> Result<Result<Fields, Astray>, StorageError> {
    let mut fields =
        numbers(area).map(|field| (field.to_owned(), String::new())).into_iter().collect::<Fields>();
    let has_text = table.field(text_field(area)).is_some();
    if !text.is_empty() {
        let found = match find(reading, rights, area, text)? {
            Ok(found) => found,
            Err(astray) => return Ok(Err(astray)),
        };
        fields.extend(numbers(area).map(|field| (field.to_owned(), found.get(field).to_owned())));
        if has_text {
            fields.insert(text_field(area).to_owned(), name(&found));
        }
    } else if has_text {
        fields.insert(text_field(area).to_owned(), String::new());
    }
    Ok(Ok(fields))
}

/// The one person or company with an e-mail address or a name, among those that the rights let through.
pub(super) fn find(
    reading: &Reading<'_>,
    rights: &Rights,
    area: &str,
    text: &str,
) -> Result<Result<Record, Astray>, StorageError> {
    let mut found = if text.contains('@') {
        reading.by_address(&EmailAddress::new(text))?
    } else if area == "FI" {
        reading.companies_named(&words(text), 3)?
    } else {
        let sql = "_deleted = 0 AND trim(COALESCE(\"FirstName\", '') || ' ' || COALESCE(\"LastName\", '')) = ? COLLATE NOCASE";
        reading.select("KP", sql, &[&words(text)], 3)?
    };
    found.retain(|record| record.target.area == area);
    let mut seen = Vec::new();
    for record in found {
        if is_seen(reading, rights, &record.target)? {
            seen.push(record);
        }
    }
    Ok(match (seen.pop(), seen.is_empty()) {
        (Some(record), true) => Ok(record),
        (None, _) => Err("page.unknown_link"),
        (Some(_), false) => Err("page.several_links"),
    })
}

fn is_seen(reading: &Reading<'_>, rights: &Rights, target: &Target) -> Result<bool, StorageError> {
    let mut condition = Condition::seen(rights, &target.area, false);
    condition.and("_id = ?", [target.id.to_string()]);
    Ok(condition.count(reading, &target.area)? == 1)
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
