//! A value as lists and headings show it.

use super::form::catalog_text;
use super::sheet::{Choice, Sheet, Sheets};
use crate::schema::FieldType;
use crate::storage::{Reading, Record, StorageError};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tandem_web::Words;

/// Longer texts are cut in lists, to so many characters.
const LONGEST: usize = 80;

/// Reads values for one page, each name of a rep once.
pub(super) struct Cells<'a> {
    reading: &'a Reading<'a>,
    sheets: &'a Sheets,
    words: Words<'a>,
    texts: RefCell<BTreeMap<(String, String), String>>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(reading: &'a Reading<'a>, sheets: &'a Sheets, words: Words<'a>) -> Self {
        Self { reading, sheets, words, texts: RefCell::default() }
    }

    /// The value of a field in words.
    pub(super) fn of(&self, record: &Record, name: &str) -> Result<String, StorageError> {
        let area = record.target.area.as_str();
        let field = self.reading.schema().table(area).and_then(|table| table.field(name));
        let (Some(field), value) = (field, record.get(name)) else { return Ok(String::new()) };
        if field.kind == FieldType::Bool {
            return Ok(if value == "true" { self.words.say("page.yes").to_owned() } else { String::new() });
        }
        match self.sheets.choice(area, field) {
            Some(choice) if !value.is_empty() => self.text(&choice, value),
            _ => Ok(cut(value)),
        }
    }

    fn text(&self, choice: &Choice, value: &str) -> Result<String, StorageError> {
        let place = (format!("{choice:?}"), value.to_owned());
        if let Some(known) = self.texts.borrow().get(&place) {
            return Ok(known.clone());
        }
        let found = match choice {
            Choice::Words(words) if words.iter().any(|word| word == value) => {
                Some(self.words.say(&format!("word.{value}")).to_owned())
            }
            Choice::Words(_) | Choice::Rights => None,
            Choice::Reps => {
                let rep = self.reading.find("ID", &[("RepID", value)], 1)?.pop();
                rep.map(|rep| rep.get("Name").to_owned())
            }
            Choice::Catalog(number) => {
                let values = [("CatNo", number.to_string()), ("TextEn", value.to_owned())];
                let values = [(values[0].0, values[0].1.as_str()), (values[1].0, values[1].1.as_str())];
                let entry = self.reading.find("KA", &values, 1)?.pop();
                entry.map(|entry| catalog_text(&entry, self.words.language))
            }
        };
        let text = found.unwrap_or_else(|| cut(value));
        self.texts.borrow_mut().insert(place, text.clone());
        Ok(text)
    }

    /// What a record is called.
    pub(super) fn name(&self, sheet: &Sheet, record: &Record) -> Result<String, StorageError> {
        let parts = sheet.name.iter().map(|field| self.of(record, field)).collect::<Result<Vec<_>, _>>()?;
        let parts = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        Ok(if parts.is_empty() { self.words.say("page.nameless").to_owned() } else { parts.join(" ") })
    }
}

/// The first characters of the first line.
pub(super) fn cut(value: &str) -> String {
    let line = value.lines().next().unwrap_or_default();
    let more = line.chars().count() > LONGEST || line.len() < value.trim_end().len();
    let start = line.chars().take(LONGEST).collect::<String>();
    if more { format!("{}…", start.trim_end()) } else { start }
}
