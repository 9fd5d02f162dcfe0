//! How SyncML messages are written.
//!
//! One message is one session: it opens with the credentials, asks, and is answered. The server answers every
//! command with one `Status`; behind the status of an `Alert` comes a `Sync` with the changes, behind that of a `Get`
//! a `Results`. `docs/reference/crm-interface.md` describes the format and says which part of it is public.

mod change;
mod envelope;
mod fields;
mod incoming;
mod item;
mod message;
mod names;
mod outgoing;
mod response;
mod session;
mod status;
mod words;

pub use crate::xml::{Problem, ReadError};
pub use envelope::{Addressing, CommandRef, Envelope};
pub use incoming::{Incoming, read_request};
pub use outgoing::{Outgoing, write_request};
pub use response::{Reply, read_response, write_refusal, write_response};

/// Namespace of all SyncML elements (OMA *SyncML Representation Protocol 1.1*).
pub const NAMESPACE: &str = "SYNCML:SYNCML1.1";
/// Namespace of meta information (OMA *SyncML Meta-Information DTD 1.1*).
pub const META_NAMESPACE: &str = "syncml:metinf";
