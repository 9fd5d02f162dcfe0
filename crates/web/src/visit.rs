//! One request of somebody who is signed in.

use crate::{Language, Trouble};
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use std::ops::Deref;
use std::sync::Arc;
use url::form_urlencoded;

/// Who asks for a page, and what he asks. Handlers take it as an argument; it exists behind the gate only.
#[derive(Debug)]
pub struct Visit<V>(Arc<Facts<V>>);

/// What is known of a visit.
#[derive(Debug)]
pub struct Facts<V> {
    /// Who it is.
    pub visitor: V,
    /// In which language he reads.
    pub language: Language,
    /// The path that he asked for.
    pub path: String,
    pub(crate) token: String,
    query: Vec<(String, String)>,
}

impl<V> Clone for Visit<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V> Deref for Visit<V> {
    type Target = Facts<V>;

    fn deref(&self) -> &Facts<V> {
        &self.0
    }
}

impl<V> Visit<V> {
    pub(crate) fn new(visitor: V, language: Language, token: String, uri: &Uri) -> Self {
        Self(Arc::new(Facts { visitor, language, path: uri.path().to_owned(), token, query: query(uri) }))
    }
}

impl<V> Facts<V> {
    /// What every form that is sent to us must carry, in a hidden field `_token`.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A parameter of the address, without white space around it; empty where it is missing.
    pub fn asked(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

/// The parameters of an address.
pub(crate) fn query(uri: &Uri) -> Vec<(String, String)> {
    let text = uri.query().unwrap_or_default();
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

impl<S: Sync, V: Send + Sync + 'static> FromRequestParts<S> for Visit<V> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let outside = || Trouble::Failed("this page is not behind the gate".to_owned());
        parts.extensions.get::<Self>().cloned().ok_or_else(outside)
    }
}
