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
    /// Adds a line. There is no floor: nothing else does the same work.
    pub fn add(&mut self, name: &str, unit: &str, value: f64, goal: Goal) {
        let (bound, holds) = match goal {
            Goal::AtLeast(bound) => (bound, value >= bound),
            Goal::AtMost(bound) => (bound, value <= bound),
        };
        println!("{name}: {value:.1} {unit} (goal {bound:.0}): {}", if holds { "holds" } else { "FAILS" });
        let rounded = (value * 1000.0).round() / 1000.0;
        self.lines.push(json!({
            "name": name, "value": rounded, "unit": unit, "floor": null, "ratio": null, "goal": bound, "holds": holds,
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
    }
}
