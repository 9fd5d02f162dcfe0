//! Languages, and texts as data: each text stands in a TOML file once, with all its languages side by side.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A language of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English, the base language.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// All languages, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its ISO 639 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Its own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The language of an ISO 639 code, whatever its region (`de-AT`).
    pub fn of_code(code: &str) -> Option<Self> {
        let primary = code.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == primary)
    }

    /// The first language of an `Accept-Language` header (RFC 9110, 12.5.4) that there is. Browsers send them in the
    /// order of preference; weights are not looked at.
    pub fn accepted(header: &str) -> Option<Self> {
        header.split(',').filter_map(|range| range.split(';').next()).find_map(Self::of_code)
    }
}

/// A file of texts that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("a file of texts cannot be read: {0}")]
pub struct TextsError(#[from] toml::de::Error);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    en: String,
    de: String,
}

/// Texts by their key, which is `section.name`.
#[derive(Debug, Clone, Default)]
pub struct Texts(BTreeMap<String, Text>);

impl Texts {
    /// Reads files of texts; of two texts with the same key the later one holds.
    pub fn read(files: &[&str]) -> Result<Self, TextsError> {
        let mut texts = BTreeMap::new();
        for file in files {
            let sections: BTreeMap<String, BTreeMap<String, Text>> = toml::from_str(file)?;
            for (section, entries) in sections {
                texts.extend(entries.into_iter().map(|(name, text)| (format!("{section}.{name}"), text)));
            }
        }
        Ok(Self(texts))
    }

    /// The texts in a language.
    pub fn words(&self, language: Language) -> Words<'_> {
        Words { texts: self, language }
    }
}

/// Texts in one language, for templates.
#[derive(Debug, Clone, Copy)]
pub struct Words<'t> {
    texts: &'t Texts,
    /// Which language.
    pub language: Language,
}

impl<'t> Words<'t> {
    /// The text of a key, if there is one.
    pub fn find(&self, key: &str) -> Option<&'t str> {
        self.texts.0.get(key).map(|text| match self.language {
            Language::English => text.en.as_str(),
            Language::German => text.de.as_str(),
        })
    }

    /// The text of a key; the key itself where there is none, so that a page with a gap is still a page.
    pub fn say<'k: 's, 's>(&self, key: &'k str) -> &'s str
    where
        't: 's,
    {
        self.find(key).unwrap_or(key)
    }

    /// The text of a key with `{}` replaced.
    pub fn fill(&self, key: &str, value: impl std::fmt::Display) -> String {
        self.say(key).replace("{}", &value.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_is_taken() {
        assert_eq!(Language::accepted("fr-CA, de-AT;q=0.8, en;q=0.5"), Some(Language::German));
        assert_eq!(Language::accepted("en-US,en"), Some(Language::English));
        assert_eq!(Language::accepted("fr"), None);
    }

    #[test]
    fn a_text_needs_every_language() {
        assert!(Texts::read(&["[a]\nb = { en = \"B\" }"]).is_err());
        let texts = Texts::read(&["[a]\nb = { en = \"See {}\", de = \"Siehe {}\" }"]).unwrap();
        assert_eq!(texts.words(Language::German).fill("a.b", 7), "Siehe 7");
        assert_eq!(texts.words(Language::English).say("a.c"), "a.c");
    }
}
