//! Plants each bug and counts the seeds that it takes to find it. Exit code 1 when one is not found.

use std::io::Write;
use std::process::ExitCode;
use tandem_world::{Cuts, Player, WorldError, planted::BUGS};

/// Within so many seeds every bug has to be found.
const SEEDS: u64 = 500;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let [word, bug, seed] = wanted.as_slice()
        && word == "trace"
    {
        return trace(bug, seed.parse().unwrap_or(1)).map_or(ExitCode::from(2), |()| ExitCode::SUCCESS);
    }
    match hunt(&wanted) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            say(&format!("mutants: {error}"));
            ExitCode::from(2)
        }
    }
}

/// The trace of one history with a bug planted; `none` plants none.
fn trace(bug: &str, seed: u64) -> Result<(), WorldError> {
    let known = BUGS.iter().map(|(name, _)| *name).find(|name| *name == bug);
    let history = Player::planted(known.unwrap_or(""))?.play(seed, true, &Cuts::default())?;
    for line in history.trace.iter().chain(&history.violations) {
        say(line);
    }
    Ok(())
}

/// Answers how many were not found.
fn hunt(wanted: &[String]) -> Result<usize, WorldError> {
    let mut missed = 0;
    for (bug, means) in
        BUGS.iter().filter(|(bug, _)| wanted.is_empty() || wanted.iter().any(|one| one == bug))
    {
        match Player::planted(bug)?.hunt(SEEDS)? {
            Some((seeds, what)) => say(&format!("{bug:28} {seeds:>5} {means}; found as: {what}")),
            None => {
                missed += 1;
                say(&format!("{bug:28}     - {means}; NOT FOUND"));
            }
        }
    }
    Ok(missed)
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
