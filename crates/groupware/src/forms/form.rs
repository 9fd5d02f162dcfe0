//! A form: the fields of a kind that are exchanged, and what each of them means.
//!
//! Field names differ between the templates of the CRM. The code asks for meanings (`Location`); which field of a table
//! has one is said by `as="…"` on the field, else by the built-in forms (`A031Location` means `Location`), else a field
//! means what it is called.

use super::mapped::{self, Mapped};
use crate::InfoArea;
use crate::xml::{Element, XmlError};
use std::collections::{BTreeMap, BTreeSet};
use tandem_mapping::{Flow, KindMapping, Target};
use tandem_model::Kind;

/// `form`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The fields that it lists, by the XML name of their table.
    pub tables: BTreeMap<String, BTreeMap<String, Field>>,
    /// Which field of a table has a meaning.
    by_meaning: BTreeMap<String, BTreeMap<String, String>>,
    /// What travels beside, or otherwise than, the default pairs.
    pub(super) mapped: Mapped,
}

/// `field`: what a form says about a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// What it means, where that differs from its name.
    pub meaning: Option<String>,
    /// At most so many characters; none means any length.
    pub length: Option<usize>,
    /// The additional field of Graph that it is paired with.
    pub target: Option<Target>,
    /// Which way it travels, where that is said.
    pub flow: Option<Flow>,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// Meanings that only give another its meaning: they are exchanged with it, listed or not. A time without its zone, or
/// a series without its rule, would be a different appointment.
const COMPANIONS: &[(&str, &[&str])] = &[
    ("Date", &["TimeZone", "AllDay"]),
    ("StartDate", &["TimeZone", "AllDay"]),
    ("IsMasterContact", &["Recurrence", "CancelledDates"]),
    ("IsSerialContact", &["OriginalDate"]),
];

/// Fields by which records are found and joined: they are called the same in every template.
pub(super) const FIXED: &[&str] = &[
    "StatNo",
    "SeqNo",
    "CoGrp",
    "CoNo",
    "PeGrp",
    "PeNo",
    "ContactStatNo",
    "ContactSeqNo",
    "RepID",
    "Contact",
    "Private",
    "IsMasterContact",
    "IsSerialContact",
    "FirstName",
    "LastName",
    "Company",
    "Email",
    "Favorite",
];

/// Tables whose records are found and joined by all of their fields.
const FIXED_TABLES: &[&str] = &["Participant", "ToDo"];

impl Form {
    pub(super) const EMPTY: &'static Form = &Form {
        tables: BTreeMap::new(),
        by_meaning: BTreeMap::new(),
        mapped: Mapped {
            fields: BTreeMap::new(),
            mapping: KindMapping { additional: BTreeMap::new(), changed: BTreeMap::new() },
        },
    };

    pub(super) fn read(kind: Kind, element: &Element) -> Result<Self, XmlError> {
        let mut form = Self::default();
        for table in &element.children {
            if table.name != "table" {
                return Err(table.unexpected("form"));
            }
            form.read_table(kind, table)?;
        }
        Ok(form)
    }

    /// Tables may nest, as they do in queries.
    fn read_table(&mut self, kind: Kind, table: &Element) -> Result<(), XmlError> {
        let name = table.required("tablename")?.to_owned();
        self.tables.entry(name.clone()).or_default();
        for child in &table.children {
            match child.name.as_str() {
                "field" => {
                    let field = child.required("fieldname")?.to_owned();
                    let read = Field::read(kind, &name, child)?;
                    let targeted = read.target.is_some();
                    let before = self.tables.entry(name.clone()).or_default().insert(field.clone(), read);
                    if before.is_some_and(|before| targeted || before.target.is_some()) {
                        let text =
                            format!("{name}.{field} is listed twice: it can feed one field of Graph only");
                        return Err(XmlError::new(child.line, text));
                    }
                }
                "table" => self.read_table(kind, child)?,
                _ => return Err(child.unexpected("table")),
            }
        }
        Ok(())
    }

    /// Settles which field has which meaning, by what this form says and by what `builtin` forms say.
    pub(super) fn settle(&mut self, kind: Kind, builtin: &[&Form]) -> Result<(), XmlError> {
        self.by_meaning.clear();
        for (table, fields) in &mut self.tables {
            let known: BTreeMap<&String, &Field> =
                builtin.iter().filter_map(|form| form.tables.get(table)).flatten().collect();
            let meanings: BTreeSet<&str> =
                known.iter().map(|(name, field)| field.meaning.as_ref().unwrap_or(name).as_str()).collect();
            let mut by_meaning = BTreeMap::<String, String>::new();
            for (name, field) in fields.iter().filter(|(_, field)| field.meaning.is_some()) {
                let meaning = field.meaning.clone().unwrap_or_default();
                if !builtin.is_empty() && !meanings.contains(meaning.as_str()) {
                    let known = meanings.iter().copied().collect::<Vec<_>>().join(", ");
                    let text = format!("no field of {table} means \"{meaning}\"; known are {known}");
                    return Err(XmlError::new(field.line, text));
                }
                if let Some(other) = by_meaning.insert(meaning.clone(), name.clone()) {
                    let text = format!("both {other} and {name} of {table} mean \"{meaning}\"");
                    return Err(XmlError::new(field.line, text));
                }
            }
            for (name, field) in fields {
                let default = known.get(name);
                field.length = field.length.or_else(|| default.and_then(|default| default.length));
                if field.meaning.is_none() {
                    let meaning =
                        default.and_then(|default| default.meaning.as_ref()).unwrap_or(name).clone();
                    by_meaning.entry(meaning).or_insert_with(|| name.clone());
                }
            }
            self.by_meaning.insert(table.clone(), by_meaning);
        }
        self.mapped = mapped::settle(kind, self)?;
        Ok(())
    }

    /// What the field of a table means; nothing where another field has taken its meaning.
    pub(super) fn meaning(&self, table: &str, field: &str) -> Option<&str> {
        let mut meanings = self.by_meaning.get(table)?.iter();
        meanings.find(|(_, name)| *name == field).map(|(meaning, _)| meaning.as_str())
    }

    /// Whether a field of a table with that meaning is listed.
    pub(super) fn means(&self, table: &str, meaning: &str) -> bool {
        self.by_meaning.get(table).is_some_and(|meanings| meanings.contains_key(meaning))
    }

    /// What travels beside, or otherwise than, the default pairs.
    pub fn mapping(&self) -> &KindMapping {
        &self.mapped.mapping
    }

    /// The fields of a table that are paired with additional fields of Graph: id of the target, field.
    pub fn additional(&self, area: InfoArea) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.mapped.fields.get(area.table_name()).into_iter().flatten();
        fields.map(|(id, field)| (id.as_str(), field.as_str()))
    }

    /// Takes fields off that are not `known`, and answers them: (table, field).
    pub(super) fn retain_known(
        &mut self,
        kind: Kind,
        known: impl Fn(&str, &str) -> bool,
    ) -> BTreeSet<(String, String)> {
        let mut unknown = BTreeSet::new();
        for (table, fields) in &mut self.tables {
            let by_meaning = self.by_meaning.entry(table.clone()).or_default();
            fields.retain(|field, _| {
                let keep = known(table, field);
                if !keep {
                    unknown.insert((table.clone(), field.clone()));
                    by_meaning.retain(|_, other| other != field);
                }
                keep
            });
        }
        // What was settled before stays settled with fewer fields; a pair may be off now.
        if let Ok(mapped) = mapped::settle(kind, self) {
            self.mapped = mapped;
        }
        unknown
    }

    /// The field with a meaning, if it is exchanged.
    pub fn field<'f>(&'f self, area: InfoArea, meaning: &'f str) -> Option<&'f str> {
        if let Some(by_meaning) = self.by_meaning.get(area.table_name()) {
            let companion = || {
                COMPANIONS
                    .iter()
                    .any(|(leader, with)| with.contains(&meaning) && by_meaning.contains_key(*leader))
            };
            return by_meaning.get(meaning).map(String::as_str).or_else(|| companion().then_some(meaning));
        }
        let exchanged = match area {
            // The participants of an activity are its fields `Participants` and `ParticipantID` in the forms of old.
            InfoArea::Participant | InfoArea::ToDo => {
                self.field(InfoArea::Activity, "Participants").is_some()
                    || self.field(InfoArea::Activity, "ParticipantID").is_some()
            }
            // Documents are switched by the connector, not by forms.
            InfoArea::Document | InfoArea::CustomerDocument => true,
            _ => false,
        };
        exchanged.then_some(meaning)
    }

    /// Whether a field is exchanged, by its name.
    pub fn exchanges(&self, area: InfoArea, field: &str) -> bool {
        match self.tables.get(area.table_name()) {
            Some(fields) => fields.contains_key(field) || self.field(area, field) == Some(field),
            None => self.field(area, field).is_some(),
        }
    }

    /// How many characters the field with a meaning takes; none means any number.
    pub(crate) fn length(&self, area: InfoArea, meaning: &str) -> Option<usize> {
        self.tables.get(area.table_name())?.get(self.field(area, meaning)?)?.length
    }
}

impl Field {
    fn read(kind: Kind, table: &str, element: &Element) -> Result<Self, XmlError> {
        let wrong = |text: String| XmlError::new(element.line, text);
        let meaning = element.attribute("as").map(str::trim).filter(|meaning| !meaning.is_empty());
        if let Some(meaning) =
            meaning.filter(|meaning| FIXED.contains(meaning) || FIXED_TABLES.contains(&table))
        {
            return Err(wrong(format!(
                "{table}.{meaning} is called the same in every template: no other field can stand for it"
            )));
        }
        let length = element
            .attribute("length")
            .map(|text| {
                text.trim().parse().map_err(|_| wrong(format!("\"{text}\" is no number of characters")))
            })
            .transpose()?;
        let (target, flow) = mapped::read(kind, table, element)?;
        if let (Some(meaning), Some(target)) = (meaning, &target) {
            let text = format!(
                "it cannot mean \"{meaning}\" and feed \"{}\" too: as and graph exclude each other",
                target.id
            );
            return Err(wrong(text));
        }
        Ok(Self { meaning: meaning.map(str::to_owned), length, target, flow, line: element.line })
    }
}
