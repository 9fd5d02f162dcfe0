//! What goes to standard output and standard error, and with which exit code: 0 done, 1 the answer is no, 2 wrong use
//! or cannot.

use serde_json::Value;
use std::io::Write;
use std::process::ExitCode;

/// Says on standard error why the command cannot do its work.
pub(crate) fn cannot(why: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "tandem: {why}");
    ExitCode::from(2)
}

/// Writes a line to standard output. A reader that went away is no reason to fail.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Writes the one JSON document of a `--json` command.
pub(crate) fn document(value: &Value) {
    line(&serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()));
}
