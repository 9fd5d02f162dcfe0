//! What can be wrong with a settings file.

use std::fmt;
use std::path::PathBuf;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings file {} cannot be read: {source}; name an existing file with --config", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is larger than any settings file.
    #[error("the settings file {} is larger than {limit} bytes; is it the right one?", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// Its content is not in order. Everything that is wrong, by line.
    #[error("{}", listed(path, findings))]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// At least one.
        findings: Vec<Finding>,
    },
}

fn listed(path: &std::path::Path, findings: &[Finding]) -> String {
    let mut text = match findings.len() {
        1 => "the settings need a correction:".to_owned(),
        n => format!("the settings need {n} corrections:"),
    };
    for finding in findings {
        let line = finding.line.map_or(String::new(), |line| format!(":{line}"));
        text.push_str(&format!("\n  {}{line}: {finding}", path.display()));
    }
    text
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line in the file, from 1; none for what is missing.
    pub line: Option<usize>,
    /// The setting or section, empty for what is no TOML.
    pub key: String,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        self.problem.fmt(f)
    }
}

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file breaks off being TOML. The line itself is not repeated, for it may hold what is nobody's business.
    #[error("not TOML: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// There is no such setting or section.
    #[error("unknown{}", nearest.as_ref().map_or(String::new(), |key| format!("; did you mean {key}?")))]
    Unknown {
        /// The known one that looks most like it, if any does.
        nearest: Option<String>,
    },
    /// It looks like a secret.
    #[error("secrets are not settings; put them into users.xml with `tandem users`, and delete this line")]
    Secret,
    /// Text where a number belongs, and the like.
    #[error("{found} where {expected} is expected")]
    WrongType {
        /// What was found.
        found: &'static str,
        /// What is expected.
        expected: String,
    },
    /// Of the right type, but not allowed.
    #[error("{found} is not allowed; expected is {expected}")]
    OutOfRange {
        /// What was found.
        found: String,
        /// What is expected.
        expected: String,
    },
    /// No address that may be used.
    #[error("not allowed; expected is {expected}")]
    NotAnAddress {
        /// What is expected.
        expected: String,
    },
    /// It must be set and is not.
    #[error("missing; expected is {expected}")]
    Missing {
        /// What is expected.
        expected: String,
    },
    /// It does not go with another setting.
    #[error("does not go with {other}: {why}")]
    Clash {
        /// The other setting.
        other: &'static str,
        /// Why not.
        why: &'static str,
    },
}
