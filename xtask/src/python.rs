//! Python environments of tests, under `target/`, from pinned requirements.

use crate::machine;
use crate::steps::step;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes the virtual environment `target/python/{name}` from a requirements file that pins every version, unless it is
/// there already for just this file. Answers the path of its interpreter.
///
/// # Errors
/// Says which program failed: no Python on the machine, or packages that cannot be installed.
pub(crate) fn environment(name: &str, requirements: &Path) -> Result<PathBuf, String> {
    let wanted = fs::read_to_string(requirements)
        .map_err(|error| format!("cannot read {}: {error}", requirements.display()))?;
    let home = machine::target().join("python").join(name);
    let interpreter = home.join("bin").join("python");
    // Written last: an environment whose installation was cut short is made again.
    let installed = home.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|have| have == wanted) && interpreter.exists() {
        return Ok(interpreter);
    }
    machine::needs("python3", &["-c", "import ensurepip, venv"], &["python3", "python3-venv"])?;
    step(&format!("Python environment {name}"), "python3", &["-m", "venv", "--clear", &text(&home)])?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    let requirements = text(requirements);
    let pip = [pip.as_slice(), &[&requirements]].concat();
    step(&format!("Python packages {name}"), &text(&interpreter), &pip)?;
    fs::write(&installed, wanted)
        .map_err(|error| format!("cannot write {}: {error}", installed.display()))?;
    Ok(interpreter)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
