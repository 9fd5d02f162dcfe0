//! Settings that can be read and changed while the tenant runs.

use crate::error::GraphError;
use crate::wire::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// A group of settings.
pub fn shown(switches: &impl Serialize) -> Response {
    Response::json(200, json!(switches))
}

/// Changes some of a group of settings: all that are named, or none.
pub fn set<T: Serialize + DeserializeOwned>(
    switches: &mut T,
    changes: Map<String, Value>,
) -> Result<Response, GraphError> {
    let mut all = json!(switches);
    if let Some(all) = all.as_object_mut() {
        all.extend(changes);
    }
    *switches = serde_json::from_value(all)
        .map_err(|error| GraphError::bad(format!("These settings cannot be made: {error}.")))?;
    Ok(shown(switches))
}
