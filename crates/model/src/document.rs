//! An item taken apart into fields, so that it can be compared and merged field by field.

use crate::{ADDITIONAL, Item, Kind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Where an item keeps its additional fields; a document has each of them by itself.
const TOGETHER: &str = "additional";

/// An item as a map from field name to JSON value. Fields that hold nothing (null, empty text, empty list, empty
/// object, false) are left out, so that two items with the same content have equal documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(Map<String, Value>);

/// A document that is no item of the kind asked for: stored by another version, or damaged.
#[derive(Debug, thiserror::Error)]
#[error("the stored content is no {kind}: {source}")]
pub struct DocumentError {
    /// The kind asked for.
    pub kind: Kind,
    /// What did not fit.
    pub source: serde_json::Error,
}

impl Document {
    /// Takes an item apart.
    pub fn of(item: &Item) -> Self {
        let value = match item {
            Item::Mail(mail) => serde_json::to_value(mail),
            Item::Appointment(appointment) => serde_json::to_value(appointment),
            Item::Task(task) => serde_json::to_value(task),
            Item::Contact(contact) => serde_json::to_value(contact),
            Item::Absence(absence) => serde_json::to_value(absence),
        };
        // Items have text keys and no fallible serialisers, so this is always an object.
        match value {
            Ok(Value::Object(mut fields)) => {
                if let Some(Value::Object(additional)) = fields.remove(TOGETHER) {
                    fields.extend(
                        additional.into_iter().map(|(name, value)| (format!("{ADDITIONAL}{name}"), value)),
                    );
                }
                fields.retain(|_, value| !is_nothing(value));
                Self(fields)
            }
            _ => Self::default(),
        }
    }

    /// Puts an item of the given kind together again.
    pub fn item(&self, kind: Kind) -> Result<Item, DocumentError> {
        fn read<T: DeserializeOwned>(fields: &Map<String, Value>, kind: Kind) -> Result<T, DocumentError> {
            let failed = |source| DocumentError { kind, source };
            let names = fields.keys().filter(|name| name.starts_with(ADDITIONAL));
            let names: Vec<String> = names.cloned().collect();
            if names.is_empty() {
                return T::deserialize(fields).map_err(failed);
            }
            let mut fields = fields.clone();
            let of = |name: String| Some((name.strip_prefix(ADDITIONAL)?.to_owned(), fields.remove(&name)?));
            let additional: Map<String, Value> = names.into_iter().filter_map(of).collect();
            fields.insert(TOGETHER.to_owned(), Value::Object(additional));
            T::deserialize(Value::Object(fields)).map_err(failed)
        }
        Ok(match kind {
            Kind::Mail => Item::Mail(read(&self.0, kind)?),
            Kind::Appointment => Item::Appointment(read(&self.0, kind)?),
            Kind::Task => Item::Task(read(&self.0, kind)?),
            Kind::Contact => Item::Contact(read(&self.0, kind)?),
            Kind::Absence => Item::Absence(read(&self.0, kind)?),
        })
    }

    /// The value of a field; null when it holds nothing.
    pub fn get(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    /// Sets a field; a value that holds nothing removes it.
    pub fn set(&mut self, field: &str, value: Value) {
        if is_nothing(&value) {
            self.0.remove(field);
        } else {
            self.0.insert(field.to_owned(), value);
        }
    }

    /// Leaves out the fields of which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|field, _| keep(field));
    }

    /// The names of the fields that hold something, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The names of the fields in which the two differ, in order.
    pub fn differences(&self, other: &Document) -> BTreeSet<String> {
        self.0
            .keys()
            .chain(other.0.keys())
            .filter(|field| self.get(field) != other.get(field))
            .cloned()
            .collect()
    }

    /// Whether it holds nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty() || fields.values().all(is_nothing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdditionalValue, Contact, EmailAddress, PostalAddress, Task, TaskStatus};
    use serde_json::json;

    #[test]
    fn a_document_is_the_item_and_back() {
        let contact = Item::Contact(Contact {
            given_name: "Ann".into(),
            emails: vec![EmailAddress::new("ann@example.com")],
            business_address: PostalAddress { city: "Graz".into(), ..PostalAddress::default() },
            ..Contact::default()
        });
        let document = Document::of(&contact);
        assert_eq!(document.fields().collect::<Vec<_>>(), ["business_address", "emails", "given_name"]);
        assert_eq!(document.item(Kind::Contact).unwrap(), contact);
    }

    #[test]
    fn additional_fields_are_fields_like_others() {
        let with = |fields: &[(&str, AdditionalValue)]| {
            let additional = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            Item::Contact(Contact { surname: "Ann".into(), additional, ..Contact::default() })
        };
        let number = AdditionalValue::Integer(7);
        let text = AdditionalValue::Text("Annie".into());
        let both = with(&[("nickName", text.clone()), ("Integer {g} Id 0x1", number.clone())]);
        let document = Document::of(&both);
        let names = ["additional.Integer {g} Id 0x1", "additional.nickName", "surname"];
        assert_eq!(document.fields().collect::<Vec<_>>(), names);
        assert_eq!(document.item(Kind::Contact).unwrap(), both);
        let differences = document.differences(&Document::of(&with(&[("nickName", text)])));
        assert_eq!(differences.into_iter().collect::<Vec<_>>(), ["additional.Integer {g} Id 0x1"]);
    }

    #[test]
    fn differences_name_the_fields() {
        let task = |subject: &str, status| {
            Document::of(&Item::Task(Task {
                subject: subject.into(),
                text: String::new(),
                status,
                importance: crate::Importance::Normal,
                start: None,
                due: None,
                completed: None,
                reminder: None,
                categories: BTreeSet::new(),
            }))
        };
        let (a, mut b) = (task("Call", TaskStatus::NotStarted), task("Call back", TaskStatus::Completed));
        assert_eq!(a.differences(&b).into_iter().collect::<Vec<_>>(), ["status", "subject"]);
        b.set("subject", json!("Call"));
        b.set("status", json!("notStarted"));
        assert_eq!(a, b);
    }
}
