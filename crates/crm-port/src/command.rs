//! What the connector asks of the CRM.

use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_model::{EmailAddress, Item, Kind, RecordId, Response, Stamp};

/// A span of time, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First instant.
    pub from: Timestamp,
    /// First instant that no longer belongs to it.
    pub to: Timestamp,
}

/// One command. A `key` is the groupware id under which the CRM remembers the item: internetMessageId, iCalUId, or the
/// Graph id of a task or contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Which records that concern the rep changed after `since`? Changes that the connector made itself for this rep
    /// are left out, so that nothing echoes.
    Changes {
        /// Of which kind.
        kind: Kind,
        /// The anchor up to which the caller knows everything; zero asks for all.
        since: Stamp,
        /// Only records within this time; those that have a key already come in any case. None for kinds without time.
        window: Option<Window>,
        /// At most so many in one answer.
        limit: u32,
    },
    /// Adds an item. Repeating it is harmless: a record that has the key already is answered with
    /// [`Outcome::AlreadyThere`](crate::Outcome::AlreadyThere), unchanged.
    Add {
        /// Groupware id, unique in its kind.
        key: String,
        /// The item.
        item: Item,
        /// An appointment whose organiser is not synchronised; it is never sent back.
        published: bool,
    },
    /// Replaces some fields of a record.
    Replace {
        /// Which record.
        record: RecordId,
        /// The item as it shall be.
        item: Item,
        /// The fields (names of `Document::fields`) that are taken from `item`; the others stay as they are.
        fields: BTreeSet<String>,
        /// Only if the record still has this stamp, else [`Outcome::Conflict`](crate::Outcome::Conflict).
        if_stamp: Option<Stamp>,
    },
    /// Notes one participant's answer to an appointment.
    Participation {
        /// The appointment.
        record: RecordId,
        /// Whose answer.
        address: EmailAddress,
        /// The answer.
        response: Response,
    },
    /// Deletes softly, as the CRM's rules allow; [`Outcome::NotDeleted`](crate::Outcome::NotDeleted) when they do not.
    Delete {
        /// Which record.
        record: RecordId,
        /// Of which kind it is.
        kind: Kind,
        /// Only if the record still has this stamp, else [`Outcome::Conflict`](crate::Outcome::Conflict).
        if_stamp: Option<Stamp>,
    },
    /// The item that was made from this record has this groupware id.
    Map {
        /// Which record.
        record: RecordId,
        /// Of which kind it is.
        kind: Kind,
        /// Its groupware id.
        key: String,
    },
    /// The record as it is now.
    Get {
        /// Which record.
        record: RecordId,
        /// Of which kind it is.
        kind: Kind,
    },
}
