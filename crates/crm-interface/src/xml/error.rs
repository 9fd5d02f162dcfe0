//! Why a document was not understood.

/// A document that is not what it should be: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {problem}", in_element(element))]
pub struct ReadError {
    /// Line, counted from 1; zero when it is about the document as a whole.
    pub line: usize,
    /// Name of the element that holds the trouble; empty outside of the root element.
    pub element: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not UTF-8.
    #[error("not UTF-8 (byte {0}); send UTF-8")]
    NotUtf8(usize),
    /// It declares another encoding.
    #[error("declares the encoding \"{0}\"; send UTF-8")]
    Encoding(String),
    /// It has a document type.
    #[error("document types are not accepted; send the document without <!DOCTYPE …>")]
    Doctype,
    /// It uses an entity that XML itself does not define.
    #[error("the entity &{0}; is not one of the five of XML")]
    Entity(String),
    /// It holds a character that XML 1.0 does not have.
    #[error("U+{0:04X} is no character of XML 1.0")]
    Character(u32),
    /// It is not well-formed.
    #[error("not well-formed: {0}")]
    Malformed(String),
    /// It is larger than the limit.
    #[error("{what} beyond the limit of {limit}")]
    TooLarge {
        /// What is too large or too many.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Something that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Something is there that cannot be.
    #[error("\"{found}\" is not {expected}")]
    Invalid {
        /// The beginning of what was found.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// An answer does not fit its request.
    #[error("{0}")]
    Mismatch(String),
}

impl ReadError {
    /// Trouble with the document as a whole.
    pub(crate) fn document(problem: Problem) -> Self {
        Self { line: 0, element: String::new(), problem }
    }
}

fn in_element(element: &str) -> String {
    if element.is_empty() { String::new() } else { format!(", <{element}>") }
}
