//! `cargo xtask bench`: first sync beside its floor.

use crate::steps::step;

/// Builds and runs the benchmark.
pub(crate) fn run() -> Result<(), String> {
    step("build", "cargo", &["build", "--release", "--quiet"])?;
    step("bench", "cargo", &["bench", "--package", "tandem", "--bench", "first_sync"])
}
