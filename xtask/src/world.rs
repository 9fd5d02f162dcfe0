//! `cargo xtask soak` and `cargo xtask mutants`: simulated histories without end, and bugs on purpose.

use crate::steps::{say, step};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Histories between two notes of the totals.
const BATCH: u64 = 2_000;
/// Where the totals of all runs are.
const TOTALS: &str = "target/soak/totals.txt";

/// Plays histories for so many hours, each run of it with seeds that no run before had.
pub(crate) fn soak(hours: f64) -> Result<(), String> {
    step("build", "cargo", &["build", "--release", "--quiet", "--package", "tandem"])?;
    let begun = Instant::now();
    let mut total = read(Path::new(TOTALS));
    while begun.elapsed().as_secs_f64() < hours * 3600.0 {
        // The seeds of the full test come first; the soak begins behind them.
        let seed = (1_000_000 + total).to_string();
        let args = ["world", "--seed", &seed, "--runs", &BATCH.to_string()].map(str::to_owned);
        let status = Command::new("target/release/tandem").args(&args).status();
        let status = status.map_err(|error| format!("cannot start target/release/tandem: {error}"))?;
        total += BATCH;
        write(Path::new(TOTALS), total)?;
        say(&format!("{total} histories in all"));
        if !status.success() {
            return Err(format!("a history went wrong: target/release/tandem {}", args.join(" ")));
        }
    }
    Ok(())
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

fn read(path: &Path) -> u64 {
    std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn write(path: &Path, total: u64) -> Result<(), String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, format!("{total}\n")))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
