//! How the tables look on the pages: data, read once and held against the data model.

use crate::schema::{Field, Schema, SchemaError, Table};
use serde::Deserialize;
use std::collections::BTreeMap;

const FILE: &str = include_str!("sheets.toml");

/// A table's pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheet {
    pub area: String,
    /// The first part of the addresses of its pages.
    pub slug: String,
    /// Whether its pages are for administrators.
    #[serde(default)]
    pub administrator: bool,
    /// The fields that name a record.
    pub name: Vec<String>,
    /// The fields that lists show.
    pub columns: Vec<String>,
    /// The order of lists: `-` turns it round, `+` takes texts as numbers.
    sort: Vec<String>,
    /// The fields in which words are looked for.
    pub search: Vec<String>,
    /// Tables whose records are shown below a record.
    pub related: Vec<String>,
    /// The fields of a beginning and of an end, which must not come before it.
    #[serde(default)]
    pub period: Option<(Vec<String>, Vec<String>)>,
    pub tabs: Vec<Tab>,
}

/// A tab of a record's page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tab {
    /// The key of its text in section `tab`.
    pub name: String,
    fields: Vec<String>,
}

/// Something that is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input<'s> {
    /// A field.
    Field { name: &'s str, required: bool },
    /// A record of another table, which is looked up by its name or address.
    Link { area: &'static str },
}

impl Tab {
    /// What is filled in on it.
    pub(super) fn inputs(&self) -> impl Iterator<Item = Input<'_>> {
        self.fields.iter().map(|word| match word.as_str() {
            "@person" => Input::Link { area: "KP" },
            "@company" => Input::Link { area: "FI" },
            word => {
                let name = word.strip_suffix('*');
                Input::Field { name: name.unwrap_or(word), required: name.is_some() }
            }
        })
    }
}

impl Sheet {
    /// The order of lists as SQL. Names are the data model's own.
    pub(super) fn order(&self) -> String {
        let terms = self.sort.iter().map(|word| match word.split_at_checked(1) {
            Some(("-", name)) => format!("\"{name}\" DESC"),
            Some(("+", name)) => format!("CAST(\"{name}\" AS INTEGER)"),
            _ => format!("\"{word}\" COLLATE NOCASE"),
        });
        terms.chain(["_id DESC".to_owned()]).collect::<Vec<_>>().join(", ")
    }

    /// All fields that are named, however.
    fn named(&self) -> impl Iterator<Item = &str> {
        let period = self.period.iter().flat_map(|(from, to)| from.iter().chain(to));
        let plain =
            self.name.iter().chain(&self.columns).chain(&self.search).chain(period).map(String::as_str);
        let sorts = self.sort.iter().map(|word| word.trim_start_matches(['-', '+']));
        let inputs = self.tabs.iter().flat_map(Tab::inputs).filter_map(|input| match input {
            Input::Field { name, .. } => Some(name),
            Input::Link { .. } => None,
        });
        plain.chain(sorts).chain(inputs)
    }
}

/// What a field offers to choose from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceEntry {
    fields: Vec<String>,
    #[serde(default)]
    of: Option<Of>,
    #[serde(default)]
    catalog: Option<u32>,
    #[serde(default)]
    words: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Reps,
    Rights,
}

/// From where a field's values are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// Reps, by `RepID`.
    Reps,
    /// Rights, by name.
    Rights,
    /// The entries of a catalog, by their text in the base language.
    Catalog(u32),
    /// Words whose texts are in section `word`.
    Words(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sheet: Vec<Sheet>,
    choice: Vec<ChoiceEntry>,
}

/// All sheets.
#[derive(Debug)]
pub(super) struct Sheets {
    all: Vec<Sheet>,
    choices: BTreeMap<String, Choice>,
}

impl Sheets {
    /// Reads the sheets; a field that the data model does not have is an error.
    pub(super) fn read(schema: &Schema) -> Result<Self, SchemaError> {
        let file: File = toml::from_str(FILE)?;
        for sheet in &file.sheet {
            let table = table(schema, &sheet.area)?;
            if let Some(name) = sheet.named().find(|name| table.field(name).is_none()) {
                return Err(SchemaError::Inconsistent(format!(
                    "a page shows {}.{name}, which does not exist",
                    sheet.area
                )));
            }
            for area in &sheet.related {
                if schema.link(&sheet.area, area).is_none() {
                    return Err(SchemaError::Inconsistent(format!("{} is not linked to {area}", sheet.area)));
                }
            }
        }
        let mut choices = BTreeMap::new();
        for entry in file.choice {
            let choice = match (entry.of, entry.catalog) {
                (Some(Of::Reps), _) => Choice::Reps,
                (Some(Of::Rights), _) => Choice::Rights,
                (None, Some(number)) => Choice::Catalog(number),
                (None, None) => Choice::Words(entry.words),
            };
            choices.extend(entry.fields.into_iter().map(|field| (field, choice.clone())));
        }
        Ok(Self { all: file.sheet, choices })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Sheet> {
        self.all.iter()
    }

    pub(super) fn of(&self, area: &str) -> Option<&Sheet> {
        self.all.iter().find(|sheet| sheet.area == area)
    }

    /// From where the values of a field come: its catalog in the data model, or what the sheets say.
    pub(super) fn choice(&self, area: &str, field: &Field) -> Option<Choice> {
        let catalog = field.catalog.map(Choice::Catalog);
        catalog.or_else(|| self.choices.get(&format!("{area}.{}", field.name)).cloned())
    }
}

fn table<'s>(schema: &'s Schema, area: &str) -> Result<&'s Table, SchemaError> {
    schema
        .table(area)
        .ok_or_else(|| SchemaError::Inconsistent(format!("a page shows table {area}, which does not exist")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_web::{Language, Texts};

    #[test]
    fn sheets_fit_the_data_model_and_have_their_texts() {
        let schema = Schema::builtin().unwrap();
        let sheets = Sheets::read(&schema).unwrap();
        let texts = Texts::read(&[crate::pages::TEXTS]).unwrap();
        let words = texts.words(Language::German);
        let mut keys = Vec::new();
        for sheet in sheets.iter() {
            keys.extend(["title", "new"].map(|text| format!("{}.{text}", sheet.slug)));
            keys.extend(sheet.tabs.iter().map(|tab| format!("tab.{}", tab.name)));
            keys.extend(sheet.named().map(|name| format!("field.{name}")));
        }
        for choice in sheets.choices.values() {
            if let Choice::Words(all) = choice {
                keys.extend(all.iter().map(|word| format!("word.{word}")));
            }
        }
        for key in keys {
            assert!(words.find(&key).is_some(), "there is no text {key}");
        }
    }

    #[test]
    fn the_reps_have_the_guides_tabs() {
        let sheets = Sheets::read(&Schema::builtin().unwrap()).unwrap();
        let names = sheets.of("ID").unwrap().tabs.iter().map(|tab| tab.name.as_str()).collect::<Vec<_>>();
        let expected = [
            "person",
            "rights",
            "settings",
            "access_times",
            "contact_data",
            "configurations",
            "connector_settings",
        ];
        assert_eq!(names, expected);
    }
}
