//! The settings in force, with where each value comes from.

use crate::schema::{Setting, Tab};
use crate::{SettingsFile, Value};
use serde_json::{Value as Json, json};

/// Which layer gave a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file.
    File {
        /// The line, from 1.
        line: usize,
    },
}

impl Origin {
    pub(crate) fn line(self) -> Option<usize> {
        match self {
            Origin::Default => None,
            Origin::File { line } => Some(line),
        }
    }
}

/// A setting with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Which setting.
    pub setting: &'static Setting,
    /// Its value.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
}

impl SettingsFile {
    /// All settings as a settings file, tab by tab, each line with the origin of its value.
    pub fn show(&self) -> String {
        let mut text = String::new();
        for tab in Tab::ALL {
            text.push_str(&format!("# {}\n", tab.caption()));
            for one in self.resolved().iter().filter(|one| one.setting.tab == tab) {
                let line = match one.value {
                    Value::Unset => format!("# {} is not set", one.setting.key),
                    _ => format!("{} = {}", one.setting.key, one.value.to_toml()),
                };
                text.push_str(&match one.origin {
                    Origin::Default => format!("{line:<60}  # default\n"),
                    Origin::File { line: number } => format!("{line:<60}  # line {number}\n"),
                });
            }
            text.push('\n');
        }
        text.truncate(text.trim_end().len() + 1);
        text
    }

    /// All settings as JSON: `[{"key", "value" (as in the file, null when unset), "origin", "line"?}]`.
    pub fn show_json(&self) -> Json {
        let one = |one: &Resolved| {
            let value = match &one.value {
                Value::Unset => Json::Null,
                Value::Flag(on) => json!(on),
                Value::Number(number) => json!(number),
                Value::List(items) => json!(items),
                Value::Text(text) => json!(text),
                Value::Url(url) => json!(url.as_str()),
                Value::File(path) => json!(path.to_string_lossy()),
                Value::Day(day) => json!(day.to_string()),
                Value::Period(period) => json!(crate::period::show(period.as_secs())),
            };
            match one.origin {
                Origin::Default => json!({"key": one.setting.key, "value": value, "origin": "default"}),
                Origin::File { line } => {
                    json!({"key": one.setting.key, "value": value, "origin": "file", "line": line})
                }
            }
        };
        self.resolved().iter().map(one).collect()
    }
}
