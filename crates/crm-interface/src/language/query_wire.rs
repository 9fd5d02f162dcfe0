//! Queries as XML.

use super::attributes::checked_name;
use super::record_wire::record_id;
use super::request_wire::{custom, write_attributes};
use super::{
    Attributes, Comparison, Condition, CursorFlags, Direction, FieldRef, Operator, Query, Sort, Table,
    TableRef, WriteError,
};
use crate::xml::{Element, Problem, ReadError, Writer};

/// Attributes of `<table>` that this program acts on; the others go into its options.
const TABLE: [&str; 9] =
    ["tablename", "table", "alias", "allfields", "maxrecords", "skip", "recId", "recid", "flags"];
/// Attributes that `<field>` and `<fields>` take, and those of records, which would be mistaken in the answer.
const FIELD: [&str; 8] = ["tablename", "table", "alias", "fieldname", "fields", "tableshort", "id", "stamp"];
/// Public attributes of `<cond>` (*cond attributes*) about parent catalogs and the times at which fields changed.
const UNSUPPORTED: [&str; 4] = ["extkey2", "mnr2", "value2", "lupd"];

pub(super) fn write(w: &mut Writer, query: &Query) -> Result<(), WriteError> {
    w.start("tables");
    write_table(w, &query.table)?;
    w.end();
    if let Some(condition) = &query.condition {
        w.start("condition");
        write_condition(w, condition)?;
        w.end();
    }
    for field in &query.fields {
        w.start("fields").start("field");
        write_field(w, &field.table, &field.field)?;
        write_attributes(w, &field.attributes, &FIELD)?;
        w.end().end();
    }
    if !query.sort.is_empty() {
        w.start("sort");
        for sort in &query.sort {
            w.start("field");
            write_field(w, &sort.table, &sort.field)?;
            if sort.direction == Direction::Descending {
                w.attribute("order", "desc");
            }
            w.end();
        }
        w.end();
    }
    Ok(())
}

fn write_table(w: &mut Writer, table: &Table) -> Result<(), WriteError> {
    w.start("table").attribute("tablename", checked_name(&table.name)?);
    if let Some(alias) = &table.alias {
        w.attribute("alias", checked_name(alias)?);
    }
    w.flag("allfields", table.all_fields);
    if let Some(most) = table.max_records {
        w.plain_attribute("maxrecords", most);
    }
    if table.skip > 0 {
        w.plain_attribute("skip", table.skip);
    }
    if let Some(record) = table.record {
        w.plain_attribute("recId", record);
    }
    if table.flags != CursorFlags::default() {
        w.plain_attribute("flags", table.flags.0);
    }
    write_attributes(w, &table.options, &TABLE)?;
    for linked in &table.linked {
        write_table(w, linked)?;
    }
    w.end();
    Ok(())
}

fn write_field(w: &mut Writer, table: &TableRef, field: &str) -> Result<(), WriteError> {
    if !table.name.is_empty() {
        w.attribute("tablename", checked_name(&table.name)?);
    }
    if let Some(alias) = &table.alias {
        w.attribute("alias", checked_name(alias)?);
    }
    w.attribute("fieldname", checked_name(field)?);
    Ok(())
}

fn write_condition(w: &mut Writer, condition: &Condition) -> Result<(), WriteError> {
    let (word, parts) = match condition {
        Condition::All(parts) => ("and", parts),
        Condition::Any(parts) => ("or", parts),
        Condition::Compare(comparison) => {
            w.start("cond");
            write_field(w, &comparison.table, &comparison.field)?;
            w.attribute("op", comparison.operator.as_str()).attribute("value", &comparison.value);
            w.flag("extkey", comparison.by_key).end();
            return Ok(());
        }
    };
    w.start("lop").attribute("value", word);
    for part in parts {
        write_condition(w, part)?;
    }
    w.end();
    Ok(())
}

pub(super) fn read(element: &Element<'_>) -> Result<Query, ReadError> {
    let tables = element.require("tables")?;
    let [first] = tables.children() else {
        return Err(tables.error(Problem::Missing("exactly one table at the top")));
    };
    let mut table = read_table(first)?;
    // Some write the page on the query itself.
    if table.max_records.is_none() {
        table.max_records = element.parse_attribute("maxrecords", "a number of records")?;
    }
    if table.skip == 0 {
        table.skip = element.parse_attribute("skip", "a number of records")?.unwrap_or(0);
    }
    let mut query = Query { table, condition: None, fields: Vec::new(), sort: Vec::new() };
    let mut conditions = Vec::new();
    for child in element.children() {
        match child.local() {
            "condition" => {
                for part in child.children() {
                    conditions.push(read_condition(part)?);
                }
            }
            "fields" => read_fields(child, &mut query.fields)?,
            "sort" => {
                for field in child.children() {
                    query.sort.push(read_sort(field)?);
                }
            }
            _ => {}
        }
    }
    // Several conditions side by side are joined by and.
    query.condition = match conditions.len() {
        0 => None,
        1 => conditions.pop(),
        _ => Some(Condition::All(conditions)),
    };
    Ok(query)
}

fn read_table(element: &Element<'_>) -> Result<Table, ReadError> {
    if element.local() != "table" {
        return Err(element.invalid(element.name(), "the element table"));
    }
    let options = element
        .attributes()
        .filter(|(name, _)| !TABLE.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect::<Attributes>();
    Ok(Table {
        name: table_name(element).ok_or_else(|| element.error(Problem::Missing("tablename")))?.to_owned(),
        alias: element.attribute("alias").map(str::to_owned),
        all_fields: element.flag("allfields")?,
        max_records: element.parse_attribute("maxrecords", "a number of records")?,
        skip: element.parse_attribute("skip", "a number of records")?.unwrap_or(0),
        record: record_id(element, &["recId", "recid"])?,
        flags: element.parse_attribute("flags", "flags as a number, such as 256")?.unwrap_or_default(),
        linked: element.children().iter().map(read_table).collect::<Result<_, _>>()?,
        options,
    })
}

fn read_condition(element: &Element<'_>) -> Result<Condition, ReadError> {
    let parts = || element.children().iter().map(read_condition).collect::<Result<Vec<_>, _>>();
    match element.local() {
        "lop" => match element.require_attribute("value")? {
            word if word.eq_ignore_ascii_case("and") => Ok(Condition::All(parts()?)),
            word if word.eq_ignore_ascii_case("or") => Ok(Condition::Any(parts()?)),
            other => Err(element.invalid(other, "and or or")),
        },
        "cond" => {
            let operator = element.attribute("op").unwrap_or("=");
            let operator =
                Operator::parse(operator).ok_or_else(|| element.invalid(operator, Operator::EXPECTED))?;
            for name in UNSUPPORTED {
                // Passed over, it would let in records that it was meant to keep out.
                if let Some(value) = element.attribute(name) {
                    return Err(element.invalid(
                        value,
                        "taken with a condition: extkey2, mnr2, value2 and lupd are not supported",
                    ));
                }
            }
            Ok(Condition::Compare(Comparison {
                table: table_ref(element),
                field: element.require_attribute("fieldname")?.to_owned(),
                operator,
                value: element.attribute("value").unwrap_or_default().to_owned(),
                by_key: element.flag("extkey")?,
            }))
        }
        other => Err(element.invalid(other, "lop or cond")),
    }
}

/// `<fields tablename fields="A,B"/>`, of which the guide also has the form with `fieldname` (*Cursor Flags*), or `<fields>` around `<field tablename fieldname/>`. Attributes of `<fields>`
/// hold for each of its fields.
fn read_fields(element: &Element<'_>, into: &mut Vec<FieldRef>) -> Result<(), ReadError> {
    let common = custom(element, &FIELD)?;
    let table = table_ref(element);
    let names = element.attribute("fields").or_else(|| element.attribute("fieldname")).unwrap_or_default();
    for name in names.split(',').map(str::trim) {
        if !name.is_empty() {
            into.push(FieldRef { table: table.clone(), field: name.to_owned(), attributes: common.clone() });
        }
    }
    for field in element.children() {
        let mut attributes = common.clone();
        attributes.extend(custom(field, &FIELD)?);
        let own = table_ref(field);
        into.push(FieldRef {
            table: if own.name.is_empty() { table.clone() } else { own },
            field: field.require_attribute("fieldname")?.to_owned(),
            attributes,
        });
    }
    Ok(())
}

fn read_sort(element: &Element<'_>) -> Result<Sort, ReadError> {
    let direction = match element.attribute("order").unwrap_or("asc") {
        word if word.eq_ignore_ascii_case("asc") => Direction::Ascending,
        word if word.eq_ignore_ascii_case("desc") => Direction::Descending,
        other => return Err(element.invalid(other, "asc or desc")),
    };
    Ok(Sort {
        table: table_ref(element),
        field: element.require_attribute("fieldname")?.to_owned(),
        direction,
    })
}

fn table_ref(element: &Element<'_>) -> TableRef {
    TableRef {
        name: table_name(element).unwrap_or_default().to_owned(),
        alias: element.attribute("alias").map(str::to_owned),
    }
}

/// `tablename`, or `table`, which public clients use with the short name of an info area.
fn table_name<'e>(element: &'e Element<'_>) -> Option<&'e str> {
    element.attribute("tablename").or_else(|| element.attribute("table"))
}
