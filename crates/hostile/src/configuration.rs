//! The connector's own files.

use std::path::Path;
use tandem_credentials::{Protection, Users};
use tandem_settings::SettingsFile;

/// `tandem.toml`.
pub(crate) fn settings(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = SettingsFile::parse(text, Path::new("tandem.toml"));
    }
}

/// `users.xml`, read and written again.
pub(crate) fn users(bytes: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let path = folder.path().join("users.xml");
    if std::fs::write(&path, bytes).is_err() {
        return;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).is_err() {
            return;
        }
    }
    if let Ok(users) = Users::load(&path, Protection::AllowPlain) {
        let saved = users.save(Protection::AllowPlain);
        let again = saved.and_then(|()| Users::load(&path, Protection::AllowPlain));
        assert!(again.is_ok(), "what was written can be read: {again:?}");
    }
}
