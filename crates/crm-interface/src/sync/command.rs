//! What the connector asks of the CRM.

use super::ContentType;
use crate::session::Session;
use std::collections::BTreeSet;
use tandem_crm_port::Window;
use tandem_model::{EmailAddress, Item, RecordId, Response, Stamp};

/// A SyncML message from the connector.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncRequest {
    /// Who speaks, and for whom.
    pub session: Session,
    /// What is asked, in order.
    pub commands: Vec<Command>,
}

/// One command. A `key` is the groupware id under which the CRM's external keys (table XK) know the item:
/// internetMessageId, iCalUId, or the Graph id of a task or contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `Alert` 200 with anchors: which records that concern the rep changed after `since`? Changes that this
    /// principal made himself through this client are left out, so that nothing echoes.
    Changes {
        /// Of which kind.
        content_type: ContentType,
        /// The anchor up to which the caller knows everything; zero asks for all.
        since: Stamp,
        /// Only records within this time; those that have a key already come in any case. None for kinds without time.
        window: Option<Window>,
        /// At most so many in one answer.
        limit: u32,
    },
    /// `Add`. Repeating it is harmless: a record that has the key already is answered with 208, unchanged.
    Add {
        /// Groupware id, unique in its content type.
        key: String,
        /// The item.
        item: Item,
        /// `x-mmPublish`: an appointment whose organiser is not synchronised; it is never sent back.
        published: bool,
    },
    /// `Replace` of some fields of a record.
    Replace {
        /// Which record.
        record: RecordId,
        /// The item as it shall be.
        item: Item,
        /// The fields (names of `Document::fields`) that are taken from `item`; the others stay as they are.
        fields: BTreeSet<String>,
        /// Only if the record still has this stamp, else 409.
        if_stamp: Option<Stamp>,
    },
    /// `Replace` of one participant's answer to an appointment (`x-mmParticipation`).
    Participation {
        /// The appointment.
        record: RecordId,
        /// Whose answer.
        address: EmailAddress,
        /// The answer.
        response: Response,
    },
    /// `Delete`: soft, as `forms.xml` allows and says how; 211 when it does not allow it.
    Delete {
        /// Which record.
        record: RecordId,
        /// Of which kind it is.
        content_type: ContentType,
        /// Only if the record still has this stamp, else 409.
        if_stamp: Option<Stamp>,
    },
    /// `Map`: the item that was made from this record has this groupware id.
    Map {
        /// Which record.
        record: RecordId,
        /// Of which kind it is.
        content_type: ContentType,
        /// Its groupware id.
        key: String,
    },
    /// `Get` of the device information (OMA *SyncML Device Information DTD 1.1*): which fields travel.
    Fields,
    /// `Get`: the record as it is now.
    Get {
        /// Which record.
        record: RecordId,
        /// Of which kind it is.
        content_type: ContentType,
    },
}
