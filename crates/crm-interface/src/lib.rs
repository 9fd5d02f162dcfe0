#![doc = include_str!("../README.md")]

pub mod client;
pub mod language;
pub mod session;
pub mod sync;
pub mod xml;

mod root;

pub use root::{Root, detect};
