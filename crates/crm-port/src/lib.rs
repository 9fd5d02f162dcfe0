#![doc = include_str!("../README.md")]

mod answer;
mod command;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod foreign_key;
mod port;
mod rep;

pub use answer::{Answer, Change, ChangePage, CurrentRecord, Note, Outcome, RecordState, Status};
pub use command::{Command, Window};
pub use error::{ErrorClass, PortError};
pub use foreign_key::ForeignKey;
pub use port::CrmPort;
pub use rep::Rep;
