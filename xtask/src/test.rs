//! `cargo xtask test`: everything that has to hold.

use crate::conformance::{self, Build};
use crate::dist;
use crate::recurrence;
use crate::steps::{has_subcommand, say, step, step_with};
use crate::{tools, world};

/// Runs the checks, the cheapest first.
pub(crate) fn run(quick: bool) -> Result<(), String> {
    step("format", "cargo", &["fmt", "--all", "--check"])?;
    step("lints", "cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    if !quick {
        dependencies()?;
    }
    tools::server()?;
    let tests = ["test", "--workspace", "--no-fail-fast"];
    if quick {
        return step("tests", "cargo", &tests);
    }
    tools::wbxml()?;
    // In one go: for one package alone, all that it depends on would be built once more.
    step("tests", "cargo", &[tests.as_slice(), &["--features", "tandem-crm-interface/wbxml"]].concat())?;
    tools::browser()?;
    // Apart: what drives the browser would change the order of JSON in every other test.
    let guide = ["test", "--package", "tandem-crm", "--features", "browser", "--test", "guide_in_browser"];
    step("the setup guide's part B in a browser", "cargo", &guide)?;
    recurrence::compare()?;
    step("build", "cargo", &["build", "--release", "--quiet"])?;
    dist::run()?;
    // Ten properties: 200,000 cases in all. With the program's own package the libraries are those that it is built of.
    let histories =
        ["test", "--release", "--package", "tandem", "--package", "tandem-reconcile", "--test", "histories"];
    step_with("planner", "cargo", &histories, &[("TANDEM_PLANNER_CASES", "20000")])?;
    world::histories()?;
    conformance::run(Build::Release)?;
    let kill = ["test", "--release", "--package", "tandem", "--test", "killed", "--", "--nocapture"];
    step_with("kill test", "cargo", &kill, &[("TANDEM_KILL_RUNS", "50"), ("TANDEM_KILLS", "50")])?;
    let demo = ["run", "--release", "--quiet", "--", "demo", "--once", "--json"];
    step("demonstration", "cargo", &demo)?;
    let files = ["--corpus", "crates/tenant/tests/corpus"];
    step("demonstration with other people's files", "cargo", &[demo.as_slice(), &files].concat())
}

fn dependencies() -> Result<(), String> {
    if !has_subcommand("deny") {
        say("cargo-deny is missing; installing it");
        // It runs for seconds: optimising it would take minutes.
        step("install cargo-deny", "cargo", &["install", "cargo-deny", "--locked", "--debug", "--quiet"])?;
    }
    step("dependencies", "cargo", &["deny", "check", "bans", "licenses", "sources"])
}
