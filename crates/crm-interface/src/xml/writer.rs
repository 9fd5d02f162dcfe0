//! Writing a document.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::{Display, Write};

/// Writes a document without white space between elements. Elements close in the order in which they were opened;
/// text and attributes are escaped so that they read back exactly, apart from characters that XML lacks
/// (see [`super::clean`]).
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    /// Where the names of the open elements stand in `out`.
    open: Vec<(usize, usize)>,
    /// Whether the last start tag still takes attributes.
    in_tag: bool,
}

impl Writer {
    /// A document with its XML declaration.
    pub fn new() -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(), ..Self::default() }
    }

    /// Opens an element. The caller vouches that `name` is one ([`super::is_name`]).
    pub fn start(&mut self, name: &str) -> &mut Self {
        self.finish_tag();
        self.out.push('<');
        self.open.push((self.out.len(), name.len()));
        self.out.push_str(name);
        self.in_tag = true;
        self
    }

    /// Adds an attribute to the element that was just opened.
    pub fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        debug_assert!(self.in_tag, "attribute {name} after the content of its element");
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value, Place::Attribute);
        self.out.push('"');
        self
    }

    /// Adds an attribute that holds something simple, such as a number or a date.
    pub fn plain_attribute(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.attribute(name, &value.to_string())
    }

    /// Adds an attribute if there is a value.
    pub fn attribute_if<T: AsRef<str>>(&mut self, name: &str, value: Option<T>) -> &mut Self {
        if let Some(value) = value {
            self.attribute(name, value.as_ref());
        }
        self
    }

    /// Adds an attribute with the value `true`, or none.
    pub fn flag(&mut self, name: &str, value: bool) -> &mut Self {
        if value {
            self.attribute(name, "true");
        }
        self
    }

    /// Adds text to the open element. Long text that is full of markup, as the HTML of a mail is, goes into a CDATA
    /// section: it is smaller than its escaped form and several times cheaper to read.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        self.finish_tag();
        if is_markup(text) {
            self.out.push_str(CDATA);
            escape(&mut self.out, text, Place::Section);
            self.out.push_str("]]>");
        } else {
            escape(&mut self.out, text, Place::Text);
        }
        self
    }

    /// Adds something simple as text.
    pub fn plain(&mut self, value: impl Display) -> &mut Self {
        self.finish_tag();
        // Writing to a string does not fail; what is written has no characters to escape.
        let _ = write!(self.out, "{value}");
        self
    }

    /// Adds bytes as base64.
    pub fn base64(&mut self, bytes: &[u8]) -> &mut Self {
        if !bytes.is_empty() {
            self.finish_tag();
            STANDARD.encode_string(bytes, &mut self.out);
        }
        self
    }

    /// Closes the element that was opened last.
    pub fn end(&mut self) -> &mut Self {
        let Some((at, length)) = self.open.pop() else {
            debug_assert!(false, "an end without a start");
            return self;
        };
        if self.in_tag {
            self.out.push_str("/>");
            self.in_tag = false;
        } else {
            self.out.push_str("</");
            self.out.extend_from_within(at..at + length);
            self.out.push('>');
        }
        self
    }

    /// Adds an element with nothing but text.
    pub fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.start(name).text(text).end()
    }

    /// Adds an element with text, unless there is none.
    pub fn leaf_if(&mut self, name: &str, text: &str) -> &mut Self {
        if !text.is_empty() {
            self.leaf(name, text);
        }
        self
    }

    /// Closes what is open and gives the document.
    pub fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.end();
        }
        self.out.into_bytes()
    }

    fn finish_tag(&mut self) {
        if self.in_tag {
            self.out.push('>');
            self.in_tag = false;
        }
    }
}

const CDATA: &str = "<![CDATA[";

/// Text shorter than this is always escaped.
const LONG: usize = 256;

/// Whether text is long, and more than one byte in fifty would have to be escaped.
fn is_markup(text: &str) -> bool {
    text.len() >= LONG
        && text.bytes().filter(|byte| matches!(byte, b'<' | b'>' | b'&')).count() > text.len() / 50
}

/// Where characters stand decides which of them are special.
#[derive(Clone, Copy)]
enum Place {
    Text,
    Attribute,
    Section,
}

impl Place {
    fn is_special(self, byte: u8) -> bool {
        match self {
            // A carriage return would be read as a line feed.
            Place::Text => {
                matches!(byte, b'<' | b'>' | b'&' | 0xEF) || (byte < 0x20 && byte != b'\n' && byte != b'\t')
            }
            // All white space would be read as a space.
            Place::Attribute => matches!(byte, b'<' | b'>' | b'&' | b'"' | 0xEF) || byte < 0x20,
            // A section has no escapes: it is left for a carriage return, and where its own end stands in the text.
            Place::Section => matches!(byte, b']' | 0xEF) || (byte < 0x20 && byte != b'\n' && byte != b'\t'),
        }
    }

    /// What stands for the special character at the beginning of `rest`, and for how many of its bytes. Nothing if
    /// it turns out not to be special.
    fn replacement(self, rest: &[u8]) -> Option<(&'static str, usize)> {
        Some(match rest {
            [b']', b']', b'>', ..] => ("]]]]><![CDATA[>", 3),
            [b']', ..] => return None,
            [b'<', ..] => ("&lt;", 1),
            [b'>', ..] => ("&gt;", 1),
            [b'&', ..] => ("&amp;", 1),
            [b'"', ..] => ("&quot;", 1),
            [b'\t', ..] => ("&#9;", 1),
            [b'\n', ..] => ("&#10;", 1),
            [b'\r', ..] if matches!(self, Place::Section) => ("]]>&#13;<![CDATA[", 1),
            [b'\r', ..] => ("&#13;", 1),
            // U+FFFE and U+FFFF.
            [0xEF, 0xBF, 0xBE | 0xBF, ..] => ("\u{FFFD}", 3),
            [0xEF, ..] => return None,
            _ => ("\u{FFFD}", 1),
        })
    }
}

/// Copies `text` with everything replaced that is special in its place.
fn escape(out: &mut String, text: &str, place: Place) {
    let bytes = text.as_bytes();
    let (mut from, mut at) = (0, 0);
    while at < bytes.len() {
        let replaced = if place.is_special(bytes[at]) { place.replacement(&bytes[at..]) } else { None };
        match replaced {
            None => at += 1,
            Some((replacement, length)) => {
                out.push_str(&text[from..at]);
                out.push_str(replacement);
                at += length;
                from = at;
            }
        }
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{clean, parse};

    #[test]
    fn markup_goes_into_sections_and_reads_back() {
        for piece in
            ["<p>a & b</p>\n", "<br>\r\n", "]]>", "<a>]]]></a>\r]", "<\u{1}>\u{fffe}\u{ffff}\u{feff}", "<ü>"]
        {
            let text = piece.repeat(100);
            let mut writer = Writer::new();
            writer.leaf("a", &text);
            let document = writer.finish();
            assert!(document.windows(CDATA.len()).any(|window| window == CDATA.as_bytes()), "{piece:?}");
            assert_eq!(parse(&document).unwrap().text(), clean(&text), "{piece:?}");
        }
    }

    #[test]
    fn plain_text_is_escaped() {
        let mut writer = Writer::new();
        writer.start("a").attribute("b", "<\"\n>").text("1 < 2 & ]]>").end();
        let document = String::from_utf8(writer.finish()).unwrap();
        assert!(document.ends_with("<a b=\"&lt;&quot;&#10;&gt;\">1 &lt; 2 &amp; ]]&gt;</a>"), "{document}");
    }
}
