//! What can go wrong with a page, and the page that says so.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// A page that cannot be had. A handler answers it; the visitor sees a page in his language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no such page, or no such record.
    #[error("not found")]
    NotFound,
    /// The page exists, but not with this method.
    #[error("method not allowed")]
    Method,
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// The visitor may not do this; the text says what he lacks.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// The form did not come from a page of this session.
    #[error("the form is no form of this session")]
    ForeignForm,
    /// The request is none that a page of ours sends.
    #[error("{0}")]
    Unreadable(String),
    /// More was sent than is taken, in bytes.
    #[error("more than {0} bytes were sent")]
    TooLarge(usize),
    /// Too many wrong passwords: so many seconds to wait.
    #[error("closed for {0} seconds")]
    TooOften(i64),
    /// The program failed; the text says why and what to do.
    #[error("{0}")]
    Failed(String),
}

impl Trouble {
    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Under which name its texts stand in section `error`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Method => "method",
            Self::SignedOut => "signed_out",
            Self::Forbidden(_) => "forbidden",
            Self::ForeignForm => "foreign_form",
            Self::Unreadable(_) => "unreadable",
            Self::TooLarge(_) => "too_large",
            Self::TooOften(_) => "too_often",
            Self::Failed(_) => "failed",
        }
    }

    /// What is particular to this one.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Forbidden(text) | Self::Unreadable(text) | Self::Failed(text) => text.clone(),
            _ => String::new(),
        }
    }
}

impl IntoResponse for Trouble {
    /// A bare status; the gate makes a page of it, since it knows the visitor's language.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        Self::Failed(format!("the page cannot be written: {error}"))
    }
}
