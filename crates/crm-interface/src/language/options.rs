//! What any command can say of the form of its values.
//!
//! Public: administrator guide of CRM.interface, *Command attributes* and *Working with transactions*.

use super::attributes::WriteError;
use crate::xml::{Element, Problem, ReadError, Writer};

/// The forms in which a command takes and answers values, and whether it is done wholly or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// How catalog entries are named.
    pub catalogs: CatalogForm,
    /// The order of day, month and year in the command; none means dates as `2026-11-30`.
    pub dates_in: Option<DateOrder>,
    /// The same in its answer.
    pub dates_out: Option<DateOrder>,
    /// `transaction`: everything that the command writes is kept, or nothing.
    pub transaction: bool,
}

/// How a catalog entry is named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CatalogForm {
    /// By its text in the session's language.
    #[default]
    Text,
    /// `catbynum`: by its number.
    Number,
    /// `catexkeys`: by its external key.
    Key,
    /// `catformat`: external key and text together, in one of the guide's nine ways; it comes before the other two.
    Combined(u8),
}

impl CatalogForm {
    /// External key and text as this form writes them together; none for the other forms.
    pub fn combine(self, key: &str, text: &str) -> Option<String> {
        let Self::Combined(way) = self else { return None };
        Some(match way {
            1 => format!("[{key}] {text}"),
            2 => format!("{text} [{key}]"),
            3 => format!("({key}) {text}"),
            4 => format!("{text} ({key})"),
            5 => format!("{key}-{text}"),
            6 => format!("{key}|{text}"),
            7 => format!("{key} - {text}"),
            8 => format!("{key} | {text}"),
            _ => format!("{key} {text}"),
        })
    }
}

/// An order of day, month and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `dmy`
    DayMonthYear,
    /// `mdy`
    MonthDayYear,
    /// `ymd`
    YearMonthDay,
    /// `ydm`
    YearDayMonth,
}

impl DateOrder {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::DayMonthYear, Self::MonthDayYear, Self::YearMonthDay, Self::YearDayMonth];

    /// As it stands in the attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DayMonthYear => "dmy",
            Self::MonthDayYear => "mdy",
            Self::YearMonthDay => "ymd",
            Self::YearDayMonth => "ydm",
        }
    }
}

pub(super) fn write(w: &mut Writer, options: &Options) -> Result<(), WriteError> {
    w.flag("transaction", options.transaction);
    match options.catalogs {
        CatalogForm::Text => {}
        CatalogForm::Number => {
            w.flag("catbynum", true);
        }
        CatalogForm::Key => {
            w.flag("catexkeys", true);
        }
        CatalogForm::Combined(way @ 1..=9) => {
            w.plain_attribute("catformat", way);
        }
        CatalogForm::Combined(_) => return Err(WriteError::Incomplete("catformat has nine ways, 1 to 9")),
    }
    w.attribute_if("dateformatin", options.dates_in.map(DateOrder::as_str));
    w.attribute_if("dateformatout", options.dates_out.map(DateOrder::as_str));
    Ok(())
}

pub(super) fn read(element: &Element<'_>) -> Result<Options, ReadError> {
    let (by_number, by_key) = (element.flag("catbynum")?, element.flag("catexkeys")?);
    let combined = element.parse_attribute::<u8>("catformat", "one of the nine catalog formats, 1 to 9")?;
    let catalogs = match (combined, by_number, by_key) {
        (Some(way @ 1..=9), ..) => CatalogForm::Combined(way),
        (Some(way), ..) => {
            return Err(element.invalid(&way.to_string(), "one of the nine catalog formats, 1 to 9"));
        }
        (None, true, true) => {
            let why = "catbynum and catexkeys cannot both be set";
            return Err(element.error(Problem::Mismatch(why.to_owned())));
        }
        (None, true, false) => CatalogForm::Number,
        (None, false, true) => CatalogForm::Key,
        (None, false, false) => CatalogForm::Text,
    };
    Ok(Options {
        catalogs,
        dates_in: date_order(element, "dateformatin")?,
        dates_out: date_order(element, "dateformatout")?,
        transaction: element.flag("transaction")?,
    })
}

fn date_order(element: &Element<'_>, name: &str) -> Result<Option<DateOrder>, ReadError> {
    let Some(word) = element.attribute(name) else { return Ok(None) };
    let known = DateOrder::ALL.into_iter().find(|order| order.as_str().eq_ignore_ascii_case(word.trim()));
    known.map(Some).ok_or_else(|| element.invalid(word, "dmy, mdy, ymd or ydm"))
}
