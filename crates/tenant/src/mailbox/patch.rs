//! Reading bodies of requests into typed content, and merging partial ones.

use super::content::ExtendedProperty;
use crate::error::GraphError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Properties that the service sets by itself. Clients that send back what they read are not punished for them.
const READ_ONLY: [&str; 20] = [
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "bodyPreview",
    "hasAttachments",
    "webLink",
    "parentFolderId",
    "uniqueBody",
    "conversationIndex",
    "type",
    "seriesMasterId",
    "originalStart",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "responseStatus",
    "isOrganizer",
    "isCancelled",
    "isDraft",
    "bodyLastModifiedDateTime",
];

/// A body without annotations, nulls and read-only properties.
pub fn cleaned(body: Map<String, Value>) -> Map<String, Value> {
    body.into_iter()
        .filter(|(name, _)| !READ_ONLY.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name, clean(value)?)))
        .filter(|(name, _)| !name.contains('@'))
        .collect()
}

fn clean(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(clean).collect())),
        Value::Object(members) => Some(Value::Object(
            members
                .into_iter()
                .filter(|(name, _)| !name.contains('@'))
                .filter_map(|(name, value)| Some((name, clean(value)?)))
                .collect(),
        )),
        other => Some(other),
    }
}

/// Content from a whole body.
pub fn read<T: DeserializeOwned>(resource: &str, body: Map<String, Value>) -> Result<T, GraphError> {
    serde_json::from_value(Value::Object(cleaned(body))).map_err(|error| GraphError::body(resource, &error))
}

/// `current` with the properties of `patch` replaced; a null removes.
pub fn merged<T: Serialize + DeserializeOwned>(
    resource: &str,
    current: &T,
    patch: &Map<String, Value>,
) -> Result<T, GraphError> {
    let mut whole = as_map(current);
    for (name, value) in patch {
        if READ_ONLY.contains(&name.as_str()) || name.contains('@') {
            continue;
        }
        whole.insert(name.clone(), value.clone());
    }
    read(resource, whole)
}

/// Content as a JSON object.
pub fn as_map<T: Serialize>(content: &T) -> Map<String, Value> {
    match serde_json::to_value(content) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Takes the extended properties out of a body, those of one value and those of several.
pub fn take_extended(body: &mut Map<String, Value>) -> Result<Vec<ExtendedProperty>, GraphError> {
    let mut all = Vec::new();
    for (name, resource) in [
        ("singleValueExtendedProperties", "singleValueLegacyExtendedProperty"),
        ("multiValueExtendedProperties", "multiValueLegacyExtendedProperty"),
    ] {
        let Some(value) = body.remove(name) else { continue };
        let cleaned = clean(value).unwrap_or(Value::Array(Vec::new()));
        let read: Vec<ExtendedProperty> =
            serde_json::from_value(cleaned).map_err(|error| GraphError::body(resource, &error))?;
        let many = name == "multiValueExtendedProperties";
        for property in read {
            if property.single().is_some() == many {
                let asked = if many { "a list" } else { "a text" };
                return Err(GraphError::new(
                    400,
                    "RequestBodyRead",
                    format!("The value of '{}' in {name} must be {asked}.", property.id),
                ));
            }
            property.check()?;
            all.push(property);
        }
    }
    Ok(all)
}
