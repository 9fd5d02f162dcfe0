//! What there is to say about a translation: remarks, refusals, unreadable records.

use tandem_model::Kind;

/// A remark on a write that succeeded. Travels to the connector in the answer's status.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// A stable word: `participant-missing`, `text-truncated`, `person-created`, `adopted` …
    pub code: &'static str,
    /// In plain words.
    pub text: String,
}

impl Note {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Why an item is not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// A stable word: `person-unknown`, `person-ambiguous`, `existing-unreadable`.
    pub reason: &'static str,
    /// What is wrong and what to do, in plain words.
    pub text: String,
}

impl Refusal {
    pub(crate) fn new(reason: &'static str, text: impl Into<String>) -> Self {
        Self { reason, text: text.into() }
    }
}

/// A record that is no item: a field that it needs is empty or holds nonsense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record is no {kind}: {field} holds \"{value}\"; {expected}")]
pub struct Unreadable {
    /// The kind asked for.
    pub kind: Kind,
    /// Which field.
    pub field: String,
    /// What it holds.
    pub value: String,
    /// What it should hold.
    pub expected: &'static str,
}
