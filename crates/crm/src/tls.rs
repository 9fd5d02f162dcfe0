//! HTTPS: CRM.interface carries passwords, so beyond this machine it is spoken in no other way.

use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take for its handshake; one that says nothing shall not be kept for ever.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How HTTPS is served.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate and those between it and its authority, in PEM.
    pub cert: PathBuf,
    /// The certificate's private key, in PEM (PKCS#8, PKCS#1 or SEC1).
    pub key: PathBuf,
}

/// Why HTTPS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of the certificate or the key cannot be read, or is not PEM.
    #[error(
        "cannot read the {what} in {}: {why}; give a readable PEM file to {option}",
        file.display()
    )]
    Unreadable {
        /// What should have been in it.
        what: &'static str,
        /// The option that named it.
        option: &'static str,
        /// The file.
        file: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// The key is not the certificate's.
    #[error(
        "the key in {} does not belong to the certificate in {}; give the key with which it was made to --tls-key",
        key.display(),
        cert.display()
    )]
    Mismatch {
        /// File of the certificate.
        cert: PathBuf,
        /// File of the key.
        key: PathBuf,
    },
    /// Certificate or key are of a kind that cannot be used.
    #[error(
        "cannot serve HTTPS with {} and {}: {why}; use an X.509 v3 certificate with an RSA, ECDSA or Ed25519 key",
        cert.display(),
        key.display()
    )]
    Unusable {
        /// File of the certificate.
        cert: PathBuf,
        /// File of the key.
        key: PathBuf,
        /// What was wrong.
        why: String,
    },
}

impl Tls {
    /// The origin that clients use for a listener on `address`: certificates name hosts, seldom loopback addresses.
    pub(crate) fn origin(address: SocketAddr) -> String {
        match address.ip() {
            own if own.is_loopback() || own.is_unspecified() => {
                format!("https://localhost:{}", address.port())
            }
            _ => format!("https://{address}"),
        }
    }

    /// What turns a connection into an encrypted one.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let unreadable = |what, option, file: &Path| {
            let file = file.to_owned();
            move |error: PemError| TlsError::Unreadable { what, option, file, why: told(&error) }
        };
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect)
            .and_then(|found: Vec<_>| if found.is_empty() { Err(PemError::NoItemsFound) } else { Ok(found) })
            .map_err(unreadable("certificate", "--tls-cert", &self.cert))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(unreadable(
            "private key",
            "--tls-key",
            &self.key,
        ))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key))
            .map_err(|error| self.refused(&error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn refused(&self, error: &rustls::Error) -> TlsError {
        let (cert, key) = (self.cert.clone(), self.key.clone());
        match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch { cert, key },
            other => TlsError::Unusable { cert, key, why: other.to_string() },
        }
    }
}

/// What was wrong with a PEM file. The library's own words would quote the bytes of a broken line.
fn told(error: &PemError) -> String {
    match error {
        PemError::Io(error) => error.to_string(),
        PemError::NoItemsFound => "it holds none".to_owned(),
        PemError::MissingSectionEnd { .. } => "a section does not end".to_owned(),
        PemError::IllegalSectionStart { .. } => "a section does not begin as PEM does".to_owned(),
        PemError::Base64Decode(_) => "a section is not base64".to_owned(),
        _ => "it is not PEM".to_owned(),
    }
}

/// A listener whose connections are encrypted. Handshakes run beside each other: a slow client keeps nobody waiting.
pub(crate) struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl TlsListener {
    pub(crate) fn new(tcp: TcpListener, acceptor: TlsAcceptor) -> Self {
        Self { tcp, acceptor, handshakes: JoinSet::new() }
    }

    fn shake_hands(&mut self, stream: TcpStream, address: SocketAddr) {
        let accepting = self.acceptor.accept(stream);
        self.handshakes.spawn(async move {
            // A client that breaks off, or does not trust the certificate, is its own reporter.
            let stream = tokio::time::timeout(HANDSHAKE, accepting).await.ok()?.ok()?;
            Some((stream, address))
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.tcp) => self.shake_hands(stream, address),
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}
