//! Extended properties: what MAPI knows and Graph has no name for.

use crate::error::GraphError;
use serde::{Deserialize, Serialize};

/// `singleValueLegacyExtendedProperty` or `multiValueLegacyExtendedProperty`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtendedProperty {
    /// Type, namespace and name; or type and tag.
    pub id: Box<str>,
    /// One value, or several.
    pub value: ExtendedValue,
}

/// What an extended property holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExtendedValue {
    /// Of a single-value property.
    One(Box<str>),
    /// Of a multi-value property, whose type ends with `Array`.
    Many(Box<[Box<str>]>),
}

/// The types of MAPI that Graph takes, in lower case; those of multi-value properties have `array` behind them.
const TYPES: [&str; 15] = [
    "applicationtime",
    "binary",
    "boolean",
    "clsid",
    "currency",
    "double",
    "error",
    "float",
    "integer",
    "long",
    "null",
    "object",
    "short",
    "string",
    "systemtime",
];

impl ExtendedProperty {
    /// The value, if there is just one.
    pub fn single(&self) -> Option<&str> {
        match &self.value {
            ExtendedValue::One(value) => Some(value),
            ExtendedValue::Many(_) => None,
        }
    }

    /// Refuses an id that does not read `{type} {guid} Name {name}`, `{type} {guid} Id {id}` or `{type} {tag}`, as
    /// the overview of extended properties asks, and a value that does not fit the type.
    pub fn check(&self) -> Result<(), GraphError> {
        let many = matches!(self.value, ExtendedValue::Many(_));
        let (kind, rest) = self.id.split_once(' ').unwrap_or((&self.id, ""));
        let lower = kind.to_ascii_lowercase();
        let plain = lower.strip_suffix("array");
        let known = TYPES.contains(&plain.unwrap_or(&lower)) && plain.is_some() == many;
        if known && (is_tag(rest) || is_named(rest)) {
            return Ok(());
        }
        let what = if many { "multi-value" } else { "single-value" };
        Err(GraphError::new(
            400,
            "ErrorInvalidProperty",
            format!("'{}' is no id of a {what} extended property.", self.id),
        ))
    }
}

/// `0x…`.
fn is_tag(text: &str) -> bool {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    hex.is_some_and(|hex| !hex.is_empty() && u32::from_str_radix(hex, 16).is_ok())
}

/// `{guid} Name …` or `{guid} Id 0x…`.
fn is_named(text: &str) -> bool {
    let Some((guid, rest)) = text.strip_prefix('{').and_then(|text| text.split_once("} ")) else {
        return false;
    };
    let is_guid = guid.len() == 36 && guid.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-');
    is_guid
        && match rest.split_once(' ') {
            Some((word, name)) if word.eq_ignore_ascii_case("name") => !name.is_empty(),
            Some((word, id)) if word.eq_ignore_ascii_case("id") => is_tag(id) || id.parse::<u32>().is_ok(),
            _ => false,
        }
}

/// Merges extended properties: a value replaces, none else is touched.
pub fn merge_extended(target: &mut Vec<ExtendedProperty>, news: Vec<ExtendedProperty>) {
    for property in news {
        match target.iter_mut().find(|old| same_property(&old.id, &property.id)) {
            Some(old) => old.value = property.value,
            None => target.push(property),
        }
    }
}

/// Whether two ids name the same property: GUIDs and type words in any case, names exactly.
pub fn same_property(one: &str, other: &str) -> bool {
    let split = |id: &str| match id.split_once(" Name ") {
        Some((space, name)) => (space.to_ascii_lowercase(), Some(name.to_owned())),
        None => (id.to_ascii_lowercase(), None),
    };
    one == other || split(one) == split(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "String {00020329-0000-0000-C000-000000000046} Name Key";

    #[test]
    fn the_name_of_an_extended_property_is_case_sensitive_and_its_namespace_is_not() {
        assert!(same_property(ID, "string {00020329-0000-0000-c000-000000000046} Name Key"));
        assert!(!same_property(ID, "String {00020329-0000-0000-C000-000000000046} Name key"));
    }

    #[test]
    fn ids_have_a_type_that_fits_the_value_and_a_name_or_a_tag() {
        let one = |id: &str| ExtendedProperty { id: id.into(), value: ExtendedValue::One("x".into()) };
        let many =
            |id: &str| ExtendedProperty { id: id.into(), value: ExtendedValue::Many(["x".into()].into()) };
        for id in [ID, "Integer 0x0E07", "Binary {6ED8DA90-450B-101B-98DA-00AA003F1305} Id 0x23"] {
            assert_eq!(one(id).check(), Ok(()), "{id}");
        }
        assert_eq!(many("StringArray {00020329-0000-0000-C000-000000000046} Name Keys").check(), Ok(()));
        let named_nothing = ID.strip_suffix(" Key").unwrap();
        for id in
            ["", "String", "Text 0x1", "String {1} Name a", "StringArray 0x1", "String 0xg", named_nothing]
        {
            assert!(one(id).check().is_err(), "{id}");
        }
        assert!(many(ID).check().is_err());
    }
}
