//! `insert`, `update`, `import`, `match` and `delete`.
//!
//! Each record is written by itself: one that fails is answered with an error and leaves nothing behind, the others
//! are kept. Records that hang on one are written with it or not at all.

use super::rights::Rights;
use super::select::{record_answer, value_at};
use crate::schema::{LinkEnd, Table};
use crate::storage::{Fields, Reading, Record, StorageError, Target, Writing};
use tandem_crm_interface::language::{self, FieldValue, RecordInput, Return, ReturnKind, Returned};

/// What is done with the records of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Insert,
    Update,
    Import,
    Match,
    Delete,
}

/// Fields marked `matchup` that fit more records than this name none of them.
const MOST_MATCHES: usize = 1_000;

pub(super) fn write(
    writing: &mut Writing<'_>,
    verb: Verb,
    inputs: &[RecordInput],
    rights: &Rights,
) -> Result<Returned, StorageError> {
    let mut returned = Returned::default();
    for input in inputs {
        match writing.step(|writing| one(writing, verb, input, &Fields::new(), rights)) {
            Ok(records) => returned.records.extend(records),
            Err(StorageError::Invalid(text)) => returned.records.push(failed(writing, input, text)),
            Err(error) => return Err(error),
        }
    }
    Ok(returned)
}

fn failed(reading: &Reading<'_>, input: &RecordInput, text: String) -> language::Record {
    language::Record {
        table: input.table.clone(),
        info_area: reading.schema().table(&input.table).map(|table| table.area.clone()).unwrap_or_default(),
        id: input.id,
        returns: vec![Return::error("500", text)],
        attributes: input.attributes.clone(),
        ..language::Record::default()
    }
}

/// Writes a record; `link` holds the fields that lead to the record on which it hangs.
fn one(
    writing: &mut Writing<'_>,
    verb: Verb,
    input: &RecordInput,
    link: &Fields,
    rights: &Rights,
) -> Result<Vec<language::Record>, StorageError> {
    let schema = writing.schema();
    let table = schema
        .table(&input.table)
        .ok_or_else(|| StorageError::Invalid(format!("there is no table \"{}\"", input.table)))?;
    if verb != Verb::Match && !rights.may_write(&table.area) {
        return Err(StorageError::Invalid(format!(
            "only an administrator may write table \"{}\"",
            table.name
        )));
    }
    let (fields, cut) = fields(table, input, link, rights);
    let found = match verb {
        Verb::Insert => Vec::new(),
        _ => named(writing, table, input, rights)?,
    };
    let mut answers = Vec::new();
    match (verb, found.as_slice()) {
        (Verb::Insert, _) | (Verb::Import, []) => {
            let record = writing.insert(&table.area, &fields)?;
            answers.push(written(writing, verb, input, &record, ReturnKind::Insert, rights)?);
        }
        (Verb::Update | Verb::Match | Verb::Delete, []) => {
            return Err(StorageError::Invalid(
                "no record is named by the id or the matchup fields".to_owned(),
            ));
        }
        (Verb::Import, [_, _, ..]) => {
            return Err(StorageError::Invalid(format!("{} records have these matchup fields", found.len())));
        }
        (Verb::Match, records) => {
            for record in records {
                answers.push(answer(input, record, ReturnKind::Match));
            }
        }
        (Verb::Delete, records) => {
            for record in records {
                let record = writing.delete(&record.target)?;
                answers.push(answer(input, &record, ReturnKind::Delete));
            }
        }
        (Verb::Update | Verb::Import, records) => {
            for record in records {
                let record = writing.update(&record.target, &fields)?;
                answers.push(written(writing, verb, input, &record, ReturnKind::Update, rights)?);
            }
        }
    }
    for answer in &mut answers {
        answer.returns.extend(cut.iter().cloned());
    }
    Ok(answers)
}

/// The fields as they are written, and what there is to remark about those that were cut.
fn fields(table: &Table, input: &RecordInput, link: &Fields, rights: &Rights) -> (Fields, Vec<Return>) {
    let mut fields = link.clone();
    let mut remarks = Vec::new();
    for field in &input.fields {
        let known = table.field(&field.name).filter(|_| rights.truncates);
        let cut = known.and_then(|known| known.cut(&field.value));
        if let Some(cut) = cut {
            let text = format!("{} was cut to {} characters", field.name, cut.chars().count());
            let kind = ReturnKind::Other("warning".to_owned());
            remarks.push(Return { kind, code: "text-truncated".to_owned(), text });
        }
        fields.insert(field.name.clone(), cut.unwrap_or(&field.value).to_owned());
    }
    (fields, remarks)
}

/// The records that an id or the fields marked `matchup` name.
fn named(
    reading: &Reading<'_>,
    table: &Table,
    input: &RecordInput,
    rights: &Rights,
) -> Result<Vec<Record>, StorageError> {
    let mut condition = "_deleted = 0".to_owned();
    let mut values: Vec<String> = Vec::new();
    if let Some((text, bound)) = rights.restriction(&table.area, &format!("\"{}\"", table.area)) {
        condition = format!("{condition} AND {text}");
        values.extend(bound);
    }
    let id = input.id.map(|id| Target::new(&table.area, i64::try_from(id).unwrap_or(i64::MAX)).id);
    let matchup = input.fields.iter().filter(|field| field.matchup).collect::<Vec<_>>();
    if id.is_none() && matchup.is_empty() {
        return Err(StorageError::Invalid(
            "name the record by its id, or mark a field with matchup=\"true\"".to_owned(),
        ));
    }
    if let Some(id) = id {
        condition = format!("{condition} AND _id = {id}");
    } else {
        for field in matchup {
            let known = table.field(&field.name).ok_or_else(|| {
                StorageError::Invalid(format!("table \"{}\" has no field \"{}\"", table.name, field.name))
            })?;
            let value = known
                .normalise(&field.value)
                .map_err(|text| StorageError::Invalid(format!("{}: {text}", field.name)))?;
            condition = format!("{condition} AND COALESCE(\"{}\", '') = ?", field.name);
            values.push(value);
        }
    }
    let values = values.iter().map(|value| value as &dyn rusqlite::ToSql).collect::<Vec<_>>();
    reading.select(&table.area, &format!("{condition} ORDER BY _id"), &values, MOST_MATCHES)
}

/// The answer for a record that was written, after the records that hang on it.
fn written(
    writing: &mut Writing<'_>,
    verb: Verb,
    input: &RecordInput,
    record: &Record,
    kind: ReturnKind,
    rights: &Rights,
) -> Result<language::Record, StorageError> {
    let mut linked = Vec::new();
    for child in &input.linked {
        let link = link(writing, record, child)?;
        linked.extend(one(writing, verb, child, &link, rights)?);
    }
    let record = writing.get(&record.target)?.unwrap_or_else(|| record.clone());
    Ok(language::Record { linked, ..answer(input, &record, kind) })
}

fn link(reading: &Reading<'_>, record: &Record, child: &RecordInput) -> Result<Fields, StorageError> {
    let schema = reading.schema();
    let area = schema.table(&child.table).map_or(child.table.as_str(), |table| table.area.as_str());
    let ends = schema.link(&record.target.area, area).ok_or_else(|| {
        StorageError::Invalid(format!("table \"{}\" is not linked to {}", child.table, record.target.area))
    })?;
    let fields = ends.iter().filter_map(|(outer, inner)| match inner {
        LinkEnd::Field(field) => Some((field.clone(), value_at(record, outer))),
        LinkEnd::Area | LinkEnd::Id => None,
    });
    Ok(fields.collect())
}

fn answer(input: &RecordInput, record: &Record, kind: ReturnKind) -> language::Record {
    let keys = ["StatNo", "SeqNo"].map(|key| FieldValue::new(key, record.get(key)));
    let code = match kind {
        ReturnKind::Insert => "201",
        _ => "200",
    };
    language::Record {
        fields: keys.into(),
        returns: vec![Return { kind, code: code.to_owned(), text: String::new() }],
        attributes: input.attributes.clone(),
        ..record_answer(&input.table, record)
    }
}
