//! How many histories a second this machine plays, on one core and on all.
//!
//! `cargo bench --package tandem-world --bench histories [-- --runs N] [-- --seed N]`

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a program for contributors, which stops at the first surprise and has no readers but people"
)]

use tandem_measure::{Goal, Line, Summary};
use tandem_world::{Order, run};

/// The allocator of the program, so that what is measured is what people have.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str, default: u64| {
        let at = arguments.iter().position(|word| word == name);
        at.and_then(|at| arguments.get(at + 1)).map_or(default, |text| text.parse().expect("a number"))
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (seed, runs) = (given("--seed", 1), given("--runs", 200));
    let threads = usize::try_from(given("--threads", cores as u64)).expect("a number of threads");
    let order = Order { seed, runs, threads, limit: None, until_wrong: false };
    let summary = run(order).expect("a stage");
    let rate = summary.histories as f64 / summary.seconds;
    println!(
        "{} histories on {threads} threads in {:.1} s: {rate:.1} a second",
        summary.histories, summary.seconds
    );
    for violation in &summary.violations {
        println!("seed {}: {}", violation.seed, violation.what);
    }
    if threads == cores {
        // 20,000 histories beside 200,000 cases of the planner in ten minutes, on two cores.
        let mut lines = Summary::default();
        lines.add(Line::new("world-histories", "histories/s", rate).goal(Goal::AtLeast(40.0)));
        println!("{}", lines.write().expect("a summary").display());
    }
}
