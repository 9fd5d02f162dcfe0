//! The pages in a real browser: Debian's chromium.

use crate::machine;
use crate::steps::step;

/// Provides the browser where it is missing, and runs the test that needs it.
pub(crate) fn run() -> Result<(), String> {
    machine::needs("chromedriver", &["--version"], &["chromium", "chromium-driver"])?;
    machine::needs("chromium", &["--version"], &["chromium", "chromium-driver"])?;
    let test = ["test", "--package", "tandem-crm", "--features", "browser", "--test", "guide_in_browser"];
    step("the setup guide's part B in a browser", "cargo", &test)
}
