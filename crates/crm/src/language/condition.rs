//! Conditions of a query as SQL.
//!
//! A condition on a table says which of its records are answered. That it also decides about the records above is said
//! with the table's flags (administrator guide of CRM.interface, *Cursor Flags*): with, exists, not exists. Our reading: a
//! part of the condition that joins tables by *or* holds for a record above where a linked record meets it.

use super::fault::Fault;
use super::forms::Forms;
use super::rights::Rights;
use super::tree::Tree;
use crate::schema::{Field, FieldType, LinkEnd, Table};
use crate::storage::{Reading, StorageError};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tandem_crm_interface::language::{self, CursorFlags, Operator};

/// What records must meet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Compare { node: usize, field: String, operator: Operator, value: String },
}

impl Condition {
    /// The condition of a query, each comparison with the table that it means and the value as it is stored.
    pub(super) fn resolve(
        reading: &Reading<'_>,
        tree: &Tree<'_>,
        condition: &language::Condition,
        forms: &Forms,
    ) -> Result<Self, Fault> {
        let parts = |parts: &[language::Condition]| {
            parts.iter().map(|part| Self::resolve(reading, tree, part, forms)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match condition {
            language::Condition::All(inner) => Self::All(parts(inner)?),
            language::Condition::Any(inner) => Self::Any(parts(inner)?),
            language::Condition::Compare(comparison) => {
                let node = tree.find(&comparison.table)?;
                let value = match tree.node(node).table.field(&comparison.field) {
                    Some(field)
                        if comparison.by_key || comparison.operator.pattern(&comparison.value).is_none() =>
                    {
                        forms.incoming(reading, field, &comparison.value, comparison.by_key)?
                    }
                    _ => comparison.value.clone(),
                };
                Self::Compare { node, field: comparison.field.clone(), operator: comparison.operator, value }
            }
        })
    }

    /// The parts, joined by and at the top, that are about `node` and tables below it alone.
    pub(super) fn about(&self, tree: &Tree<'_>, node: usize) -> Condition {
        match self {
            Self::All(parts) => {
                let about = parts.iter().map(|part| part.about(tree, node));
                Self::All(about.filter(|part| *part != Self::All(Vec::new())).collect())
            }
            other if other.within(tree, node) => other.clone(),
            _ => Self::All(Vec::new()),
        }
    }

    /// The parts that are joined by and at the top, and are not about one table below `node` alone.
    fn own_parts(&self, tree: &Tree<'_>, node: usize) -> Vec<&Condition> {
        match self {
            Self::All(parts) => parts.iter().flat_map(|part| part.own_parts(tree, node)).collect(),
            other if tree.only_below(node, other).is_some() => Vec::new(),
            other => vec![other],
        }
    }

    fn within(&self, tree: &Tree<'_>, top: usize) -> bool {
        match self {
            Self::Compare { node, .. } => *node == top || tree.towards(top, *node).is_some(),
            Self::All(parts) | Self::Any(parts) => parts.iter().all(|part| part.within(tree, top)),
        }
    }
}

/// An SQL expression and the values of its marks, in order.
#[derive(Debug, Default)]
pub(super) struct Sql {
    pub text: String,
    pub values: Vec<rusqlite::types::Value>,
}

impl Sql {
    /// The condition on records of `node` that the speaker may see.
    pub(super) fn of(
        tree: &Tree<'_>,
        node: usize,
        condition: &Condition,
        rights: &Rights,
    ) -> Result<Self, StorageError> {
        let mut sql = Self::default();
        let name = format!("\"{}\"", tree.node(node).table.area);
        sql.records(tree, node, &name, condition, rights)?;
        Ok(sql)
    }

    /// Records of `node`, known as `name`: those that are there, that the speaker may see, that meet the condition, and
    /// that have what the flags of the tables below ask for.
    fn records(
        &mut self,
        tree: &Tree<'_>,
        node: usize,
        name: &str,
        condition: &Condition,
        rights: &Rights,
    ) -> Result<(), StorageError> {
        let at = tree.node(node);
        let alive =
            if at.flags.has(CursorFlags::DELETED) { "1".to_owned() } else { format!("{name}._deleted = 0") };
        let _ = write!(self.text, "{alive} AND ");
        self.restrict(rights, &at.table.area, name);
        if let Some(id) = at.record {
            // SQLite's ids are signed; none is beyond them.
            let _ = write!(self.text, "{name}._id = {} AND ", i64::try_from(id).unwrap_or(-1));
        }
        let about = condition.about(tree, node);
        let own = about.own_parts(tree, node);
        if own.is_empty() {
            self.push("1")?;
        }
        self.separated(&own, " AND ", |sql, part| sql.condition(tree, node, name, part, rights))?;
        for child in tree.children(node) {
            let flags = tree.node(child).flags;
            let wanted = if flags.has(CursorFlags::NOT_EXISTS) {
                " AND NOT "
            } else if flags.has(CursorFlags::WITH) || flags.has(CursorFlags::EXISTS) {
                " AND "
            } else {
                continue;
            };
            self.push(wanted)?;
            let inner = self.linked(tree, node, name, child)?;
            self.records(tree, child, &inner, condition, rights)?;
            self.push(")")?;
        }
        Ok(())
    }

    /// Opens a search for records of `child` that are linked to the one that is known as `name`; answers how they are
    /// known in it.
    fn linked(
        &mut self,
        tree: &Tree<'_>,
        scope: usize,
        name: &str,
        child: usize,
    ) -> Result<String, StorageError> {
        let table = tree.node(child).table;
        let inner = format!("n{child}");
        let _ = write!(self.text, "EXISTS (SELECT 1 FROM \"{}\" AS {inner} WHERE ", table.area);
        for (outer_end, inner_end) in tree.link(scope, child)? {
            let (left, right) = (
                end_of(name, &tree.node(scope).table.area, &outer_end),
                indexed_end_of(&inner, &table.area, &inner_end),
            );
            let _ = write!(self.text, "{left} = {right} AND ");
        }
        Ok(inner)
    }

    fn restrict(&mut self, rights: &Rights, area: &str, name: &str) {
        if let Some((text, values)) = rights.restriction(area, name) {
            self.text.push_str(&text);
            self.text.push_str(" AND ");
            self.values.extend(values.into_iter().map(rusqlite::types::Value::from));
        }
    }

    /// A field equals the value at the other end of a link; what is empty is linked to nothing.
    pub(super) fn and_linked(&mut self, name: &str, end: &LinkEnd, area: &str, value: String) {
        let _ = write!(self.text, " AND {} = ?", indexed_end_of(name, area, end));
        self.values.push(value.into());
    }

    fn condition(
        &mut self,
        tree: &Tree<'_>,
        scope: usize,
        name: &str,
        condition: &Condition,
        rights: &Rights,
    ) -> Result<(), StorageError> {
        match condition {
            Condition::All(parts) => self.all(tree, scope, name, parts, rights),
            Condition::Any(parts) if parts.is_empty() => self.push("0"),
            Condition::Any(parts) => {
                self.joined(parts, " OR ", |sql, part| sql.condition(tree, scope, name, part, rights))
            }
            Condition::Compare { node, field, operator, value } if *node == scope => {
                self.compare(tree.node(scope).table, name, field, *operator, value)
            }
            Condition::Compare { node, .. } => match tree.towards(scope, *node) {
                Some(child) => self.exists(tree, scope, name, child, condition, rights),
                // A condition on a table that does not hang below this one does not restrict it.
                None => self.push("1"),
            },
        }
    }

    fn all(
        &mut self,
        tree: &Tree<'_>,
        scope: usize,
        name: &str,
        parts: &[Condition],
        rights: &Rights,
    ) -> Result<(), StorageError> {
        let mut own = Vec::new();
        let mut nested: BTreeMap<usize, Vec<Condition>> = BTreeMap::new();
        for part in parts {
            match tree.only_below(scope, part) {
                Some(child) => nested.entry(child).or_default().push(part.clone()),
                None => own.push(part.clone()),
            }
        }
        if parts.is_empty() {
            return self.push("1");
        }
        let separator = if own.is_empty() || nested.is_empty() { "" } else { " AND " };
        self.text.push('(');
        self.separated(&own, " AND ", |sql, part| sql.condition(tree, scope, name, part, rights))?;
        self.text.push_str(separator);
        let nested = nested.into_iter().collect::<Vec<_>>();
        self.separated(&nested, " AND ", |sql, (child, parts)| {
            sql.exists(tree, scope, name, *child, &Condition::All(parts.clone()), rights)
        })?;
        self.push(")")
    }

    fn exists(
        &mut self,
        tree: &Tree<'_>,
        scope: usize,
        name: &str,
        child: usize,
        condition: &Condition,
        rights: &Rights,
    ) -> Result<(), StorageError> {
        let inner = self.linked(tree, scope, name, child)?;
        let _ = write!(self.text, "{inner}._deleted = 0 AND ");
        self.restrict(rights, &tree.node(child).table.area, &inner);
        self.condition(tree, child, &inner, condition, rights)?;
        self.push(")")
    }

    fn compare(
        &mut self,
        table: &Table,
        name: &str,
        field: &str,
        operator: Operator,
        value: &str,
    ) -> Result<(), StorageError> {
        if let Some(column) = system_column(field) {
            let number = value
                .trim()
                .parse::<i64>()
                .map_err(|_| StorageError::Invalid(format!("{field}: \"{value}\" is no whole number")))?;
            return self.binary(&format!("{name}.{column}"), operator, number.into());
        }
        let known = table.field(field).filter(|field| field.kind != FieldType::Blob);
        let known = known.ok_or_else(|| {
            StorageError::Invalid(format!("table \"{}\" has no field \"{field}\" to compare", table.name))
        })?;
        let column = format!("{name}.\"{field}\"");
        if let Some(pattern) = operator.pattern(value.trim()).filter(|_| takes_patterns(known, operator)) {
            self.values.push(pattern.to_string().into());
            let not = if operator.is_negative() { "NOT " } else { "" };
            return self.push(&format!("{not}fits(?, {column})"));
        }
        let value = normalised(known, value)?;
        match known.kind {
            FieldType::Bool => {
                let value = if value.is_empty() { "false".to_owned() } else { value };
                self.binary(&format!("COALESCE({column}, 'false')"), operator, value.into())
            }
            _ if value.is_empty() => match operator {
                Operator::Less => self.push("0"),
                Operator::GreaterOrEqual => self.push("1"),
                Operator::Equal | Operator::LessOrEqual => self.push(&format!("COALESCE({column}, '') = ''")),
                _ => self.push(&format!("COALESCE({column}, '') <> ''")),
            },
            FieldType::Number if !matches!(operator, Operator::Equal | Operator::NotEqual) => {
                let number = value.parse::<i64>().unwrap_or_default();
                self.binary(&format!("CAST({column} AS INTEGER)"), operator, number.into())
            }
            FieldType::Decimal if !matches!(operator, Operator::Equal | Operator::NotEqual) => {
                let number = value.parse::<f64>().unwrap_or_default();
                self.binary(&format!("CAST({column} AS REAL)"), operator, number.into())
            }
            _ => self.binary(&column, operator, value.into()),
        }
    }

    fn binary(
        &mut self,
        column: &str,
        operator: Operator,
        value: rusqlite::types::Value,
    ) -> Result<(), StorageError> {
        let sign = match operator {
            Operator::Equal => "=",
            // So that a field that holds nothing differs from every value.
            Operator::NotEqual => "IS NOT",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            // They are patterns, and a change number is none.
            Operator::Contains | Operator::NotContains | Operator::Like => {
                return Err(StorageError::Invalid(format!(
                    "{column} cannot be compared with \"{operator}\""
                )));
            }
        };
        self.values.push(value);
        self.push(&format!("{column} {sign} ?"))
    }

    fn joined<T>(
        &mut self,
        parts: &[T],
        separator: &str,
        each: impl FnMut(&mut Self, &T) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.text.push('(');
        self.separated(parts, separator, each)?;
        self.push(")")
    }

    fn separated<T>(
        &mut self,
        parts: &[T],
        separator: &str,
        mut each: impl FnMut(&mut Self, &T) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.text.push_str(separator);
            }
            each(self, part)?;
        }
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<(), StorageError> {
        self.text.push_str(text);
        Ok(())
    }
}

/// What every record has besides its fields: `id`, `stamp`, `modified` (milliseconds since 1970 in UTC).
pub(super) fn system_column(field: &str) -> Option<&'static str> {
    Some(match field {
        "id" => "_id",
        "stamp" => "_stamp",
        "modified" => "_modified",
        _ => return None,
    })
}

/// Whether wildcards mean something: with `=` and `!=` in text only (the guide's example: `op="=" value="update*"`).
fn takes_patterns(field: &Field, operator: Operator) -> bool {
    !matches!(operator, Operator::Equal | Operator::NotEqual)
        || (field.catalog.is_none() && is_text(field.kind))
}

fn is_text(kind: FieldType) -> bool {
    matches!(kind, FieldType::Text | FieldType::Memo | FieldType::Email)
}

fn end_of(name: &str, area: &str, end: &LinkEnd) -> String {
    match end {
        LinkEnd::Field(field) => format!("{name}.\"{field}\""),
        LinkEnd::Area => format!("'{area}'"),
        LinkEnd::Id => format!("CAST({name}._id AS TEXT)"),
    }
}

/// The end whose records are looked for. An id without a cast is found by its index: SQLite compares it as a number.
fn indexed_end_of(name: &str, area: &str, end: &LinkEnd) -> String {
    match end {
        LinkEnd::Id => format!("{name}._id"),
        other => end_of(name, area, other),
    }
}

fn normalised(field: &Field, value: &str) -> Result<String, StorageError> {
    field.normalise(value).map_err(|text| StorageError::Invalid(format!("{}: {text}", field.name)))
}
