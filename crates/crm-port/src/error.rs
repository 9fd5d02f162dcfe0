//! Why the CRM gave no answers at all.

/// A call that failed as a whole. A command that fails alone is not an error but an answer.
///
/// The text is the adapter's: it says what failed, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct PortError {
    class: ErrorClass,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// What a failed call means for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// It may well work later without anybody doing anything. Whether the CRM acted on the call is unknown.
    Transient,
    /// The CRM does not accept the connector, or does not know the rep.
    Denied,
    /// The two sides do not understand each other: a person must look.
    Protocol,
}

impl PortError {
    /// An error with its class.
    pub fn new(class: ErrorClass, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { class, source: source.into() }
    }

    /// What it means for the next call.
    pub fn class(&self) -> ErrorClass {
        self.class
    }

    /// Whether it may well work later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        self.class == ErrorClass::Transient
    }
}
