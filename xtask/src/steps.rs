//! Steps that run a command and say how long it took.

use std::io::Write;
use std::process::Command;
use std::time::Instant;

/// How variables begin that `cargo run` sets for this program. Build scripts look at them: passed on, they would make
/// cargo build anew what a contributor has built without this program.
const SET_BY_CARGO: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// Says something on standard error.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Runs a command; a failure names it.
pub(crate) fn step(name: &str, program: &str, args: &[&str]) -> Result<(), String> {
    step_with(name, program, args, &[])
}

/// Runs a command with further variables in its environment; a failure names it.
pub(crate) fn step_with(
    name: &str,
    program: &str,
    args: &[&str],
    variables: &[(&str, &str)],
) -> Result<(), String> {
    say(&format!("==> {name}"));
    let begun = Instant::now();
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| SET_BY_CARGO.iter().any(|begin| name.starts_with(begin))) {
            command.env_remove(name);
        }
    }
    command.args(args).envs(variables.iter().copied());
    let status = command.status().map_err(|error| format!("{name}: cannot start {program}: {error}"))?;
    say(&format!("<== {name}: {:.0} s", begun.elapsed().as_secs_f32()));
    if status.success() { Ok(()) } else { Err(format!("{name} failed: {program} {}", args.join(" "))) }
}

/// Whether a cargo subcommand is installed.
pub(crate) fn has_subcommand(name: &str) -> bool {
    Command::new("cargo").args([name, "--version"]).output().is_ok_and(|output| output.status.success())
}
