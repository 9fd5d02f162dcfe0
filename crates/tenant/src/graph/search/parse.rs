//! Reading what is searched for.

use super::{Relation, Search, Term};
use crate::error::GraphError;

/// How deep groups may nest.
const DEPTH: usize = 50;

impl Search {
    /// Reads the value of `$search`: a text in quotes, or several joined by `AND`, `OR` and `NOT`.
    pub fn parse(text: &str) -> Result<Self, GraphError> {
        let trimmed = text.trim();
        let inner = match trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inner) if !inner.contains("\" ") => inner.replace("\\\"", "\""),
            // Several quoted texts: each is a group of its own.
            Some(_) => grouped(trimmed),
            None => {
                let odd = trimmed.char_indices().find(|(_, sign)| !sign.is_alphanumeric() && *sign != ' ');
                if let Some((at, sign)) = odd {
                    return Err(GraphError::bad(format!(
                        "Syntax error: character '{sign}' is not valid at position {at} in '{trimmed}'."
                    )));
                }
                trimmed.to_owned()
            }
        };
        let tokens = tokens(&inner);
        if tokens.is_empty() {
            return Err(GraphError::bad("The query option '$search' is empty."));
        }
        let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
        let search = reader.any()?;
        if reader.at < tokens.len() {
            return Err(GraphError::bad(format!("Syntax error in '$search': '{inner}'.")));
        }
        Ok(search)
    }
}

/// `"a" OR "b"` as `(a) OR (b)`.
fn grouped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut open, mut escaped) = (false, false);
    for sign in text.chars() {
        match sign {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '"' if !escaped => {
                out.push(if open { ')' } else { '(' });
                open = !open;
            }
            other => out.push(other),
        }
        escaped = false;
    }
    out
}

#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Phrase(String),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(sign) = chars.next() {
        match sign {
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '"' => tokens.push(Token::Phrase(chars.by_ref().take_while(|sign| *sign != '"').collect())),
            space if space.is_whitespace() => {}
            first => {
                let mut word = String::from(first);
                while let Some(next) = chars.next_if(|next| !next.is_whitespace() && !"()".contains(*next)) {
                    if next == '"' {
                        word.extend(chars.by_ref().take_while(|sign| *sign != '"'));
                        break;
                    }
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    tokens
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn is(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Word(known)) if known == word)
    }

    fn any(&mut self) -> Result<Search, GraphError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(GraphError::bad("The query option '$search' has too many levels."));
        }
        let mut members = vec![self.all()?];
        while self.is("OR") {
            self.at += 1;
            members.push(self.all()?);
        }
        self.depth -= 1;
        Ok(if members.len() == 1 { members.remove(0) } else { Search::Any(members) })
    }

    fn all(&mut self) -> Result<Search, GraphError> {
        let mut members = vec![self.one()?];
        loop {
            if self.is("AND") {
                self.at += 1;
            } else if self.is("OR") || matches!(self.tokens.get(self.at), None | Some(Token::Close)) {
                break;
            }
            members.push(self.one()?);
        }
        Ok(if members.len() == 1 { members.remove(0) } else { Search::All(members) })
    }

    fn one(&mut self) -> Result<Search, GraphError> {
        if self.is("NOT") {
            self.at += 1;
            self.depth += 1;
            if self.depth > DEPTH {
                return Err(GraphError::bad("The query option '$search' has too many levels."));
            }
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Search::Not(Box::new(inner)));
        }
        let token = self.tokens.get(self.at);
        self.at += 1;
        match token {
            Some(Token::Open) => {
                let inner = self.any()?;
                if self.tokens.get(self.at) != Some(&Token::Close) {
                    return Err(GraphError::bad("Unbalanced parentheses in '$search'."));
                }
                self.at += 1;
                Ok(inner)
            }
            Some(Token::Phrase(phrase)) => Ok(Search::Term(plain(phrase))),
            Some(Token::Word(word)) => Ok(match word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                Some(rest) => Search::Not(Box::new(Search::Term(term(rest)))),
                None => Search::Term(term(word)),
            }),
            Some(Token::Close) | None => Err(GraphError::bad("A term is missing in '$search'.")),
        }
    }
}

fn plain(value: &str) -> Term {
    Term { property: None, relation: Relation::Has, value: value.to_owned() }
}

/// `property:value`, `property>=value` or a word.
fn term(word: &str) -> Term {
    let Some(end) = word.find([':', '=', '<', '>']) else { return plain(word) };
    let (property, rest) = word.split_at(end);
    if property.is_empty() || !property.chars().all(char::is_alphanumeric) {
        return plain(word);
    }
    let relations = [
        (">=", Relation::From),
        ("<=", Relation::To),
        ("<>", Relation::Differs),
        (">", Relation::Above),
        ("<", Relation::Below),
        (":", Relation::Has),
        ("=", Relation::Has),
    ];
    let found = relations.iter().find_map(|(sign, relation)| Some((rest.strip_prefix(sign)?, *relation)));
    let Some((mut value, mut relation)) = found else { return plain(word) };
    if relation == Relation::Has {
        // `received:>=2026-01-01` is as good as `received>=2026-01-01`.
        if let Some((inner, found)) =
            relations[..5].iter().find_map(|(sign, relation)| Some((value.strip_prefix(sign)?, *relation)))
        {
            (value, relation) = (inner, found);
        }
    }
    Term { property: Some(property.to_lowercase()), relation, value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(property: Option<&str>, value: &str) -> Search {
        Search::Term(Term {
            property: property.map(str::to_owned),
            relation: Relation::Has,
            value: value.to_owned(),
        })
    }

    #[test]
    fn terms_join_and_properties_take_phrases() {
        let read = |text: &str| Search::parse(text).unwrap();
        assert_eq!(read("\"pizza\""), has(None, "pizza"));
        assert_eq!(read("pizza"), has(None, "pizza"));
        assert_eq!(read("\"from:a@b.c\""), has(Some("from"), "a@b.c"));
        assert_eq!(read("\"subject:\\\"big offer\\\"\""), has(Some("subject"), "big offer"));
        assert_eq!(read("\"a b\""), Search::All(vec![has(None, "a"), has(None, "b")]));
        assert_eq!(read("\"a\" OR \"b\""), Search::Any(vec![has(None, "a"), has(None, "b")]));
        let not = read("\"a NOT (b OR c)\"");
        let inner = Search::Any(vec![has(None, "b"), has(None, "c")]);
        assert_eq!(not, Search::All(vec![has(None, "a"), Search::Not(Box::new(inner))]));
        let Search::Term(term) = read("\"received>=2026-01-01\"") else { panic!("no term") };
        assert_eq!((term.relation, term.value.as_str()), (Relation::From, "2026-01-01"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "\"\"", "from:a", "\"(a\"", "\"a)\"", "\"a OR\""] {
            assert_eq!(Search::parse(text).unwrap_err().status, 400, "{text}");
        }
        assert!(Search::parse(&format!("\"{}\"", "(".repeat(10_000))).is_err());
        assert!(Search::parse(&format!("\"{}\"", "NOT ".repeat(10_000))).is_err());
    }
}
