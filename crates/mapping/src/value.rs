//! Values: what a field of the CRM holds, what Graph's JSON holds, and what both mean.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use tandem_model::{AdditionalValue, Decimal};

/// The first day that Outlook takes for *None* ([MS-OXOTASK], 2.2.2.2.4 and elsewhere).
const NO_DATE: i16 = 4501;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    Text,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer {
        /// The greatest; the smallest is one less than its negative.
        most: i64,
    },
    /// A number with a fraction.
    Decimal,
    /// A day; Graph keeps the midnight in UTC at which it begins.
    Date,
}

/// How Graph writes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As JSON of its type: a property.
    Json,
    /// As text, whatever the type, and never as null: an extended property.
    Text,
}

/// What a field of a CRM holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmType {
    /// Text of any length.
    Text,
    /// A whole number.
    Number,
    /// A number with a fraction.
    Decimal,
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// Something else.
    Other,
}

/// A value that the other side cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{value}\" is no {expected}")]
pub struct DoesNotFit {
    /// The value.
    pub value: String,
    /// What was expected.
    pub expected: String,
}

impl ValueType {
    /// What it is called, as in "a field of the CRM that holds …".
    pub fn name(self) -> &'static str {
        match self {
            ValueType::Text => "text",
            ValueType::Boolean => "yes or no",
            ValueType::Integer { .. } => "whole number",
            ValueType::Decimal => "number with a fraction",
            ValueType::Date => "date",
        }
    }

    /// Whether a field of the CRM can hold all of its values.
    pub fn fits(self, crm: CrmType) -> bool {
        matches!(
            (self, crm),
            (ValueType::Text, CrmType::Text)
                | (ValueType::Boolean, CrmType::Bool)
                | (ValueType::Integer { .. }, CrmType::Number)
                | (ValueType::Decimal, CrmType::Decimal)
                | (ValueType::Date, CrmType::Date)
        )
    }

    /// What a field of the CRM holds; nothing where it is empty.
    pub fn read_crm(self, text: &str) -> Result<Option<AdditionalValue>, DoesNotFit> {
        let plain = text.trim();
        if plain.is_empty() {
            return Ok(None);
        }
        let value = match self {
            ValueType::Text => {
                let lines = text.replace("\r\n", "\n").replace('\r', "\n");
                Some(AdditionalValue::Text(lines.trim_end().to_owned()))
            }
            ValueType::Boolean => match plain {
                "true" | "1" => Some(AdditionalValue::Boolean(true)),
                "false" | "0" => Some(AdditionalValue::Boolean(false)),
                _ => None,
            },
            ValueType::Integer { .. } => plain.parse().ok().map(AdditionalValue::Integer),
            ValueType::Decimal => {
                plain.parse::<Decimal>().ok().map(|decimal| AdditionalValue::Decimal { decimal })
            }
            ValueType::Date => plain.parse::<Date>().ok().map(|date| AdditionalValue::Date { date }),
        };
        let value = value.ok_or_else(|| self.wrong(plain))?;
        Ok((!value.is_nothing()).then_some(value))
    }

    /// What Graph holds; nothing where it holds nothing, or nothing of this type.
    pub(crate) fn read_graph(self, json: &Value) -> Option<AdditionalValue> {
        let text = match json {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => json.to_string(),
            _ => return None,
        };
        let value = match self {
            ValueType::Date => AdditionalValue::Date { date: day(text.trim())? },
            ValueType::Boolean => {
                AdditionalValue::Boolean(text.trim().eq_ignore_ascii_case("true") || text.trim() == "1")
            }
            other => other.read_crm(&text).ok()??,
        };
        (!value.is_nothing()).then_some(value)
    }

    /// How Graph is told.
    pub(crate) fn write_graph(
        self,
        value: Option<&AdditionalValue>,
        form: Form,
    ) -> Result<Value, DoesNotFit> {
        let wrong = |value: &AdditionalValue| self.wrong(&value.to_string());
        let text = match (self, value) {
            (_, None) if form == Form::Json && self != ValueType::Boolean => return Ok(Value::Null),
            (ValueType::Text, None) => String::new(),
            (ValueType::Boolean, None) => "false".to_owned(),
            (ValueType::Integer { .. } | ValueType::Decimal, None) => "0".to_owned(),
            (ValueType::Date, None) => format!("{NO_DATE}-01-01T00:00:00Z"),
            (ValueType::Date, Some(AdditionalValue::Date { date })) => format!("{date}T00:00:00Z"),
            (ValueType::Integer { most }, Some(AdditionalValue::Integer(number)))
                if (-most - 1..=most).contains(number) =>
            {
                number.to_string()
            }
            (ValueType::Text, Some(value @ AdditionalValue::Text(_)))
            | (ValueType::Boolean, Some(value @ AdditionalValue::Boolean(_)))
            | (ValueType::Decimal, Some(value @ AdditionalValue::Decimal { .. })) => value.to_string(),
            (_, Some(value)) => return Err(wrong(value)),
        };
        Ok(match (self, form) {
            (ValueType::Boolean, Form::Json) => Value::Bool(text == "true"),
            (ValueType::Integer { .. } | ValueType::Decimal, Form::Json) => {
                text.parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
            }
            _ => Value::String(text),
        })
    }

    fn wrong(self, value: &str) -> DoesNotFit {
        let expected = match self {
            ValueType::Integer { most } => format!("{} up to {most}", self.name()),
            _ => self.name().to_owned(),
        };
        DoesNotFit { value: value.to_owned(), expected }
    }
}

/// The day of an instant in UTC; none for *None*, and for what is no instant.
fn day(text: &str) -> Option<Date> {
    let instant: Option<Timestamp> = text.parse().ok().or_else(|| format!("{text}Z").parse().ok());
    let date = TimeZone::UTC.to_datetime(instant?).date();
    (date.year() < NO_DATE && date.year() > 1601).then_some(date)
}
