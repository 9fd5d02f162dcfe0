//! The first synchronisation of a company beside its floor.
//!
//! The connector is the real program as a process of its own. The floor is a process as well: a bare client that sends
//! the fewest requests which the same work needs, ready made, and writes the same rows to an SQLite file, nothing else.
//! Both begin on a stage that was just filled from the same seed, in turns, and the medians count.
//!
//! `cargo bench --package tandem --bench first_sync [-- --mailboxes N] [--rounds N]`

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a program for contributors, which stops at the first surprise and has no readers but people"
)]

#[path = "first_sync/codec.rs"]
mod codec;
#[path = "first_sync/connector.rs"]
mod connector;
#[path = "first_sync/floor.rs"]
mod floor;
#[path = "first_sync/recording.rs"]
mod recording;
#[path = "first_sync/script.rs"]
mod script;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tandem_demo::{Stage, StageOptions};
use tandem_measure::{Goal, Line, Summary, median};

/// Longest wait for a first synchronisation.
const PATIENCE: Duration = Duration::from_secs(300);

/// What one run cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// From the start until nothing was open any more.
    pub wall: Duration,
    /// Processor time of the process.
    pub cpu: Duration,
    /// Most memory, in bytes.
    pub memory: u64,
}

/// What the benchmark is asked for.
struct Options {
    mailboxes: usize,
    rounds: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    if let [mode, script, rows, target] = arguments.as_slice()
        && mode == floor::MODE
    {
        return runtime.block_on(floor::run(Path::new(script), Path::new(rows), Path::new(target)));
    }
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)).map_or(default, |text| text.parse().expect(name))
    };
    let options = Options { mailboxes: number("--mailboxes", 25), rounds: number("--rounds", 3) };
    runtime.block_on(compare(&options));
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_tandem"))
}

async fn set(dir: &Path, mailboxes: usize) -> Stage {
    let options = StageOptions { mailboxes, seed: 1, pause: "1s" };
    Stage::set(binary(), dir, &options).await.expect("the stage")
}

async fn compare(options: &Options) {
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("recorded");
    let recording = recording::record(&recorded, options.mailboxes).await;
    println!("{}", recording.told());

    let (mut ours, mut floors, mut floor_requests) = (Vec::new(), Vec::new(), 0);
    let mut left_out = BTreeMap::new();
    for round in 1..=options.rounds {
        let ours_now = connector::run(&fresh(folder.path(), "ours"), options.mailboxes).await;
        let (floor_now, script) =
            floor::measure(&fresh(folder.path(), "floor"), &recording, options.mailboxes).await;
        println!("round {round}: connector {}; floor {}", told(&ours_now), told(&floor_now));
        ours.push(ours_now);
        floors.push(floor_now);
        floor_requests = script.requests();
        left_out = script.left_out;
    }
    println!("the floor does without: {left_out:?}");
    let larger = connector::run(&fresh(folder.path(), "larger"), 4 * options.mailboxes).await;
    println!("four times as large: connector {}", told(&larger));

    let seconds =
        |costs: &[Cost], of: fn(&Cost) -> Duration| median(costs.iter().map(|cost| of(cost).as_secs_f64()));
    let memory = median(ours.iter().map(|cost| cost.memory as f64));
    let cpu = seconds(&ours, |cost| cost.cpu);
    let xml = codec::cost(&recording.exchanges, recording.access.crm()).as_secs_f64();
    let mut summary = Summary::default();
    summary.add(
        Line::new("first-sync-wall", "s", seconds(&ours, |cost| cost.wall))
            .beside(seconds(&floors, |cost| cost.wall))
            .goal(Goal::RatioAtMost(2.0)),
    );
    summary.add(Line::new("first-sync-cpu", "s", cpu).beside(seconds(&floors, |cost| cost.cpu)));
    summary.add(
        Line::new("first-sync-requests", "requests", recording.requests() as f64)
            .beside(floor_requests as f64),
    );
    // Four times as many items must not need four times the memory; what grows is the list of mailboxes.
    summary.add(
        Line::new("first-sync-rss-growth", "bytes", larger.memory as f64)
            .beside(memory)
            .goal(Goal::RatioAtMost(1.5)),
    );
    summary.add(Line::new("first-sync-xml-share", "of CPU", xml / cpu).goal(Goal::AtMost(0.1)));
    summary.write().expect("the summary");
    println!("{summary}");
}

/// An empty folder.
fn fresh(parent: &Path, name: &str) -> PathBuf {
    let dir = parent.join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a folder");
    dir
}

fn told(cost: &Cost) -> String {
    format!(
        "{:.2} s, {:.2} s of processor, {:.1} MiB",
        cost.wall.as_secs_f64(),
        cost.cpu.as_secs_f64(),
        cost.memory as f64 / 1_048_576.0
    )
}
