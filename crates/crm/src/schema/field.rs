//! Fields: their types, and what text they take.

use jiff::civil::{Date, Time};
use tandem_mapping::CrmType;
use tandem_model::Decimal;

/// A field of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name in CRM.interface.
    pub name: String,
    /// What it holds.
    pub kind: FieldType,
    /// At most so many characters, unless `settings.xml` says that field contents are not truncated; none means
    /// unbounded.
    pub length: Option<usize>,
    /// The number of the catalog from which its values come.
    pub catalog: Option<u32>,
}

/// What a field holds. On the wire and in storage every value is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// A line of text.
    Text,
    /// Text of any length.
    Memo,
    /// A whole number.
    Number,
    /// A number with a fraction, written the shortest way.
    Decimal,
    /// `true` or `false`; empty reads as `false`.
    Bool,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM`.
    Time,
    /// An e-mail address; people are found by it.
    Email,
    /// The content of a document: base64 on the wire, kept apart from the record.
    Blob,
}

impl FieldType {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "memo" => Self::Memo,
            "number" => Self::Number,
            "decimal" => Self::Decimal,
            "bool" => Self::Bool,
            "date" => Self::Date,
            "time" => Self::Time,
            "email" => Self::Email,
            "blob" => Self::Blob,
            _ => return None,
        })
    }
}

impl From<FieldType> for CrmType {
    fn from(kind: FieldType) -> Self {
        match kind {
            FieldType::Text | FieldType::Memo | FieldType::Email => CrmType::Text,
            FieldType::Number => CrmType::Number,
            FieldType::Decimal => CrmType::Decimal,
            FieldType::Bool => CrmType::Bool,
            FieldType::Date => CrmType::Date,
            FieldType::Time => CrmType::Time,
            FieldType::Blob => CrmType::Other,
        }
    }
}

impl Field {
    /// The value as it is stored, or what is wrong with it. Its length is not looked at.
    pub fn normalise(&self, value: &str) -> Result<String, String> {
        let trimmed = value.trim();
        match self.kind {
            FieldType::Text | FieldType::Email | FieldType::Memo => Ok(value.to_owned()),
            _ if trimmed.is_empty() => Ok(String::new()),
            FieldType::Number => trimmed
                .parse::<i64>()
                .map(|number| number.to_string())
                .map_err(|_| format!("\"{trimmed}\" is no whole number")),
            FieldType::Decimal => trimmed
                .parse::<Decimal>()
                .map(String::from)
                .map_err(|_| format!("\"{trimmed}\" is no number like 0.5")),
            FieldType::Bool => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "1" => Ok("true".to_owned()),
                "false" | "0" => Ok("false".to_owned()),
                _ => Err(format!("\"{trimmed}\" is neither true nor false")),
            },
            FieldType::Date => trimmed
                .parse::<Date>()
                .map(|date| date.to_string())
                .map_err(|_| format!("\"{trimmed}\" is no date like 2026-11-30")),
            FieldType::Time => trimmed
                .parse::<Time>()
                .map(|time| format!("{:02}:{:02}", time.hour(), time.minute()))
                .map_err(|_| format!("\"{trimmed}\" is no time like 14:30")),
            FieldType::Blob => Ok(trimmed.to_owned()),
        }
    }

    /// The part of a value that fits into the field, if not all of it does.
    pub fn cut<'v>(&self, value: &'v str) -> Option<&'v str> {
        let (end, _) = value.char_indices().nth(self.length?)?;
        Some(&value[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldType, length: Option<usize>) -> Field {
        Field { name: "F".into(), kind, length, catalog: None }
    }

    #[test]
    fn values_are_stored_in_one_form() {
        assert_eq!(field(FieldType::Bool, None).normalise(" 1 "), Ok("true".into()));
        assert_eq!(field(FieldType::Number, None).normalise("007"), Ok("7".into()));
        assert_eq!(field(FieldType::Decimal, None).normalise("1.50"), Ok("1.5".into()));
        assert_eq!(field(FieldType::Time, None).normalise("09:05:00"), Ok("09:05".into()));
        assert_eq!(field(FieldType::Date, None).normalise(""), Ok(String::new()));
        assert!(field(FieldType::Date, None).normalise("30.11.2026").is_err());
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(field(FieldType::Text, Some(3)).cut("äöüß"), Some("äöü"));
        assert_eq!(field(FieldType::Text, Some(4)).cut("äöüß"), None);
        assert_eq!(field(FieldType::Memo, None).cut("äöüß"), None);
    }
}
