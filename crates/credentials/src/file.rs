//! The file: who may read it, and how it is replaced in one step.

use crate::{CredentialsError, Secret, Users, document};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Two short entries are far below; encrypted ones with certificates, too.
const LIMIT: u64 = 64 * 1024;

/// Whether secrets in plain text are acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Secrets have to be encrypted.
    RequireEncryption,
    /// Plain text is accepted, for a trial.
    AllowPlain,
}

impl Protection {
    /// As the setting `connection.allow_plain_credentials` says.
    pub fn from_setting(allow_plain: bool) -> Self {
        if allow_plain { Protection::AllowPlain } else { Protection::RequireEncryption }
    }
}

impl Users {
    /// Reads a file.
    pub fn load(path: &Path, protection: Protection) -> Result<Self, CredentialsError> {
        let users = document::read(content(path)?.expose(), path)?;
        if users.has_secrets() && protection == Protection::RequireEncryption {
            return Err(CredentialsError::PlainNotAllowed { path: path.to_owned() });
        }
        Ok(users)
    }

    /// Writes the file, with mode 0600: a reader sees the old content or the new, never half of it.
    pub fn save(&self, protection: Protection) -> Result<(), CredentialsError> {
        if self.has_secrets() && protection == Protection::RequireEncryption {
            return Err(CredentialsError::CannotEncrypt { path: self.path.clone() });
        }
        let text = document::write(self)?;
        let beside = beside(&self.path);
        let unwritable = |source| CredentialsError::Unwritable { path: self.path.clone(), source };
        let written =
            write_private(&beside, text.expose()).and_then(|()| std::fs::rename(&beside, &self.path));
        if written.is_err() {
            // What is left is unfinished; whether it can be removed does not change the answer.
            let _ = std::fs::remove_file(&beside);
        }
        written.map_err(unwritable)
    }
}

fn content(path: &Path) -> Result<Secret, CredentialsError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => CredentialsError::NotFound { path: path.to_owned() },
        _ => CredentialsError::Unreadable { path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(unreadable)?;
    // Asked of the open file, so that nobody can exchange it in between.
    check_private(&file, path).map_err(unreadable)??;
    let mut text = String::new();
    file.take(LIMIT + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LIMIT {
        return Err(CredentialsError::TooLarge { path: path.to_owned(), limit: LIMIT });
    }
    Ok(Secret::new(text))
}

/// Reading by the group is for services that share a group with their administrator; anything more is exposure.
#[cfg(unix)]
fn check_private(file: &File, path: &Path) -> std::io::Result<Result<(), CredentialsError>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    let exposed = mode & 0o027 != 0;
    Ok(if exposed { Err(CredentialsError::Exposed { path: path.to_owned(), mode }) } else { Ok(()) })
}

#[cfg(not(unix))]
fn check_private(_: &File, _: &Path) -> std::io::Result<Result<(), CredentialsError>> {
    Ok(Ok(()))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    PathBuf::from(name)
}
