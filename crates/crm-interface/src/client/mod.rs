//! The client of a CRM.interface.
//!
//! It sends what it is given, once, and checks that the answer is one. Whether and when to try again is the caller's
//! decision: after a timeout the interface may still be at work, and says "User is already active" until it is done.

mod connection;
mod error;
mod fields;
mod foreign_keys;
mod known;
mod own_keys;
mod port;
mod reps;

pub use connection::{CrmClient, Endpoint, Master};
pub use error::CrmError;
pub use tandem_crm_port::Rep;
