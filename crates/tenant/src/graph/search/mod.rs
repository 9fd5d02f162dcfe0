//! `$search` on messages: the Keyword Query Language, as far as the page on `$search` names its properties.

mod message;
mod parse;

/// What is searched for.
#[derive(Debug, Clone, PartialEq)]
pub enum Search {
    /// All of them.
    All(Vec<Search>),
    /// One of them at least.
    Any(Vec<Search>),
    /// Not that.
    Not(Box<Search>),
    /// Words, anywhere or in one property.
    Term(Term),
}

/// Words in a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The property; `None` for those that are searched when none is named.
    pub property: Option<String>,
    /// How its value is compared; `:` for "has".
    pub relation: Relation,
    /// The value.
    pub value: String,
}

/// How a property is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `:` and `=`.
    Has,
    /// `<>`.
    Differs,
    /// `>`.
    Above,
    /// `>=`.
    From,
    /// `<`.
    Below,
    /// `<=`.
    To,
}

/// The words of a text, in lower case.
pub fn words(text: &str) -> Vec<String> {
    text.split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether the words of `sought` follow each other in `text`; the last may be a beginning, marked by `*`.
pub fn says(text: &str, sought: &str) -> bool {
    let beginning = sought.trim_end().ends_with('*');
    let (text, sought) = (words(text), words(sought));
    let Some((last, before)) = sought.split_last() else { return false };
    text.windows(sought.len()).any(|window| match window.split_last() {
        Some((end, start)) => start == before && (end == last || beginning && end.starts_with(last.as_str())),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_unless_marked_and_phrases_keep_their_order() {
        assert!(says("Your offer 1007, revised", "OFFER"));
        assert!(!says("Your offers", "offer") && says("Your offers", "offer*"));
        assert!(says("new big offer", "big offer") && !says("offer big", "big offer"));
        assert!(says("petra.kunde@northwind.example", "northwind"));
        assert!(!says("anything", "") && !says("", "x"));
    }
}
