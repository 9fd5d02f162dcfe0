//! The file that all benchmarks write together.

use crate::Line;
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// Lines of the summary.
#[derive(Debug, Default)]
pub struct Summary {
    lines: Vec<Line>,
}

/// The summary cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {cause}", path.display())]
pub struct SummaryError {
    path: PathBuf,
    #[source]
    cause: std::io::Error,
}

impl Summary {
    /// Adds a line.
    pub fn add(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Puts the lines into `target/bench/summary.json` of the workspace, wherever the build itself goes.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write(&self) -> Result<PathBuf, SummaryError> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench/summary.json");
        self.write_to(&path)?;
        Ok(path)
    }

    /// Puts the lines into a file, in the place of older ones of the same names; a file that is no summary is replaced.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write_to(&self, path: &Path) -> Result<(), SummaryError> {
        let error = |cause| SummaryError { path: path.to_owned(), cause };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(error)?;
        }
        let old = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut lines: Vec<Value> = old.unwrap_or_default();
        lines.retain(|line| self.lines.iter().all(|new| line["name"] != new.name));
        for line in &self.lines {
            lines.push(serde_json::to_value(line).map_err(std::io::Error::from).map_err(error)?);
        }
        let text = serde_json::to_string_pretty(&lines).map_err(std::io::Error::from).map_err(error)?;
        std::fs::write(path, text + "\n").map_err(error)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.lines.iter().map(|line| line.name.chars().count()).max().unwrap_or_default();
        writeln!(
            f,
            "{:width$} {:>14} {:>14} {:>9} {:>11}  {:10} holds",
            "", "value", "floor", "ratio", "goal", "unit"
        )?;
        for line in &self.lines {
            let number = |number: Option<f64>| number.map_or("-".to_owned(), |number| number.to_string());
            writeln!(
                f,
                "{:width$} {:>14} {:>14} {:>9} {:>11}  {:10} {}",
                line.name,
                line.value,
                number(line.floor),
                number(line.ratio),
                number(line.goal),
                line.unit,
                line.holds,
            )?;
        }
        Ok(())
    }
}

/// The middle one, and 0 of none.
pub fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

    use super::*;

    #[test]
    fn a_benchmark_replaces_its_own_lines_and_leaves_those_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bench/summary.json");
        let write = |lines: &[(&str, f64)]| {
            let mut summary = Summary::default();
            for (name, value) in lines {
                summary.add(Line::new(*name, "s", *value));
            }
            summary.write_to(&path).unwrap();
        };
        write(&[("a", 1.0), ("b", 2.0)]);
        write(&[("b", 3.0), ("c", 4.0)]);
        let lines: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line["name"].as_str().unwrap(), line["value"].as_f64().unwrap()))
            .collect();
        assert_eq!(told, [("a", 1.0), ("b", 3.0), ("c", 4.0)]);
        let keys: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 7, "{keys:?}");
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()).to_string(), "2");
        assert_eq!(median(std::iter::empty()).to_string(), "0");
    }
}
