//! Pieces that several resources are shown with.

use super::Call;
use crate::mailbox::content::ExtendedProperty;
use serde_json::{Map, Value, json};

/// Where extended properties of one value stand.
pub const SINGLE: &str = "singleValueExtendedProperties";

/// Where extended properties of several values stand.
pub const MULTI: &str = "multiValueExtendedProperties";

/// The members of a JSON object.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// An entry of a delta that tells that an item left.
pub fn removed(id: &str, reason: &str) -> Value {
    json!({ "id": id, "@removed": { "reason": reason } })
}

/// Extended properties as JSON.
pub fn extended(properties: &[ExtendedProperty]) -> Value {
    properties.iter().map(|property| json!({ "id": property.id, "value": property.value })).collect()
}

impl Call<'_> {
    /// Shows the extended properties that the query expands, and those that its filter looks at.
    pub(super) fn expand_extended(&self, map: &mut Map<String, Value>, properties: &[ExtendedProperty]) {
        for (name, many) in [(SINGLE, false), (MULTI, true)] {
            let of_kind = properties.iter().filter(|property| property.single().is_none() == many);
            let all = of_kind.map(|property| json!({ "id": property.id, "value": property.value }));
            if let Some(expand) = self.query.expanded(name) {
                let shown: Vec<Value> = all
                    .filter(|property| expand.filter.as_ref().is_none_or(|filter| filter.holds(property)))
                    .collect();
                if !shown.is_empty() {
                    map.insert(name.to_owned(), Value::Array(shown));
                }
            } else if self.query.filter.is_some() {
                // For the eyes of the filter; lists take it away again before they answer.
                map.insert(name.to_owned(), all.collect());
            }
        }
    }
}
