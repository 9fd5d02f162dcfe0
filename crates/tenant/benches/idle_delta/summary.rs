//! What the benchmark says.

use serde_json::{Value, json};
use std::path::PathBuf;

/// When a value is good enough.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// The value must reach this.
    AtLeast(f64),
    /// The value must not exceed this.
    AtMost(f64),
}

/// Lines of the summary.
#[derive(Default)]
pub struct Summary {
    lines: Vec<Value>,
}

impl Summary {
    /// Adds a line; `ratio` is our cost by the floor's. The goal is one for the value, not for the ratio.
    pub fn add(
        &mut self,
        name: &str,
        unit: &str,
        value: f64,
        ratio: Option<f64>,
        floor: Option<f64>,
        goal: Goal,
    ) {
        let (bound, holds) = match goal {
            Goal::AtLeast(bound) => (bound, value >= bound),
            Goal::AtMost(bound) => (bound, value <= bound),
        };
        println!("{name}: {value:.0} {unit} (goal {bound:.0}): {}", if holds { "holds" } else { "FAILS" });
        self.lines.push(json!({
            "name": name,
            "value": rounded(value),
            "unit": unit,
            "floor": floor.map(rounded),
            "ratio": ratio.map(rounded),
            "goal": bound,
            "holds": holds,
        }));
    }

    /// Puts the lines into `target/bench/summary.json`, in the place of older ones of the same names.
    pub fn write(self) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
        std::fs::create_dir_all(&folder).expect("target/bench");
        let path = folder.join("summary.json");
        let old = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut lines: Vec<Value> = old.unwrap_or_default();
        lines.retain(|line| self.lines.iter().all(|new| new["name"] != line["name"]));
        lines.extend(self.lines);
        let text = serde_json::to_string_pretty(&lines).expect("JSON");
        std::fs::write(&path, text + "\n").expect("summary.json");
        println!("target/bench/summary.json");
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
