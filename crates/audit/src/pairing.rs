//! Which items belong together: by global ids and external keys, then, for what has no key, by content.

use std::collections::{BTreeMap, BTreeSet};

/// What pairing needs to know of an item.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handle {
    /// Global ids and external keys.
    pub(crate) keys: Vec<String>,
    /// Content in short; items without a common key but with the same fingerprint belong together.
    pub(crate) fingerprint: String,
    /// Where it may not be twice: the mailbox; empty for the CRM.
    pub(crate) place: String,
}

/// Indexes into the two lists of handles.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairing {
    /// An item of Microsoft 365 and the record it belongs to. A record may have several items.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// Items without a record.
    pub(crate) m365_only: Vec<usize>,
    /// Records without an item.
    pub(crate) crm_only: Vec<usize>,
    /// Items of one mailbox that belong to the same record, or repeat one that does.
    pub(crate) m365_twice: Vec<Vec<usize>>,
    /// Records for the same item, or that repeat one that has an item.
    pub(crate) crm_twice: Vec<Vec<usize>>,
}

/// Pairs the two sides.
pub(crate) fn pair(m365: &[Handle], crm: &[Handle]) -> Pairing {
    let by_key = index(crm);
    let mut pairs = Vec::new();
    let mut paired_records = BTreeSet::new();
    let mut without = Vec::new();
    for (item, handle) in m365.iter().enumerate() {
        let found: BTreeSet<usize> =
            handle.keys.iter().filter_map(|key| by_key.get(key.as_str())).flatten().copied().collect();
        match found.first() {
            Some(record) => pairs.push((item, *record)),
            None => without.push(item),
        }
        paired_records.extend(found);
    }
    let mut m365_only = Vec::new();
    for item in without {
        let fingerprint = &m365[item].fingerprint;
        let record = (0..crm.len()).find(|record| {
            !paired_records.contains(record)
                && !fingerprint.is_empty()
                && crm[*record].fingerprint == *fingerprint
        });
        match record {
            Some(record) => {
                paired_records.insert(record);
                pairs.push((item, record));
            }
            None => m365_only.push(item),
        }
    }
    pairs.sort_unstable();
    let crm_only: Vec<usize> = (0..crm.len()).filter(|record| !paired_records.contains(record)).collect();
    let m365_twice = items_twice(m365, &pairs, &m365_only);
    let crm_twice = records_twice(crm, &by_key, &pairs, &crm_only);
    Pairing { pairs, m365_only, crm_only, m365_twice, crm_twice }
}

fn index(handles: &[Handle]) -> BTreeMap<&str, BTreeSet<usize>> {
    let mut by_key: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (number, handle) in handles.iter().enumerate() {
        for key in &handle.keys {
            by_key.entry(key).or_default().insert(number);
        }
    }
    by_key
}

fn items_twice(m365: &[Handle], pairs: &[(usize, usize)], only: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(&str, usize), Vec<usize>> = BTreeMap::new();
    for (item, record) in pairs {
        groups.entry((&m365[*item].place, *record)).or_default().push(*item);
    }
    for item in only {
        let handle = &m365[*item];
        let twin = pairs.iter().find(|(other, _)| {
            !handle.fingerprint.is_empty()
                && m365[*other].fingerprint == handle.fingerprint
                && m365[*other].place == handle.place
        });
        if let Some((_, record)) = twin {
            groups.entry((&handle.place, *record)).or_default().push(*item);
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

fn records_twice(
    crm: &[Handle],
    by_key: &BTreeMap<&str, BTreeSet<usize>>,
    pairs: &[(usize, usize)],
    only: &[usize],
) -> Vec<Vec<usize>> {
    let mut groups: BTreeSet<Vec<usize>> = by_key
        .values()
        .filter(|records| records.len() > 1)
        .map(|records| records.iter().copied().collect())
        .collect();
    for record in only {
        let handle = &crm[*record];
        let twin = pairs
            .iter()
            .map(|(_, other)| *other)
            .find(|other| !handle.fingerprint.is_empty() && crm[*other].fingerprint == handle.fingerprint);
        if let Some(twin) = twin {
            let mut group = vec![twin, *record];
            group.sort_unstable();
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(keys: &[&str], fingerprint: &str, place: &str) -> Handle {
        Handle {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            fingerprint: fingerprint.to_owned(),
            place: place.to_owned(),
        }
    }

    #[test]
    fn keys_come_first_then_content() {
        let m365 = [handle(&["k1"], "x", "a"), handle(&["k2"], "y", "a"), handle(&[], "z", "a")];
        let crm = [handle(&[], "y", ""), handle(&["k1"], "other", ""), handle(&["k9"], "w", "")];
        let pairing = pair(&m365, &crm);
        assert_eq!(pairing.pairs, [(0, 1), (1, 0)]);
        assert_eq!(pairing.m365_only, [2]);
        assert_eq!(pairing.crm_only, [2]);
        assert!(pairing.m365_twice.is_empty() && pairing.crm_twice.is_empty());
    }

    #[test]
    fn duplicates_are_found_on_both_sides() {
        let m365 = [
            handle(&["k1"], "x", "a"),
            handle(&["k2"], "x", "a"),
            handle(&["k3"], "x", "b"),
            handle(&[], "x", "b"),
        ];
        let crm = [handle(&["k1", "k2", "k3"], "x", ""), handle(&["k1"], "x", ""), handle(&[], "q", "")];
        let pairing = pair(&m365, &crm);
        assert_eq!(pairing.m365_twice, [vec![0, 1], vec![2, 3]]);
        assert_eq!(pairing.crm_twice, [vec![0, 1]]);
        let twins = pair(&[handle(&["k"], "x", "a")], &[handle(&["k"], "x", ""), handle(&[], "x", "")]);
        assert_eq!(twins.crm_twice, [vec![0, 1]]);
        assert_eq!(twins.crm_only, [1]);
    }
}
