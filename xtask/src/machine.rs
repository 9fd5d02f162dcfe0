//! What the machine has, and what a fresh Debian gets by its package manager.

use crate::steps::{say, step};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where builds and environments of tests go.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Makes sure that a program runs with these arguments; installs Debian packages when it does not.
///
/// # Errors
/// Says what is missing and which packages bring it.
pub(crate) fn needs(program: &str, probe: &[&str], packages: &[&str]) -> Result<(), String> {
    if runs(program, probe) {
        return Ok(());
    }
    let missing = format!("{program} is missing; on Debian the packages {} bring it", packages.join(", "));
    if !runs("apt-get", &["--version"]) {
        return Err(missing);
    }
    say(&missing);
    // Containers are root without sudo; people are not root and have it.
    let prefix: &[&str] = if runs("sudo", &["--non-interactive", "true"]) { &["sudo"] } else { &[] };
    let apt = |arguments: &[&str]| {
        let words = [prefix, &["apt-get"], arguments].concat();
        words.split_first().map_or(Ok(()), |(first, rest)| step(&arguments.join(" "), first, rest))
    };
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-qq", "--yes", "--no-install-recommends"], packages].concat())?;
    if runs(program, probe) {
        Ok(())
    } else {
        Err(format!("{program} still does not run: {}", probe.join(" ")))
    }
}

/// Whether a program runs with these arguments and succeeds.
pub(crate) fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}
