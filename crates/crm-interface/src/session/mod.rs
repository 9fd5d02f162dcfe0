//! Who speaks: the session attributes of a request.

mod impersonation;
mod languages;
mod slow_hash;
mod token;

pub use impersonation::{Impersonated, read_impersonation, write_impersonation};
pub use languages::{LANGUAGES, language};
pub use slow_hash::{ROUNDS_CHOSEN, ROUNDS_MADE, slow_hash};
pub use token::{NONCE_BYTES, Token, TokenError, TokenKey};

use std::fmt;

/// The client type under which `forms.xml` lists the connector's master user (setup guide, step 3).
pub const CLIENT_TYPE: &str = "GraphApi";

/// The attributes of a session. The connector logs in as the master user and acts for a rep.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Session {
    /// Login of the master user, or of the user himself; empty where a token is given.
    pub user: String,
    /// Password; shown nowhere.
    pub password: Secret,
    /// `auth`: a token in place of user and password, which are ignored then ([`TokenKey::token`]).
    pub token: Option<Secret>,
    /// `impersonate`: in whose name a master session acts; the first of them who can log in counts.
    pub impersonate: Vec<Impersonated>,
    /// `domain`: who comes from a single sign-on names his domain besides his login.
    pub domain: Option<String>,
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
            .field("impersonate", &self.impersonate)
            .field("client", &self.client)
            .field("principal", &self.principal)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Text that is never shown: no `Debug`, no `Display`.
#[derive(Clone, Default, PartialEq, Eq)]
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
