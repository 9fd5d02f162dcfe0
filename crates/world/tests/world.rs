//! The simulation itself: that it repeats, and that it is no trifle.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use std::process::Command;
use tandem_world::{Cuts, Player};

/// The seed of a history whose store is in memory, and one whose store is on disk.
const SEEDS: [u64; 2] = [4, 7];

fn trace(player: &mut Player, seed: u64) -> String {
    let history = player.play(seed, true, &Cuts::default()).unwrap();
    assert!(history.trace.len() > 300, "{}", history.trace.len());
    history.trace.join("\n")
}

#[test]
fn the_same_seed_gives_the_same_trace_whatever_was_played_before() {
    let (mut one, mut other) = (Player::new().unwrap(), Player::new().unwrap());
    for seed in SEEDS {
        let first = trace(&mut one, seed);
        trace(&mut other, seed + 1);
        assert!(first == trace(&mut other, seed), "seed {seed} on another stage");
        assert!(first == trace(&mut one, seed), "seed {seed} again");
    }
}

/// Histories that went wrong once, by a defect of the product or of the examination. What people do has grown since the first
/// of them, so that many tell another story by now. The defects have tests of their own where their rules are. The full test
/// plays the first thousands of seeds anyway, and whatever went wrong there.
const MENDED: [u64; 20] = [
    10927, 12200, 12249, 12521, 15927, 16366, 16778, 16957, 36142, 1000537, 1000828, 1001074, 1001079,
    1001437, 1007974, 1010135, 1016396, 1017054, 1017191, 1023365,
];

#[test]
fn what_was_mended_stays_mended() {
    let mut player = Player::new().unwrap();
    for seed in MENDED {
        let history = player.play(seed, false, &Cuts::default()).unwrap();
        assert_eq!(history.violations, Vec::<String>::new(), "tandem world --seed {seed}");
    }
}

/// Prints the trace for the test below, which runs it in a process of its own.
#[test]
fn a_trace() {
    if let Ok(seed) = std::env::var("WORLD_TRACE_SEED") {
        let whole = trace(&mut Player::new().unwrap(), seed.parse().unwrap());
        println!("{whole}");
    }
}

#[test]
fn two_processes_give_the_same_trace() {
    let process = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "a_trace", "--nocapture", "--test-threads=1"]).env("WORLD_TRACE_SEED", "4");
        let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
        // The last line tells how long the test took.
        output.lines().filter(|line| !line.starts_with("test result")).collect::<Vec<_>>().join("\n")
    };
    let first = process();
    assert!(first.contains("seed 4"), "{first}");
    assert!(first == process());
}

#[test]
fn what_is_left_out_is_left_out() {
    let mut player = Player::new().unwrap();
    let all = Cuts { acts: (0..1000).collect(), faults: (0..1000).collect() };
    let history = player.play(4, true, &all).unwrap();
    assert_eq!(history.violations, Vec::<String>::new());
    assert!(!history.trace.iter().any(|line| line.starts_with("m365 ")), "nobody does anything");
}
