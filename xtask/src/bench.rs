//! `cargo xtask bench`: first sync beside its floor, what the simulated tenant and the embedded CRM bear,
//! and how many simulated histories this machine plays.

use crate::steps::step;

/// Builds and runs the benchmarks. They write `target/bench/summary.json`.
pub(crate) fn run() -> Result<(), String> {
    step("build", "cargo", &["build", "--release", "--quiet"])?;
    step("first sync", "cargo", &["bench", "--quiet", "--package", "tandem", "--bench", "first_sync"])?;
    step(
        "idle tenant",
        "cargo",
        &["bench", "--quiet", "--package", "tandem-tenant", "--bench", "idle_delta"],
    )?;
    step(
        "CRM.interface",
        "cargo",
        &["bench", "--quiet", "--package", "tandem-crm", "--bench", "crm_import"],
    )?;
    step("histories", "cargo", &["bench", "--quiet", "--package", "tandem-world", "--bench", "histories"])
}
