//! Resolved values by key, for the typed settings.

use crate::show::Resolved;
use crate::{Direction, Value};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Values by key. A key that is not there reads as nothing: a test asks for every key.
pub(crate) struct Values<'a> {
    by_key: BTreeMap<&'static str, &'a Value>,
    directory: &'a Path,
    /// What was asked for and is not in the table, or is of another type there.
    #[cfg(test)]
    pub(crate) asked: Vec<(&'static str, bool)>,
}

impl<'a> Values<'a> {
    pub(crate) fn new(resolved: &'a [Resolved], directory: &'a Path) -> Self {
        Self {
            by_key: resolved.iter().map(|one| (one.setting.key, &one.value)).collect(),
            directory,
            #[cfg(test)]
            asked: Vec::new(),
        }
    }

    fn get<T>(&mut self, key: &'static str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.by_key.get(key).and_then(|value| read(value));
        #[cfg(test)]
        self.asked.push((key, value.is_some()));
        value
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> bool {
        self.get(key, |value| if let Value::Flag(on) = value { Some(*on) } else { None }).unwrap_or_default()
    }

    pub(crate) fn number(&mut self, key: &'static str) -> u64 {
        self.get(key, |value| if let Value::Number(number) = value { Some(*number) } else { None })
            .unwrap_or_default()
    }

    pub(crate) fn small(&mut self, key: &'static str) -> u32 {
        let read = |value: &Value| {
            if let Value::Number(number) = value { u32::try_from(*number).ok() } else { None }
        };
        self.get(key, read).unwrap_or_default()
    }

    pub(crate) fn period(&mut self, key: &'static str) -> Duration {
        self.get(key, |value| if let Value::Period(period) = value { Some(*period) } else { None })
            .unwrap_or_default()
    }

    pub(crate) fn text(&mut self, key: &'static str) -> String {
        self.get(key, |value| if let Value::Text(text) = value { Some(text.clone()) } else { None })
            .unwrap_or_default()
    }

    pub(crate) fn direction(&mut self, key: &'static str) -> Direction {
        Direction::of_word(&self.text(key))
    }

    pub(crate) fn url(&mut self, key: &'static str) -> Option<Url> {
        self.get(key, |value| if let Value::Url(url) = value { Some(url.clone()) } else { None })
    }

    pub(crate) fn path(&mut self, key: &'static str) -> PathBuf {
        let path = self.get(key, |value| if let Value::File(path) = value { Some(path) } else { None });
        path.map(|path| self.directory.join(path)).unwrap_or_default()
    }

    pub(crate) fn optional_text(&mut self, key: &'static str) -> Option<String> {
        let read = |value: &Value| match value {
            Value::Text(text) => Some(Some(text.clone())),
            Value::Unset => Some(None),
            _ => None,
        };
        self.get(key, read).flatten()
    }

    pub(crate) fn optional_path(&mut self, key: &'static str) -> Option<PathBuf> {
        let directory = self.directory;
        let read = |value: &Value| match value {
            Value::File(path) => Some(Some(directory.join(path))),
            Value::Unset => Some(None),
            _ => None,
        };
        self.get(key, read).flatten()
    }

    pub(crate) fn day(&mut self, key: &'static str) -> Option<Date> {
        let read = |value: &Value| match value {
            Value::Day(day) => Some(Some(*day)),
            Value::Unset => Some(None),
            _ => None,
        };
        self.get(key, read).flatten()
    }

    pub(crate) fn list(&mut self, key: &'static str) -> Vec<String> {
        self.get(key, |value| if let Value::List(list) = value { Some(list.clone()) } else { None })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SETTINGS, Settings, SettingsFile};

    const LEAST: &str =
        "connection.crm_url = \"https://x.example\"\nconnection.address_spaces = [\"x.example\"]\n";

    #[test]
    fn typed_settings_ask_for_every_setting_once_and_get_its_type() {
        let file = SettingsFile::parse(LEAST, Path::new("")).unwrap();
        let mut values = Values::new(file.resolved(), Path::new(""));
        Settings::of(&mut values).unwrap();
        let mut asked: Vec<&str> = values.asked.iter().map(|(key, _)| *key).collect();
        let mut known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        asked.sort_unstable();
        known.sort_unstable();
        assert_eq!(asked, known);
        assert!(values.asked.iter().all(|(_, found)| *found), "{:?}", values.asked);
    }

    #[test]
    fn sections_have_one_spelling_and_numbers_fit() {
        for setting in SETTINGS {
            assert_eq!(format!("{}.{}", setting.section(), setting.name()), setting.key);
            if let crate::Shape::Number { max, .. } = setting.shape {
                assert!(u32::try_from(max).is_ok(), "{}", setting.key);
            }
        }
    }
}
