//! SyncML in an independent tool: Debian's libwbxml2-utils.

use crate::steps::{say, step};
use std::process::{Command, Stdio};

/// Provides the tool where it is missing, and runs the test that needs it.
pub(crate) fn run() -> Result<(), String> {
    if !is_there() {
        say("libwbxml2-utils is missing; installing it");
        step("install libwbxml2-utils", "apt-get", &["install", "--yes", "-qq", "libwbxml2-utils"])?;
    }
    let test = ["test", "--package", "tandem-crm-interface", "--features", "wbxml", "--test", "wbxml"];
    step("SyncML through WBXML", "cargo", &test)
}

/// The tool says nothing useful without a file, but it starts.
fn is_there() -> bool {
    let mut tool = Command::new("xml2wbxml");
    tool.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
