//! What the files of the system folder were before, and who changed what and when: `history/` in the folder.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// So many texts of each file are kept; that there were others stays on record.
const KEPT: usize = 20;

/// A version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Counted from 1, for each file.
    pub number: u64,
    /// `forms.xml` or `settings.xml`.
    pub file: String,
    /// When it was saved, or found.
    pub at: Timestamp,
    /// Who saved it: a login. Empty for a text that was found on disk, saved by other means.
    pub by: String,
    /// What changed, in plain words.
    pub what: Vec<String>,
}

/// The folder `history` of a system folder.
#[derive(Debug, Clone)]
pub(super) struct History {
    folder: PathBuf,
}

impl History {
    pub(super) fn new(system: &Path) -> Self {
        Self { folder: system.join("history") }
    }

    /// The versions of a file, the last one first. A line of the record that cannot be read is passed over.
    pub(super) fn versions(&self, file: &str) -> Vec<Version> {
        let text = std::fs::read_to_string(self.record()).unwrap_or_default();
        let versions = text.lines().filter_map(|line| serde_json::from_str::<Version>(line).ok());
        let mut versions = versions.filter(|version| version.file == file).collect::<Vec<_>>();
        versions.sort_by_key(|version| std::cmp::Reverse(version.number));
        versions
    }

    /// The text of a version, as long as it is kept.
    pub(super) fn text(&self, file: &str, number: u64) -> Option<String> {
        std::fs::read_to_string(self.text_path(file, number)).ok()
    }

    /// Keeps a text that is about to be saved.
    pub(super) fn keep(&self, file: &str, text: &str, by: &str, what: Vec<String>) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let number = self.versions(file).first().map_or(1, |last| last.number + 1);
        let version =
            Version { number, file: file.to_owned(), at: Timestamp::now(), by: by.to_owned(), what };
        std::fs::write(self.text_path(file, number), text)?;
        let mut line = serde_json::to_string(&version)?;
        line.push('\n');
        OpenOptions::new().create(true).append(true).open(self.record())?.write_all(line.as_bytes())?;
        if let Some(old) = self.versions(file).get(KEPT) {
            // One that is gone already is what is wanted.
            let _ = std::fs::remove_file(self.text_path(file, old.number));
        }
        Ok(())
    }

    /// Whether the text is the last one that was kept.
    pub(super) fn knows(&self, file: &str, text: &str) -> bool {
        let last = self.versions(file).into_iter().next();
        last.and_then(|last| self.text(file, last.number)).is_some_and(|kept| kept == text)
    }

    fn record(&self) -> PathBuf {
        self.folder.join("versions.jsonl")
    }

    fn text_path(&self, file: &str, number: u64) -> PathBuf {
        self.folder.join(format!("{number:06}-{file}"))
    }
}
