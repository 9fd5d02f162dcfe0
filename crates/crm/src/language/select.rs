//! `query` and `count`.

use super::condition::{Condition, Sql, system_column};
use super::fault::Fault;
use super::forms::Forms;
use super::rights::Rights;
use super::tree::Tree;
use crate::schema::{Field, FieldType, LinkEnd};
use crate::storage::{Reading, Record, StorageError};
use base64::Engine as _;
use rusqlite::ToSql;
use std::fmt::Write as _;
use tandem_crm_interface::language::{
    self, Attributes, CursorFlags, Direction, FieldValue, Query, Return, ReturnKind, Returned,
};

/// At most so many records of one table are answered; who wants more asks for pages.
const MOST_RECORDS: usize = 100_000;

/// A query that is ready to run.
struct Plan<'a, 's> {
    tree: Tree<'s>,
    condition: Condition,
    query: &'a Query,
    rights: &'a Rights,
    forms: &'a Forms,
}

impl<'a, 's> Plan<'a, 's> {
    fn new(
        reading: &Reading<'s>,
        query: &'a Query,
        rights: &'a Rights,
        forms: &'a Forms,
    ) -> Result<Self, Fault> {
        let mut tree = Tree::new(reading.schema());
        tree.add(&query.table, None)?;
        let condition = match &query.condition {
            Some(condition) => Condition::resolve(reading, &tree, condition, forms)?,
            None => Condition::All(Vec::new()),
        };
        for field in &query.fields {
            let table = tree.node(tree.find(&field.table)?).table;
            if table.field(&field.field).is_none() {
                return Err(Fault::Field { table: table.name.clone(), field: field.field.clone() });
            }
        }
        let without_rights = tree.nodes().any(|node| node.flags.has(CursorFlags::NO_RIGHTS));
        if without_rights && !rights.are_all() {
            return Err(Fault::invalid(
                "only an administrator may read a table without looking at rights (flag 32)",
            ));
        }
        Ok(Self { tree, condition, query, rights, forms })
    }

    /// In which order the root table's records come.
    fn order(&self) -> Result<String, StorageError> {
        let mut order = " ORDER BY ".to_owned();
        for sort in &self.query.sort {
            let node = self.tree.find(&sort.table)?;
            let table = self.tree.node(0).table;
            let invalid = || {
                StorageError::Invalid(format!(
                    "records of \"{}\" cannot be sorted by \"{}\"",
                    table.name, sort.field
                ))
            };
            if node != 0 {
                return Err(invalid());
            }
            let column = match (system_column(&sort.field), table.field(&sort.field)) {
                (Some(column), _) => column.to_owned(),
                (None, Some(field)) if field.kind == FieldType::Number => {
                    format!("CAST(\"{}\" AS INTEGER)", field.name)
                }
                (None, Some(field)) if field.kind == FieldType::Decimal => {
                    format!("CAST(\"{}\" AS REAL)", field.name)
                }
                (None, Some(field)) if field.kind != FieldType::Blob => format!("\"{}\"", field.name),
                _ => return Err(invalid()),
            };
            let direction = match sort.direction {
                Direction::Ascending => "",
                Direction::Descending => " DESC",
            };
            let _ = write!(order, "{column}{direction}, ");
        }
        order.push_str("_id");
        Ok(order)
    }

    /// Records of `node` below a record of the table above, with everything below them.
    fn below(
        &self,
        reading: &Reading<'_>,
        node: usize,
        above: &Record,
    ) -> Result<Vec<language::Record>, StorageError> {
        let at = self.tree.node(node);
        let mut sql = Sql::of(&self.tree, node, &self.condition, self.rights)?;
        let name = format!("\"{}\"", at.table.area);
        for (outer, inner) in self.tree.link(at.parent.unwrap_or(0), node)? {
            let value = value_at(above, &outer);
            if value.is_empty() {
                return Ok(Vec::new());
            }
            sql.and_linked(&name, &inner, &at.table.area, value);
        }
        sql.text.push_str(" ORDER BY _id");
        if at.flags.has(CursorFlags::SUMMED) {
            return self.summed(reading, node, &sql);
        }
        self.run(reading, node, &sql, at.limit.unwrap_or(MOST_RECORDS), at.skip)
    }

    /// One record with the sums of the fields that are asked for; none where there is nothing to sum.
    fn summed(
        &self,
        reading: &Reading<'_>,
        node: usize,
        sql: &Sql,
    ) -> Result<Vec<language::Record>, StorageError> {
        let at = self.tree.node(node);
        let records = reading.select_page(&at.table.area, &sql.text, &values(sql), MOST_RECORDS, 0)?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut answer = language::Record {
            table: at.name.clone(),
            info_area: at.table.area.clone(),
            ..language::Record::default()
        };
        for (field, attributes) in self.wanted(node)? {
            if field.kind != FieldType::Number {
                return Err(StorageError::Invalid(format!("{} is no number to be summed", field.name)));
            }
            let numbers = records.iter().filter_map(|record| record.get(&field.name).parse::<i64>().ok());
            let sum = numbers.fold(0_i64, i64::saturating_add);
            answer
                .fields
                .push(FieldValue { attributes, ..FieldValue::new(field.name.clone(), sum.to_string()) });
        }
        Ok(vec![answer])
    }

    fn run(
        &self,
        reading: &Reading<'_>,
        node: usize,
        sql: &Sql,
        limit: usize,
        skip: usize,
    ) -> Result<Vec<language::Record>, StorageError> {
        let area = &self.tree.node(node).table.area;
        let records = reading.select_page(area, &sql.text, &values(sql), limit.min(MOST_RECORDS), skip)?;
        records.iter().map(|record| self.answer(reading, node, record)).collect()
    }

    fn answer(
        &self,
        reading: &Reading<'_>,
        node: usize,
        record: &Record,
    ) -> Result<language::Record, StorageError> {
        let mut answer = record_answer(&self.tree.node(node).name, record);
        answer.fields = self.fields(reading, node, record)?;
        let answered = |child: &usize| {
            let flags = self.tree.node(*child).flags;
            !flags.has(CursorFlags::EXISTS) && !flags.has(CursorFlags::NOT_EXISTS)
        };
        for child in self.tree.children(node).filter(answered) {
            answer.linked.extend(self.below(reading, child, record)?);
        }
        Ok(answer)
    }

    fn fields(
        &self,
        reading: &Reading<'_>,
        node: usize,
        record: &Record,
    ) -> Result<Vec<FieldValue>, StorageError> {
        let wanted = self.wanted(node)?;
        wanted
            .into_iter()
            .map(|(field, attributes)| field_value(reading, record, field, attributes, self.forms))
            .collect()
    }

    /// The fields that are answered of a table: all of them where that is asked for, then those that are named.
    fn wanted(&self, node: usize) -> Result<Vec<(&'s Field, Attributes)>, StorageError> {
        let at = self.tree.node(node);
        let mut fields = Vec::new();
        if at.all_fields {
            // The content of documents comes only when it is asked for by name.
            let all = at.table.fields.iter().filter(|field| field.kind != FieldType::Blob);
            fields.extend(all.map(|field| (field, Attributes::new())));
        }
        for wanted in &self.query.fields {
            if self.tree.find(&wanted.table)? == node
                && let Some(field) = at.table.field(&wanted.field)
            {
                fields.push((field, wanted.attributes.clone()));
            }
        }
        Ok(fields)
    }
}

pub(super) fn query(
    reading: &Reading<'_>,
    query: &Query,
    rights: &Rights,
    forms: &Forms,
) -> Result<Returned, Fault> {
    let plan = Plan::new(reading, query, rights, forms)?;
    let root = plan.tree.node(0);
    let mut sql = Sql::of(&plan.tree, 0, &plan.condition, rights)?;
    let mut returned = Returned::default();
    if root.limit.is_some() {
        returned.count = Some(reading.count(&root.table.area, &sql.text, &values(&sql))?);
    }
    sql.text.push_str(&plan.order()?);
    returned.records = plan.run(reading, 0, &sql, root.limit.unwrap_or(MOST_RECORDS), root.skip)?;
    if root.limit.is_none() && returned.records.len() == MOST_RECORDS {
        let text =
            format!("there may be more than {MOST_RECORDS} records: ask for pages with maxrecords and skip");
        returned.returns.push(Return::new(ReturnKind::Other("warning".to_owned()), "truncated", text));
    }
    Ok(returned)
}

pub(super) fn count(
    reading: &Reading<'_>,
    query: &Query,
    rights: &Rights,
    forms: &Forms,
) -> Result<Returned, Fault> {
    let plan = Plan::new(reading, query, rights, forms)?;
    let sql = Sql::of(&plan.tree, 0, &plan.condition, rights)?;
    let count = reading.count(&plan.tree.node(0).table.area, &sql.text, &values(&sql))?;
    Ok(Returned { count: Some(count), ..Returned::default() })
}

/// A record's element in an answer, without fields.
pub(super) fn record_answer(name: &str, record: &Record) -> language::Record {
    language::Record {
        table: name.to_owned(),
        info_area: record.target.area.clone(),
        id: u64::try_from(record.target.id).ok(),
        stamp: Some(record.stamp),
        ..language::Record::default()
    }
}

fn field_value(
    reading: &Reading<'_>,
    record: &Record,
    field: &Field,
    attributes: Attributes,
    forms: &Forms,
) -> Result<FieldValue, StorageError> {
    let value = match field.kind {
        FieldType::Blob => content(reading, record)?,
        FieldType::Bool if record.get(&field.name).is_empty() => "false".to_owned(),
        _ => forms.outgoing(reading, field, record.get(&field.name))?,
    };
    Ok(FieldValue { name: field.name.clone(), value, attributes })
}

/// The content of a document, in base64.
pub(super) fn content(reading: &Reading<'_>, record: &Record) -> Result<String, StorageError> {
    let content = reading.blob(record.get("Digest"))?.unwrap_or_default();
    Ok(base64::engine::general_purpose::STANDARD.encode(content))
}

pub(super) fn value_at(record: &Record, end: &LinkEnd) -> String {
    match end {
        LinkEnd::Field(field) => record.get(field).to_owned(),
        LinkEnd::Area => record.target.area.clone(),
        LinkEnd::Id => record.target.id.to_string(),
    }
}

fn values(sql: &Sql) -> Vec<&dyn ToSql> {
    sql.values.iter().map(|value| value as &dyn ToSql).collect()
}
