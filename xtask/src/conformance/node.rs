//! The suites that run on Node.

use super::certificate::Authority;
use super::tenant::Tenant;
use super::{sources, text};
use crate::machine;
use crate::steps::{step, step_with};
use std::fs;
use std::path::{Path, PathBuf};

/// What runs on Node.
const FOLDERS: [&str; 2] = ["javascript", "schema"];

/// Installs the pinned packages below `home`, unless they are there for just this lock file, and copies the suites
/// beside them: Node looks for packages next to the file that asks, and the source tree shall stay as it is.
///
/// # Errors
/// Says what is missing on the machine, or what npm could not install.
pub(crate) fn installed(home: &Path) -> Result<PathBuf, String> {
    machine::needs(
        "node",
        &["-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"],
        &["nodejs"],
    )?;
    machine::needs("npm", &["--version"], &["npm"])?;
    let node = home.join("node");
    let failed = |error: std::io::Error| format!("cannot copy the suites to {}: {error}", node.display());
    copy(&sources(), &node).map_err(failed)?;
    let lock = fs::read_to_string(node.join("package-lock.json")).map_err(failed)?;
    let done = node.join("installed.json");
    if fs::read_to_string(&done).is_ok_and(|have| have == lock) {
        return Ok(node);
    }
    let prefix = text(&node);
    let place = ["--prefix", &prefix];
    let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
    step("packages for Node", "npm", &[install.as_slice(), &place].concat())?;
    fs::write(&done, lock).map_err(failed)?;
    Ok(node)
}

/// Tests of the validator itself.
pub(crate) fn schema(node: &Path) -> Result<(), String> {
    step("schema", "node", &[&text(&node.join("run.mjs")), "schema"])
}

/// Microsoft's libraries for JavaScript, against a tenant of their own.
pub(crate) fn javascript(node: &Path, binary: &Path, authority: &Authority) -> Result<(), String> {
    let tenant = Tenant::start(binary, authority)?;
    let variables = [("TENANT", tenant.ready.as_str()), ("NODE_EXTRA_CA_CERTS", &authority.file())];
    step_with("javascript", "node", &[&text(&node.join("run.mjs")), "javascript"], &variables)?;
    tenant.stop()
}

/// Holds recorded bodies against Microsoft's types.
pub(crate) fn check(node: &Path, bodies: &Path) -> Result<(), String> {
    let check = text(&node.join("schema").join("check.mjs"));
    step("types of what it saw", "node", &[&check, &text(bodies)])
}

/// Copies what Node runs; a file that is no longer there goes.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for file in ["package.json", "package-lock.json", "run.mjs"] {
        fs::copy(from.join(file), to.join(file))?;
    }
    for folder in FOLDERS {
        let (from, to) = (from.join(folder), to.join(folder));
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
