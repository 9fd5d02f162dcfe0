//! Who comes in: the program knows its people, this crate does not.

use crate::Language;
use std::future::Future;

/// The program could not look at the moment.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// Who is signed in.
pub trait Visitor: Clone + Send + Sync + 'static {
    /// The name that the page's head shows.
    fn name(&self) -> &str;
    /// Whether pages for administrators are open to him.
    fn is_administrator(&self) -> bool;
    /// The language that he chose for good; else his browser's holds.
    fn language(&self) -> Option<Language>;
}

/// Decides who may sign in.
pub trait Door: Send + Sync + 'static {
    /// Who signs in here.
    type Visitor: Visitor;

    /// The visitor with this login and password; none where one of them is wrong. How long it takes must not tell
    /// which.
    fn admit(
        &self,
        login: &str,
        password: &str,
    ) -> impl Future<Output = Result<Option<Self::Visitor>, Unavailable>> + Send;

    /// The visitor as he is now; none where he may no longer be here. Asked before every page, so that a right which is
    /// taken away is gone at once.
    fn renew(
        &self,
        visitor: &Self::Visitor,
    ) -> impl Future<Output = Result<Option<Self::Visitor>, Unavailable>> + Send;
}
