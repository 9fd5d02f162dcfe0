//! `$filter`: the part of OData that Outlook's resources answer, evaluated on their JSON.

mod parse;

use crate::mailbox::content::{ExtendedProperty, same_property};
use serde_json::Value;
use std::cmp::Ordering;

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// One at least.
    Or(Box<Filter>, Box<Filter>),
    /// Not.
    Not(Box<Filter>),
    /// A comparison.
    Compare(Operand, Operator, Operand),
    /// `startswith`, `endswith` or `contains`.
    Text(TextTest, Operand, Operand),
    /// Some member of a collection fulfils a filter on a variable.
    Any(String, String, Box<Filter>),
    /// A property that is true or false.
    Holds(String),
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A property: `a/b`.
    Path(String),
    /// A value.
    Value(Value),
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "OData's own words")]
pub enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// Tests of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "OData's own words")]
pub enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

impl Filter {
    /// Whether an item fulfils it.
    pub fn holds(&self, item: &Value) -> bool {
        match self {
            Self::And(a, b) => a.holds(item) && b.holds(item),
            Self::Or(a, b) => a.holds(item) || b.holds(item),
            Self::Not(filter) => !filter.holds(item),
            Self::Compare(Operand::Path(path), operator, right) if path == "id" || path.ends_with("/id") => {
                let same = match (at(item, path), right.of(item)) {
                    (Value::String(one), Value::String(other)) => same_property(&one, &other),
                    (one, other) => one == other,
                };
                same == (*operator == Operator::Eq)
            }
            Self::Compare(left, operator, right) => compare(left.of(item), *operator, right.of(item)),
            Self::Text(test, left, right) => match (left.of(item), right.of(item)) {
                (Value::String(text), Value::String(part)) => test.holds(&text, &part),
                _ => false,
            },
            Self::Any(path, variable, filter) => match at(item, path) {
                Value::Array(members) => members.into_iter().any(|member| {
                    filter.holds(&Value::Object([(variable.clone(), member)].into_iter().collect()))
                }),
                _ => false,
            },
            Self::Holds(path) => at(item, path) == Value::Bool(true),
        }
    }

    /// The value that a property must have for the filter to hold, if the filter says so plainly.
    pub fn required(&self, property: &str) -> Option<&str> {
        match self {
            Self::And(a, b) => a.required(property).or_else(|| b.required(property)),
            Self::Compare(Operand::Path(path), Operator::Eq, Operand::Value(Value::String(value)))
                if path == property =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// Whether extended properties alone already rule an item out.
    pub fn rules_out(&self, extended: &[ExtendedProperty]) -> bool {
        match self {
            Self::And(a, b) => a.rules_out(extended) || b.rules_out(extended),
            Self::Any(path, variable, filter) if path == "singleValueExtendedProperties" => {
                let (id, value) = (format!("{variable}/id"), format!("{variable}/value"));
                match (filter.required(&id), filter.required(&value)) {
                    (Some(id), Some(value)) => !extended.iter().any(|property| {
                        same_property(&property.id, id)
                            && property.single().is_some_and(|known| same_text(known, value))
                    }),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

impl TextTest {
    fn holds(self, text: &str, part: &str) -> bool {
        let (text, part) = (text.to_lowercase(), part.to_lowercase());
        match self {
            Self::StartsWith => text.starts_with(&part),
            Self::EndsWith => text.ends_with(&part),
            Self::Contains => text.contains(&part),
        }
    }
}

impl Operand {
    fn of(&self, item: &Value) -> Value {
        match self {
            Self::Path(path) => at(item, path),
            Self::Value(value) => value.clone(),
        }
    }
}

/// The property at a path.
pub fn at(item: &Value, path: &str) -> Value {
    let mut value = item;
    for name in path.split('/') {
        match value.get(name) {
            Some(member) => value = member,
            None => return Value::Null,
        }
    }
    value.clone()
}

fn same_text(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

fn compare(left: Value, operator: Operator, right: Value) -> bool {
    let order = ordering(&left, &right);
    match operator {
        Operator::Eq => order == Some(Ordering::Equal),
        Operator::Ne => order != Some(Ordering::Equal),
        Operator::Gt => order == Some(Ordering::Greater),
        Operator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Lt => order == Some(Ordering::Less),
        Operator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}

/// How two values are ordered: times as times, texts without regard to case; `None` when they cannot be compared.
pub fn ordering(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => match (moment(a), moment(b)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        },
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        _ => None,
    }
}

fn moment(text: &str) -> Option<jiff::Timestamp> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) || text.len() < 10 {
        return None;
    }
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let local: jiff::civil::DateTime = text.parse().ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::extended::ExtendedValue;
    use serde_json::json;

    fn holds(filter: &str, item: &Value) -> bool {
        Filter::parse(filter).unwrap().holds(item)
    }

    #[test]
    fn comparisons_know_times_texts_and_flags() {
        let item = json!({"receivedDateTime":"2026-01-02T00:00:00Z","subject":"It's ON","isRead":true,
            "from":{"emailAddress":{"address":"a@b.c"}}});
        assert!(holds("receivedDateTime ge 2026-01-01T23:00:00Z and isRead", &item));
        assert!(holds("receivedDateTime lt 2026-01-02T01:00:00+01:00 or subject eq 'it''s on'", &item));
        assert!(holds("not (isRead eq false) and startswith(from/emailAddress/address,'A@')", &item));
        assert!(!holds("missing eq 'x'", &item));
        assert!(holds("missing eq null", &item));
    }

    #[test]
    fn extended_properties_are_found_by_name_exactly_and_by_value_loosely() {
        let id = "String {00020329-0000-0000-C000-000000000046} Name Key";
        let item = json!({"singleValueExtendedProperties":[{"id":id,"value":"ABC"}]});
        let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{id}' and ep/value eq 'abc')");
        assert!(holds(&filter, &item));
        assert!(!holds(&filter.replace("Key", "key"), &item));
        let stored = [ExtendedProperty { id: id.into(), value: ExtendedValue::One("ABC".into()) }];
        assert!(!Filter::parse(&filter).unwrap().rules_out(&stored));
        assert!(Filter::parse(&filter).unwrap().rules_out(&[]));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "a eq", "(a eq 1", "a eq 'x", "frobnicate(a,'b')", "'a' 'b'", "a any b"] {
            assert_eq!(Filter::parse(text).unwrap_err().status, 400, "{text}");
        }
        assert!(Filter::parse(&"(".repeat(10_000)).is_err());
        assert!(Filter::parse(&"not ".repeat(10_000)).is_err());
    }
}
