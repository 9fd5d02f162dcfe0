//! The table of series that the tenant's tests compare with, made anew by the library that it comes from.

use crate::steps::say;
use crate::{machine, python};
use std::fs;
use std::process::Command;

/// Where the script, its requirements and the table lie.
const HOME: &str = "crates/tenant/tests/recurrence";

/// Expands the generated series with the pinned dateutil and compares with the table that the tests read.
///
/// # Errors
/// Says how the two differ and how to renew the table.
pub(crate) fn compare() -> Result<(), String> {
    let home = machine::root().join(HOME);
    let interpreter = python::environment("recurrence", &home.join("requirements.txt"))?;
    let script = home.join("expand.py");
    say("==> series by dateutil");
    let output = Command::new(&interpreter)
        .arg(&script)
        .output()
        .map_err(|error| format!("cannot start {}: {error}", interpreter.display()))?;
    if !output.status.success() {
        return Err(format!("{} failed: {}", script.display(), String::from_utf8_lossy(&output.stderr)));
    }
    let table = home.join("expected.jsonl");
    let expected = fs::read(&table).map_err(|error| format!("cannot read {}: {error}", table.display()))?;
    let (made, kept): (Vec<&[u8]>, Vec<&[u8]>) = (lines(&output.stdout), lines(&expected));
    let same = made.iter().zip(&kept).take_while(|(one, other)| one == other).count();
    if same == made.len() && same == kept.len() {
        say(&format!("<== series by dateutil: {same} cases as in the table"));
        return Ok(());
    }
    Err(format!(
        "{} differs from what {} prints, from line {} on; if the script was changed on purpose, write its output there",
        table.display(),
        script.display(),
        same + 1
    ))
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
}
