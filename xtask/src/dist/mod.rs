//! `cargo xtask dist`: what is handed to others. The program, the licences of what is in it, and a bill of materials,
//! in one archive with its checksum. The same program and the same lock file make the same bytes.

mod archive;
mod licences;
mod sbom;

use crate::machine;
use crate::steps::{say, step};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds the release and packs it under `target/dist/`.
///
/// # Errors
/// Says which step failed: the build, a file that cannot be written, or a program that is missing.
pub(crate) fn run() -> Result<(), String> {
    step("build", "cargo", &["build", "--release", "--locked", "--quiet"])?;
    let triple = host()?;
    let metadata =
        output("cargo", &["metadata", "--format-version", "1", "--locked", "--filter-platform", &triple])?;
    let metadata = serde_json::from_slice(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let lock = read(&machine::root().join("Cargo.lock"))?;
    let parts = sbom::parts(&metadata, "tandem")?;
    let name = format!("tandem-{}-{triple}", parts.root.version);

    let dist = machine::target().join("dist");
    let folder = dist.join(&name);
    // What an earlier run left is not part of this one.
    let _ = fs::remove_dir_all(&dist);
    fs::create_dir_all(&folder).map_err(|error| cannot("make", &folder, &error))?;
    let root = machine::root();
    for (from, to) in [
        (machine::target().join("release").join("tandem"), "tandem"),
        (root.join("LICENSE"), "LICENSE"),
        (root.join("README.md"), "README.md"),
        (root.join("docs").join("guide.md"), "guide.md"),
    ] {
        fs::copy(&from, folder.join(to)).map_err(|error| cannot("copy", &from, &error))?;
    }
    let bill =
        serde_json::to_string_pretty(&sbom::bill(&parts, &sbom::checksums(&lock)?)).unwrap_or_default();
    write(&folder.join("sbom.cdx.json"), &bill)?;
    write(&dist.join(format!("{name}.cdx.json")), &bill)?;
    licences::collect(&parts, &folder.join("licences"))?;
    archive::pack(&dist, &name)?;

    let mut sums = String::new();
    for file in [format!("{name}.cdx.json"), format!("{name}.tar.gz")] {
        let path = dist.join(&file);
        let bytes = fs::read(&path).map_err(|error| cannot("read", &path, &error))?;
        let _ = writeln!(sums, "{}  {file}", hexadecimal(&Sha256::digest(bytes)));
    }
    write(&dist.join("SHA256SUMS"), &sums)?;
    say(&format!("{}: {} components\n{sums}", dist.display(), parts.components.len()));
    Ok(())
}

fn host() -> Result<String, String> {
    let told = String::from_utf8_lossy(&output("rustc", &["-vV"])?).into_owned();
    let line = told.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

fn output(program: &str, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let told = Command::new(program).args(arguments).current_dir(machine::root()).output();
    let told = told.map_err(|error| format!("cannot start {program}: {error}"))?;
    if told.status.success() {
        return Ok(told.stdout);
    }
    Err(format!("{program} {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&told.stderr)))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| cannot("read", path, &error))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| cannot("write", path, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
