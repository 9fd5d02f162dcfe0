//! A checked value.

use crate::period;
use jiff::civil::Date;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// A value that fits its setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Unset,
    /// A flag.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A time span.
    Period(Duration),
    /// A name, a word of a choice, a folder.
    Text(String),
    /// An address.
    Url(Url),
    /// A file as it was written; relative to the settings file's directory.
    File(PathBuf),
    /// A day.
    Day(Date),
    /// A list.
    List(Vec<String>),
}

impl Value {
    /// The value as it stands in a settings file; nothing for an unset one.
    pub fn to_toml(&self) -> String {
        match self {
            Value::Unset => String::new(),
            Value::Flag(on) => on.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Period(period) => quote(&period::show(period.as_secs())),
            Value::Text(text) => quote(text),
            Value::Url(url) => quote(url.as_str()),
            Value::File(path) => quote(&path.to_string_lossy()),
            Value::Day(day) => day.to_string(),
            Value::List(items) => {
                format!("[{}]", items.iter().map(|item| quote(item)).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
