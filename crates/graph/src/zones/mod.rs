//! Windows time zone names and IANA names. Graph speaks Windows names, and takes and at times gives IANA names
//! ("Graph documentation: dateTimeTimeZone").

use std::collections::BTreeMap;
use std::sync::LazyLock;
use tandem_model::Zone;

/// CLDR's table; the file says where it comes from and under which licence.
const TABLE: &str = include_str!("windows_zones.tsv");

struct Names {
    /// Windows name in lower case to the IANA name that stands for it.
    iana: BTreeMap<String, &'static str>,
    /// IANA name in lower case to its Windows name.
    windows: BTreeMap<String, &'static str>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { iana: BTreeMap::new(), windows: BTreeMap::new() };
    for line in TABLE.lines() {
        let mut columns = line.split('\t');
        if let (Some(mark @ ("=" | "<")), Some(windows), Some(iana)) =
            (columns.next(), columns.next(), columns.next())
        {
            names.windows.insert(iana.to_lowercase(), windows);
            if mark == "=" {
                names.iana.insert(windows.to_lowercase(), iana);
            }
        }
    }
    names
});

/// A zone as Graph named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The zone by its IANA name.
    pub zone: Zone,
    /// Whether the name has no IANA name, as the custom zones of desktop Outlook (`tzone://Microsoft/Custom`); `zone`
    /// is then UTC.
    pub custom: bool,
}

/// Reads a zone as Graph names it. A Windows name stands for many IANA names; `preferred` is taken where it is one
/// of them (the mailbox's own zone, say), the one that CLDR prefers otherwise.
pub fn from_graph(name: &str, preferred: &Zone) -> Named {
    let known = |zone| Named { zone, custom: false };
    let name = name.trim();
    if is_utc(name) {
        return known(if windows_name(preferred) == Some("UTC") { preferred.clone() } else { Zone::utc() });
    }
    if let Some(iana) = NAMES.iana.get(&name.to_lowercase()) {
        let same = windows_name(preferred).is_some_and(|windows| windows.eq_ignore_ascii_case(name));
        return known(if same { preferred.clone() } else { Zone::new(*iana) });
    }
    let zone = Zone::new(name);
    if zone.is_known() && !name.is_empty() { known(zone) } else { Named { zone: Zone::utc(), custom: true } }
}

/// Names a zone for Graph: by its Windows name, which desktop Outlook understands too; by its IANA name where Windows
/// has none; none when nobody knows the name, and the time has to be said in UTC.
pub fn to_graph(zone: &Zone) -> Option<&str> {
    windows_name(zone).or_else(|| zone.is_known().then_some(zone.as_str()))
}

/// The IANA name under which a zone comes back from Graph after it was written there by a mailbox without a zone of
/// its own.
pub fn canonical(zone: &Zone) -> Zone {
    match to_graph(zone) {
        Some(name) => from_graph(name, &Zone::utc()).zone,
        None => Zone::utc(),
    }
}

/// Whether two zones are one to Graph: IANA names that stand for the same Windows name cannot be told apart there.
pub fn same(a: &Zone, b: &Zone) -> bool {
    a == b || to_graph(a).unwrap_or("UTC") == to_graph(b).unwrap_or("UTC")
}

fn windows_name(zone: &Zone) -> Option<&'static str> {
    if is_utc(zone.as_str()) {
        return Some("UTC");
    }
    NAMES.windows.get(&zone.as_str().to_lowercase()).copied()
}

fn is_utc(name: &str) -> bool {
    ["UTC", "tzone://Microsoft/Utc", "Etc/UTC", "Z", "Coordinated Universal Time"]
        .iter()
        .any(|utc| utc.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(name: &str) -> Named {
        from_graph(name, &Zone::utc())
    }

    #[test]
    fn the_names_that_graph_gives() {
        assert_eq!(read("W. Europe Standard Time").zone.as_str(), "Europe/Berlin");
        assert_eq!(read("pacific standard time").zone.as_str(), "America/Los_Angeles");
        assert_eq!(read("Europe/Vienna").zone.as_str(), "Europe/Vienna");
        assert_eq!(read("tzone://Microsoft/Utc"), Named { zone: Zone::utc(), custom: false });
        assert_eq!(read("tzone://Microsoft/Custom"), Named { zone: Zone::utc(), custom: true });
        assert_eq!(read("Customized Time Zone"), Named { zone: Zone::utc(), custom: true });
        assert_eq!(read(""), Named { zone: Zone::utc(), custom: true });
    }

    #[test]
    fn the_mailbox_zone_is_kept_where_it_has_the_same_windows_name() {
        let vienna = Zone::new("Europe/Vienna");
        assert_eq!(to_graph(&vienna), Some("W. Europe Standard Time"));
        assert_eq!(from_graph("W. Europe Standard Time", &vienna).zone, vienna);
        assert_eq!(from_graph("Eastern Standard Time", &vienna).zone.as_str(), "America/New_York");
        assert_eq!(canonical(&vienna).as_str(), "Europe/Berlin");
        assert!(same(&vienna, &Zone::new("Europe/Berlin")) && !same(&vienna, &Zone::new("Europe/Paris")));
    }

    #[test]
    fn a_zone_without_a_name_is_said_in_utc() {
        assert_eq!(to_graph(&Zone::new("Mars/Olympus")), None);
        assert_eq!(to_graph(&Zone::utc()), Some("UTC"));
    }

    #[test]
    fn every_windows_name_leads_to_a_zone_with_rules_and_back() {
        assert!(NAMES.iana.len() > 130, "the table was read");
        for (windows, iana) in &NAMES.iana {
            let zone = Zone::new(*iana);
            assert!(zone.is_known(), "{windows} stands for {iana}, which has no rules");
            let back = to_graph(&zone).unwrap();
            assert!(back.eq_ignore_ascii_case(windows), "{windows} became {back}");
        }
    }

    proptest! {
        #[test]
        fn any_zone_name_is_read_and_stays_the_same_once_written(name in prop_oneof![
            proptest::sample::select(NAMES.windows.keys().cloned().collect::<Vec<_>>()),
            proptest::sample::select(NAMES.iana.keys().cloned().collect::<Vec<_>>()),
            "[A-Za-z/_. ]{0,20}",
        ]) {
            let once = read(&name).zone;
            prop_assert!(once.is_known());
            let written = canonical(&once);
            prop_assert_eq!(canonical(&written), written.clone());
            // What Graph gives back for what we wrote, read in a mailbox of that zone, is that zone.
            prop_assert_eq!(from_graph(to_graph(&once).unwrap(), &once).zone, once);
        }
    }
}
