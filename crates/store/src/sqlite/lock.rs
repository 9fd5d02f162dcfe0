//! One connector, one store: a lock of the operating system on a file beside the store. It ends with the process,
//! however that ends, so that a crash leaves nothing to clean up.

use crate::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store at `path`, or says that somebody has it.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let beside = beside(path);
        if let Some(folder) = beside.parent().filter(|folder| !folder.is_dir()) {
            return Err(StoreError::Database {
                path: path.display().to_string(),
                action: "opened",
                why: format!("there is no folder {}; make it, or choose another place", folder.display()),
            });
        }
        let why = |error: std::io::Error| StoreError::Database {
            path: path.display().to_string(),
            action: "opened",
            why: format!("its lock file {} cannot be used: {error}", beside.display()),
        };
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        // Who may open the file may lock it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside).map_err(why)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(why(error)),
        }
    }
}

/// The lock file, the same for all ways to spell the store's path.
fn beside(path: &Path) -> PathBuf {
    let real = path.canonicalize().ok().or_else(|| {
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        Some(directory.unwrap_or(Path::new(".")).canonicalize().ok()?.join(path.file_name()?))
    });
    let mut name = real.unwrap_or_else(|| path.to_owned()).into_os_string();
    name.push(".lock");
    PathBuf::from(name)
}
