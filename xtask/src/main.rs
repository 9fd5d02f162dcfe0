//! What contributors run: `cargo xtask test`, `cargo xtask conformance`,
//! `cargo xtask recurrence`, `cargo xtask bench`, `cargo xtask dist`.

mod bench;
mod conformance;
mod dist;
mod machine;
mod python;
mod recurrence;
mod steps;
mod test;
mod tools;
mod world;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>

  test [--quick]    everything that has to hold: format, lints, dependencies, tests, kill test, demonstration
                    (--quick: format, lints and tests only)
  conformance       Microsoft's own client libraries against the simulated tenant
  recurrence        the tenant's table of series, made anew by dateutil and compared
  bench             first sync beside its floor, what the simulated tenant and the embedded CRM bear;
                    writes target/bench/summary.json
  dist              the release, its licences and its bill of materials as an archive with checksums in target/dist
  soak --hours N    simulated histories for N hours; totals accumulate in target/soak/totals.json
  mutants           bugs planted on purpose, and how many seeds it takes to find each";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let ended = match words.as_slice() {
        ["test"] => test::run(false),
        ["test", "--quick"] => test::run(true),
        ["conformance"] => conformance::run(conformance::Build::Debug),
        ["recurrence"] => recurrence::compare(),
        ["bench"] => bench::run(),
        ["dist"] => dist::run(),
        ["soak", "--hours", hours] => match hours.parse() {
            Ok(hours) => world::soak(hours),
            Err(_) => Err(format!("--hours takes a number, not {hours}")),
        },
        ["mutants"] => world::mutants(),
        _ => Err(USAGE.to_owned()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            steps::say(&why);
            ExitCode::FAILURE
        }
    }
}
