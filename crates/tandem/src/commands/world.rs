//! `tandem world`: simulated histories.

use super::Failure;
use crate::cli::World;
use crate::output;
use std::process::ExitCode;
use std::time::Duration;
use tandem_world::{Cuts, History, Order, Player, Summary, WorldError};

/// Plays histories and says what does not hold. Exit code 1 when something does not.
pub(crate) fn run(args: &World) -> Result<ExitCode, Failure> {
    if args.runs.is_none() && !args.json {
        return one(args);
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let order = Order {
        seed: args.seed,
        runs: args.runs.unwrap_or(1),
        threads: args.threads.unwrap_or(cores),
        limit: args.limit.map(Duration::from_secs),
        until_wrong: args.until_wrong,
    };
    let summary = tandem_world::run(order)?;
    if args.json {
        output::document(&summary.json());
    } else {
        show(&summary);
    }
    Ok(code(summary.violations.is_empty()))
}

/// The trace of one history, whole or shrunk.
fn one(args: &World) -> Result<ExitCode, Failure> {
    // A history has a runtime of its own, which cannot be within this one's.
    let (seed, shrink) = (args.seed, args.shrink);
    let play = move || -> Result<History, WorldError> {
        let mut player = Player::new()?;
        if shrink { Ok(player.shrink(seed)?.1) } else { player.play(seed, true, &Cuts::default()) }
    };
    let history = std::thread::spawn(play).join().map_err(|_| "the history ended in a panic")??;
    for line in &history.trace {
        output::line(line);
    }
    for violation in &history.violations {
        output::lines(&format!("VIOLATION {violation}"));
    }
    Ok(code(history.violations.is_empty()))
}

fn show(summary: &Summary) {
    for violation in &summary.violations {
        output::lines(&format!("{} (replay: tandem world --seed {})", violation.what, violation.seed));
    }
    for (name, times) in summary.faults.iter().chain(&summary.transitions) {
        output::line(&format!("{times:>8} {name}"));
    }
    let rate = summary.histories as f64 / summary.seconds.max(0.001);
    output::line(&format!(
        "{} histories, {} violations, {:.1} s ({rate:.0} a second)",
        summary.histories,
        summary.violations.len(),
        summary.seconds
    ));
}

fn code(fine: bool) -> ExitCode {
    if fine { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
