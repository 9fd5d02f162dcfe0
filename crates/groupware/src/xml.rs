//! A small reader of small XML files: elements with the line on which they stand. No DTD, no entities but XML's own,
//! bounded depth and size.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;

/// The largest configuration file that is read, in bytes.
pub const LARGEST_FILE: usize = 4 << 20;
/// No configuration file nests deeper.
const MAX_DEPTH: usize = 64;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// Where it stands in the text, in bytes, from its start tag to the end of its end tag.
    pub(crate) span: Range<usize>,
    pub(crate) attributes: Vec<(String, String)>,
    /// Text directly inside, as it stands.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// What is wrong with a file, and on which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct XmlError {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl XmlError {
    pub(crate) fn new(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

impl Element {
    /// Reads a whole document and answers its root.
    pub(crate) fn parse(text: &str) -> Result<Self, XmlError> {
        if text.len() > LARGEST_FILE {
            return Err(XmlError::new(1, format!("the file is larger than {} MiB", LARGEST_FILE >> 20)));
        }
        Parser { text, line: 1, seen: 0, open: Vec::new(), root: None }.run()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An attribute that has to be there and to hold something.
    pub(crate) fn required(&self, name: &str) -> Result<&str, XmlError> {
        self.attribute(name).map(str::trim).filter(|value| !value.is_empty()).ok_or_else(|| {
            XmlError::new(self.line, format!("<{}> needs the attribute \"{name}\"", self.name))
        })
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn unexpected(&self, inside: &str) -> XmlError {
        XmlError::new(self.line, format!("<{}> does not belong into <{inside}>", self.name))
    }
}

struct Parser<'a> {
    text: &'a str,
    line: usize,
    seen: usize,
    open: Vec<Element>,
    root: Option<Element>,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Element, XmlError> {
        let mut reader = Reader::from_str(self.text);
        loop {
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.advance(reader.error_position());
                    return Err(XmlError::new(self.line, error.to_string()));
                }
            };
            // Text before a tag is an event of its own: the tag begins on the line reached so far, even if it wraps.
            let (start_line, start_at) = (self.line, self.seen);
            self.advance(reader.buffer_position());
            match event {
                Event::Start(start) => {
                    let element = self.opened(&start, start_line, start_at)?;
                    if self.open.len() >= MAX_DEPTH {
                        return Err(XmlError::new(
                            self.line,
                            format!("elements nest deeper than {MAX_DEPTH}"),
                        ));
                    }
                    self.open.push(element);
                }
                Event::Empty(start) => {
                    let element = self.opened(&start, start_line, start_at)?;
                    self.close(element);
                }
                Event::End(_) => {
                    if let Some(element) = self.open.pop() {
                        self.close(element);
                    }
                }
                Event::Text(text) => self.append(&text.xml10_content())?,
                Event::CData(text) => self.append(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content().into_owned();
                    let text = match reference.resolve_char_ref() {
                        Ok(Some(character)) => character.to_string(),
                        _ => predefined(&name)
                            .ok_or_else(|| {
                                XmlError::new(self.line, format!("the entity &{name}; is not allowed"))
                            })?
                            .to_owned(),
                    };
                    self.append(&text)?;
                }
                Event::DocType(_) => {
                    return Err(XmlError::new(self.line, "a document type declaration is not allowed"));
                }
                Event::Eof => return self.finish(),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }

    fn advance(&mut self, position: u64) {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        if position > self.seen {
            self.line +=
                self.text.as_bytes()[self.seen..position].iter().filter(|byte| **byte == b'\n').count();
            self.seen = position;
        }
    }

    fn opened(&self, start: &BytesStart<'_>, line: usize, at: usize) -> Result<Element, XmlError> {
        if self.root.is_some() {
            return Err(XmlError::new(line, "there is more than one root element"));
        }
        let wrong = |error: &dyn std::fmt::Display| XmlError::new(line, error.to_string());
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| wrong(&error))?;
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| wrong(&error))?;
            attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
        }
        let name = start.local_name().as_ref().to_owned();
        Ok(Element { name, line, span: at..at, attributes, ..Element::default() })
    }

    fn append(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err(XmlError::new(self.line, "there is text outside of the root element")),
        }
        Ok(())
    }

    fn close(&mut self, mut element: Element) {
        element.span.end = self.seen;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn finish(mut self) -> Result<Element, XmlError> {
        if let Some(element) = self.open.pop() {
            return Err(XmlError::new(
                self.line,
                format!("<{}>, opened on line {}, is never closed", element.name, element.line),
            ));
        }
        self.root.ok_or_else(|| XmlError::new(1, "there is no root element"))
    }
}

fn predefined(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_line() {
        let root = Element::parse(
            "<?xml version='1.0'?>\n<!-- x -->\n<a>\n  <b x='1'/>\n  <c>t&amp;u<![CDATA[<]]></c>\n</a>",
        )
        .unwrap();
        assert_eq!(root.line, 3);
        assert_eq!(root.children[0].line, 4);
        assert_eq!(root.children[1].line, 5);
        assert_eq!(root.children[1].text, "t&u<");
    }

    #[test]
    fn what_is_not_plain_xml_is_refused_with_its_line() {
        let line = |text: &str| Element::parse(text).unwrap_err().line;
        assert_eq!(line("<a>\n<b>\n</a>"), 3);
        assert_eq!(line("<a>\n<b>"), 2);
        assert_eq!(line("<a/>\n<b/>"), 2);
        assert_eq!(line("<!DOCTYPE a [<!ENTITY e 'x'>]>\n<a>&e;</a>"), 1);
        assert_eq!(line("<a>\n&e;</a>"), 2);
        assert!(Element::parse(&"<a>".repeat(100)).unwrap_err().reason.contains("deeper"));
        assert!(Element::parse("").unwrap_err().reason.contains("no root"));
    }
}
