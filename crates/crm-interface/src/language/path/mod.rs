//! The conditions of `break`: a part of `XPath` 1.0 over the answers so far.
//!
//! Public is that `if` holds an `XPath` expression over the document `/root/response/…` and the example
//! `/root/response/*[last()]//return[@type='error']` (administrator guide of CRM.interface, *Commands*). Which part of
//! `XPath` is understood is our reading: absolute paths of child (`/`) and descendant (`//`) steps with names, `*` and a
//! last step to an attribute; predicates with positions, `last()`, attributes and children; `=`, `!=`, `<`, `<=`, `>`,
//! `>=`, `and`, `or`, `not()`, `count()`, `true()`, `false()`, whole numbers and texts. Everything else is an error that says
//! where it stands. Names are local ones, because the language is namespace-neutral.

mod evaluate;
mod parse;

use std::fmt;

/// A condition over the answers so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    source: String,
    expression: Expression,
}

impl Test {
    /// Reads a condition.
    pub fn parse(source: &str) -> Result<Self, TestError> {
        Ok(Self { source: source.to_owned(), expression: parse::parse(source)? })
    }

    /// The condition as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// A condition that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("character {at} of the condition: {expected}")]
pub struct TestError {
    /// At which character, counted from 1.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Value, Sign, Value),
    Is(Value),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Path(Path),
    Count(Path),
    /// The number of nodes in the present step.
    Last,
    Number(u32),
    Text(String),
    Truth(bool),
}

/// Steps; a relative path starts at the node whose predicate it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Path {
    absolute: bool,
    steps: Vec<Step>,
    /// A last step to an attribute.
    attribute: Option<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    /// `//`: any descendant instead of a child.
    deep: bool,
    /// None means any element.
    name: Option<String>,
    predicates: Vec<Expression>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    deep: bool,
    /// None means any attribute.
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}
