//! The forms in which a command takes and answers dates and catalog entries.
//!
//! Stored is always the date as `2026-11-30` and the entry's text in the base language. Our reading: the entry's number is
//! its record's id; a text that no entry has is taken as it is, as the CRM's catalogs can be extended by import.

use super::fault::Fault;
use crate::schema::{Field, FieldType};
use crate::storage::{Reading, Record, StorageError};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use tandem_crm_interface::language::{CatalogForm, DateOrder, Options};

/// Entries of one catalog are at most so many.
const MOST_ENTRIES: usize = 10_000;

/// The forms of one command.
#[derive(Debug, Default)]
pub(super) struct Forms {
    options: Options,
    german: bool,
    /// Catalogs by their numbers, each read once.
    catalogs: RefCell<BTreeMap<u32, Rc<Vec<Record>>>>,
}

impl Forms {
    pub(super) fn new(options: &Options, language: Option<&str>) -> Self {
        Self { options: options.clone(), german: language == Some("de"), catalogs: RefCell::default() }
    }

    /// A value of the command as it is stored. `by_key`: it is an external key, whatever the command says.
    pub(super) fn incoming(
        &self,
        reading: &Reading<'_>,
        field: &Field,
        value: &str,
        by_key: bool,
    ) -> Result<String, Fault> {
        if value.trim().is_empty() {
            return Ok(value.to_owned());
        }
        match (field.kind, self.options.dates_in, field.catalog) {
            (FieldType::Date, Some(order), _) => date_in(value, order).ok_or_else(|| {
                let text = format!("{}: \"{value}\" is no date in the order {}", field.name, order.as_str());
                Fault::invalid(text)
            }),
            (_, _, Some(catalog)) => self.entry(reading, field, catalog, value, by_key),
            _ if by_key => {
                Err(Fault::invalid(format!("{} takes no external key: it has no catalog", field.name)))
            }
            _ => Ok(value.to_owned()),
        }
    }

    fn entry(
        &self,
        reading: &Reading<'_>,
        field: &Field,
        catalog: u32,
        value: &str,
        by_key: bool,
    ) -> Result<String, Fault> {
        let form = if by_key { CatalogForm::Key } else { self.options.catalogs };
        let entries = self.entries(reading, catalog)?;
        let found = entries.iter().find(|entry| match form {
            CatalogForm::Text => ["TextEn", "TextDe"].iter().any(|text| entry.get(text) == value),
            CatalogForm::Number => entry.target.id.to_string() == value.trim(),
            CatalogForm::Key => entry.get("ExtKey") == value.trim(),
            CatalogForm::Combined(_) => ["TextEn", "TextDe"].iter().any(|text| {
                form.combine(entry.get("ExtKey"), entry.get(text)).as_deref() == Some(value.trim())
            }),
        });
        match (found, form) {
            (Some(entry), _) => Ok(entry.get("TextEn").to_owned()),
            (None, CatalogForm::Text) => Ok(value.to_owned()),
            (None, _) => {
                let text = format!("{}: catalog {catalog} has no entry \"{value}\"", field.name);
                Err(Fault::invalid(text))
            }
        }
    }

    /// A stored value as the command answers it.
    pub(super) fn outgoing(
        &self,
        reading: &Reading<'_>,
        field: &Field,
        value: &str,
    ) -> Result<String, StorageError> {
        match (field.kind, self.options.dates_out, field.catalog) {
            _ if value.is_empty() => Ok(String::new()),
            (FieldType::Date, Some(order), _) => Ok(date_out(value, order)),
            (_, _, Some(catalog)) => {
                let entries = self.entries(reading, catalog)?;
                let found = entries.iter().find(|entry| entry.get("TextEn") == value);
                Ok(found.map_or_else(|| value.to_owned(), |entry| self.named(entry)))
            }
            _ => Ok(value.to_owned()),
        }
    }

    fn named(&self, entry: &Record) -> String {
        let (key, text) = (entry.get("ExtKey"), self.text(entry));
        match self.options.catalogs {
            CatalogForm::Text => text.to_owned(),
            CatalogForm::Number => entry.target.id.to_string(),
            CatalogForm::Key => key.to_owned(),
            form @ CatalogForm::Combined(_) => form.combine(key, text).unwrap_or_default(),
        }
    }

    /// The text of a catalog entry in the session's language, or in the base language where it has none.
    pub(super) fn text<'r>(&self, entry: &'r Record) -> &'r str {
        let german = Some(entry.get("TextDe")).filter(|text| self.german && !text.is_empty());
        german.unwrap_or_else(|| entry.get("TextEn"))
    }

    pub(super) fn entries(
        &self,
        reading: &Reading<'_>,
        catalog: u32,
    ) -> Result<Rc<Vec<Record>>, StorageError> {
        if let Some(entries) = self.catalogs.borrow().get(&catalog) {
            return Ok(Rc::clone(entries));
        }
        let number = catalog.to_string();
        let entries = Rc::new(reading.find("KA", &[("CatNo", number.as_str())], MOST_ENTRIES)?);
        self.catalogs.borrow_mut().insert(catalog, Rc::clone(&entries));
        Ok(entries)
    }
}

/// A date with anything but digits between its parts, or with nothing: the year has four digits then.
fn date_in(value: &str, order: DateOrder) -> Option<String> {
    let value = value.trim();
    let numbers: Vec<&str> = if value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let at =
            if matches!(order, DateOrder::YearMonthDay | DateOrder::YearDayMonth) { [4, 6] } else { [2, 4] };
        vec![value.get(..at[0])?, value.get(at[0]..at[1])?, value.get(at[1]..)?]
    } else {
        value.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect()
    };
    let [first, second, third] = numbers.as_slice() else { return None };
    let (year, month, day) = match order {
        DateOrder::DayMonthYear => (third, second, first),
        DateOrder::MonthDayYear => (third, first, second),
        DateOrder::YearMonthDay => (first, second, third),
        DateOrder::YearDayMonth => (first, third, second),
    };
    Some(Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?.to_string())
}

/// Parts with hyphens after a year, with points before one (ours: the guide names the order only).
fn date_out(value: &str, order: DateOrder) -> String {
    let mut parts = value.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return value.to_owned();
    };
    match order {
        DateOrder::DayMonthYear => format!("{day}.{month}.{year}"),
        DateOrder::MonthDayYear => format!("{month}.{day}.{year}"),
        DateOrder::YearMonthDay => format!("{year}-{month}-{day}"),
        DateOrder::YearDayMonth => format!("{year}-{day}-{month}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_their_order() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearDayMonth, YearMonthDay};
        let cases = [
            ("20261130", YearMonthDay),
            ("30112026", DayMonthYear),
            ("30.11.2026", DayMonthYear),
            ("11/30/2026", MonthDayYear),
            ("2026-30-11", YearDayMonth),
            ("2026-11-30", YearMonthDay),
        ];
        for (text, order) in cases {
            assert_eq!(date_in(text, order).as_deref(), Some("2026-11-30"), "{text}");
            assert_eq!(date_in(&date_out("2026-11-30", order), order).as_deref(), Some("2026-11-30"));
        }
        assert_eq!(date_in("30.11.2026", MonthDayYear), None);
        assert_eq!(date_in("30.11", DayMonthYear), None);
    }
}
