//! Just enough XML to read what CRM.interface answers.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;

/// Deeper nesting is no answer of CRM.interface.
const MAX_DEPTH: usize = 64;

/// An element with all that it holds; names without their namespace prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// Attributes by local name.
    pub attributes: BTreeMap<String, String>,
    /// Elements inside, in order.
    pub children: Vec<Element>,
    /// Text directly inside, pieces joined.
    pub text: String,
}

/// What is wrong with a document.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// Not well-formed.
    #[error("not well-formed: {0}")]
    Malformed(String),
    /// A document type definition, which nobody needs here.
    #[error("a document type definition is not accepted")]
    DocumentType,
    /// An entity that XML itself does not define.
    #[error("the entity &{0}; is not known")]
    Entity(String),
    /// Nested too deeply.
    #[error("nested deeper than {MAX_DEPTH}")]
    Depth,
    /// No element at all, or it does not end.
    #[error("the document is incomplete")]
    Incomplete,
}

impl Element {
    /// Reads a document; answers its root element.
    pub fn parse(document: &str) -> Result<Self, XmlError> {
        let mut reader = Reader::from_str(document);
        let mut open: Vec<Element> = Vec::new();
        loop {
            let event = reader.read_event().map_err(|error| XmlError::Malformed(error.to_string()))?;
            let closed = match event {
                Event::Start(start) => {
                    if open.len() == MAX_DEPTH {
                        return Err(XmlError::Depth);
                    }
                    open.push(opened(&start)?);
                    None
                }
                Event::Empty(start) => Some(opened(&start)?),
                Event::End(_) => open.pop(),
                Event::Text(text) => {
                    append(&mut open, &text.xml10_content());
                    None
                }
                Event::CData(text) => {
                    append(&mut open, &text.xml10_content());
                    None
                }
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content().into_owned();
                    let text = match reference.resolve_char_ref() {
                        Ok(Some(character)) => character.to_string(),
                        _ => predefined(&name).ok_or_else(|| XmlError::Entity(name.clone()))?.to_owned(),
                    };
                    append(&mut open, &text);
                    None
                }
                Event::DocType(_) => return Err(XmlError::DocumentType),
                Event::Eof => return Err(XmlError::Incomplete),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => None,
            };
            if let Some(element) = closed {
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Ok(element),
                }
            }
        }
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// An attribute; empty when absent.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// The first that fits of this element and all below it, in document order.
    pub fn find(&self, fits: &impl Fn(&Element) -> bool) -> Option<&Element> {
        if fits(self) { Some(self) } else { self.children.iter().find_map(|child| child.find(fits)) }
    }

    /// This element and all below it, in document order.
    pub fn descendants(&self) -> Vec<&Element> {
        let mut found = vec![self];
        for child in &self.children {
            found.extend(child.descendants());
        }
        found
    }
}

/// Text as it stands in an element or attribute. Characters that XML 1.0 cannot hold are left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            other if other < ' ' || matches!(other, '\u{fffe}' | '\u{ffff}') => {}
            other => escaped.push(other),
        }
    }
    escaped
}

fn opened(start: &BytesStart<'_>) -> Result<Element, XmlError> {
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| XmlError::Malformed(error.to_string()))?;
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|error| XmlError::Malformed(error.to_string()))?;
        attributes.insert(attribute.key.local_name().as_ref().to_owned(), value.into_owned());
    }
    Ok(Element { name: start.local_name().as_ref().to_owned(), attributes, ..Element::default() })
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
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
    fn elements_attributes_and_text() {
        let root = Element::parse(
            "<?xml version='1.0'?><a x='1 &amp; 2'><m:b>R&amp;D &#228;<![CDATA[<&>]]></m:b><c/></a>",
        )
        .unwrap();
        assert_eq!(root.attribute("x"), "1 & 2");
        assert_eq!(root.child("b").unwrap().text, "R&D ä<&>");
        assert!(root.child("c").unwrap().children.is_empty());
    }

    #[test]
    fn what_is_escaped_is_read_back() {
        let text = "a<b>&\"c\"\r\n\td\u{0}e";
        let root = Element::parse(&format!("<r v=\"{0}\">{0}</r>", escape(text))).unwrap();
        assert_eq!(root.text, "a<b>&\"c\"\r\n\tde");
        assert_eq!(root.attribute("v"), root.text);
    }

    #[test]
    fn what_could_do_harm_is_refused() {
        assert!(matches!(Element::parse("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), Err(XmlError::DocumentType)));
        assert!(matches!(Element::parse("<a>&b;</a>"), Err(XmlError::Entity(_))));
        assert!(matches!(Element::parse(&"<a>".repeat(70)), Err(XmlError::Depth)));
        assert!(matches!(Element::parse("<a>"), Err(XmlError::Incomplete | XmlError::Malformed(_))));
    }
}
