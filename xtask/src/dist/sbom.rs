//! The bill of materials: `CycloneDX` 1.5 in JSON (ECMA-424), made from `cargo metadata` and `Cargo.lock`. It holds no time
//! and no serial number, which the standard leaves optional, so that the same build has the same bill.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: String,
    /// Where its sources lie.
    pub(super) folder: PathBuf,
    /// Whether it comes from elsewhere.
    pub(super) foreign: bool,
    id: String,
    needs: BTreeSet<String>,
}

/// A program and all that is built into it or builds it.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) root: Part,
    /// By name and version, without the root.
    pub(super) components: Vec<Part>,
}

/// What a package of `cargo metadata` is built from; what only its tests need is left out.
pub(super) fn parts(metadata: &Value, root: &str) -> Result<Parts, String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut all: BTreeMap<String, Part> = list(&metadata["packages"]).iter().map(part).collect();
    for node in list(&metadata["resolve"]["nodes"]) {
        let Some(part) = all.get_mut(&text(&node["id"])) else { continue };
        let built_in =
            |dependency: &Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
        part.needs =
            list(&node["deps"]).iter().filter(|one| built_in(one)).map(|one| text(&one["pkg"])).collect();
    }
    let root = all.values().find(|part| part.name == root && !part.foreign).cloned();
    let root = root.ok_or("cargo metadata does not name the program")?;
    let (mut open, mut reached) = (vec![root.id.clone()], BTreeSet::new());
    while let Some(id) = open.pop() {
        if reached.insert(id.clone()) {
            open.extend(all.get(&id).into_iter().flat_map(|part| part.needs.clone()));
        }
    }
    let mut components: Vec<Part> =
        all.into_values().filter(|part| reached.contains(&part.id) && part.id != root.id).collect();
    components.sort();
    Ok(Parts { root, components })
}

fn part(package: &Value) -> (String, Part) {
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    let licence = package["license"].as_str().map(|text| text.replace('/', " OR "));
    let part = Part {
        name: text(&package["name"]),
        version: text(&package["version"]),
        licence: licence.unwrap_or_else(|| "see its licence file".to_owned()),
        folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
        foreign: !package["source"].is_null(),
        id: text(&package["id"]),
        needs: BTreeSet::new(),
    };
    (part.id.clone(), part)
}

/// The checksums of `Cargo.lock` by name and version.
pub(super) fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>, String> {
    let lock: toml::Table = lock.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let text = |package: &toml::Value, name: &str| Some(package.get(name)?.as_str()?.to_owned());
    let entry = |package: &toml::Value| {
        Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?))
    };
    Ok(packages.iter().filter_map(entry).collect())
}

/// The bill.
pub(super) fn bill(parts: &Parts, checksums: &BTreeMap<(String, String), String>) -> Value {
    let names: BTreeMap<&str, String> =
        parts.components.iter().chain([&parts.root]).map(|part| (part.id.as_str(), url(part))).collect();
    let component = |part: &Part| {
        let mut component = json!({
            "type": "library", "bom-ref": url(part), "name": part.name, "version": part.version, "purl": url(part),
            "licenses": [{"expression": part.licence}],
        });
        if let Some(sum) = checksums.get(&(part.name.clone(), part.version.clone())) {
            component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
        }
        component
    };
    let depends = |part: &Part| {
        let on: BTreeSet<&String> = part.needs.iter().filter_map(|id| names.get(id.as_str())).collect();
        json!({"ref": url(part), "dependsOn": on})
    };
    let mut root = component(&parts.root);
    root["type"] = json!("application");
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": root},
        "components": parts.components.iter().map(component).collect::<Vec<_>>(),
        "dependencies": parts.components.iter().chain([&parts.root]).map(depends).collect::<Vec<_>>(),
    })
}

/// The package URL, which names it everywhere.
fn url(part: &Part) -> String {
    format!("pkg:cargo/{}@{}", part.name, part.version)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Value {
        let package = |name: &str, source: Value| {
            json!({"name": name, "version": "1.0.0", "id": format!("id of {name}"), "source": source,
                   "license": "MIT/Apache-2.0", "manifest_path": format!("/x/{name}/Cargo.toml")})
        };
        let on =
            |name: &str, kind: Value| json!({"pkg": format!("id of {name}"), "dep_kinds": [{"kind": kind}]});
        json!({
            "packages": [package("zebra", json!("registry")), package("ape", json!("registry")),
                         package("tester", json!("registry")), package("stranger", json!("registry")),
                         package("tandem", Value::Null)],
            "resolve": {"nodes": [
                {"id": "id of tandem", "deps": [on("zebra", Value::Null), on("tester", json!("dev"))]},
                {"id": "id of zebra", "deps": [on("ape", json!("build"))]},
            ]},
        })
    }

    #[test]
    fn what_is_built_in_is_listed_in_order_and_nothing_else() {
        let parts = parts(&metadata(), "tandem").unwrap();
        let names: Vec<&str> = parts.components.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["ape", "zebra"]);
        let lock = "[[package]]\nname = \"ape\"\nversion = \"1.0.0\"\nchecksum = \"abc\"\n";
        let bill = bill(&parts, &checksums(lock).unwrap());
        assert_eq!(bill["metadata"]["component"]["purl"], "pkg:cargo/tandem@1.0.0");
        assert_eq!(bill["components"][0]["hashes"][0]["content"], "abc");
        assert_eq!(bill["components"][1]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        let last = json!({"ref": "pkg:cargo/tandem@1.0.0", "dependsOn": ["pkg:cargo/zebra@1.0.0"]});
        assert_eq!(bill["dependencies"][2], last);
    }

    #[test]
    fn a_program_that_is_not_there_is_said() {
        assert!(parts(&metadata(), "nobody").is_err());
    }
}
