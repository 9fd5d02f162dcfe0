//! Characters and names.

use std::borrow::Cow;

/// The text as XML 1.0 can hold it: every character that XML lacks is replaced by U+FFFD. What is read back from a
/// written message is exactly this text.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_char) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_char(c) { c } else { char::REPLACEMENT_CHARACTER }).collect())
}

/// Production `Char` of XML 1.0.
pub(super) fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether the text can name an element or attribute: the ASCII part of production `Name`, and any letter or digit
/// beyond ASCII. Stricter than XML, because names of tables and fields are simple.
pub fn is_name(text: &str) -> bool {
    // Nearly all names are words of ASCII letters and digits, and every element's name comes by here.
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if let [first, rest @ ..] = text.as_bytes()
        && (first.is_ascii_alphabetic() || *first == b'_')
        && rest.iter().all(plain)
    {
        return true;
    }
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| matches!(c, '_' | '-' | '.' | ':') || c.is_alphanumeric())
        && !text.ends_with(':')
}

/// The name without its namespace prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_lacks_are_replaced() {
        assert_eq!(clean("a\tb\r\nü😀"), "a\tb\r\nü😀");
        assert_eq!(clean("\0a\u{1b}[31m\u{ffff}"), "\u{fffd}a\u{fffd}[31m\u{fffd}");
    }

    #[test]
    fn names_are_names() {
        for name in ["Company", "x-mmKey", "mp:x", "_a", "Straße", "FreeC1"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "1a", "a b", "a>", "-a", "a:", "a\"", "a/"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
