//! The options of a kind.

use crate::missing::{MissingAttendees, marks};
use crate::xml::{Element, XmlError};
use std::collections::BTreeMap;

/// One element of `options`, such as `vevent`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What is done about people whom the CRM does not know.
    pub missing_attendees: Option<MissingAttendees>,
    /// What marks a deleted record: field and value. None given: see [`crate::mark_deleted`].
    pub deleted: BTreeMap<String, String>,
    /// What marks a published appointment; none given: `ConnectorPublished` = true.
    pub published: BTreeMap<String, String>,
    /// `key` elements: name and value.
    pub keys: BTreeMap<String, String>,
}

impl Options {
    /// The elements that have an effect.
    pub(super) fn knows(name: &str) -> bool {
        matches!(name, "missing_attendees" | "deleted" | "published" | "key")
    }

    pub(super) fn read(element: &Element) -> Result<Self, XmlError> {
        let mut options = Self::default();
        for child in &element.children {
            match child.name.as_str() {
                "missing_attendees" => options.missing_attendees = Some(MissingAttendees::read(child)?),
                "deleted" => options.deleted = child.children.iter().flat_map(marks).collect(),
                "published" => options.published = child.children.iter().flat_map(marks).collect(),
                "key" => {
                    let value = child.attribute("value").unwrap_or_default().trim().to_owned();
                    options.keys.insert(child.required("name")?.to_owned(), value);
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// Whether deletions in Microsoft 365 reach the CRM: `delete_sync_process_410` of appointments and its siblings
    /// `delete_sync_process_…` of the other kinds; the number is not compared.
    pub fn deletes(&self) -> bool {
        self.keys.keys().any(|key| key.starts_with("delete_sync_process_") && self.is(key))
    }

    /// Whether a `key` is set to true.
    pub fn is(&self, key: &str) -> bool {
        self.keys.get(key).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }
}
