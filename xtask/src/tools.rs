//! Programs of others that some tests need: each is looked for, and taken from Debian's packages where it is missing.

use crate::machine;

/// A PostgreSQL server's programs; the tests start one of their own.
pub(crate) fn server() -> Result<(), String> {
    let probe = ["-c", "ls /usr/lib/postgresql/*/bin/initdb"];
    machine::needs("sh", &probe, &["postgresql"])
}

/// An independent tool for SyncML. It answers nothing useful without a file, so it is only looked for.
pub(crate) fn wbxml() -> Result<(), String> {
    machine::needs("sh", &["-c", "command -v xml2wbxml"], &["libwbxml2-utils"])
}

/// A browser for the pages.
pub(crate) fn browser() -> Result<(), String> {
    machine::needs("chromedriver", &["--version"], &["chromium", "chromium-driver"])?;
    machine::needs("chromium", &["--version"], &["chromium", "chromium-driver"])
}
