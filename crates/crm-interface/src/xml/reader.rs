//! Reading a whole document into elements, within limits.

use super::text::{is_char, is_name};
use super::{Element, Problem, ReadError};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;

/// What a document may cost. Every limit is inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size in bytes.
    pub bytes: usize,
    /// Elements within one another.
    pub depth: usize,
    /// Elements altogether.
    pub elements: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Bytes of one attribute's value.
    pub attribute_bytes: usize,
}

impl Limits {
    /// What both sides of the interface accept: 64 MiB, which is more than ten items with their attachments.
    pub const MESSAGE: Self =
        Self { bytes: 64 << 20, depth: 64, elements: 1_000_000, attributes: 64, attribute_bytes: 256 << 10 };
}

/// Reads a document within [`Limits::MESSAGE`] and gives its root element.
pub fn parse(document: &[u8]) -> Result<Element<'_>, ReadError> {
    parse_within(document, Limits::MESSAGE)
}

/// Reads a document and gives its root element.
pub fn parse_within(document: &[u8], limits: Limits) -> Result<Element<'_>, ReadError> {
    if document.len() > limits.bytes {
        return Err(ReadError::document(Problem::TooLarge { what: "bytes", limit: limits.bytes }));
    }
    Builder::new(text(document)?, limits).run()
}

/// Reads no further than the root element's start tag and gives its name, with its namespace prefix.
pub fn root_name(document: &[u8]) -> Result<String, ReadError> {
    // A character that is cut at the end of the piece is no reason to refuse the document.
    let piece = &document[..document.len().min(PROLOGUE)];
    let piece = match std::str::from_utf8(piece) {
        Err(error) if error.error_len().is_none() => &piece[..error.valid_up_to()],
        _ => piece,
    };
    let mut builder = Builder::new(text(piece)?, Limits::MESSAGE);
    let mut reader = quick_xml::Reader::from_str(builder.text);
    loop {
        match builder.event(&mut reader)? {
            Event::Start(tag) | Event::Empty(tag) => {
                return Ok(builder.element(&tag)?.name.into_owned());
            }
            Event::Eof => return Err(builder.malformed("there is no element")),
            event => builder.take(event)?,
        }
    }
}

/// Longest name of an element or attribute, in bytes.
const NAME: usize = 256;

/// How many bytes the root element's start tag may end behind, at most.
const PROLOGUE: usize = 64 << 10;

fn text(document: &[u8]) -> Result<&str, ReadError> {
    let text = std::str::from_utf8(document)
        .map_err(|error| ReadError::document(Problem::NotUtf8(error.valid_up_to())))?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

struct Builder<'a> {
    text: &'a str,
    limits: Limits,
    line: usize,
    /// Up to which byte lines are counted.
    counted: usize,
    /// Whether there is more than one line: most documents are written without a break.
    breaks: bool,
    stack: Vec<Element<'a>>,
    root: Option<Element<'a>>,
    elements: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, limits: Limits) -> Self {
        let breaks = text.contains('\n');
        Self { text, limits, line: 1, counted: 0, breaks, stack: Vec::new(), root: None, elements: 0 }
    }

    fn run(mut self) -> Result<Element<'a>, ReadError> {
        let mut reader = quick_xml::Reader::from_str(self.text);
        loop {
            match self.event(&mut reader)? {
                Event::Eof => break,
                event => self.take(event)?,
            }
        }
        if !self.stack.is_empty() {
            return Err(self.malformed("the document ends before its last element does"));
        }
        self.root.take().ok_or_else(|| self.malformed("there is no element"))
    }

    fn event(&mut self, reader: &mut quick_xml::Reader<&'a [u8]>) -> Result<Event<'a>, ReadError> {
        self.count_lines(reader.buffer_position());
        reader.read_event().map_err(|error| {
            self.count_lines(reader.error_position());
            self.error(Problem::Malformed(error.to_string()))
        })
    }

    fn take(&mut self, event: Event<'a>) -> Result<(), ReadError> {
        match event {
            Event::Start(tag) => {
                let element = self.element(&tag)?;
                self.stack.push(element);
            }
            Event::Empty(tag) => {
                let element = self.element(&tag)?;
                self.close(element);
            }
            // The reader checks that end tags match.
            Event::End(_) => match self.stack.pop() {
                Some(element) => self.close(element),
                None => return Err(self.malformed("an end tag without a start tag")),
            },
            Event::Text(text) => self.append(text.xml10_content())?,
            Event::CData(text) => self.append(text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let c = self.resolve(&reference)?;
                self.append(Cow::Owned(c.to_string()))?;
            }
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => {
                    return Err(self.error(Problem::Encoding(name.into_owned())));
                }
                Some(Err(error)) => return Err(self.malformed(&error.to_string())),
                _ => {}
            },
            Event::DocType(_) => return Err(self.error(Problem::Doctype)),
            Event::Comment(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn count_lines(&mut self, to: u64) {
        let to = usize::try_from(to).unwrap_or(usize::MAX).min(self.text.len());
        if to > self.counted {
            if self.breaks {
                let new = &self.text.as_bytes()[self.counted..to];
                self.line += new.iter().filter(|byte| **byte == b'\n').count();
            }
            self.counted = to;
        }
    }

    /// The name of the tag that begins where lines are counted up to, as it stands in the document.
    fn name_in_text(&self, name: &str) -> Cow<'a, str> {
        let begin = self.counted + 1;
        match self.text.get(begin..begin + name.len()) {
            Some(same) if same == name => Cow::Borrowed(same),
            _ => Cow::Owned(name.to_owned()),
        }
    }

    fn element(&mut self, tag: &BytesStart<'_>) -> Result<Element<'a>, ReadError> {
        self.elements += 1;
        self.within("elements", self.elements, self.limits.elements)?;
        self.within("levels of elements", self.stack.len() + 1, self.limits.depth)?;
        if self.stack.is_empty() && self.root.is_some() {
            return Err(self.malformed("more than one root element"));
        }
        self.name(tag.name().as_ref())?;
        let mut element = Element {
            name: self.name_in_text(tag.name().as_ref()),
            attributes: Vec::new(),
            text: Cow::Borrowed(""),
            children: Vec::new(),
            line: self.line,
        };
        if is_blank(tag.attributes_raw()) {
            return Ok(element);
        }
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.malformed(&error.to_string()))?;
            self.name(attribute.key.as_ref())?;
            self.within("attributes", element.attributes.len() + 1, self.limits.attributes)?;
            self.within("bytes of an attribute", attribute.value.len(), self.limits.attribute_bytes)?;
            if attribute.value.contains('<') {
                return Err(self.malformed("a < in an attribute"));
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| match error {
                quick_xml::Error::Escape(quick_xml::escape::EscapeError::UnrecognizedEntity(_, name)) => {
                    self.error(Problem::Entity(name))
                }
                other => self.malformed(&other.to_string()),
            })?;
            self.characters(&value)?;
            element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        Ok(element)
    }

    fn close(&mut self, element: Element<'a>) {
        match self.stack.last_mut() {
            Some(parent) => {
                // White space between elements is layout.
                if parent.children.is_empty() && is_blank(&parent.text) {
                    parent.text = Cow::Borrowed("");
                }
                parent.children.push(element);
            }
            None => self.root = Some(element),
        }
    }

    fn append(&mut self, text: Cow<'a, str>) -> Result<(), ReadError> {
        self.characters(&text)?;
        match self.stack.last_mut() {
            Some(element) if !element.children.is_empty() && is_blank(&text) => {}
            Some(element) if element.text.is_empty() => element.text = text,
            Some(element) => element.text.to_mut().push_str(&text),
            None if is_blank(&text) => {}
            None => return Err(self.malformed("text outside of the root element")),
        }
        Ok(())
    }

    fn resolve(&self, reference: &BytesRef<'_>) -> Result<char, ReadError> {
        match reference.resolve_char_ref() {
            Ok(Some(c)) => Ok(c),
            Ok(None) => match reference.as_ref() {
                "lt" => Ok('<'),
                "gt" => Ok('>'),
                "amp" => Ok('&'),
                "apos" => Ok('\''),
                "quot" => Ok('"'),
                other => Err(self.error(Problem::Entity(other.chars().take(60).collect()))),
            },
            Err(error) => Err(self.malformed(&error.to_string())),
        }
    }

    fn characters(&self, text: &str) -> Result<(), ReadError> {
        // Bytes first: nearly no text has any of these. U+FFFE and U+FFFF begin with EF.
        let rare = |byte: u8| byte == 0xEF || (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
        if text.bytes().any(rare)
            && let Some(c) = text.chars().find(|c| !is_char(*c))
        {
            return Err(self.error(Problem::Character(u32::from(c))));
        }
        Ok(())
    }

    fn name(&self, name: &str) -> Result<(), ReadError> {
        self.within("bytes of a name", name.len(), NAME)?;
        if is_name(name) {
            Ok(())
        } else {
            Err(self.malformed("a name with characters that names cannot have"))
        }
    }

    fn within(&self, what: &'static str, found: usize, limit: usize) -> Result<(), ReadError> {
        if found > limit { Err(self.error(Problem::TooLarge { what, limit })) } else { Ok(()) }
    }

    fn malformed(&self, why: &str) -> ReadError {
        self.error(Problem::Malformed(why.to_owned()))
    }

    fn error(&self, problem: Problem) -> ReadError {
        let element = self.stack.last().map(|element| element.name.to_string()).unwrap_or_default();
        ReadError { line: self.line, element, problem }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}
