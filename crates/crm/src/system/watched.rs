//! A file that is looked at before each request: what of it is in force, and what is on disk.

use crate::storage::hexadecimal;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::Metadata;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tandem_groupware::LARGEST_FILE;
use tandem_outside::bounded;

/// A file that was written more recently than this may be written again without its times showing it: clocks of file
/// systems tick coarsely. Its content is compared.
const UNSETTLED: Duration = Duration::from_secs(2);

/// What of a file is in force, and what is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileState {
    /// Its path.
    pub path: PathBuf,
    /// SHA-256 of what is in force; none where the built-in rules are.
    pub loaded: Option<String>,
    /// Since when that is so.
    pub loaded_at: Option<Timestamp>,
    /// SHA-256 of what is on disk; none where there is no readable file.
    pub on_disk: Option<String>,
    /// Why what is on disk is not in force.
    pub refused: Option<Refused>,
}

/// Why a file is not in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// On which line, from 1; none where the file as a whole is the matter.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
    /// When it was refused first.
    pub since: Timestamp,
}

/// What a look at a file found.
#[derive(Debug)]
pub(super) enum Found {
    /// What was there at the last look.
    Same,
    /// Text that differs from the last look's.
    Text(String),
    /// No file, but there was one.
    Gone,
    Unreadable(Error),
}

#[derive(Debug)]
pub(super) struct Watched {
    state: FileState,
    seen: Option<Seen>,
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    modified: SystemTime,
    length: u64,
    inode: u64,
    settled: bool,
}

impl Seen {
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // A time in the future says nothing about how long ago it was.
        let settled = SystemTime::now().duration_since(modified).is_ok_and(|age| age > UNSETTLED);
        Self { modified, length: metadata.len(), inode: inode(metadata), settled }
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

impl Watched {
    pub(super) fn new(path: PathBuf) -> Self {
        let state = FileState { path, loaded: None, loaded_at: None, on_disk: None, refused: None };
        Self { state, seen: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.state.path
    }

    pub(super) fn state(&self) -> FileState {
        self.state.clone()
    }

    /// Looks at the file; its content is read only where it may have changed.
    pub(super) fn look(&mut self) -> Found {
        let seen = match std::fs::metadata(&self.state.path) {
            Ok(metadata) => Seen::of(&metadata),
            Err(error) => return self.missing(error),
        };
        if seen.settled && self.seen.as_ref() == Some(&seen) {
            return Found::Same;
        }
        let text = match bounded::text(&self.state.path, LARGEST_FILE as u64) {
            Ok(text) => text,
            Err(error) => return self.missing(error),
        };
        self.seen = Some(seen);
        let digest = Some(digest(&text));
        if self.state.on_disk == digest {
            return Found::Same;
        }
        self.state.on_disk = digest;
        Found::Text(text)
    }

    fn missing(&mut self, error: Error) -> Found {
        self.seen = None;
        self.state.on_disk = None;
        match error.kind() {
            ErrorKind::NotFound if self.state.loaded.is_none() && self.state.refused.is_none() => Found::Same,
            ErrorKind::NotFound => Found::Gone,
            _ => Found::Unreadable(error),
        }
    }

    /// Whether the text is what is in force.
    pub(super) fn is_in_force(&self, text: &str) -> bool {
        self.state.loaded.as_ref() == Some(&digest(text))
    }

    /// The text is in force.
    pub(super) fn accept(&mut self, text: &str) {
        if !self.is_in_force(text) {
            self.state.loaded = Some(digest(text));
            self.state.loaded_at = Some(Timestamp::now());
        }
        self.state.refused = None;
    }

    /// What is on disk is not in force; the log says it once.
    pub(super) fn refuse(&mut self, line: Option<usize>, reason: String) {
        if self.state.refused.as_ref().is_some_and(|refused| refused.line == line && refused.reason == reason)
        {
            return;
        }
        let file = self.state.path.display();
        tracing::error!(%file, line, "{reason}; what was in force stays in force");
        self.state.refused = Some(Refused { line, reason, since: Timestamp::now() });
    }
}

/// SHA-256 of a text.
pub(super) fn digest(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_found_even_within_one_tick_of_the_clock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut watched = Watched::new(path.clone());
        assert!(matches!(watched.look(), Found::Same), "there is nothing yet");
        for text in ["one", "two", "six"] {
            std::fs::write(&path, text).unwrap();
            let Found::Text(found) = watched.look() else { panic!("{text} was overlooked") };
            assert_eq!(found, text);
            watched.accept(&found);
            assert!(matches!(watched.look(), Found::Same));
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(watched.look(), Found::Gone));
        std::fs::write(&path, [0xff]).unwrap();
        assert!(matches!(watched.look(), Found::Unreadable(_)));
    }
}
