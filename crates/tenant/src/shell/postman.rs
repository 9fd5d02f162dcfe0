//! Sends what the tenant wants to be sent, and tells it what became of it.

use super::site::Site;
use crate::outbox::{Outcome, Outgoing};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::{Host, Url};

/// How many requests are under way at once.
const AT_ONCE: usize = 64;

/// How much of an answer is read, in bytes; a handshake needs a few dozen.
const LONGEST_ANSWER: usize = 64 * 1024;

/// To whom the tenant may send. Loopback addresses are always allowed, redirections never followed.
#[derive(Debug, Clone, Default)]
pub struct Receivers {
    /// Further hosts, as `host:port`.
    pub hosts: Vec<String>,
    /// Certificates that receivers with HTTPS may be signed by, in PEM. Without it none is believed.
    pub authority: Option<PathBuf>,
}

/// Why nothing could be sent.
#[derive(Debug, thiserror::Error)]
pub enum PostmanError {
    /// The authorities cannot be read.
    #[error("cannot read certificates from {}: {why}; give a PEM file", file.display())]
    Authority {
        /// The file.
        file: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// The HTTP client cannot be made.
    #[error("cannot prepare to send notifications: {0}")]
    Client(String),
}

/// Sends HTTP requests.
#[derive(Debug)]
pub struct Postman {
    http: reqwest::Client,
    hosts: Vec<String>,
}

impl Postman {
    /// A postman for some receivers.
    pub fn new(receivers: &Receivers) -> Result<Arc<Self>, PostmanError> {
        let mut roots = rustls::RootCertStore::empty();
        if let Some(file) = &receivers.authority {
            for certificate in certificates(file)? {
                roots.add(certificate).map_err(|error| refused(file, &error.to_string()))?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| PostmanError::Client(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // The name means this machine, whatever a resolver says.
            .resolve("localhost", SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .build()
            .map_err(|error| PostmanError::Client(error.to_string()))?;
        Ok(Arc::new(Self { http, hosts: receivers.hosts.clone() }))
    }

    /// Works until the site is closed.
    pub async fn work(self: Arc<Self>, site: Arc<Site>) {
        let mut stopped = site.stopped.clone();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut errands = JoinSet::new();
        loop {
            let (due, next) = site.due();
            for outgoing in due {
                let (postman, site, places) = (self.clone(), site.clone(), places.clone());
                errands.spawn(async move {
                    // The semaphore is never closed; without a place the errand would only be early.
                    let _place = places.acquire_owned().await;
                    let outcome = postman.send(&outgoing).await;
                    site.delivered(outgoing.number, outcome);
                });
            }
            while errands.try_join_next().is_some() {}
            tokio::select! {
                biased;
                // An error means that the site is gone: then too it is time to stop.
                _ = stopped.wait_for(|stop| *stop) => return,
                () = site.sooner.notified() => {}
                () = site.clock.until(next) => {}
            }
        }
    }

    async fn send(&self, outgoing: &Outgoing) -> Outcome {
        match tokio::time::timeout(outgoing.timeout, self.exchange(outgoing)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(why)) => Outcome::Failed { why },
            Err(_) => Outcome::TimedOut,
        }
    }

    async fn exchange(&self, outgoing: &Outgoing) -> Result<Outcome, String> {
        let url = self.allowed(&outgoing.url)?;
        let mut request = self.http.post(url).body(outgoing.body.clone());
        for (name, value) in &outgoing.headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(|error| cause(&error))?;
        let media_type = response.headers().get(http::header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| cause(&error))? {
            let room = LONGEST_ANSWER.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                break;
            }
        }
        Ok(Outcome::Answered { status: response.status().as_u16(), media_type, body: body.into() })
    }

    /// The URL, if it leads to a receiver to whom the tenant may send.
    fn allowed(&self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|error| format!("{text} is no URL: {error}"))?;
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let place = url.host_str().zip(url.port_or_known_default());
        let named =
            place.is_some_and(|(host, port)| self.hosts.iter().any(|one| *one == format!("{host}:{port}")));
        if matches!(url.scheme(), "http" | "https") && (loopback || named) {
            return Ok(url);
        }
        Err(format!("{text} is neither on a loopback address nor an allowed receiver"))
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, PostmanError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(refused(file, "it holds none")),
        Err(error) => Err(refused(file, &error.to_string())),
    }
}

fn refused(file: &Path, why: &str) -> PostmanError {
    PostmanError::Authority { file: file.to_owned(), why: why.to_owned() }
}

/// The innermost reason; the outer ones only repeat the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_named_receivers_are_sent_to() {
        let receivers = Receivers { hosts: vec!["hooks.example:8443".to_owned()], authority: None };
        let postman = Postman::new(&receivers).unwrap();
        for url in [
            "http://127.0.0.1/x",
            "http://127.9.8.7:1/x",
            "https://[::1]:2/x",
            "http://localhost:3/",
            "https://hooks.example:8443/graph",
        ] {
            assert!(postman.allowed(url).is_ok(), "{url}");
        }
        for url in [
            "https://hooks.example/graph",
            "http://10.0.0.1/",
            "http://localhost.example/",
            "http://127.0.0.1@example.org/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
        ] {
            assert!(postman.allowed(url).is_err(), "{url}");
        }
    }
}
