//! Time zones by the names that Outlook takes: Windows names, IANA names and a few of its own.

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A time zone under the name that a client gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    name: Arc<str>,
    rules: TimeZone,
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self { name: Arc::from("UTC"), rules: TimeZone::UTC }
    }

    /// The zone of a Windows or IANA name; `None` when there is no such zone.
    pub fn named(name: &str) -> Option<Self> {
        let rules = rules(name)?;
        Some(Self { name: Arc::from(name), rules })
    }

    /// The same clocks without a name of their own, as old desktop programs store zones.
    pub fn custom(&self) -> Self {
        let rules = self.rules.iana_name().unwrap_or("UTC");
        Self { name: format!("{CUSTOM}{MARK}{rules}").into(), rules: self.rules.clone() }
    }

    /// The name, as it was given.
    pub fn name(&self) -> &str {
        if self.name.starts_with(CUSTOM) { CUSTOM } else { &self.name }
    }

    /// When its clocks change.
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

/// What the service shows for a zone that has no name of its own.
pub const CUSTOM: &str = "tzone://Microsoft/Custom";

/// In what is stored, and nowhere else, the clocks of such a zone stand behind this.
const MARK: char = '#';

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
            ))
        })
    }
}

fn rules(name: &str) -> Option<TimeZone> {
    match name {
        "UTC" | "Etc/UTC" | "Etc/GMT" | "tzone://Microsoft/Utc" => return Some(TimeZone::UTC),
        _ => {}
    }
    if let Some(clocks) = name.strip_prefix(CUSTOM).and_then(|rest| rest.strip_prefix(MARK)) {
        return rules(clocks);
    }
    if let Some(iana) = windows().get(name.to_ascii_lowercase().as_str()) {
        return TimeZone::get(iana).ok();
    }
    // Posix rules and file paths would be taken by the zone database as well; Outlook takes names only.
    if name.is_empty() || name.starts_with('/') || name.contains(',') {
        return None;
    }
    TimeZone::get(name).ok()
}

/// Windows names in lower case, and the IANA zone of each.
fn windows() -> &'static BTreeMap<String, &'static str> {
    static TABLE: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| rows().map(|(windows, iana, _)| (windows.to_ascii_lowercase(), iana)).collect())
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    include_str!("../../data/windows-zones.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(
        |line| {
            let mut columns = line.split('\t');
            Some((columns.next()?, columns.next()?, columns.next().unwrap_or("")))
        },
    )
}

/// The Windows name of an IANA zone, as Outlook would store it.
pub fn windows_name(iana: &str) -> Option<&'static str> {
    if matches!(iana, "UTC" | "Etc/UTC" | "Etc/GMT") {
        return Some("UTC");
    }
    rows()
        .find(|(_, default, _)| *default == iana)
        .or_else(|| rows().find(|(_, _, more)| more.split(' ').any(|zone| zone == iana)))
        .map(|(windows, _, _)| windows)
}

/// The representative zones of all Windows names.
pub fn representatives() -> impl Iterator<Item = &'static str> {
    rows().map(|(_, iana, _)| iana)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_zone_has_rules() {
        for (windows, iana, _) in rows() {
            assert!(Zone::named(windows).is_some(), "{windows} = {iana}");
        }
    }

    #[test]
    fn both_kinds_of_names_mean_the_same_rules() {
        let windows = Zone::named("W. Europe Standard Time").unwrap();
        assert_eq!(windows.rules(), Zone::named("Europe/Berlin").unwrap().rules());
        assert_eq!(windows_name("Europe/Vienna"), Some("W. Europe Standard Time"));
        assert!(Zone::named("Middle-earth Standard Time").is_none());
    }
}
