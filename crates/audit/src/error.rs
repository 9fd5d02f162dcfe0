//! What can keep the audit from an answer.

use crate::XmlError;
use tandem_outside::{NetworkError, TransportError};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// TLS cannot be set up.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The tenant's control API or the CRM did not answer.
    #[error("the {side} did not answer: {source}")]
    Away {
        /// Which of the two.
        side: &'static str,
        /// What happened.
        source: TransportError,
    },
    /// An address that is none.
    #[error("{url} is no address of a {side}: {why}")]
    Address {
        /// Which of the two.
        side: &'static str,
        /// The text that should have been one.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// An answer with an error status.
    #[error("the {side} refused {request}: HTTP {status}: {text}")]
    Refused {
        /// Which of the two.
        side: &'static str,
        /// What was asked.
        request: String,
        /// HTTP status.
        status: u16,
        /// The beginning of the answer.
        text: String,
    },
    /// The control API answered something that is no JSON of the expected shape.
    #[error("the tenant's answer to {request} cannot be read: {source}")]
    Json {
        /// What was asked.
        request: String,
        /// What did not fit.
        source: serde_json::Error,
    },
    /// The CRM answered something that is no XML of the expected shape.
    #[error("the CRM's answer to {request} cannot be read: {source}")]
    Xml {
        /// What was asked.
        request: String,
        /// What did not fit.
        source: XmlError,
    },
    /// The CRM answered a command with an error.
    #[error("the CRM cannot do {request}: {code}: {text}")]
    Crm {
        /// What was asked.
        request: String,
        /// The CRM's code.
        code: String,
        /// The CRM's words.
        text: String,
    },
}
