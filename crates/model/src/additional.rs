//! Additional fields: what an administrator maps beside the fields that every item has.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Before the name of an additional field where fields of an item are named: `additional.nickName`.
pub const ADDITIONAL: &str = "additional.";

/// The value of an additional field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AdditionalValue {
    /// Yes or no. A side that says nothing says no.
    Boolean(bool),
    /// A whole number. A side that says nothing says 0: neither Outlook nor the CRM can empty a number.
    Integer(i64),
    /// Text; lines end in `\n`.
    Text(String),
    /// A day.
    Date {
        /// Which.
        date: Date,
    },
    /// A number with a fraction; as with whole numbers, nothing is 0.
    Decimal {
        /// Which.
        decimal: Decimal,
    },
}

impl AdditionalValue {
    /// Whether it says no more than a side that says nothing.
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Boolean(value) => !value,
            Self::Integer(value) => *value == 0,
            Self::Text(text) => text.is_empty(),
            Self::Date { .. } => false,
            Self::Decimal { decimal } => decimal.0 == "0",
        }
    }
}

/// As it stands in a field of the CRM: `true`, `12`, `2026-11-30`, `0.5`, or the text itself.
impl fmt::Display for AdditionalValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
            Self::Date { date } => write!(f, "{date}"),
            Self::Decimal { decimal } => f.write_str(&decimal.0),
        }
    }
}

/// A decimal number, always written the same way: shortest, without an exponent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(String);

/// A text that is no decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no number")]
pub struct NoDecimal(pub String);

impl Decimal {
    /// The number as IEEE 754 has it, which is how Outlook keeps it.
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or_default()
    }
}

impl FromStr for Decimal {
    type Err = NoDecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().parse::<f64>() {
            // -0 is 0.
            Ok(0.0) => Ok(Self("0".to_owned())),
            Ok(value) if value.is_finite() => Ok(Self(value.to_string())),
            _ => Err(NoDecimal(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Decimal {
    type Error = NoDecimal;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.0
    }
}

/// The additional fields of an item, by their names, which are those of Graph: a property such as `nickName`, or the
/// id of an extended property. Values that say nothing are not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Additional(BTreeMap<String, AdditionalValue>);

impl Additional {
    /// At most so many fields; Graph has to be asked for each by name, in one address.
    pub const MOST: usize = 32;
    /// At most so many characters in a text; what is longer is cut.
    pub const LONGEST: usize = 32_000;

    /// Sets a field. Nothing is set beyond [`Additional::MOST`] fields.
    pub fn set(&mut self, name: impl Into<String>, value: AdditionalValue) {
        let name = name.into();
        if value.is_nothing() {
            self.0.remove(&name);
        } else if self.0.len() < Self::MOST || self.0.contains_key(&name) {
            self.0.insert(name, cut(value));
        }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&AdditionalValue> {
        self.0.get(name)
    }

    /// All fields, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AdditionalValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn cut(value: AdditionalValue) -> AdditionalValue {
    match value {
        AdditionalValue::Text(mut text) => {
            if let Some((end, _)) = text.char_indices().nth(Additional::LONGEST) {
                text.truncate(end);
            }
            AdditionalValue::Text(text)
        }
        value => value,
    }
}

impl FromIterator<(String, AdditionalValue)> for Additional {
    fn from_iter<I: IntoIterator<Item = (String, AdditionalValue)>>(fields: I) -> Self {
        let mut additional = Self::default();
        fields.into_iter().for_each(|(name, value)| additional.set(name, value));
        additional
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_not_kept_and_no_more_than_the_most() {
        let mut additional = Additional::default();
        additional.set("a", AdditionalValue::Integer(0));
        additional.set("b", AdditionalValue::Decimal { decimal: "-0.0".parse().unwrap() });
        additional.set("c", AdditionalValue::Boolean(false));
        assert!(additional.is_empty());
        for number in 0..2 * Additional::MOST {
            additional.set(format!("f{number:03}"), AdditionalValue::Boolean(true));
        }
        assert_eq!(additional.iter().count(), Additional::MOST);
        additional.set("f000", AdditionalValue::Text("ä".repeat(Additional::LONGEST + 1)));
        let kept = additional.get("f000").unwrap().to_string();
        assert_eq!(kept.chars().count(), Additional::LONGEST);
    }

    #[test]
    fn decimals_are_written_in_one_way() {
        for (text, kept) in [("1.50", "1.5"), ("1E3", "1000"), (" -2.0 ", "-2"), ("-0", "0")] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string_kept(), kept);
        }
        for wrong in ["", "NaN", "inf", "1,5", "1e999"] {
            assert!(wrong.parse::<Decimal>().is_err(), "{wrong}");
        }
    }

    impl Decimal {
        fn to_string_kept(&self) -> &str {
            &self.0
        }
    }

    #[test]
    fn every_value_keeps_its_type_in_a_document() {
        let values = [
            AdditionalValue::Boolean(true),
            AdditionalValue::Integer(-7),
            AdditionalValue::Text("2026-11-30".into()),
            AdditionalValue::Text("1.5".into()),
            AdditionalValue::Date { date: "2026-11-30".parse().unwrap() },
            AdditionalValue::Decimal { decimal: "1.5".parse().unwrap() },
        ];
        for value in values {
            let json = serde_json::to_value(&value).unwrap();
            assert_eq!(serde_json::from_value::<AdditionalValue>(json).unwrap(), value);
        }
    }
}
