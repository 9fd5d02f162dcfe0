//! What another connector noted.

use tandem_model::RecordId;

/// An id under which another connector knows a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    /// The record; it may be gone by now.
    pub record: RecordId,
    /// The id as that connector noted it: of Exchange Web Services, of MAPI, an iCalUId, an internetMessageId …
    pub key: String,
    /// What the other connector calls itself.
    pub system: String,
}
