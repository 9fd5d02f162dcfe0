#![doc = include_str!("../README.md")]

mod line;
mod summary;

pub use line::{Goal, Line};
pub use summary::{Summary, SummaryError, median};
