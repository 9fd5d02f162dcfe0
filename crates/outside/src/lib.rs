#![doc = include_str!("../README.md")]

pub mod bounded;
mod chance;
mod clock;
mod network;
pub mod terminal;
mod transport;

pub use chance::{Chance, SystemChance};
pub use clock::{Clock, SystemClock};
pub use network::{Network, NetworkError};
pub use transport::{Limits, Transport, TransportError};
