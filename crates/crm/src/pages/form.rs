//! A record's form: made from the data model, and read again into changes.

use super::link;
use super::sheet::{Choice, Input, Sheet, Sheets, Tab};
use crate::language::rights::Rights;
use crate::schema::{Field, FieldType, Table};
use crate::storage::{Fields, Reading, Record, StorageError, hexadecimal};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tandem_web::{Language, Posted, Words};

/// A field as the page shows it.
#[derive(Debug)]
pub(super) struct Shown {
    pub name: String,
    pub label: String,
    pub help: String,
    pub kind: &'static str,
    pub value: String,
    pub options: Vec<Item>,
    pub required: bool,
    /// At most so many characters.
    pub length: Option<usize>,
    pub error: Option<String>,
    /// A digest of what the record held when the form was made, by which the next save sees what changed.
    pub was: String,
}

impl Shown {
    /// Whether something is said below it.
    pub(super) fn described(&self) -> bool {
        self.error.is_some() || !self.help.is_empty()
    }
}

/// Something to choose.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub value: String,
    pub text: String,
    pub selected: bool,
}

/// What stands in a form that was sent: as it was written, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Entered {
    pub values: BTreeMap<String, String>,
    pub errors: BTreeMap<String, String>,
    /// What the record shall hold.
    pub fields: Fields,
}

/// What forms are made from.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub reading: &'a Reading<'a>,
    pub sheets: &'a Sheets,
    pub sheet: &'a Sheet,
    pub table: &'a Table,
    pub rights: &'a Rights,
    pub words: Words<'a>,
}

impl Desk<'_> {
    /// The form of a tab, filled from the record, or from what was entered before.
    pub(super) fn form(
        &self,
        tab: &Tab,
        record: &Record,
        entered: &Entered,
    ) -> Result<Vec<Shown>, StorageError> {
        tab.inputs().map(|input| self.shown(input, record, entered)).collect()
    }

    fn shown(&self, input: Input<'_>, record: &Record, entered: &Entered) -> Result<Shown, StorageError> {
        let (name, held) = (key(input), self.held(input, record)?);
        let value = entered.values.get(name).unwrap_or(&held).clone();
        let label = self.words.say(&format!("field.{}", label(input))).to_owned();
        let mut shown = Shown {
            name: name.to_owned(),
            label,
            help: self.words.find(&format!("help.{name}")).unwrap_or_default().to_owned(),
            kind: "text",
            options: Vec::new(),
            required: false,
            length: None,
            error: entered.errors.get(name).cloned(),
            was: digest(&held),
            value,
        };
        match input {
            Input::Link { .. } => self.words.say("page.link_help").clone_into(&mut shown.help),
            Input::Field { name, required } => {
                let Some(field) = self.table.field(name) else { return Ok(shown) };
                shown.required = required;
                shown.length = field.length;
                shown.kind = kind(field);
                if let Some(choice) = self.sheets.choice(&self.sheet.area, field) {
                    shown.kind = "select";
                    shown.options = self.options(&choice, &shown.value, required)?;
                }
            }
        }
        Ok(shown)
    }

    /// What a record holds for an input, as a form shows it.
    fn held(&self, input: Input<'_>, record: &Record) -> Result<String, StorageError> {
        match input {
            Input::Field { name, .. } => Ok(record.get(name).to_owned()),
            Input::Link { area } => link::shown(self.reading, record, area),
        }
    }

    /// What there is to choose, with what is chosen now, which may be none of it.
    pub(super) fn options(
        &self,
        choice: &Choice,
        chosen: &str,
        required: bool,
    ) -> Result<Vec<Item>, StorageError> {
        let item = |value: &str, text: &str| Item {
            value: value.to_owned(),
            text: text.to_owned(),
            selected: value == chosen,
        };
        let mut items = match choice {
            Choice::Words(words) => {
                words.iter().map(|word| item(word, self.words.say(&format!("word.{word}")))).collect()
            }
            Choice::Reps => {
                let reps = self.reading.select(
                    "ID",
                    "_deleted = 0 ORDER BY \"Name\" COLLATE NOCASE",
                    &[],
                    10_000,
                )?;
                reps.iter().map(|rep| item(rep.get("RepID"), rep.get("Name"))).collect::<Vec<_>>()
            }
            Choice::Rights => {
                let rights = self.reading.find("RI", &[], 1_000)?;
                rights.iter().map(|right| item(right.get("Name"), right.get("Name"))).collect()
            }
            Choice::Catalog(number) => {
                let mut entries = self.reading.find("KA", &[("CatNo", &number.to_string())], 10_000)?;
                entries.retain(|entry| !entry.is("Locked"));
                let text = |entry: &Record| catalog_text(entry, self.words.language);
                entries.iter().map(|entry| item(entry.get("TextEn"), &text(entry))).collect()
            }
        };
        if !required || chosen.is_empty() {
            items.insert(0, item("", "–"));
        }
        if !chosen.is_empty() && items.iter().all(|item| !item.selected) {
            items.push(item(chosen, chosen));
        }
        Ok(items)
    }

    /// What was entered into a tab. Fields that were not sent are left as they are, and what the record holds already is
    /// not held against rules that it may have been written without.
    pub(super) fn read(&self, tab: &Tab, record: &Record, posted: &Posted) -> Result<Entered, StorageError> {
        let mut entered = Entered::default();
        for input in tab.inputs() {
            let name = key(input);
            let Some(value) = posted.get(name).map(one_line_ends) else { continue };
            let unchanged = value == one_line_ends(&self.held(input, record)?);
            let read = match input {
                Input::Link { .. } if unchanged => Ok(Fields::new()),
                Input::Link { area } => {
                    let found = link::follow(self.reading, self.rights, self.table, area, value.trim())?;
                    found.map_err(|key| self.words.say(key).to_owned())
                }
                Input::Field { name, .. } if unchanged && !value.trim().is_empty() => {
                    Ok(Fields::from([(name.to_owned(), value.clone())]))
                }
                Input::Field { name, required } => {
                    let value = self.value(name, required, &value);
                    value.map(|value| Fields::from([(name.to_owned(), value)]))
                }
            };
            match read {
                Ok(fields) => entered.fields.extend(fields),
                Err(text) => drop(entered.errors.insert(name.to_owned(), text)),
            }
            entered.values.insert(name.to_owned(), value);
        }
        if let Some(rep) = entered.fields.get("RepID").filter(|_| self.table.field("Rep").is_some()).cloned()
        {
            let name = self.reading.find("ID", &[("RepID", &rep)], 1)?.pop();
            let name = name.map(|rep| rep.get("Name").to_owned()).unwrap_or_default();
            entered.fields.insert("Rep".to_owned(), name);
        }
        self.check_period(&mut entered);
        Ok(entered)
    }

    fn value(&self, name: &str, required: bool, value: &str) -> Result<String, String> {
        let say = |key: &str| self.words.say(key).to_owned();
        let Some(field) = self.table.field(name) else { return Err(say("page.nothing_found")) };
        let value = if field.kind == FieldType::Memo { value } else { value.trim() };
        let value = field.normalise(value).map_err(|_| say(wrong(field.kind)))?;
        if required && value.trim().is_empty() {
            return Err(say("page.required"));
        }
        if field.cut(&value).is_some() {
            return Err(self.words.fill("page.too_long", field.length.unwrap_or_default()));
        }
        if field.kind == FieldType::Email && !value.is_empty() && !is_address(&value) {
            return Err(say("page.bad_email"));
        }
        if name == "TimeZone" && !value.is_empty() && jiff::tz::TimeZone::get(&value).is_err() {
            return Err(say("page.bad_zone"));
        }
        Ok(value)
    }

    fn check_period(&self, entered: &mut Entered) {
        let Some((from, to)) = &self.sheet.period else { return };
        let fields = &entered.fields;
        let moment = |names: &[String]| {
            let date = fields.get(names.first()?).filter(|date| !date.is_empty())?;
            let time = names.get(1).and_then(|name| fields.get(name)).map_or("", String::as_str);
            Some((date.clone(), time.to_owned()))
        };
        let (Some(start), Some(end)) = (moment(from), moment(to)) else { return };
        let open = start.1.is_empty() || end.1.is_empty();
        if end.0 < start.0 || (end.0 == start.0 && !open && end.1 < start.1) {
            let text = self.words.say("page.bad_period").to_owned();
            entered.errors.extend(to.first().map(|name| (name.clone(), text)));
        }
    }

    /// Marks what changed since the form was made; answers whether something on this tab did.
    pub(super) fn mark_changed(
        &self,
        tab: &Tab,
        record: &Record,
        posted: &Posted,
        entered: &mut Entered,
    ) -> Result<bool, StorageError> {
        let mut any = false;
        for input in tab.inputs() {
            let (name, held) = (key(input), self.held(input, record)?);
            let was = posted.get(&format!("_was.{name}"));
            if was.is_some_and(|was| was != digest(&held)) {
                any = true;
                let text = match held.as_str() {
                    "" => self.words.say("page.now_empty").to_owned(),
                    held => self.words.fill("page.now_holds", held),
                };
                entered.errors.insert(name.to_owned(), text);
            }
        }
        Ok(any)
    }
}

/// The name of an input in a form.
fn key(input: Input<'_>) -> &str {
    match input {
        Input::Field { name, .. } => name,
        Input::Link { area: "KP" } => "@person",
        Input::Link { .. } => "@company",
    }
}

fn label(input: Input<'_>) -> &str {
    match input {
        Input::Field { name, .. } => name,
        Input::Link { area: "KP" } => "Person",
        Input::Link { .. } => "Company",
    }
}

fn kind(field: &Field) -> &'static str {
    match field.kind {
        FieldType::Text | FieldType::Decimal => "text",
        FieldType::Memo | FieldType::Blob => "memo",
        FieldType::Number => "number",
        FieldType::Bool => "bool",
        FieldType::Date => "date",
        FieldType::Time => "time",
        FieldType::Email => "email",
    }
}

fn wrong(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Number => "page.bad_number",
        FieldType::Decimal => "page.bad_decimal",
        FieldType::Date => "page.bad_date",
        FieldType::Time => "page.bad_time",
        FieldType::Bool => "page.bad_bool",
        _ => "page.nothing_found",
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        && !text.contains(char::is_whitespace)
}

/// Browsers end the lines of a form with CR LF (HTML, form submission); records hold LF.
fn one_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// An entry's text in a language, or in the base language where it has none.
pub(super) fn catalog_text(entry: &Record, language: Language) -> String {
    let german = Some(entry.get("TextDe")).filter(|text| language == Language::German && !text.is_empty());
    german.unwrap_or_else(|| entry.get("TextEn")).to_owned()
}

/// Enough of a digest to see that something changed. Records from elsewhere may hold CR LF; that is no change.
fn digest(text: &str) -> String {
    hexadecimal(&Sha256::digest(one_line_ends(text))[..6])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_both_halves() {
        assert!(is_address("ann@acme.example"));
        for wrong in ["ann", "@acme.example", "ann@", "ann arbor@acme.example"] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_browsers_line_ends_are_no_change() {
        assert_eq!(digest("a\r\nb"), digest("a\nb"));
        assert_ne!(digest("a"), digest("b"));
    }
}
