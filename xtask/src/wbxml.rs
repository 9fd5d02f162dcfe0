//! SyncML in an independent tool: Debian's libwbxml2-utils.

use crate::machine;
use crate::steps::step;

/// Provides the tool where it is missing, and runs the test that needs it.
pub(crate) fn run() -> Result<(), String> {
    // The tool answers nothing useful without a file, so it is only looked for.
    machine::needs("sh", &["-c", "command -v xml2wbxml"], &["libwbxml2-utils"])?;
    let test = ["test", "--package", "tandem-crm-interface", "--features", "wbxml", "--test", "wbxml"];
    step("SyncML through WBXML", "cargo", &test)
}
