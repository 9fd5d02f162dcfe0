//! What the CRM is started with.

use crate::tls::Tls;
use std::net::SocketAddr;
use std::path::PathBuf;
use tandem_crm_interface::session::Secret;

/// Options of `tandem crm`.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; a loopback address unless TLS is spoken. Port 0 means any free port.
    pub listen: SocketAddr,
    /// The certificate with which HTTPS is served; none means HTTP.
    pub tls: Option<Tls>,
    /// The database file; none means in memory, gone at the end.
    pub db: Option<PathBuf>,
    /// Folder with `settings.xml` and `xml/forms.xml`; none means the built-in rules.
    pub system: Option<PathBuf>,
    /// Folder with one JSON file for each table to fill.
    pub fill: Option<PathBuf>,
    /// Password of the master user; none means that a new database gets one that is made up.
    pub password: Option<Password>,
    /// Rounds of the hash of a password that a person chooses; none means as many as are advised. Tests, which are built
    /// without optimisation, take fewer.
    pub password_rounds: Option<u32>,
}

/// A password that shows itself to nobody.
#[derive(Clone)]
pub struct Password(pub Secret);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            db: None,
            system: None,
            fill: None,
            password: None,
            password_rounds: None,
        }
    }
}
