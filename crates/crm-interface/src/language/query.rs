//! What is queried or counted.

use super::{Attributes, CursorFlags, Operator};

/// A query: tables along their links, a condition, and what is wanted of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The table whose records are found, with the tables that hang on it.
    pub table: Table,
    /// Which records; none means all.
    pub condition: Option<Condition>,
    /// Which fields are answered, in this order, apart from tables that ask for all of theirs.
    pub fields: Vec<FieldRef>,
    /// In which order; ties, and everything without a sort, go by record id.
    pub sort: Vec<Sort>,
}

impl Query {
    /// All records of a table, with all fields.
    pub fn all(table: impl Into<String>) -> Self {
        Self {
            table: Table { all_fields: true, ..Table::new(table) },
            condition: None,
            fields: Vec::new(),
            sort: Vec::new(),
        }
    }

    /// The same with a condition.
    pub fn with(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }
}

/// A table of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// XML name of the table, or its info area's short name.
    pub name: String,
    /// Another name, where a table is read twice; it then names the elements of the answer.
    pub alias: Option<String>,
    /// Whether all fields are answered.
    pub all_fields: bool,
    /// At most so many records of this table (under each record of the table above).
    pub max_records: Option<u32>,
    /// So many records are passed over before the first one that is answered.
    pub skip: u32,
    /// `recId`: only this record of the table.
    pub record: Option<u64>,
    /// How it is read.
    pub flags: CursorFlags,
    /// Tables that are read along a link from this one.
    pub linked: Vec<Table>,
    /// Attributes that the server may know more of: `linkId`, `relindex`, `readtype`, `index`, `keys` …
    pub options: Attributes,
}

impl Table {
    /// A table without anything special.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The name of its elements in the answer.
    pub fn answer_name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    /// What conditions, fields and sorts call it.
    pub fn reference(&self) -> TableRef {
        TableRef { name: self.name.clone(), alias: self.alias.clone() }
    }
}

/// Which table of a query is meant; name and alias together are unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableRef {
    /// Its name; empty means the query's first table.
    pub name: String,
    /// Its alias.
    pub alias: Option<String>,
}

impl TableRef {
    /// A table without alias.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), alias: None }
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `lop and`: every one holds; true when there is none.
    All(Vec<Condition>),
    /// `lop or`: at least one holds; false when there is none.
    Any(Vec<Condition>),
    /// `cond`: a field compares so with a value.
    Compare(Comparison),
}

impl Condition {
    /// A comparison with a field of a table without alias.
    pub fn compare(
        table: impl Into<String>,
        field: impl Into<String>,
        operator: Operator,
        value: impl Into<String>,
    ) -> Self {
        Condition::Compare(Comparison {
            table: TableRef::new(table),
            field: field.into(),
            operator,
            value: value.into(),
            by_key: false,
        })
    }
}

/// A comparison of a field with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Whose field.
    pub table: TableRef,
    /// XML name of the field.
    pub field: String,
    /// How they compare.
    pub operator: Operator,
    /// The value, as text in the language's forms of numbers, dates and booleans.
    pub value: String,
    /// `extkey`: the value is the external key of a catalog entry.
    pub by_key: bool,
}

/// A field that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRef {
    /// Whose field.
    pub table: TableRef,
    /// XML name of the field.
    pub field: String,
    /// Custom attributes, copied to the field's element in the answer.
    pub attributes: Attributes,
}

impl FieldRef {
    /// A field of a table without alias.
    pub fn new(table: impl Into<String>, field: impl Into<String>) -> Self {
        Self { table: TableRef::new(table), field: field.into(), attributes: Attributes::new() }
    }
}

/// A field by which records are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// Whose field; sorting goes by the query's first table.
    pub table: TableRef,
    /// XML name of the field.
    pub field: String,
    /// Which way.
    pub direction: Direction,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Greatest first.
    Descending,
}
