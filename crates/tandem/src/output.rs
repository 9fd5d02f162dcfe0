//! What goes to standard output and standard error, and with which exit code: 0 done, 1 the answer is no, 2 wrong use
//! or cannot. Much of the text is foreign, a subject above all: what steers a terminal leaves here as something to read.

use serde_json::Value;
use std::io::Write;
use std::process::ExitCode;
use tandem_outside::terminal;

/// Says on standard error why the command cannot do its work.
pub(crate) fn cannot(why: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "tandem: {}", terminal::complaint(why));
    ExitCode::from(2)
}

/// Writes one line to standard output, whatever line breaks the text has.
pub(crate) fn line(text: &str) {
    write(&terminal::line(text));
}

/// Writes a text whose line breaks are our own to standard output.
pub(crate) fn lines(text: &str) {
    write(&terminal::lines(text));
}

/// Writes the one JSON document of a `--json` command.
pub(crate) fn document(value: &Value) {
    lines(&serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()));
}

/// A reader that went away is no reason to fail.
fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}
