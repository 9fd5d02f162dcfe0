#![doc = include_str!("../README.md")]

mod connector;
mod cycle;
mod error;
mod mail;
mod pair;
mod policy;
mod recover;
mod roster;
mod worker;

pub use connector::{Connector, Parts};
pub use error::EngineError;
pub use roster::{Finding, Roster};
