//! `cargo xtask conformance`: Microsoft's own clients, unmodified, against `tandem tenant`.

mod certificate;
mod node;
mod tenant;

use crate::machine;
use crate::python;
use crate::steps::step_with;
use certificate::Authority;
use node::Node;
use std::path::{Path, PathBuf};

pub(crate) use tenant::Build;
use tenant::Tenant;

/// Runs all suites, each against a tenant of its own.
///
/// # Errors
/// Names every suite that failed, and why.
pub(crate) fn run(build: Build) -> Result<(), String> {
    let home = machine::target().join("conformance");
    std::fs::create_dir_all(&home).map_err(|error| format!("cannot create {}: {error}", home.display()))?;
    let authority = Authority::make(&home)?;
    let binary = build.program()?;
    let node = Node::install(&home)?;
    let suites = [
        node.schema(),
        node.javascript(&binary, &authority),
        python_suite("light", &home, &node, &binary, &authority),
        python_suite("sdk", &home, &node, &binary, &authority),
    ];
    let failed: Vec<String> = suites.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// Runs a folder of Python tests, then holds the bodies that they saw against Microsoft's types.
fn python_suite(
    name: &str,
    home: &Path,
    node: &Node,
    binary: &Path,
    authority: &Authority,
) -> Result<(), String> {
    let folder = sources().join("python");
    let python = python::environment(name, &folder.join(name).join("requirements.txt"))?;
    let bodies = home.join(format!("{name}.jsonl"));
    let tenant = Tenant::start(binary, authority)?;
    let variables = [
        ("TENANT", tenant.ready.clone()),
        ("TENANT_CA", authority.file()),
        ("TENANT_BODIES", text(&bodies)),
        ("PYTHONPATH", text(&folder)),
        // Everything that is written goes to target/.
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
    ];
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let tests = text(&folder.join(name));
    let arguments = ["-m", "pytest", &tests];
    step_with(&format!("python {name}"), &text(&python), &arguments, &variables)?;
    tenant.stop()?;
    node.check(&bodies)
}

/// Where the suites are.
fn sources() -> PathBuf {
    machine::root().join("conformance")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
