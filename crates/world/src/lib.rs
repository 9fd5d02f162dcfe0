#![doc = include_str!("../README.md")]

mod acts;
mod book;
mod clock;
mod contests;
mod dice;
mod ends;
mod fate;
mod hands;
mod history;
mod incidents;
mod items;
mod ledger;
mod oracle;
#[cfg(feature = "planted")]
pub mod planted;
mod push;
mod run;
mod sides;
mod stage;
mod tables;
mod wire;

pub use history::Cuts;
pub use run::{Order, Player, Summary, Violation, run};
use std::collections::BTreeMap;

/// Why no history can be played at all.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The stage cannot be built.
    #[error("the stage cannot be built: {0}")]
    Stage(String),
    /// The machine gives no runtime or thread.
    #[error("the machine gives no thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// A history that was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Its seed.
    pub seed: u64,
    /// What happened, line by line; empty unless it was asked for.
    pub trace: Vec<String>,
    /// How often each fault was met, and each transition made.
    pub reached: BTreeMap<String, u64>,
    /// What does not hold.
    pub violations: Vec<String>,
}
