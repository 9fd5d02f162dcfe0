//! The real network.

use crate::{Limits, Transport, TransportError};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// The network, with one pool of kept-alive connections.
#[derive(Debug, Clone)]
pub struct Network {
    client: reqwest::Client,
}

/// The TLS set-up of this machine cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up TLS: {0}")]
pub struct NetworkError(#[from] reqwest::Error);

impl Network {
    /// A network with the machine's trusted certificates.
    pub fn new() -> Result<Self, NetworkError> {
        // A second installation is refused and harmless: the provider is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(50))
            .tcp_nodelay(true)
            .user_agent(concat!("tandem/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Transport for Network {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let url = without_query(request.uri());
        if let Some(why) = forbidden(request.uri()) {
            return Err(TransportError::Refused { url, why });
        }
        let exchange = async {
            let request = reqwest::Request::try_from(request.map(reqwest::Body::from))
                .map_err(|error| TransportError::Refused { url: url.clone(), why: cause(&error) })?;
            let response = self.client.execute(request).await.map_err(|error| failure(&url, &error))?;
            read(response, &url, limits.max_body).await
        };
        match tokio::time::timeout(limits.deadline, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(TransportError::Timeout { url: url.clone(), deadline: limits.deadline }),
        }
    }
}

async fn read(
    mut response: reqwest::Response,
    url: &str,
    limit: usize,
) -> Result<http::Response<Bytes>, TransportError> {
    let too_large = || TransportError::TooLarge { url: url.to_owned(), limit };
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).unwrap_or(usize::MAX) > limit {
        return Err(too_large());
    }
    let mut answer = http::Response::new(());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(url, &error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(answer.map(|()| body.freeze()))
}

fn failure(url: &str, error: &reqwest::Error) -> TransportError {
    let (url, why) = (url.to_owned(), cause(error));
    if error.is_connect() {
        TransportError::Connect { url, why }
    } else {
        TransportError::Broken { url, why }
    }
}

/// What is at the bottom of an error ("connection refused"). What lies above names layers of libraries, and the URL,
/// whose query may hold a token.
fn cause(error: &dyn Error) -> String {
    let mut bottom = error.source();
    while let Some(below) = bottom.and_then(Error::source) {
        bottom = Some(below);
    }
    bottom.map_or_else(|| "the connection failed".to_owned(), ToString::to_string)
}

fn forbidden(uri: &http::Uri) -> Option<String> {
    match uri.scheme_str() {
        Some("https") => None,
        Some("http") if is_loopback(uri.host().unwrap_or_default()) => None,
        Some("http") => Some("plain HTTP is allowed to this machine only; use https".to_owned()),
        _ => Some("the address must begin with https://".to_owned()),
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_query(uri: &http::Uri) -> String {
    Url::parse(&uri.to_string()).map_or_else(
        |_| uri.path().to_owned(),
        |mut url| {
            url.set_query(None);
            url.to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_loopback_only() {
        let forbidden = |uri: &str| forbidden(&uri.parse().unwrap()).is_some();
        assert!(!forbidden("https://graph.microsoft.com/v1.0"));
        assert!(!forbidden("http://127.0.0.1:8080/"));
        assert!(!forbidden("http://[::1]:8080/"));
        assert!(!forbidden("http://localhost/"));
        assert!(forbidden("http://crm.example.com/"));
        assert!(forbidden("http://127.0.0.1.example.com/"));
        assert!(forbidden("ftp://127.0.0.1/"));
    }

    #[tokio::test]
    async fn nobody_listening_is_a_connect_error_without_query() {
        let request = http::Request::get("http://127.0.0.1:1/x?token=secret").body(Bytes::new()).unwrap();
        let limits = Limits { deadline: Duration::from_secs(5), max_body: 10 };
        let error = Network::new().unwrap().send(request, limits).await.unwrap_err();
        assert!(matches!(error, TransportError::Connect { .. }), "{error:?}");
        assert!(!error.to_string().contains("secret"));
    }
}
