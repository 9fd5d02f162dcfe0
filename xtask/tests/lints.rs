//! Every crate is under the same lints, and unsafe code is forbidden in all of them.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};

fn manifest(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn every_crate_inherits_the_lints_of_the_workspace() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let lints = &manifest(&root.join("Cargo.toml"))["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));

    let crates = fs::read_dir(root.join("crates")).unwrap();
    let mut manifests: Vec<PathBuf> = crates.map(|entry| entry.unwrap().path().join("Cargo.toml")).collect();
    manifests.push(root.join("xtask/Cargo.toml"));
    assert!(manifests.len() > 15, "{manifests:?}");
    for path in manifests {
        let inherits = manifest(&path).get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
        assert_eq!(inherits, Some(true), "{} has no [lints] workspace = true", path.display());
    }
}
