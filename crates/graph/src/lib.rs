#![doc = include_str!("../README.md")]

mod additional;
mod attachments;
mod batch;
mod client;
mod create;
mod delta;
mod error;
mod exchange_ids;
mod folders;
mod keys;
mod mailbox;
mod messages;
mod occurrences;
mod paging;
mod preview;
mod read;
mod remote;
mod secret;
mod token;
mod trail;
mod transport;
mod update;
mod wire;
pub mod zones;

pub use client::{ClientLimits, Cloud, Graph, Outside};
pub use create::makes_one_of_a_key;
pub use error::{Answer, Class, GraphError, TokenProblem};
pub use exchange_ids::ExchangeIdForm;
pub use mailbox::Mailbox;
pub use preview::{item_of, json_of};
pub use remote::{
    AttachmentLimits, Change, Collection, ContactFolder, DeltaPage, Facts, Folder, Next, Place, Reading,
    Remote, TaskList, User, Window,
};
pub use secret::{App, Secret};
pub use trail::Trail;
