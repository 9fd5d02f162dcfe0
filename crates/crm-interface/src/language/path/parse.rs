//! Reading a condition.

use super::{Attribute, Expression, Path, Sign, Step, TestError, Value};

/// Longest condition, in bytes.
const LONGEST: usize = 4_096;
/// Brackets and parentheses within one another.
const DEEPEST: usize = 32;

pub(super) fn parse(source: &str) -> Result<Expression, TestError> {
    let mut parser = Parser { source, at: 0, depth: 0 };
    if source.len() > LONGEST {
        return Err(parser.error("a condition of at most 4096 bytes"));
    }
    let expression = parser.or()?;
    parser.skip_blanks();
    if parser.rest().is_empty() {
        Ok(expression)
    } else {
        Err(parser.error("the end, and, or, or a comparison"))
    }
}

struct Parser<'s> {
    source: &'s str,
    at: usize,
    depth: usize,
}

impl<'s> Parser<'s> {
    fn or(&mut self) -> Result<Expression, TestError> {
        self.joined("or", Self::and, Expression::Or)
    }

    fn and(&mut self) -> Result<Expression, TestError> {
        self.joined("and", Self::comparison, Expression::And)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Expression, TestError>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, TestError> {
        let mut parts = vec![part(self)?];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        Ok(match (parts.pop(), parts.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                parts.extend(last);
                join(parts)
            }
        })
    }

    fn comparison(&mut self) -> Result<Expression, TestError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("at most 32 brackets within one another"));
        }
        let expression = self.comparison_within();
        self.depth -= 1;
        expression
    }

    fn comparison_within(&mut self) -> Result<Expression, TestError> {
        if self.take_call("not") {
            let inner = self.or()?;
            self.require(")", "a closing parenthesis")?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        if self.take_call("boolean") || self.take("(") {
            let inner = self.or()?;
            self.require(")", "a closing parenthesis")?;
            return Ok(inner);
        }
        let left = self.value()?;
        match self.sign() {
            Some(sign) => Ok(Expression::Compare(left, sign, self.value()?)),
            None => Ok(Expression::Is(left)),
        }
    }

    fn sign(&mut self) -> Option<Sign> {
        let signs = [
            ("!=", Sign::NotEqual),
            ("<=", Sign::LessOrEqual),
            (">=", Sign::GreaterOrEqual),
            ("=", Sign::Equal),
            ("<", Sign::Less),
            (">", Sign::Greater),
        ];
        signs.into_iter().find_map(|(text, sign)| self.take(text).then_some(sign))
    }

    fn value(&mut self) -> Result<Value, TestError> {
        for (name, value) in
            [("true", Value::Truth(true)), ("false", Value::Truth(false)), ("last", Value::Last)]
        {
            if self.take_call(name) {
                self.require(")", "a closing parenthesis")?;
                return Ok(value);
            }
        }
        if self.take_call("count") {
            let path = self.path()?;
            self.require(")", "a closing parenthesis")?;
            return Ok(Value::Count(path));
        }
        self.skip_blanks();
        match self.rest().bytes().next() {
            Some(quote @ (b'\'' | b'"')) => self.text(char::from(quote)),
            Some(byte) if byte.is_ascii_digit() => self.number(),
            _ => self.path().map(Value::Path),
        }
    }

    fn text(&mut self, quote: char) -> Result<Value, TestError> {
        let rest = self.rest().get(1..).unwrap_or_default();
        let Some(end) = rest.find(quote) else { return Err(self.error("a text that ends")) };
        self.at += end + 2;
        Ok(Value::Text(rest[..end].to_owned()))
    }

    fn number(&mut self) -> Result<Value, TestError> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..end].parse().map_err(|_| self.error("a whole number"))?;
        self.at += end;
        Ok(Value::Number(number))
    }

    fn path(&mut self) -> Result<Path, TestError> {
        self.skip_blanks();
        let absolute = self.rest().starts_with('/');
        let mut path = Path { absolute, steps: Vec::new(), attribute: None };
        let mut first = true;
        loop {
            let deep = self.take("//");
            // A relative path begins without a slash.
            if !deep && !self.take("/") && (!first || absolute) {
                return Ok(path);
            }
            first = false;
            if self.take("@") {
                path.attribute = Some(Attribute { deep, name: self.name()? });
                return Ok(path);
            }
            if self.take(".") {
                if deep || self.rest().starts_with('.') {
                    return Err(self.error("a name, *, @ or a single ."));
                }
                continue;
            }
            let mut step = Step { deep, name: self.name()?, predicates: Vec::new() };
            while self.take("[") {
                step.predicates.push(self.or()?);
                self.require("]", "a closing bracket")?;
            }
            path.steps.push(step);
        }
    }

    /// A local name, or nothing for `*`.
    fn name(&mut self) -> Result<Option<String>, TestError> {
        if self.take("*") {
            return Ok(None);
        }
        let word = self.word();
        if word.is_empty() {
            return Err(self.error("a path, a text or a number"));
        }
        let end = self.at + word.len();
        if self.source[end..].trim_start().starts_with('(') || self.source[end..].starts_with(':') {
            return Err(
                self.error("a function or prefix that is known: not, boolean, count, last, true, false")
            );
        }
        self.at = end;
        Ok(Some(word.to_owned()))
    }

    fn take_call(&mut self, name: &str) -> bool {
        self.skip_blanks();
        let called =
            self.rest().strip_prefix(name).map(str::trim_start).and_then(|rest| rest.strip_prefix('('));
        if let Some(rest) = called {
            self.at = self.source.len() - rest.len();
        }
        called.is_some()
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let found = self.word() == word;
        if found {
            self.at += word.len();
        }
        found
    }

    fn word(&self) -> &'s str {
        let rest = &self.source[self.at..];
        let of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let end = rest.find(|c: char| !of_a_name(c)).unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_alphabetic() || c == '_') { &rest[..end] } else { "" }
    }

    fn take(&mut self, text: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn require(&mut self, text: &str, expected: &'static str) -> Result<(), TestError> {
        if self.take(text) { Ok(()) } else { Err(self.error(expected)) }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn error(&self, expected: &'static str) -> TestError {
        let at = self.source.get(..self.at).unwrap_or_default().chars().count() + 1;
        TestError { at, expected }
    }
}
