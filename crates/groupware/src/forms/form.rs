//! A form: the fields of a kind that are exchanged.

use crate::InfoArea;
use crate::xml::{Element, XmlError};
use std::collections::{BTreeMap, BTreeSet};

/// `form`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The fields that it lists, by the XML name of their table.
    pub tables: BTreeMap<String, BTreeSet<String>>,
}

/// Fields that only give another its meaning: they are exchanged with it, listed or not. A time without its zone, or
/// a series without its rule, would be a different appointment.
const COMPANIONS: &[(&str, &[&str])] = &[
    ("Date", &["TimeZone", "AllDay"]),
    ("StartDate", &["TimeZone", "AllDay"]),
    ("IsMasterContact", &["Recurrence", "CancelledDates"]),
    ("IsSerialContact", &["OriginalDate"]),
];

impl Form {
    pub(super) const EMPTY: &'static Form = &Form { tables: BTreeMap::new() };

    pub(super) fn read(element: &Element) -> Result<Self, XmlError> {
        let mut form = Self::default();
        for table in &element.children {
            if table.name != "table" {
                return Err(table.unexpected("form"));
            }
            form.read_table(table)?;
        }
        Ok(form)
    }

    /// Tables may nest, as they do in queries.
    fn read_table(&mut self, table: &Element) -> Result<(), XmlError> {
        let name = table.required("tablename")?.to_owned();
        self.tables.entry(name.clone()).or_default();
        for child in &table.children {
            match child.name.as_str() {
                "field" => {
                    let field = child.required("fieldname")?.to_owned();
                    self.tables.entry(name.clone()).or_default().insert(field);
                }
                "table" => self.read_table(child)?,
                _ => return Err(child.unexpected("table")),
            }
        }
        Ok(())
    }

    /// Whether a field is exchanged.
    pub fn exchanges(&self, area: InfoArea, field: &str) -> bool {
        if let Some(fields) = self.tables.get(area.table_name()) {
            return fields.contains(field)
                || COMPANIONS.iter().any(|(leader, with)| with.contains(&field) && fields.contains(*leader));
        }
        match area {
            // The participants of an activity are its fields `Participants` and `ParticipantID` in the forms of old.
            InfoArea::Participant | InfoArea::ToDo => {
                self.exchanges(InfoArea::Activity, "Participants")
                    || self.exchanges(InfoArea::Activity, "ParticipantID")
            }
            // Documents are switched by the connector, not by forms.
            InfoArea::Document | InfoArea::CustomerDocument => true,
            _ => false,
        }
    }
}
