//! What can go wrong, and what the caller should do about it.

use std::time::Duration;
use tandem_outside::TransportError;

/// A request that brought no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// Entra gave no token.
    #[error("Microsoft Entra gives no token: {problem} ({code}: {detail}). {}", problem.advice())]
    Token {
        /// Which condition Entra reports.
        problem: TokenProblem,
        /// Entra's own code, such as `AADSTS7000215`, or the HTTP status.
        code: String,
        /// Entra's own words.
        detail: String,
    },
    /// Too many requests; the server says when to come back.
    #[error("{at}; the mailbox or the application is over its request limit")]
    Throttled {
        /// What was asked and answered.
        at: Answer,
        /// How long the server wants us to wait.
        after: Option<Duration>,
    },
    /// The service failed, also after the allowed number of tries.
    #[error("{at}; the service has a problem of its own, which usually passes")]
    Unavailable {
        /// What was asked and answered.
        at: Answer,
        /// How long the server wants us to wait.
        after: Option<Duration>,
    },
    /// No answer, and nothing was done.
    #[error("{what}: {source}; check that it can be reached from here")]
    Unreachable {
        /// What was tried, for which mailbox.
        what: String,
        /// Why there is no answer.
        source: TransportError,
    },
    /// A create got no clear answer: it may have happened. Look its key up before anything is written again.
    #[error("{what}: nobody knows whether it happened ({why}); the key has to be looked up first")]
    Ambiguous {
        /// What was tried, for which mailbox.
        what: String,
        /// What came instead of an answer.
        why: String,
    },
    /// It no longer exists there.
    #[error("{0}; it was deleted or moved away")]
    Gone(Answer),
    /// It changed since it was read: read again and plan again.
    #[error("{0}; it changed in Microsoft 365 since it was read")]
    Changed(Answer),
    /// The application may not do this, or the mailbox cannot be used.
    #[error("{at}. {advice}")]
    Denied {
        /// What was asked and answered.
        at: Answer,
        /// What to do about it.
        advice: &'static str,
    },
    /// The position of a delta query is no longer known there: start over without one.
    #[error("{0}; the position is no longer known there, the collection has to be read anew")]
    ResyncRequired(Answer),
    /// The service refuses this request for what it says.
    #[error("{0}; it will be refused again as long as the item stays as it is")]
    Rejected(Answer),
    /// We know without asking that it cannot be written.
    #[error("{what}: {why}")]
    NotWritable {
        /// What was to be written, for which mailbox.
        what: String,
        /// Why it cannot be.
        why: String,
    },
    /// What is there does not read as an item.
    #[error("{what}: it does not read as an item: {why}")]
    Malformed {
        /// What was read, for which mailbox.
        what: String,
        /// What does not fit, in plain words.
        why: String,
    },
    /// A link in an answer leads away from the configured service. It was not followed.
    #[error("{what}: the answer links to {host}, which is not the configured {configured}; not followed")]
    ForeignLink {
        /// What was tried.
        what: String,
        /// Where the link leads.
        host: String,
        /// Where it should lead.
        configured: String,
    },
    /// The pages of a collection do not come to an end: a link leads back to a page that was read before, or there
    /// are more than any collection has.
    #[error(
        "{what}: after {pages} pages the answers lead back to one that was read already, or go on without end; \
         what was read holds, and the rest is read another time"
    )]
    Circle {
        /// What was read, for which mailbox.
        what: String,
        /// Links that were followed.
        pages: usize,
    },
    /// The answer is not what the service documents.
    #[error("{what}: the answer cannot be read: {why}")]
    Unreadable {
        /// What was asked, for which mailbox.
        what: String,
        /// What does not fit.
        why: String,
    },
}

/// A refusal by Microsoft Graph, with what support will ask for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: Microsoft Graph answers {status} {code}: {message} (request-id {request_id})")]
pub struct Answer {
    /// What was asked, for which mailbox.
    pub what: String,
    /// HTTP status.
    pub status: u16,
    /// Graph's code, such as `ErrorItemNotFound`.
    pub code: String,
    /// Graph's text.
    pub message: String,
    /// Graph's id of the request.
    pub request_id: String,
}

/// Why Entra gives no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// The secret is not the application's.
    #[error("the client secret is wrong")]
    WrongSecret,
    /// The secret's time is over.
    #[error("the client secret has expired")]
    ExpiredSecret,
    /// No such application in this tenant.
    #[error("the tenant knows no application with this client id")]
    UnknownApp,
    /// No such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// An administrator switched the application off.
    #[error("the application is disabled")]
    DisabledApp,
    /// The requested scope is not one of this cloud.
    #[error("the requested scope is not valid")]
    BadScope,
    /// The request itself is faulty, or refused for another reason.
    #[error("the request is refused")]
    Refused,
    /// Entra has a problem of its own, or we ask too often.
    #[error("the service has a problem of its own")]
    Unavailable,
}

impl TokenProblem {
    /// What a person should do.
    pub fn advice(self) -> &'static str {
        match self {
            Self::WrongSecret => {
                "Enter the secret's value (not its id, which stands beside it in the portal) anew, \
                 or create a new client secret under \"Certificates & secrets\" of the app registration"
            }
            Self::ExpiredSecret => {
                "Create a new client secret under \"Certificates & secrets\" of the app registration and enter its value"
            }
            Self::UnknownApp => {
                "Check the application (client) id (not the object id beside it) and that the registration is in this tenant"
            }
            Self::UnknownTenant => {
                "Check the directory (tenant) id of the app registration and the configured cloud"
            }
            Self::DisabledApp => "Ask an administrator to enable sign-in for the enterprise application",
            Self::BadScope => "Check that the configured Graph address belongs to the cloud of the tenant",
            Self::Refused => {
                "Look the code up in Entra's list of errors; check tenant id, client id and secret"
            }
            Self::Unavailable => "It is tried again",
        }
    }
}

/// What a caller should do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Try again later, not before `after`.
    Retry {
        /// How long the server wants us to wait.
        after: Option<Duration>,
    },
    /// The item, or its place, is gone.
    Gone,
    /// Read again, plan again.
    Changed,
    /// The mailbox cannot be used until somebody grants a right or a licence.
    Denied,
    /// Start the delta query over.
    Resync,
    /// Look the key up before anything is written again.
    Ambiguous,
    /// This item cannot be read or written as it is.
    Rejected,
    /// Nothing will work until a person acts.
    Fatal,
}

impl GraphError {
    /// What to do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Token { problem: TokenProblem::Unavailable, .. } => Class::Retry { after: None },
            Self::Token { .. } | Self::ForeignLink { .. } => Class::Fatal,
            Self::Throttled { after, .. } | Self::Unavailable { after, .. } => Class::Retry { after: *after },
            Self::Unreachable { .. } | Self::Unreadable { .. } | Self::Circle { .. } => {
                Class::Retry { after: None }
            }
            Self::Ambiguous { .. } => Class::Ambiguous,
            Self::Gone(_) => Class::Gone,
            Self::Changed(_) => Class::Changed,
            Self::Denied { .. } => Class::Denied,
            Self::ResyncRequired(_) => Class::Resync,
            Self::Rejected(_) | Self::NotWritable { .. } | Self::Malformed { .. } => Class::Rejected,
        }
    }
}
