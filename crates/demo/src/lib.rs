#![doc = include_str!("../README.md")]

mod commands;
mod company;
mod corpus;
mod dice;
mod display;
mod error;
mod fill;
mod fleet;
mod life;
mod options;
mod outcome;
mod process;
mod progress;
mod run;
mod scope;
mod settle;
mod sides;
mod stage;

pub use corpus::CorpusCounts;
pub use error::DemoError;
pub use options::DemoOptions;
pub use outcome::Outcome;
pub use run::run;
pub use stage::{ConnectorProcess, Stage, StageOptions};
