//! Reading and checking a value of a given shape.

use crate::error::Problem;
use crate::schema::{Preset, Shape};
use crate::{Value, period};
use jiff::civil::Date;
use std::net::IpAddr;
use std::path::PathBuf;
use url::Url;

/// A value as it was written, before anybody looked at what it should be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Raw {
    Flag(bool),
    /// Beyond 64 bits a number is none.
    Number(Option<i128>),
    Text(String),
    Day(String),
    List(Vec<Raw>),
    Other(&'static str),
}

impl Raw {
    /// What a preset would be in a file; none for what has no value.
    pub(crate) fn of(preset: Preset) -> Option<Self> {
        match preset {
            Preset::Required | Preset::Unset => None,
            Preset::Empty => Some(Raw::List(Vec::new())),
            Preset::Flag(on) => Some(Raw::Flag(on)),
            Preset::Number(number) => Some(Raw::Number(Some(number.into()))),
            Preset::Text(text) => Some(Raw::Text(text.to_owned())),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Raw::Flag(_) => "true or false",
            Raw::Number(_) => "a number",
            Raw::Text(_) => "a text",
            Raw::Day(_) => "a date",
            Raw::List(_) => "a list",
            Raw::Other(name) => name,
        }
    }
}

impl Shape {
    /// What is expected, for people, as in "a whole number of days, 0 to 18250".
    pub fn expectation(self) -> String {
        match self {
            Shape::Flag => "true or false".to_owned(),
            Shape::Number { min, max, unit } => format!("a whole number of {unit}, {min} to {max}"),
            Shape::Period { min, max } => {
                format!(
                    "a time span such as \"10m\" or \"1h 30m\", {} to {}",
                    period::show(min),
                    period::show(max)
                )
            }
            Shape::Name => "a name of 1 to 64 letters, digits, \".\", \"_\" and \"-\"".to_owned(),
            Shape::Choice(words) => {
                format!(
                    "one of {}",
                    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
                )
            }
            Shape::Url => {
                "an address that begins with https:// (http:// for this machine only), without user, \
                           password, query and fragment"
                    .to_owned()
            }
            Shape::Database => {
                "the address of a PostgreSQL database such as \"postgresql://tandem@db.example.com/tandem\", without \
                 password"
                    .to_owned()
            }
            Shape::File => "the path of a file, in quotes".to_owned(),
            Shape::FolderPath => "the path of a mail folder such as \"/Inbox/crm\"".to_owned(),
            Shape::FolderName => "the name of a mail folder, without \"/\"".to_owned(),
            Shape::Day => "a day such as 2026-11-01".to_owned(),
            Shape::Domains => {
                "a list of at least one domain without \"@\", such as [\"example.com\"]".to_owned()
            }
            Shape::Addresses => "a list of e-mail addresses, such as [\"ann@example.com\"]".to_owned(),
        }
    }

    /// The value, or what is wrong with it.
    pub(crate) fn read(self, raw: &Raw) -> Result<Value, Problem> {
        let wrong_type = || Problem::WrongType { found: raw.name(), expected: self.expectation() };
        let value = match (self, raw) {
            (Shape::Flag, Raw::Flag(on)) => Some(Value::Flag(*on)),
            (Shape::Number { min, max, .. }, Raw::Number(number)) => number
                .and_then(|number| u64::try_from(number).ok())
                .filter(|n| (min..=max).contains(n))
                .map(Value::Number),
            (Shape::Period { min, max }, Raw::Text(text)) => {
                period::read(text).filter(|period| (min..=max).contains(&period.as_secs())).map(Value::Period)
            }
            (Shape::Name, Raw::Text(text)) => is_name(text).then(|| Value::Text(text.clone())),
            (Shape::Choice(words), Raw::Text(text)) => {
                words.contains(&text.as_str()).then(|| Value::Text(text.clone()))
            }
            // The text is not repeated in the error: an address may hold a password.
            (Shape::Url, Raw::Text(text)) => {
                return url(text).ok_or(Problem::NotAnAddress { expected: self.expectation() });
            }
            (Shape::Database, Raw::Text(text)) => {
                return database(text).ok_or(Problem::NotAnAddress { expected: self.expectation() });
            }
            (Shape::File, Raw::Text(text)) => {
                (!text.trim().is_empty()).then(|| Value::File(PathBuf::from(text)))
            }
            (Shape::FolderPath, Raw::Text(text)) => folder_path(text).map(Value::Text),
            (Shape::FolderName, Raw::Text(text)) => {
                (!text.trim().is_empty() && !text.contains('/')).then(|| Value::Text(text.trim().to_owned()))
            }
            (Shape::Day, Raw::Day(text) | Raw::Text(text)) => text.parse::<Date>().ok().map(Value::Day),
            (Shape::Domains, Raw::List(items)) => {
                list(items, |item| is_domain(item).then(|| item.to_lowercase()))
                    .filter(|list| !list.is_empty())
                    .map(Value::List)
            }
            (Shape::Addresses, Raw::List(items)) => {
                list(items, |item| is_address(item).then(|| item.trim().to_lowercase())).map(Value::List)
            }
            _ => return Err(wrong_type()),
        };
        value.ok_or_else(|| Problem::OutOfRange { found: shown(raw), expected: self.expectation() })
    }
}

fn shown(raw: &Raw) -> String {
    match raw {
        Raw::Flag(on) => on.to_string(),
        Raw::Number(Some(number)) => number.to_string(),
        Raw::Number(None) => "the number".to_owned(),
        Raw::Text(text) => format!("\"{text}\""),
        Raw::Day(text) => text.clone(),
        Raw::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Raw::Other(name) => (*name).to_owned(),
    }
}

fn list(items: &[Raw], item: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    items.iter().map(|raw| if let Raw::Text(text) = raw { item(text) } else { None }).collect()
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

fn url(text: &str) -> Option<Value> {
    let url = Url::parse(text).ok()?;
    let safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url.host_str()?),
        _ => false,
    };
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (safe && bare).then_some(Value::Url(url))
}

/// A database's address as it was written; the store reads it again, and knows its options.
fn database(text: &str) -> Option<Value> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "postgresql" | "postgres"))?;
    let named = url.path().trim_matches('/').split('/').count() == 1 && url.path().len() > 1;
    let secret = url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password");
    (named && !secret).then(|| Value::Text(text.to_owned()))
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Takes "/Inbox/crm" and "/Inbox/crm/"; no empty parts in between.
fn folder_path(text: &str) -> Option<String> {
    let path = text.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').all(|part| !part.trim().is_empty()).then(|| format!("/{path}"))
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn is_address(text: &str) -> bool {
    text.trim().rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !local.contains(char::is_whitespace) && is_domain(domain)
    })
}
