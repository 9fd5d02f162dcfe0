//! One HTTP request, one answer.

use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;

/// What a request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole exchange, from connecting to the last byte of the answer.
    pub deadline: Duration,
    /// Largest answer that is read, in bytes.
    pub max_body: usize,
}

/// Sends a request and reads the whole answer. Every HTTP status is an answer, not an error.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request` and waits for the answer within `limits`.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

/// Why there is no answer. Whether the other side acted on the request is unknown except after `Refused`,
/// `Connect` and `Unsent`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request is one that we never send.
    #[error("not sent to {url}: {why}")]
    Refused {
        /// Where to, without query.
        url: String,
        /// Which rule forbids it.
        why: String,
    },
    /// No connection: the host is unknown, away, or its certificate is not trusted.
    #[error("cannot connect to {url}: {why}")]
    Connect {
        /// Where to, without query.
        url: String,
        /// The cause at the bottom.
        why: String,
    },
    /// The deadline passed.
    #[error("no answer from {url} within {} s", deadline.as_secs_f32())]
    Timeout {
        /// Where to, without query.
        url: String,
        /// The limit.
        deadline: Duration,
    },
    /// The connection broke before the answer was complete.
    #[error("the answer from {url} broke off: {why}")]
    Broken {
        /// Where to, without query.
        url: String,
        /// The cause at the bottom.
        why: String,
    },
    /// The answer is larger than the limit.
    #[error("the answer from {url} is larger than {limit} bytes")]
    TooLarge {
        /// Where to, without query.
        url: String,
        /// The limit in bytes.
        limit: usize,
    },
}
