//! An element as it was read.

use super::text::local;
use super::{Problem, ReadError};
use std::borrow::Cow;
use std::str::FromStr;

/// Most characters of a wrong value that an error repeats.
const SHOWN: usize = 60;

/// An element with all that is in it. Its name borrows from the document, and so does text in which nothing was escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: Cow<'a, str>,
    pub(super) children: Vec<Element<'a>>,
    pub(super) line: usize,
}

impl<'a> Element<'a> {
    /// The name as written, with its namespace prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name without its namespace prefix: the language is namespace-neutral.
    pub fn local(&self) -> &str {
        local(&self.name)
    }

    /// The line on which it begins.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The attributes in their order, names as written.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of an attribute that must be there.
    pub fn require_attribute(&self, name: &'static str) -> Result<&str, ReadError> {
        self.attribute(name).ok_or_else(|| self.error(Problem::Missing(name)))
    }

    /// The value of an attribute, read as `T`.
    pub fn parse_attribute<T: FromStr>(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<Option<T>, ReadError> {
        self.attribute(name).map(|value| self.parse_text(value, expected)).transpose()
    }

    /// Whether an attribute says `true`.
    pub fn flag(&self, name: &str) -> Result<bool, ReadError> {
        match self.attribute(name) {
            None => Ok(false),
            Some(value) => bool_of(value).ok_or_else(|| self.invalid(value, "true or false")),
        }
    }

    /// The text directly in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text directly in it, taken out.
    pub fn into_text(self) -> String {
        self.text.into_owned()
    }

    /// The text without white space around it, read as `T`.
    pub fn parse<T: FromStr>(&self, expected: &'static str) -> Result<T, ReadError> {
        self.parse_text(&self.text, expected)
    }

    /// The child elements in their order.
    pub fn children(&self) -> &[Element<'a>] {
        &self.children
    }

    /// The child elements in their order, taken out.
    pub fn into_children(self) -> Vec<Element<'a>> {
        self.children
    }

    /// The first child of that local name.
    pub fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find(|child| child.local() == name)
    }

    /// The first child of that local name, which must be there.
    pub fn require(&self, name: &'static str) -> Result<&Element<'a>, ReadError> {
        self.child(name).ok_or_else(|| self.error(Problem::Missing(name)))
    }

    /// The first child of that local name, taken out.
    pub fn take(&mut self, name: &str) -> Option<Element<'a>> {
        let at = self.children.iter().position(|child| child.local() == name)?;
        Some(self.children.remove(at))
    }

    /// An error about this element.
    pub fn error(&self, problem: Problem) -> ReadError {
        ReadError { line: self.line, element: self.name.to_string(), problem }
    }

    /// An error about a value in this element.
    pub fn invalid(&self, found: &str, expected: &'static str) -> ReadError {
        let found = match found.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &found[..end]),
            None => found.to_owned(),
        };
        self.error(Problem::Invalid { found, expected })
    }

    fn parse_text<T: FromStr>(&self, text: &str, expected: &'static str) -> Result<T, ReadError> {
        text.trim().parse().map_err(|_| self.invalid(text, expected))
    }
}

/// Booleans as the CRM writes them; XML Schema's `1` and `0` are understood too.
fn bool_of(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "1" => Some(true),
        "false" | "0" | "" => Some(false),
        _ => None,
    }
}
