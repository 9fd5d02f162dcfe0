//! A request before it is sent, and its answer.

use crate::GraphError;
use bytes::Bytes;
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tandem_model::Etag;

/// Graph's preference for ids that survive a move within the mailbox; it counts for the one request that carries it.
pub(crate) const IMMUTABLE_ID: &str = "IdType=\"ImmutableId\"";
/// Graph's preference for bodies as plain text.
pub(crate) const TEXT_BODY: &str = "outlook.body-content-type=\"text\"";
/// Both, as one header line.
pub(crate) const IMMUTABLE_TEXT: &str = "IdType=\"ImmutableId\", outlook.body-content-type=\"text\"";

/// A request to Graph.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What it is for, for messages: "reading the task lists of mailbox …".
    pub(crate) what: String,
    pub(crate) method: Method,
    /// Its URL, as it is sent.
    pub(crate) url: String,
    pub(crate) prefer: Vec<String>,
    pub(crate) etag: Option<Etag>,
    pub(crate) body: Option<Value>,
    /// Whether sending it twice does no harm. What is not repeatable is never sent again after an unclear answer.
    pub(crate) repeatable: bool,
    /// How many places of the mailbox's gate it takes.
    pub(crate) places: u32,
    /// Largest answer, where it is not the general limit.
    pub(crate) max_body: Option<usize>,
}

impl Call {
    /// A request that may be repeated: GET, PATCH and DELETE are, for they leave the same behind however often they are sent;
    /// one that makes something, or mails somebody each time, says [`Call::once`].
    pub(crate) fn new(method: Method, url: String, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            method,
            url,
            prefer: Vec::new(),
            etag: None,
            body: None,
            repeatable: true,
            places: 1,
            max_body: None,
        }
    }

    pub(crate) fn get(url: String, what: impl Into<String>) -> Self {
        Self::new(Method::GET, url, what)
    }

    pub(crate) fn prefer(mut self, preference: impl Into<String>) -> Self {
        self.prefer.push(preference.into());
        self
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn etag(mut self, etag: Option<&Etag>) -> Self {
        self.etag = etag.cloned();
        self
    }

    pub(crate) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }
}

/// An answer with a status of success.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    /// What was asked.
    pub(crate) what: String,
}

impl Reply {
    /// The answer read as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, GraphError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| GraphError::Unreadable { what: self.what.clone(), why: error.to_string() })
    }
}
