//! The client in front of a scripted service.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]
#![allow(missing_docs, reason = "test helpers are read where they are used")]

mod attachments;
mod errors;
mod exchange_ids;
mod folders;
mod hostile;
mod observing;
mod resilience;
mod roundtrip;
mod scripted;
mod series;
mod token;
mod writing;
