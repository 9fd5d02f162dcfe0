//! What can go wrong with a store.

use tandem_model::{Kind, MailboxId};

/// Why a store operation did not happen. Nothing of a failed commit is kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else claimed the mailbox since: this worker is a leftover and must stop.
    #[error("mailbox {mailbox} was taken over by another worker")]
    Fenced {
        /// Which mailbox.
        mailbox: MailboxId,
    },
    /// Another worker wrote the object first, or made one with the same key or record: plan again.
    #[error("the {kind} {key} was changed by another worker")]
    Conflict {
        /// Kind of the object.
        kind: Kind,
        /// Its key or record.
        key: String,
    },
    /// No mailbox of that id.
    #[error("mailbox {0} is not in the store")]
    UnknownMailbox(MailboxId),
    /// Another connector has the store open, or a command that works as one.
    #[error(
        "the store {path} is in use by another connector, or by a command that works as one (sync, migrate, dedupe); \
         stop that one first"
    )]
    InUse {
        /// Which store.
        path: String,
    },
    /// The disk is full: nothing was written and nothing is lost.
    #[error("no space left for the store {path}; free some, the connector goes on by itself")]
    Full {
        /// Which store.
        path: String,
    },
    /// The store was made by a newer program.
    #[error("the store {path} has format {found}, this program knows up to {known}; use the newer program")]
    TooNew {
        /// Which store.
        path: String,
        /// Its format.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// The database does not work.
    #[error("the store {path} cannot be {action}: {why}")]
    Database {
        /// Which store.
        path: String,
        /// Opened, read or written.
        action: &'static str,
        /// What the database says.
        why: String,
    },
    /// A stored value cannot be read.
    #[error("the store {path} holds a damaged {what}: {why}")]
    Damaged {
        /// Which store.
        path: String,
        /// What was being read.
        what: &'static str,
        /// What did not fit.
        why: String,
    },
}
