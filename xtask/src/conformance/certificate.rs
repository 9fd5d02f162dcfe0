//! A throw-away certificate authority, and the tenant's certificate by it.

use super::text;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};

/// Made anew for each run; its key is never written.
pub(crate) struct Authority {
    home: PathBuf,
}

impl Authority {
    /// Makes authority and certificate and writes them below `home`.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub(crate) fn make(home: &Path) -> Result<Self, String> {
        let (authority, certificate, key) = signed().map_err(|error| format!("certificates: {error}"))?;
        let made = Self { home: home.to_path_buf() };
        for (name, pem) in [("ca.pem", authority), ("tenant.pem", certificate), ("tenant.key", key)] {
            let file = made.home.join(name);
            std::fs::write(&file, pem)
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
        Ok(made)
    }

    /// What the clients trust.
    pub(crate) fn file(&self) -> String {
        text(&self.home.join("ca.pem"))
    }

    /// The options with which the tenant serves TLS.
    pub(crate) fn options(&self) -> [String; 4] {
        let path = |name: &str| text(&self.home.join(name));
        ["--tls-cert".to_owned(), path("tenant.pem"), "--tls-key".to_owned(), path("tenant.key")]
    }
}

/// The authority's certificate, the tenant's and its key, in PEM.
fn signed() -> Result<(String, String, String), rcgen::Error> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Throw-away authority of a test run");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let root = authority.self_signed(&authority_key)?;

    let mut server = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    // Python's strict verification wants to know which authority's key signed.
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key))?;
    Ok((root.pem(), certificate.pem(), key.serialize_pem()))
}
