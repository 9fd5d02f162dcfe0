//! The story of one item: its names are collected until none is new, for a line names an object, the object names its
//! copies, and a copy's line names the key that the object had before.

use super::fault::Outcome;
use super::read::all;
use super::rows::{self, ENTRY};
use crate::JournalEntry;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// Names of the objects that a name belongs to: their keys, records and copies.
const NAMES: &str = "
WITH named (id) AS (
    SELECT id FROM object WHERE key = ?1
    UNION SELECT id FROM object WHERE record = ?1
    UNION SELECT object FROM link WHERE graph = ?1 AND object IS NOT NULL
)
SELECT key FROM object WHERE id IN named AND key IS NOT NULL
UNION SELECT record FROM object WHERE id IN named AND record IS NOT NULL
UNION SELECT graph FROM link WHERE object IN named AND graph IS NOT NULL";

pub(super) fn story(connection: &Connection, item: &str) -> Outcome<Vec<JournalEntry>> {
    let by_name =
        format!("{ENTRY} WHERE key = ?1 UNION {ENTRY} WHERE graph = ?1 UNION {ENTRY} WHERE record = ?1");
    let mut known = BTreeSet::from([item.to_owned()]);
    let mut open = vec![item.to_owned()];
    let mut lines = BTreeMap::new();
    while let Some(name) = open.pop() {
        let mut found: Vec<String> = all(connection, NAMES, params![name], |row| Ok(row.get(0)?))?;
        for line in all(connection, &by_name, params![name], rows::entry)? {
            let entry = &line.entry;
            found.extend(entry.key.clone());
            found.extend(entry.graph.as_ref().map(ToString::to_string));
            found.extend(entry.record.as_ref().map(ToString::to_string));
            lines.insert(line.seq, line);
        }
        open.extend(found.into_iter().filter(|name| known.insert(name.clone())));
    }
    Ok(lines.into_values().collect())
}
