//! Who speaks: the session attributes of a request.

use std::fmt;

/// The client type under which `forms.xml` lists the connector's master user (setup guide, step 3).
pub const CLIENT_TYPE: &str = "GraphApi";

/// The attributes of a session. The connector logs in as the master user and acts for a rep.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Login of the master user, or of the user himself.
    pub user: String,
    /// Password; shown nowhere.
    pub password: Secret,
    /// Client type of a master session (`GraphApi`); none for an ordinary user.
    pub client: Option<String>,
    /// The rep, by login or e-mail address, in whose name a master session acts.
    pub principal: Option<String>,
    /// Which installation of the connector speaks.
    pub client_id: Option<String>,
    /// Language of texts, an ISO 639 code; none means the server's base language.
    pub language: Option<String>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user", &self.user)
            .field("client", &self.client)
            .field("principal", &self.principal)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Text that is never shown: no `Debug`, no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that sends or checks it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
