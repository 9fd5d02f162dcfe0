//! Why the CRM gave no answer, or not the one that was asked for.

use crate::language::WriteError;
use crate::xml::ReadError;
use tandem_outside::TransportError;

/// What the interface says while an earlier request of the same user is still running.
const ALREADY_ACTIVE: &str = "already active";

/// A request to the CRM that failed as a whole. A command that fails alone is not an error but an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrmError {
    /// There is no answer. Whether the CRM acted on the request is unknown, unless it was never sent.
    #[error("the CRM did not answer: {0}; check that CRM.interface runs and can be reached from here")]
    Transport(#[from] TransportError),
    /// The web server answered, not the interface.
    #[error("the CRM's web server at {url} answered HTTP {status}{}; {}", shown(text), hint(*status))]
    Http {
        /// Where to, without query.
        url: String,
        /// Status code.
        status: u16,
        /// The beginning of what it said.
        text: String,
    },
    /// The interface refused the request as a whole and did nothing of it.
    #[error(
        "the CRM at {url} refused {}: {text} (code {code}{}); {}",
        whose(who), worded(reason), refusal_hint(*code, text)
    )]
    Refused {
        /// Where to, without query.
        url: String,
        /// In whose name: the principal, or the user where there is none.
        who: String,
        /// SyncML status code, or the code of the XML language; zero if that is no number.
        code: u16,
        /// Why, as a stable word.
        reason: Option<String>,
        /// Why, in the CRM's words.
        text: String,
    },
    /// The answer is not what the language says it should be.
    #[error(
        "cannot read the answer of the CRM at {url}: {source}; check that the address is that of CRM.interface \
         and that nothing between rewrites its answers"
    )]
    Answer {
        /// Where to, without query.
        url: String,
        /// What is wrong with it.
        source: ReadError,
    },
    /// A command whose answer the client itself depends on failed.
    #[error("the CRM at {url} could not {what}: {text} (code {code})")]
    Command {
        /// Where to, without query.
        url: String,
        /// What was asked for.
        what: &'static str,
        /// Code of the error.
        code: String,
        /// Text of the error.
        text: String,
    },
    /// The request cannot be written in the XML language; it was not sent.
    #[error("cannot write the request: {0}")]
    Request(#[from] WriteError),
    /// The address cannot be used; nothing was sent.
    #[error("{url} cannot be the address of a CRM.interface: {why}")]
    Address {
        /// The address, without user, password and query.
        url: String,
        /// What is wrong with it.
        why: String,
    },
}

impl CrmError {
    /// Whether it may well work later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            CrmError::Transport(error) => {
                !matches!(error, TransportError::Refused { .. } | TransportError::TooLarge { .. })
            }
            CrmError::Http { status, .. } => *status >= 500 || matches!(status, 408 | 429),
            CrmError::Refused { code, reason, text, .. } => {
                is_already_active(reason.as_deref(), text) || *code >= 500 || *code == 417
            }
            CrmError::Answer { .. }
            | CrmError::Command { .. }
            | CrmError::Request(_)
            | CrmError::Address { .. } => false,
        }
    }

    /// Whether the CRM does not know or accept the master user, the client or the principal.
    pub fn is_denied(&self) -> bool {
        match self {
            CrmError::Http { status, .. } => matches!(status, 401 | 403),
            CrmError::Refused { code, reason, text, .. } => {
                matches!(code, 401 | 403 | 407) && !is_already_active(reason.as_deref(), text)
            }
            CrmError::Command { code, .. } => matches!(code.as_str(), "401" | "403"),
            _ => false,
        }
    }

    /// Whether the two sides do not speak the same language: a person must look.
    pub fn is_protocol(&self) -> bool {
        match self {
            CrmError::Answer { .. } | CrmError::Request(_) | CrmError::Address { .. } => true,
            CrmError::Transport(TransportError::Refused { .. } | TransportError::TooLarge { .. }) => true,
            _ => !self.is_transient() && !self.is_denied(),
        }
    }

    /// Whether it is certain that the CRM did nothing of the request.
    pub fn is_unsent(&self) -> bool {
        match self {
            CrmError::Transport(error) => {
                matches!(error, TransportError::Refused { .. } | TransportError::Connect { .. })
            }
            CrmError::Refused { .. } | CrmError::Request(_) | CrmError::Address { .. } => true,
            CrmError::Http { status, .. } => matches!(status, 401 | 403 | 404 | 405 | 413 | 429),
            CrmError::Answer { .. } | CrmError::Command { .. } => false,
        }
    }
}

fn is_already_active(reason: Option<&str>, text: &str) -> bool {
    reason == Some("already-active") || text.to_lowercase().contains(ALREADY_ACTIVE)
}

fn shown(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" (\"{text}\")") }
}

fn worded(reason: &Option<String>) -> String {
    reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default()
}

fn whose(who: &str) -> String {
    if who.is_empty() { "a request".to_owned() } else { format!("a request of {who}") }
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => "check the master user's login and password, and that the site lets the connector in",
        404 => "check the address of CRM.interface; it ends in CRMinterface/xml in the guide's example",
        408 | 429 | 500.. => "this may pass; if it does not, the web server's log says more",
        _ => "check the address of CRM.interface and the web server's log",
    }
}

fn refusal_hint(code: u16, text: &str) -> &'static str {
    match code {
        _ if is_already_active(None, text) => "an earlier request of this user is still running there",
        401 | 407 => "check the master user's login and password (credentials), and masterUser in forms.xml",
        403 => "check that forms.xml lists the client and that the rep exists, is active and has a login",
        _ => "the log of CRM.interface says more",
    }
}
