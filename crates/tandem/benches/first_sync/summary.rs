//! What the benchmark says.

use serde_json::{Value, json};
use std::path::PathBuf;

/// Lines of the summary.
#[derive(Default)]
pub struct Summary {
    lines: Vec<Value>,
}

impl Summary {
    /// Adds a line: our cost, the floor's, and the highest ratio that is good enough.
    pub fn add(&mut self, name: &str, unit: &str, value: f64, floor: f64, goal: Option<f64>) {
        let ratio = if floor > 0.0 { value / floor } else { f64::INFINITY };
        self.lines.push(json!({
            "name": name,
            "value": rounded(value),
            "unit": unit,
            "floor": rounded(floor),
            "ratio": rounded(ratio),
            "goal": goal,
            "holds": goal.is_none_or(|goal| ratio <= goal),
        }));
    }

    /// Prints a table and puts the lines into `target/bench/summary.json`, in the place of older ones of the same names.
    pub fn write(&self) {
        println!("{:24}{:>16}{:>16}{:>10}{:>8}  holds", "", "value", "floor", "ratio", "goal");
        for line in &self.lines {
            let number = |key: &str| line[key].as_f64().map_or("-".to_owned(), |number| number.to_string());
            println!(
                "{:24}{:>16}{:>16}{:>10}{:>8}  {}",
                line["name"].as_str().unwrap_or_default(),
                number("value"),
                number("floor"),
                number("ratio"),
                number("goal"),
                line["holds"]
            );
        }
        let folder = target().join("bench");
        std::fs::create_dir_all(&folder).expect("target/bench");
        let path = folder.join("summary.json");
        // Other benchmarks write there too: what they said stays.
        let old = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut lines: Vec<Value> = old.unwrap_or_default();
        lines.retain(|line| self.lines.iter().all(|new| new["name"] != line["name"]));
        lines.extend(self.lines.iter().cloned());
        let text = serde_json::to_string_pretty(&lines).expect("JSON");
        std::fs::write(path, text + "\n").expect("summary.json");
        println!("{}", folder.join("summary.json").display());
    }
}

/// `target` of the workspace, wherever the build itself goes.
fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target")
}

/// The middle one.
pub fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
