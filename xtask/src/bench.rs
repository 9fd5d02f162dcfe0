//! `cargo xtask bench`: first sync beside its floor.

use crate::steps::step;

/// Builds and runs the benchmark. It writes `target/bench/summary.json`.
pub(crate) fn run() -> Result<(), String> {
    step("build", "cargo", &["build", "--release", "--quiet"])?;
    step("bench", "cargo", &["bench", "--quiet", "--package", "tandem", "--bench", "first_sync"])
}
