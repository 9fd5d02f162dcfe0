//! Reading the data model from its files.

use super::{Field, FieldType, Link, LinkEnd, Schema, Table};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A data model that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Not TOML, or not of the expected shape.
    #[error("the data model cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A table, field or type that is not known.
    #[error("the data model is inconsistent: {0}")]
    Inconsistent(String),
}

/// An entry of a catalog.
#[derive(Debug, Clone)]
pub struct CatalogEntry {
    /// Number of the catalog.
    pub catalog: u32,
    /// Name of the catalog.
    pub name: String,
    /// External key of the entry.
    pub key: String,
    /// Text in the base language, English.
    pub text_en: String,
    /// Text in German.
    pub text_de: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TablesFile {
    table: Vec<TableEntry>,
    link: Vec<LinkEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableEntry {
    area: String,
    name: String,
    fields: String,
    #[serde(default)]
    station: Vec<String>,
    #[serde(default)]
    sequence: Vec<String>,
    #[serde(default)]
    indexes: Vec<Vec<String>>,
    #[serde(default)]
    unique: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkEntry {
    tables: (String, String),
    on: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogsFile {
    catalog: Vec<CatalogTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogTable {
    number: u32,
    name: String,
    entries: Vec<CatalogLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogLine {
    key: String,
    en: String,
    de: String,
}

pub(super) fn load(tables: &str, catalogs: &str) -> Result<Schema, SchemaError> {
    let file: TablesFile = toml::from_str(tables)?;
    let tables = file
        .table
        .into_iter()
        .map(|entry| Ok((entry.area.clone(), table(entry)?)))
        .collect::<Result<BTreeMap<_, _>, SchemaError>>()?;
    let links = file.link.into_iter().map(link).collect::<Vec<_>>();
    for link in &links {
        check_link(&tables, link)?;
    }
    let file: CatalogsFile = toml::from_str(catalogs)?;
    Ok(Schema { tables, links, catalogs: file.catalog.into_iter().flat_map(entries).collect() })
}

/// The columns of every table that are no fields, in the order in which records are read.
const SYSTEM_COLUMNS: &str = "_id, _stamp, _modified, _by, _client, _unseen, _deleted";

fn table(entry: TableEntry) -> Result<Table, SchemaError> {
    let mut fields = vec![number("StatNo"), number("SeqNo")];
    for line in entry.fields.lines().map(str::trim).filter(|line| !line.is_empty()) {
        fields.push(field(&entry.area, line)?);
    }
    let mut columns: Vec<usize> = (0..fields.len()).collect();
    columns.retain(|place| fields[*place].kind != FieldType::Blob);
    columns.sort_by(|one, other| fields[*one].name.cmp(&fields[*other].name));
    let quoted = columns.iter().map(|place| format!(", \"{}\"", fields[*place].name));
    let selected = SYSTEM_COLUMNS.to_owned() + &quoted.collect::<String>();
    let marks = ", ?".repeat(columns.len());
    let insertion =
        format!("INSERT INTO \"{}\" ({selected}) VALUES (?, ?, ?, ?, ?, 0, 0{marks})", entry.area);
    let table = Table {
        area: entry.area,
        name: entry.name,
        fields,
        station: entry.station,
        sequence: entry.sequence,
        indexes: entry.indexes,
        unique: entry.unique,
        columns,
        selected,
        insertion,
    };
    let named = table.station.iter().chain(&table.sequence);
    let indexed = table.indexes.iter().chain(&table.unique).flatten();
    match named.chain(indexed).find(|name| table.field(name).is_none()) {
        Some(name) => Err(SchemaError::Inconsistent(format!("{} has no field {name}", table.area))),
        None => Ok(table),
    }
}

fn number(name: &str) -> Field {
    Field { name: name.to_owned(), kind: FieldType::Number, length: None, catalog: None }
}

fn field(area: &str, line: &str) -> Result<Field, SchemaError> {
    let mut words = line.split_whitespace();
    let bad = || SchemaError::Inconsistent(format!("{area}: \"{line}\" is no field"));
    let name = words.next().ok_or_else(bad)?.to_owned();
    let kind = words.next().and_then(FieldType::parse).ok_or_else(bad)?;
    let length = words.next().map(str::parse).transpose().map_err(|_| bad())?;
    let catalog = words.next().map(str::parse).transpose().map_err(|_| bad())?;
    Ok(Field { name, kind, length, catalog })
}

fn link(entry: LinkEntry) -> Link {
    let on = entry.on.iter().map(|(left, right)| (LinkEnd::parse(left), LinkEnd::parse(right))).collect();
    Link { tables: entry.tables, on }
}

fn check_link(tables: &BTreeMap<String, Table>, link: &Link) -> Result<(), SchemaError> {
    let check = |area: &str, end: &LinkEnd| match end {
        LinkEnd::Field(name) if tables.get(area).is_none_or(|table| table.field(name).is_none()) => {
            Err(SchemaError::Inconsistent(format!("a link names {area}.{name}, which does not exist")))
        }
        _ => Ok(()),
    };
    link.on.iter().try_for_each(|(left, right)| {
        check(&link.tables.0, left)?;
        check(&link.tables.1, right)
    })
}

fn entries(table: CatalogTable) -> impl Iterator<Item = CatalogEntry> {
    table.entries.into_iter().map(move |line| CatalogEntry {
        catalog: table.number,
        name: table.name.clone(),
        key: line.key,
        text_en: line.en,
        text_de: line.de,
    })
}
