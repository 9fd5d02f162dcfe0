//! Groupware traffic: what a SyncML message says, apart from how it is written.
//!
//! One message holds the commands of one session; its answer holds one answer for each command, in order.

mod answer;
mod command;
mod content_type;
pub mod wire;

pub use answer::{Answer, Status, StatusCode, SyncResponse};
pub use command::{Command, SyncRequest};
pub use content_type::ContentType;
pub use tandem_crm_port::{Change, ChangePage, CurrentRecord, Note, RecordState, Window};
