//! Languages by ISO 639 code and by the CRM's own index.
//!
//! Public (administrator guide of CRM.interface, *Session attributes*): `lang` and `xml:lang` take the code, or, for
//! older clients, the index. The guide's table up to `ja`; that `zh` follows with 24 is our reading.

/// The codes in the order of their indexes, of which 22 is `ro`: there is no index that is left out.
pub const LANGUAGES: [&str; 25] = [
    "de", "en", "fr", "es", "pt", "nl", "da", "it", "cs", "hu", "sk", "pl", "el", "uk", "sl", "ru", "sv",
    "fi", "no", "tr", "hr", "sr", "ro", "ja", "zh",
];

/// The code that a code or an index means. A code that is not among the known ones is taken as it is: the server
/// falls back to its base language.
pub fn language(text: &str) -> Option<String> {
    let text = text.trim();
    match text.parse::<usize>() {
        Ok(index) => LANGUAGES.get(index).map(|code| (*code).to_owned()),
        Err(_) if text.is_empty() => None,
        Err(_) => Some(text.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_those_of_the_guide() {
        let known =
            [("0", "de"), ("1", "en"), ("9", "hu"), ("13", "uk"), ("16", "sv"), ("23", "ja"), ("EN", "en")];
        for (text, code) in known {
            assert_eq!(language(text).as_deref(), Some(code), "{text}");
        }
        assert_eq!(language("99"), None);
        assert_eq!(language(""), None);
    }
}
