//! `insert`, `update`, `import`, `match`, `delete` and `link`.
//!
//! Each record is written by itself: one that fails is answered with an error and leaves nothing behind, the others are
//! kept, those on which it hangs included, unless the command is a transaction (administrator guide of CRM.interface,
//! *Working with transactions*). What became of the records stands in the answer in the order of the command.

use super::fault::Fault;
use super::forms::Forms;
use super::rights::Rights;
use super::select::value_at;
use crate::schema::{LinkEnd, Table};
use crate::storage::{Fields, Reading, Record, StorageError, Target, Writing};
use tandem_crm_interface::language::{Linked, RecordInput, Return, ReturnKind, Returned};

/// What is done with the records of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Insert,
    Update,
    Import,
    Match,
    Delete,
    Link,
}

/// Fields marked `matchup` that fit more records than this name none of them.
const MOST_MATCHES: usize = 1_000;

pub(super) fn write(
    writing: &mut Writing<'_>,
    verb: Verb,
    inputs: &[RecordInput],
    rights: &Rights,
    forms: &Forms,
    last: &mut Option<Target>,
) -> Result<Returned, Fault> {
    let mut job = Job { verb, rights, forms, last, returns: Vec::new() };
    for input in inputs {
        job.record(writing, input, &Fields::new())?;
    }
    Ok(Returned { returns: job.returns, ..Returned::default() })
}

/// A command at work.
struct Job<'a> {
    verb: Verb,
    rights: &'a Rights,
    forms: &'a Forms,
    last: &'a mut Option<Target>,
    returns: Vec<Return>,
}

/// What became of a record, and what there is to remark on it.
type Done = (Vec<(Record, ReturnKind)>, Vec<Return>);

impl Job<'_> {
    /// Writes a record and those that hang on it; `link` holds the fields that lead to the one on which it hangs.
    fn record(&mut self, writing: &mut Writing<'_>, input: &RecordInput, link: &Fields) -> Result<(), Fault> {
        let (records, remarks) = match writing.step(|writing| self.one(writing, input, link)) {
            Ok(done) => done,
            Err(fault) => {
                let returned = fault.returned()?;
                self.returns.push(Return { id: input.id, ..about(writing, input, returned) });
                return Ok(());
            }
        };
        for (record, kind) in records {
            let returned = about(writing, input, Return::new(kind, "", ""));
            self.returns.push(Return { id: u64::try_from(record.target.id).ok(), ..returned });
            self.returns.extend(remarks.iter().cloned());
            if self.verb != Verb::Match {
                *self.last = Some(record.target.clone());
            }
            if matches!(self.verb, Verb::Insert | Verb::Update | Verb::Import) {
                for child in &input.linked {
                    self.child(writing, &record, child)?;
                }
            }
        }
        Ok(())
    }

    fn child(&mut self, writing: &mut Writing<'_>, above: &Record, child: &RecordInput) -> Result<(), Fault> {
        match link(writing, above, &child.table) {
            Ok(link) => self.record(writing, child, &link),
            Err(fault) => {
                let returned = about(writing, child, fault.returned()?);
                self.returns.push(returned);
                Ok(())
            }
        }
    }

    fn one(&self, writing: &mut Writing<'_>, input: &RecordInput, link: &Fields) -> Result<Done, Fault> {
        let table = writing
            .schema()
            .table(&input.table)
            .ok_or_else(|| Fault::invalid(format!("there is no table \"{}\"", input.table)))?;
        if self.verb != Verb::Match && !self.rights.may_write(&table.area) {
            return Err(Fault::invalid(format!("only an administrator may write table \"{}\"", table.name)));
        }
        let (id, links) = self.links(writing, table, input)?;
        let input = &RecordInput { id, linked: Vec::new(), ..input.clone() };
        let (mut fields, remarks) = self.fields(writing, table, input)?;
        if self.verb == Verb::Link {
            fields.clear();
        }
        fields.extend(link.clone());
        fields.extend(links);
        let unnamed = id.is_none() && input.fields.iter().all(|field| !field.matchup);
        let found = match self.verb {
            Verb::Insert if id.is_none() => Vec::new(),
            // The guide's example of a transaction imports a record by nothing: a new one.
            Verb::Import if unnamed => Vec::new(),
            _ => named(writing, table, input, self.rights, self.forms)?,
        };
        let records = match (self.verb, found.as_slice()) {
            (Verb::Insert | Verb::Import, []) if id.is_none() => {
                vec![(writing.insert(&table.area, &fields)?, ReturnKind::Insert)]
            }
            (_, []) => return Err(Fault::invalid("no record is named by the id or the matchup fields")),
            (Verb::Insert, _) => return Err(Fault::invalid("a new record has no id yet: use update")),
            (Verb::Import, [_, _, ..]) => {
                return Err(Fault::invalid(format!("{} records have these matchup fields", found.len())));
            }
            (Verb::Match, _) => found.into_iter().map(|record| (record, ReturnKind::Match)).collect(),
            (Verb::Delete, records) => {
                let deleted = records.iter().map(|record| writing.delete(&record.target));
                deleted
                    .map(|record| Ok((record?, ReturnKind::Delete)))
                    .collect::<Result<_, StorageError>>()?
            }
            (Verb::Update | Verb::Import | Verb::Link, records) => {
                let changed = records.iter().map(|record| writing.update(&record.target, &fields));
                changed
                    .map(|record| Ok((record?, ReturnKind::Update)))
                    .collect::<Result<_, StorageError>>()?
            }
        };
        Ok((records, remarks))
    }

    /// The record's own id, which a link to its own table may say, and the fields that `links` set.
    fn links(
        &self,
        reading: &Reading<'_>,
        table: &Table,
        input: &RecordInput,
    ) -> Result<(Option<u64>, Fields), Fault> {
        let (mut id, mut fields) = (input.id, Fields::new());
        for wanted in &input.links {
            let target = self.linked(reading, wanted)?;
            if target.area == table.area {
                id = u64::try_from(target.id).ok();
                continue;
            }
            let by_id =
                RecordInput::by_id(wanted.table.clone(), u64::try_from(target.id).unwrap_or_default());
            let other = reading.schema().table(&target.area);
            let found = match other {
                Some(other) => named(reading, other, &by_id, self.rights, self.forms)?.pop(),
                None => None,
            };
            let found =
                found.ok_or_else(|| Fault::invalid(format!("there is no record {target} to link to")))?;
            fields.extend(link(reading, &found, &table.area)?);
        }
        Ok((id, fields))
    }

    fn linked(&self, reading: &Reading<'_>, wanted: &Linked) -> Result<Target, Fault> {
        let table = reading
            .schema()
            .table(&wanted.table)
            .ok_or_else(|| Fault::invalid(format!("there is no table \"{}\"", wanted.table)))?;
        match (wanted.id, self.last.as_ref()) {
            (Some(id), _) => Ok(Target::new(&table.area, i64::try_from(id).unwrap_or(i64::MAX))),
            (None, Some(last)) if last.area == table.area => Ok(last.clone()),
            (None, Some(last)) => {
                let text = format!("$lastRecId is {last}, no record of \"{}\"", wanted.table);
                Err(Fault::invalid(text))
            }
            (None, None) => Err(Fault::invalid("$lastRecId: nothing was written in this request before")),
        }
    }

    /// The fields as they are written, and what there is to remark about those that were cut.
    fn fields(
        &self,
        reading: &Reading<'_>,
        table: &Table,
        input: &RecordInput,
    ) -> Result<(Fields, Vec<Return>), Fault> {
        let (mut fields, mut remarks) = (Fields::new(), Vec::new());
        for field in &input.fields {
            let known = table
                .field(&field.name)
                .ok_or_else(|| Fault::Field { table: table.name.clone(), field: field.name.clone() })?;
            let value = self.forms.incoming(reading, known, &field.value, field.by_key)?;
            let cut = known.cut(&value).filter(|_| self.rights.truncates);
            if let Some(cut) = cut {
                let text = format!("{} was cut to {} characters", field.name, cut.chars().count());
                let kind = ReturnKind::Other("warning".to_owned());
                remarks.push(Return::new(kind, "text-truncated", text));
            }
            fields.insert(field.name.clone(), cut.unwrap_or(&value).to_owned());
        }
        Ok((fields, remarks))
    }
}

/// A return about a record of the command.
fn about(reading: &Reading<'_>, input: &RecordInput, returned: Return) -> Return {
    let area = reading.schema().table(&input.table).map(|table| table.area.clone());
    Return {
        table: input.table.clone(),
        info_area: area.unwrap_or_default(),
        attributes: input.attributes.clone(),
        ..returned
    }
}

/// The records that an id or the fields marked `matchup` name, as far as the speaker may see them.
pub(super) fn named(
    reading: &Reading<'_>,
    table: &Table,
    input: &RecordInput,
    rights: &Rights,
    forms: &Forms,
) -> Result<Vec<Record>, Fault> {
    let mut condition = "_deleted = 0".to_owned();
    let mut values: Vec<String> = Vec::new();
    if let Some((text, bound)) = rights.restriction(&table.area, &format!("\"{}\"", table.area)) {
        condition = format!("{condition} AND {text}");
        values.extend(bound);
    }
    let id = input.id.map(|id| i64::try_from(id).unwrap_or(i64::MAX));
    let matchup = input.fields.iter().filter(|field| field.matchup).collect::<Vec<_>>();
    if id.is_none() && matchup.is_empty() {
        return Err(Fault::invalid("name the record by its id, or mark a field with matchup=\"true\""));
    }
    if let Some(id) = id {
        condition = format!("{condition} AND _id = {id}");
    } else {
        for field in matchup {
            let known = table
                .field(&field.name)
                .ok_or_else(|| Fault::Field { table: table.name.clone(), field: field.name.clone() })?;
            let value = forms.incoming(reading, known, &field.value, field.by_key)?;
            let value =
                known.normalise(&value).map_err(|text| Fault::invalid(format!("{}: {text}", field.name)))?;
            // A value that is there is found by an index.
            condition = if value.is_empty() {
                format!("{condition} AND COALESCE(\"{}\", '') = ?", field.name)
            } else {
                format!("{condition} AND \"{}\" = ?", field.name)
            };
            values.push(value);
        }
    }
    let values = values.iter().map(|value| value as &dyn rusqlite::ToSql).collect::<Vec<_>>();
    Ok(reading.select(&table.area, &format!("{condition} ORDER BY _id"), &values, MOST_MATCHES)?)
}

/// The fields with which a record of table `of` belongs to `record`.
fn link(reading: &Reading<'_>, record: &Record, of: &str) -> Result<Fields, Fault> {
    let schema = reading.schema();
    let area = schema.table(of).map_or(of, |table| table.area.as_str());
    let ends = schema
        .link(&record.target.area, area)
        .ok_or_else(|| Fault::invalid(format!("table \"{of}\" is not linked to {}", record.target.area)))?;
    let fields = ends.iter().filter_map(|(outer, inner)| match inner {
        LinkEnd::Field(field) => Some((field.clone(), value_at(record, outer))),
        LinkEnd::Area | LinkEnd::Id => None,
    });
    Ok(fields.collect())
}
