//! The entries.

use crate::{CredentialsError, Secret};
use std::fmt;
use std::path::{Path, PathBuf};

/// Type of the entry for Microsoft Graph.
pub(crate) const APP: &str = "Graph API App Registration";
/// Type of the entry for the CRM.
pub(crate) const MASTER: &str = "GraphApi Connector Master";

/// How the connector signs in to Microsoft Graph.
#[derive(Clone)]
pub struct AppRegistration {
    /// The administrator's e-mail address; no password belongs to it.
    pub admin_email: String,
    /// Directory (tenant) id.
    pub tenant_id: String,
    /// Application (client) id.
    pub client_id: String,
    /// The client secret's value.
    pub secret: Secret,
}

impl fmt::Debug for AppRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppRegistration")
            .field("admin_email", &self.admin_email)
            .field("tenant_id", &self.tenant_id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// How the connector signs in to the CRM.
#[derive(Clone)]
pub struct MasterUser {
    /// The master user's login.
    pub login: String,
    /// Its password, where the CRM asks for one.
    pub password: Option<Secret>,
}

impl fmt::Debug for MasterUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterUser").field("login", &self.login).finish_non_exhaustive()
    }
}

/// The content of a `users.xml`.
#[derive(Debug, Clone)]
pub struct Users {
    pub(crate) path: PathBuf,
    pub(crate) app: Option<AppRegistration>,
    pub(crate) master: Option<MasterUser>,
}

impl Users {
    /// No entries yet, for the file at `path`.
    pub fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), app: None, master: None }
    }

    /// Where the file is or will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The app registration.
    ///
    /// # Errors
    /// `Missing`, with the command that adds it.
    pub fn app(&self) -> Result<&AppRegistration, CredentialsError> {
        self.app.as_ref().ok_or_else(|| self.missing(APP, "set-app …"))
    }

    /// The CRM's master user.
    ///
    /// # Errors
    /// `Missing`, with the command that adds it.
    pub fn master(&self) -> Result<&MasterUser, CredentialsError> {
        self.master.as_ref().ok_or_else(|| self.missing(MASTER, "set-master …"))
    }

    /// Sets or replaces the app registration. Nothing is written before [`Users::save`].
    pub fn set_app(&mut self, app: AppRegistration) {
        self.app = Some(app);
    }

    /// Sets or replaces the CRM's master user. Nothing is written before [`Users::save`].
    pub fn set_master(&mut self, master: MasterUser) {
        self.master = Some(master);
    }

    pub(crate) fn has_secrets(&self) -> bool {
        self.app.is_some() || self.master.as_ref().is_some_and(|master| master.password.is_some())
    }

    fn missing(&self, entry: &'static str, command: &'static str) -> CredentialsError {
        CredentialsError::Missing { path: self.path.clone(), entry, command }
    }
}
