//! How a field and a value compare: the one place that says so, for queries and for the filters of `forms.xml`.
//!
//! Public (administrator guide of CRM.interface, *cond attributes*): `=`, `!=`, `<>`, `<`, `>`, `<=`, `>=`, `()` for
//! *containing* and `)(` for *not containing*; and that `=` takes `*` (*Cursor Flags*). Ours: `?` for one character,
//! `like`, and that what is compared with wildcards or contained is compared without regard to capitals.

use std::cmp::Ordering;
use std::fmt;

/// How a field and a value compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `=`, with `*` for any text and `?` for any character.
    Equal,
    /// `!=`, with the same wildcards.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `()`: the value is somewhere in the field; wildcards are taken.
    Contains,
    /// `)(`: it is nowhere in it.
    NotContains,
    /// `like`, the same as `=` with wildcards.
    Like,
}

impl Operator {
    /// All of them.
    pub const ALL: [Operator; 9] = [
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Contains,
        Operator::NotContains,
        Operator::Like,
    ];

    /// What whoever wrote another word is told to write.
    pub const EXPECTED: &'static str = "an operator: = != <> < <= > >= () )( like";

    /// As it stands in the attribute `op`.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Contains => "()",
            Operator::NotContains => ")(",
            Operator::Like => "like",
        }
    }

    /// The operator of that name; `<>` is understood as not equal, `==` as equal (ours).
    pub fn parse(name: &str) -> Option<Self> {
        match name.trim() {
            "<>" => Some(Operator::NotEqual),
            "==" => Some(Operator::Equal),
            name => Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(name)),
        }
    }

    /// Whether records meet it that do not fit the value.
    pub fn is_negative(self) -> bool {
        matches!(self, Operator::NotEqual | Operator::NotContains)
    }

    /// The pattern that a field has to fit, or must not fit where the operator [is negative](Self::is_negative); none
    /// where the two are compared by what they are.
    pub fn pattern(self, value: &str) -> Option<Pattern> {
        match self {
            Operator::Like => Some(Pattern::new(value)),
            Operator::Equal | Operator::NotEqual if value.contains(['*', '?']) => Some(Pattern::new(value)),
            Operator::Contains | Operator::NotContains => Some(Pattern::new(&format!("*{value}*"))),
            _ => None,
        }
    }

    /// Whether a field that holds `held` meets the comparison with `value`: numbers compare as numbers, logical values as
    /// such (an empty one is false), everything else as text. What is empty is neither less nor greater than anything.
    pub fn holds(self, held: &str, value: &str) -> bool {
        let (held, value) = (held.trim(), value.trim());
        if let Some(pattern) = self.pattern(value) {
            return pattern.fits(held) != self.is_negative();
        }
        let ranks = !matches!(self, Self::Equal | Self::NotEqual);
        if ranks && held.is_empty() && !value.is_empty() && logical(value).is_none() {
            return false;
        }
        let order = compare(held, value);
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            // They have a pattern.
            Self::Contains | Self::NotContains | Self::Like => false,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn compare(held: &str, value: &str) -> Ordering {
    let as_logical = logical(if held.is_empty() { "false" } else { held });
    if let (Some(held), Some(value)) = (as_logical, logical(value)) {
        return held.cmp(&value);
    }
    match (held.parse::<f64>(), value.parse::<f64>()) {
        (Ok(held), Ok(value)) => held.total_cmp(&value),
        _ => held.cmp(value),
    }
}

fn logical(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Text with `*` for any text and `?` for any character. Capitals do not matter, in no alphabet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|character| write!(f, "{character}"))
    }
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Self {
        Self(text.chars().flat_map(char::to_lowercase).collect())
    }

    /// Whether all of the text fits. Matches greedily with one point to fall back to, so that no pattern takes more than
    /// `text x pattern` steps.
    pub fn fits(&self, text: &str) -> bool {
        let text = text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
        let (mut at, mut in_pattern) = (0, 0);
        let mut fall_back: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.0.get(in_pattern) {
                Some('*') => {
                    in_pattern += 1;
                    fall_back = Some((at, in_pattern));
                }
                Some(expected) if *expected == '?' || *expected == text[at] => {
                    at += 1;
                    in_pattern += 1;
                }
                _ => match &mut fall_back {
                    Some((from, after_star)) => {
                        *from += 1;
                        (at, in_pattern) = (*from, *after_star);
                    }
                    None => return false,
                },
            }
        }
        self.0[in_pattern..].iter().all(|rest| *rest == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_by_what_they_are() {
        for (held, op, value, holds) in [
            ("10", ">", "9", true),
            ("", "=", "false", true),
            ("Letter", "=", "letter", false),
            ("Letter", "like", "letter", true),
            ("", "<", "10", false),
            ("", "!=", "10", true),
            ("2026-01-02", ">=", "2026-01-01", true),
            ("Board meeting", "like", "*MEET*", true),
            ("Board", "like", "B?ard", true),
            ("Board", "like", "B*x", false),
            ("update software", "=", "Update*", true),
            ("update software", "<>", "up?ate*", false),
            ("other", "!=", "update*", true),
            ("Müller & Söhne", "()", "SÖHNE", true),
            ("Müller & Söhne", "()", "r?&*n", true),
            ("Müller & Söhne", ")(", "söhne", false),
            ("Müller", "()", "Mull", false),
            ("", "()", "a", false),
            ("", ")(", "a", true),
            ("", "()", "", true),
            ("1234", "()", "23", true),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "like", "*a*a*a*a*a*a*c", false),
        ] {
            assert_eq!(Operator::parse(op).unwrap().holds(held, value), holds, "{held} {op} {value}");
        }
    }

    #[test]
    fn every_operator_is_read_as_it_is_written_and_no_other_word_is() {
        for operator in Operator::ALL {
            assert_eq!(Operator::parse(&format!(" {operator} ")), Some(operator));
            assert!(Operator::EXPECTED.split(' ').any(|word| word == operator.as_str()));
        }
        for word in ["", "=>", "( )", "contains", "~", "not like", "=<"] {
            assert_eq!(Operator::parse(word), None, "{word}");
        }
    }
}
