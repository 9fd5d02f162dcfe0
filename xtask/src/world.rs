//! `cargo xtask soak`, `cargo xtask mutants` and the histories of the full test: simulated histories, few or without
//! end, and bugs on purpose.

use crate::steps::{say, step};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Histories between two notes of the totals.
const BATCH: u64 = 2_000;
/// Where the totals of all runs are.
const TOTALS: &str = "target/soak/totals.json";
/// The seeds of the full test come first; the soak begins behind them.
const FIRST: u64 = 1_000_000;
/// Histories of the full test: as many as its time allows.
const TESTED: u64 = 10_000;
/// The program that plays.
const PROGRAM: &str = "target/release/tandem";

/// What all runs of the soak came to so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    histories: u64,
    /// What does not hold, by seed.
    violations: BTreeMap<u64, Vec<String>>,
}

impl Totals {
    fn read(path: &Path) -> Result<Self, String> {
        let Ok(text) = std::fs::read_to_string(path) else { return Ok(Self::default()) };
        let mut totals = Self::default();
        let document = serde_json::from_str(&text);
        let document = document.map_err(|error| format!("{} is no JSON: {error}", path.display()))?;
        totals.add(&document);
        Ok(totals)
    }

    /// Adds what `tandem world --json` printed, which is what the file of totals looks like as well.
    fn add(&mut self, document: &Value) {
        self.histories += document["histories"].as_u64().unwrap_or(0);
        for violation in document["violations"].as_array().into_iter().flatten() {
            if let (Some(seed), Some(what)) = (violation["seed"].as_u64(), violation["what"].as_str()) {
                self.violations.entry(seed).or_default().push(what.to_owned());
            }
        }
    }

    fn write(&self, path: &Path) -> Result<(), String> {
        let each = self
            .violations
            .iter()
            .flat_map(|(seed, all)| all.iter().map(move |what| json!({"seed": seed, "what": what})));
        let document = json!({"histories": self.histories, "violations": each.collect::<Vec<_>>()});
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(path, format!("{document:#}\n")))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    fn told(&self) -> String {
        format!("{} histories in all, {} of them went wrong", self.histories, self.violations.len())
    }
}

/// Plays histories for so many hours, each run of it with seeds that no run before had. A history that goes wrong does
/// not end it; all that ever went wrong make it fail at its end, until they are taken out of the totals.
pub(crate) fn soak(hours: f64) -> Result<(), String> {
    step("build", "cargo", &["build", "--release", "--quiet", "--package", "tandem"])?;
    let begun = Instant::now();
    let path = Path::new(TOTALS);
    let mut totals = Totals::read(path)?;
    while begun.elapsed().as_secs_f64() < hours * 3600.0 {
        totals.add(&play(FIRST + totals.histories, BATCH)?);
        totals.write(path)?;
        say(&totals.told());
    }
    for (seed, all) in &totals.violations {
        say(&format!("{PROGRAM} world --seed {seed}: {}", all.join("; ")));
    }
    if totals.violations.is_empty() { Ok(()) } else { Err(format!("{}: {}", totals.told(), seeds(&totals))) }
}

/// The histories of the full test; the program is built.
pub(crate) fn histories() -> Result<(), String> {
    let runs = TESTED.to_string();
    step("histories", PROGRAM, &["world", "--seed", "1", "--runs", &runs])
}

fn seeds(totals: &Totals) -> String {
    totals.violations.keys().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

fn play(seed: u64, runs: u64) -> Result<Value, String> {
    let args =
        ["world", "--json", "--seed", &seed.to_string(), "--runs", &runs.to_string()].map(str::to_owned);
    let output = Command::new(PROGRAM).args(&args).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("cannot start {PROGRAM}: {error}"))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{PROGRAM} {} ended with {}: {error}", args.join(" "), output.status))
}

/// Plants each bug and prints how many seeds it takes to find it.
pub(crate) fn mutants() -> Result<(), String> {
    let args = [
        "run",
        "--release",
        "--quiet",
        "--package",
        "tandem-world",
        "--features",
        "planted",
        "--bin",
        "mutants",
    ];
    step("planted bugs", "cargo", &args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_accumulate_and_go_on_behind_a_violation() {
        let folder = std::env::temp_dir().join(format!("soak-{}", std::process::id()));
        let path = folder.join("totals.json");
        let mut totals = Totals::read(&path).unwrap();
        totals.add(&json!({"histories": 2_000, "violations": [{"seed": 7, "what": "lost: a"}]}));
        totals.write(&path).unwrap();
        let mut again = Totals::read(&path).unwrap();
        again.add(&json!({"histories": 2_000, "violations": [{"seed": 7, "what": "rest: b"}]}));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(totals.histories, 2_000);
        assert_eq!(again.histories, 4_000);
        assert_eq!(again.violations[&7], ["lost: a", "rest: b"]);
        assert_eq!(seeds(&again), "7");
    }
}
