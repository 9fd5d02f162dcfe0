//! Files of other people: laid into mailboxes, and accounted for one by one.

use crate::DemoError;
use crate::company::Company;
use crate::sides::Sides;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use tandem_store::{SqliteStore, State, Store};

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorpusCounts {
    /// All files.
    pub files: u64,
    /// At least one item is in step, and none was refused or failed.
    pub linked: u64,
    /// Left out by a rule, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Refused by either side, by reason.
    pub refused: BTreeMap<String, u64>,
}

impl CorpusCounts {
    /// Whether every file is accounted for.
    pub fn adds_up(&self) -> bool {
        self.linked + self.skipped.values().sum::<u64>() + self.refused.values().sum::<u64>() == self.files
    }

    pub(crate) fn json(&self) -> Value {
        json!({"files": self.files, "linked": self.linked, "skipped": self.skipped, "refused": self.refused})
    }

    fn add(&mut self, fate: Fate) {
        self.files += 1;
        match fate {
            Fate::Linked => self.linked += 1,
            Fate::Skipped(reason) => *self.skipped.entry(reason).or_default() += 1,
            Fate::Refused(reason) => *self.refused.entry(reason).or_default() += 1,
        }
    }
}

/// What became of a file, or of one of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Linked,
    Skipped(String),
    Refused(String),
}

/// The files as the tenant took them.
pub(crate) struct Corpus {
    files: Vec<Value>,
}

impl Corpus {
    /// Lays the files into the mailboxes of the synchronised colleagues.
    pub(crate) async fn fill(company: &Company, sides: &Sides, dir: &Path) -> Result<Self, DemoError> {
        let dir = std::fs::canonicalize(dir)
            .ok()
            .filter(|dir| dir.is_dir())
            .ok_or_else(|| DemoError::Corpus(dir.to_owned()))?;
        let users: Vec<&str> =
            company.synchronised().map(|(_, colleague)| colleague.address.as_str()).collect();
        let report = sides.control.call("POST", "/fill", Some(&json!({"dir": dir, "users": users}))).await?;
        Ok(Self { files: report["files"].as_array().cloned().unwrap_or_default() })
    }

    /// Asks the connector's store what became of each file.
    pub(crate) async fn account(&self, store: &SqliteStore) -> Result<CorpusCounts, DemoError> {
        let mut counts = CorpusCounts::default();
        for file in &self.files {
            let mut fates = Vec::new();
            for item in file["items"].as_array().into_iter().flatten() {
                fates.push(item_fate(store, item["id"].as_str().unwrap_or_default()).await?);
            }
            counts.add(file_fate(file, fates));
        }
        Ok(counts)
    }
}

async fn item_fate(store: &SqliteStore, id: &str) -> Result<Fate, DemoError> {
    let found = store.find(id).await?;
    let Some(link) = found.first().map(|linked| &linked.link) else {
        // The connector never met it: it looks at a time frame only.
        return Ok(Fate::Skipped("out of the time frame".to_owned()));
    };
    Ok(match link.state {
        State::Linked => Fate::Linked,
        State::Skipped => Fate::Skipped(link.reason.clone()),
        State::Deleted => Fate::Skipped("deleted".to_owned()),
        State::Refused => Fate::Refused(link.reason.clone()),
        State::Waiting | State::Failed | State::Held => {
            Fate::Refused(format!("{}: {}", link.state.as_str(), link.reason))
        }
    })
}

/// A file is in step when at least one of its items is and none was refused.
fn file_fate(file: &Value, items: Vec<Fate>) -> Fate {
    if let Some(reason) = file["refused"].as_str() {
        return Fate::Refused(reason.to_owned());
    }
    if let Some(refused) = items.iter().find(|fate| matches!(fate, Fate::Refused(_))) {
        return refused.clone();
    }
    if items.contains(&Fate::Linked) {
        return Fate::Linked;
    }
    let reason = file["skipped"].as_str().map(str::to_owned);
    match (reason, items.into_iter().next()) {
        (Some(reason), _) => Fate::Skipped(reason),
        (None, Some(fate)) => fate,
        (None, None) => Fate::Skipped("holds no item".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_one_fate() {
        let skipped = || Fate::Skipped("private".to_owned());
        let refused = || Fate::Refused("unreadable".to_owned());
        let plain = json!({"refused": null, "skipped": null});
        assert_eq!(file_fate(&plain, vec![skipped(), Fate::Linked]), Fate::Linked);
        assert_eq!(file_fate(&plain, vec![Fate::Linked, refused()]), refused());
        assert_eq!(file_fate(&plain, vec![skipped()]), skipped());
        assert_eq!(file_fate(&json!({"refused": "unreadable"}), vec![]), refused());
        assert_eq!(
            file_fate(&json!({"skipped": "holds no event"}), vec![]),
            Fate::Skipped("holds no event".to_owned())
        );
        let mut counts = CorpusCounts::default();
        for fate in [Fate::Linked, skipped(), refused(), refused()] {
            counts.add(fate);
        }
        assert!(counts.adds_up());
        assert_eq!((counts.files, counts.refused["unreadable"]), (4, 2));
        counts.linked = 0;
        assert!(!counts.adds_up());
    }
}
