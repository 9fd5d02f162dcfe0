//! What changed in a collection, by sequence number: the ground on which delta queries stand.

use std::collections::BTreeMap;

/// A log that keeps the latest change of each item. A reader who has seen everything costs one look at the end.
#[derive(Debug, Clone)]
pub struct ChangeLog<K: Ord> {
    sequence: u64,
    by_sequence: BTreeMap<u64, K>,
    entries: BTreeMap<K, Entry>,
}

/// When an item appeared, when it changed last, and whether it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Sequence number of its first change.
    pub first: u64,
    /// Sequence number of its last change.
    pub last: u64,
    /// Whether it left the collection.
    pub gone: bool,
}

impl<K: Ord> Default for ChangeLog<K> {
    fn default() -> Self {
        Self { sequence: 0, by_sequence: BTreeMap::new(), entries: BTreeMap::new() }
    }
}

impl<K: Ord + Copy> ChangeLog<K> {
    /// The number of the last change.
    pub fn end(&self) -> u64 {
        self.sequence
    }

    /// Notes that `key` appeared or changed.
    pub fn changed(&mut self, key: K) {
        self.note(key, false);
    }

    /// Notes that `key` left.
    pub fn left(&mut self, key: K) {
        self.note(key, true);
    }

    fn note(&mut self, key: K, gone: bool) {
        self.sequence += 1;
        let last = self.sequence;
        let mut first = last;
        if let Some(before) = self.entries.get(&key) {
            self.by_sequence.remove(&before.last);
            if !before.gone {
                first = before.first;
            }
        }
        self.by_sequence.insert(last, key);
        self.entries.insert(key, Entry { first, last, gone });
    }

    /// The items that changed after `cursor`, each once, in the order of their last change.
    pub fn since(&self, cursor: u64) -> impl Iterator<Item = (K, Entry)> + '_ {
        self.by_sequence
            .range(cursor.saturating_add(1)..)
            .filter_map(|(_, key)| self.entries.get(key).map(|entry| (*key, *entry)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_shows_once_with_its_last_state() {
        let mut log = ChangeLog::default();
        log.changed(1);
        log.changed(2);
        log.changed(1);
        log.left(2);
        let seen: Vec<_> = log.since(0).map(|(key, entry)| (key, entry.gone)).collect();
        assert_eq!(seen, [(1, false), (2, true)]);
        assert_eq!(log.since(log.end()).count(), 0);
    }
}
