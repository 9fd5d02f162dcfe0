//! Why credentials cannot be used. No text here repeats what the file holds.

use std::path::PathBuf;

/// Why credentials cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// No file.
    #[error("there is no credentials file {}; make one with `tandem users --file {} set-app …`", path.display(), path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("the credentials file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("the credentials file {} cannot be written: {source}", path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Others could read or change it.
    #[error(
        "the credentials file {} is open to other users of this machine (mode {mode:03o}); run `chmod 600 {}`, and \
         renew its secrets if others may have read them",
        path.display(), path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Larger than any credentials file.
    #[error("the credentials file {} is larger than {limit} bytes; is it the right one?", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// No XML, or not of the documented shape.
    #[error("{}:{line}: {problem}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// Secrets are there in plain text, which nobody allowed.
    #[error(
        "the secrets in {} are not encrypted, and encryption is required; for a trial, set \
         connection.allow_plain_credentials = true in the settings file",
        path.display()
    )]
    PlainNotAllowed {
        /// Which file.
        path: PathBuf,
    },
    /// Encrypted.
    #[error(
        "{}:{line}: the credentials are encrypted, and this version cannot read encrypted ones; use plain ones for a \
         trial (connection.allow_plain_credentials = true in the settings file)",
        path.display()
    )]
    Encrypted {
        /// Which file.
        path: PathBuf,
        /// The line of the element, from 1.
        line: usize,
    },
    /// Secrets would have to be encrypted, which this version cannot do.
    #[error(
        "the secrets cannot be written to {}: encryption is required, and this version cannot encrypt yet; for a \
         trial, set connection.allow_plain_credentials = true in the settings file",
        path.display()
    )]
    CannotEncrypt {
        /// Which file.
        path: PathBuf,
    },
    /// A value that XML cannot hold, or an empty one.
    #[error("{what} is empty or holds a control character")]
    Unfit {
        /// Which value.
        what: &'static str,
    },
    /// An entry is not there.
    #[error("{} holds no entry \"{entry}\"; add it with `tandem users --file {} {command}`", path.display(), path.display())]
    Missing {
        /// Which file.
        path: PathBuf,
        /// The entry's type.
        entry: &'static str,
        /// The command that adds it.
        command: &'static str,
    },
}
