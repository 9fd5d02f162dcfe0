//! Errors as Graph answers them.

use std::fmt::Display;

/// A refusal: HTTP status, Graph's code, and words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct GraphError {
    /// HTTP status.
    pub status: u16,
    /// Code of the error.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// When the client may come again, in seconds.
    pub retry_after: Option<u64>,
    /// Where the client may go on instead.
    pub location: Option<Box<str>>,
}

impl GraphError {
    /// An error of any kind.
    pub fn new(status: u16, code: &'static str, message: impl Display) -> Self {
        Self { status, code, message: message.to_string(), retry_after: None, location: None }
    }

    /// The same error, with the time after which the client may come again, in seconds.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// 400 with the code of a request that cannot be understood.
    pub fn bad(message: impl Display) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 400 with the code of a property whose value is not allowed.
    pub fn invalid(message: impl Display) -> Self {
        Self::new(400, "ErrorInvalidRequest", message)
    }

    /// 404 of an item.
    pub fn not_found() -> Self {
        Self::new(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    }

    /// 400 of an id that no tenant makes.
    pub fn malformed_id() -> Self {
        Self::new(400, "ErrorInvalidIdMalformed", "Id is malformed.")
    }

    /// 410 of a sync state that is unknown or too old.
    pub fn sync_state() -> Self {
        Self::new(
            410,
            "SyncStateNotFound",
            "The sync state generation is not found. Restart the synchronization without a token.",
        )
    }

    /// 501 of something that the real service has and the simulated one has not.
    pub fn absent(what: impl Display) -> Self {
        Self::new(501, "NotImplementedBySimulatedTenant", format!("The simulated tenant has no {what}."))
    }

    /// 400 of a body that does not fit the resource.
    pub fn body(resource: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let message = match text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
            Some((name, _)) => format!(
                "The property '{name}' does not exist on type 'microsoft.graph.{resource}' or one of its \
                 complex types. Make sure to only use property names that are defined by the type."
            ),
            None => format!("Cannot read the request body as microsoft.graph.{resource}: {text}"),
        };
        Self::new(400, "RequestBodyRead", message)
    }
}
