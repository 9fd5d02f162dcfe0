#![doc = include_str!("../README.md")]

mod connector;
mod consent;
mod cycle;
pub mod dedupe;
mod error;
mod fields;
mod known_as;
mod mail;
pub mod migrate;
mod pair;
mod policy;
mod recover;
mod roster;
mod worker;

pub use connector::{Connector, Parts};
pub use consent::{HeldDeletion, allow, held};
pub use error::EngineError;
pub use roster::{Finding, Roster};
