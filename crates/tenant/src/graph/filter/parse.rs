//! Reading filters.

use super::{Filter, Operand, Operator, TextTest};
use crate::error::GraphError;
use serde_json::Value;

/// How deep filters may nest.
const DEPTH: usize = 50;

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, GraphError> {
        let fault = |message: String| {
            GraphError::new(400, "BadRequest", format!("Invalid filter clause: {message} in '{text}'."))
        };
        let tokens = tokens(text).map_err(fault)?;
        let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
        let filter = parser.or().map_err(fault)?;
        if parser.at < tokens.len() {
            return Err(fault(format!("unexpected text after token {}", parser.at)));
        }
        Ok(filter)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Text(String),
    Word(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&next) = chars.peek() {
        match next {
            '(' | ')' | ',' => {
                chars.next();
                tokens.push(match next {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Comma,
                });
            }
            '\'' => {
                chars.next();
                let mut value = String::new();
                loop {
                    match chars.next() {
                        Some('\'') if chars.peek() == Some(&'\'') => {
                            chars.next();
                            value.push('\'');
                        }
                        Some('\'') => break,
                        Some(other) => value.push(other),
                        None => return Err("a text without its closing quote".to_owned()),
                    }
                }
                tokens.push(Token::Text(value));
            }
            space if space.is_whitespace() => {
                chars.next();
            }
            _ => {
                let mut word = String::new();
                while let Some(&next) = chars.peek() {
                    if next.is_whitespace() || "(),'".contains(next) {
                        break;
                    }
                    word.push(next);
                    chars.next();
                    // The variable of `any(x:…)` ends with its colon; so does no date, whose next sign is a digit.
                    if next == ':' && !chars.peek().is_some_and(char::is_ascii_digit) {
                        break;
                    }
                    if next == ':' && !word.starts_with(|first: char| first.is_ascii_digit()) {
                        break;
                    }
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<&Token> {
        let token = self.tokens.get(self.at);
        self.at += 1;
        token
    }

    fn word(&self, text: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(text))
    }

    fn expect(&mut self, token: &Token) -> Result<(), String> {
        match self.next() {
            Some(found) if found == token => Ok(()),
            found => Err(format!("{token:?} expected, {found:?} found")),
        }
    }

    fn or(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("too many levels".to_owned());
        }
        let mut left = self.and()?;
        while self.word("or") {
            self.at += 1;
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter, String> {
        let mut left = self.unary()?;
        while self.word("and") {
            self.at += 1;
            left = Filter::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Filter, String> {
        if self.word("not") {
            self.at += 1;
            self.depth += 1;
            if self.depth > DEPTH {
                return Err("too many levels".to_owned());
            }
            let inner = self.unary()?;
            self.depth -= 1;
            return Ok(Filter::Not(Box::new(inner)));
        }
        if self.tokens.get(self.at) == Some(&Token::Open) {
            self.at += 1;
            let inner = self.or()?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        if let (Some(Token::Word(name)), Some(Token::Open)) =
            (self.tokens.get(self.at), self.tokens.get(self.at + 1))
        {
            let name = name.clone();
            self.at += 2;
            return self.function(&name);
        }
        self.comparison()
    }

    fn function(&mut self, name: &str) -> Result<Filter, String> {
        let lower = name.to_ascii_lowercase();
        if let Some(path) = lower.strip_suffix("/any") {
            let path = name[..path.len()].to_owned();
            let variable = match self.next() {
                Some(Token::Word(word)) if word.ends_with(':') => word.trim_end_matches(':').to_owned(),
                other => return Err(format!("a variable expected, {other:?} found")),
            };
            let inner = self.or()?;
            self.expect(&Token::Close)?;
            return Ok(Filter::Any(path, variable, Box::new(inner)));
        }
        let test = match lower.as_str() {
            "startswith" => TextTest::StartsWith,
            "endswith" => TextTest::EndsWith,
            "contains" => TextTest::Contains,
            _ => return Err(format!("the function '{name}' is not supported")),
        };
        let left = self.operand()?;
        self.expect(&Token::Comma)?;
        let right = self.operand()?;
        self.expect(&Token::Close)?;
        Ok(Filter::Text(test, left, right))
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let left = self.operand()?;
        let operator = match self.tokens.get(self.at) {
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "eq" => Operator::Eq,
                "ne" => Operator::Ne,
                "gt" => Operator::Gt,
                "ge" => Operator::Ge,
                "lt" => Operator::Lt,
                "le" => Operator::Le,
                _ => return held(left),
            },
            _ => return held(left),
        };
        self.at += 1;
        let right = self.operand()?;
        Ok(Filter::Compare(left, operator, right))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        Ok(match self.next() {
            Some(Token::Text(text)) => Operand::Value(Value::String(text.clone())),
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Operand::Value(Value::Bool(true)),
                "false" => Operand::Value(Value::Bool(false)),
                "null" => Operand::Value(Value::Null),
                other if other.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
                    Operand::Value(
                        serde_json::from_str(other).unwrap_or_else(|_| Value::String(other.to_owned())),
                    )
                }
                path => Operand::Path(path.to_owned()),
            },
            other => return Err(format!("a property or value expected, {other:?} found")),
        })
    }
}

fn held(operand: Operand) -> Result<Filter, String> {
    match operand {
        Operand::Path(path) => Ok(Filter::Holds(path)),
        Operand::Value(value) => Err(format!("an operator expected after {value}")),
    }
}
