//! The rep in whose name the connector acts.

use crate::{PersonRef, RepRef};
use tandem_model::{EmailAddress, Zone};

/// The rep whose mailbox an item is in. The master user impersonates him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingRep {
    /// His `RepID`.
    pub rep_id: u64,
    /// His name.
    pub name: String,
    /// His e-mail address.
    pub address: EmailAddress,
    /// The person record that is linked to him.
    pub person: Option<PersonRef>,
    /// His language as an ISO 639 code (`en`, `de`, `de-AT`); texts in records are written in it.
    pub language: String,
    /// His zone: times without a `TimeZone` are read in it.
    pub zone: Zone,
    /// The sales group to which he belongs; empty for none.
    pub sales_group: String,
}

impl ActingRep {
    pub(crate) fn as_rep(&self) -> RepRef {
        RepRef { rep_id: self.rep_id, name: self.name.clone(), person: self.person.clone() }
    }
}
