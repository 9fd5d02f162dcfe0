//! The data model as data: tables, fields, links and catalogs, read from the TOML files beside this one.

mod field;
mod link;
mod load;

pub use field::{Field, FieldType};
pub use link::{Link, LinkEnd};
pub use load::{CatalogEntry, SchemaError};

use std::collections::BTreeMap;

/// An info area: a table of the CRM.
#[derive(Debug, Clone)]
pub struct Table {
    /// Short name of the info area, as in `MA`.
    pub area: String,
    /// Name in CRM.interface, as in `Contact`.
    pub name: String,
    /// Fields in their order, `StatNo` and `SeqNo` first.
    pub fields: Vec<Field>,
    /// Fields that take the station number where a new record leaves them empty.
    pub station: Vec<String>,
    /// Fields that take the sequence number where a new record leaves them empty.
    pub sequence: Vec<String>,
    /// Sets of fields by which records are looked up.
    pub indexes: Vec<Vec<String>>,
    /// Sets of fields that no two records that are not deleted share.
    pub unique: Vec<Vec<String>>,
    /// Places in `fields` of those that are columns of the database, by name.
    pub columns: Vec<usize>,
    /// The list of these columns as SQL writes it, the system's columns first.
    pub selected: String,
    /// The statement that adds a record: the system's columns, then these.
    pub insertion: String,
}

impl Table {
    /// The fields that are columns, by name.
    pub fn stored(&self) -> impl Iterator<Item = &Field> {
        self.columns.iter().filter_map(|place| self.fields.get(*place))
    }

    /// The field of that name; names are case-sensitive.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let of = |place: &usize| self.fields.get(*place).map(|field| field.name.as_str());
        let stored = self.columns.binary_search_by(|place| of(place).cmp(&Some(name))).ok();
        match stored.and_then(|at| self.columns.get(at)) {
            Some(place) => self.fields.get(*place),
            None => self.fields.iter().find(|field| field.name == name),
        }
    }
}

/// The whole data model.
#[derive(Debug, Clone)]
pub struct Schema {
    tables: BTreeMap<String, Table>,
    links: Vec<Link>,
    catalogs: Vec<CatalogEntry>,
}

impl Schema {
    /// The model that comes with the program.
    pub fn builtin() -> Result<Self, SchemaError> {
        load::load(include_str!("tables.toml"), include_str!("catalogs.toml"))
    }

    /// All tables, by info area.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }

    /// The table of an info area, or with that name in CRM.interface.
    pub fn table(&self, area_or_name: &str) -> Option<&Table> {
        self.tables
            .get(area_or_name)
            .or_else(|| self.tables.values().find(|table| table.name == area_or_name))
    }

    /// How records of `from` lead to records of `to`, by info areas.
    pub fn link(&self, from: &str, to: &str) -> Option<Vec<(LinkEnd, LinkEnd)>> {
        self.links.iter().find_map(|link| link.between(from, to))
    }

    /// Catalog entries that are there from the start.
    pub fn catalogs(&self) -> &[CatalogEntry] {
        &self.catalogs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_model_is_consistent() {
        let schema = Schema::builtin().unwrap();
        assert_eq!(schema.table("Contact").unwrap().area, "MA");
        assert_eq!(schema.table("MA").unwrap().field("Subject").unwrap().length, Some(255));
        assert!(schema.table("MA").unwrap().field("StatNo").is_some());
    }

    #[test]
    fn links_lead_both_ways() {
        let schema = Schema::builtin().unwrap();
        let there = schema.link("MA", "MB").unwrap();
        let back = schema.link("MB", "MA").unwrap();
        assert_eq!(there[0].0, LinkEnd::Field("StatNo".into()));
        assert_eq!(back[0].0, LinkEnd::Field("ContactStatNo".into()));
        assert!(schema.link("A3", "FI").is_none());
    }

    #[test]
    fn the_guides_catalog_entries_are_there() {
        let schema = Schema::builtin().unwrap();
        let entry = |key: &str| schema.catalogs().iter().find(|entry| entry.key == key).unwrap().clone();
        assert_eq!(entry("9001_479_5").text_en, "text/x-vevent");
        assert_eq!(entry("9001_53_1").text_de, "GraphApi");
        let of = |number: u32| schema.catalogs().iter().filter(|entry| entry.catalog == number).count();
        assert_eq!((of(479), of(53)), (5, 3));
    }
}
