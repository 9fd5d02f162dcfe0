#![doc = include_str!("../README.md")]

mod commit;
mod error;
mod instant;
mod journal;
mod link;
mod mailbox;
mod memory;
mod postgres;
mod sqlite;
mod store;
mod stored;

pub use commit::{Commit, Cursor, LinkWrite, ObjectWrite};
pub use error::StoreError;
pub use journal::{JournalEntry, NewEntry, Step};
pub use link::{Base, Link, LinkId, Linked, Object, ObjectId, Role, State};
pub use mailbox::{CycleOutcome, Epoch, KindCounts, Mailbox, MailboxSeed, MailboxStatus};
pub use memory::MemoryStore;
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;
pub use store::{Pending, Source, Store};
