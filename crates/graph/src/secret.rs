//! The client secret.

use std::fmt;

/// A secret that is never shown: it has no `Debug`, no `Display`, and is read only where it is sent.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` with every occurrence of the secret struck out: a server may echo what it was sent.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "(secret)") }
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

/// An application registration that may act for mailboxes.
#[derive(Clone)]
pub struct App {
    /// Directory (tenant) id, or one of its domain names.
    pub tenant_id: String,
    /// Application (client) id; not the object id that stands beside it in the portal.
    pub client_id: String,
    /// Value of a client secret; not the id that stands beside it in the portal.
    pub secret: Secret,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("tenant_id", &self.tenant_id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
