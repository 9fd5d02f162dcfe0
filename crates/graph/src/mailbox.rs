//! One mailbox.

use crate::transport::Connection;
use crate::transport::call::{Call, Reply};
use crate::transport::gate::Gate;
use crate::wire::Lens;
use crate::{GraphError, Reading};
use http::Method;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, MailboxId, Zone};

/// A mailbox. Cheap to make and to clone; all handles of a mailbox share its limit of concurrent requests.
#[derive(Clone)]
pub struct Mailbox {
    id: MailboxId,
    pub(crate) connection: Arc<Connection>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) lens: Arc<Lens>,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mailbox").field(&self.id).finish()
    }
}

impl Mailbox {
    pub(crate) fn new(connection: Arc<Connection>, id: &MailboxId) -> Self {
        let gate = connection.gate(id);
        Self { id: id.clone(), connection, gate, lens: Arc::default() }
    }

    /// Says which addresses are the owner's: what tells mail that was sent from mail that came. Without it all mail
    /// reads as received.
    pub fn with_addresses(mut self, addresses: BTreeSet<EmailAddress>) -> Self {
        Arc::make_mut(&mut self.lens).addresses = addresses;
        self
    }

    /// Says which time zone is the owner's: all-day events are written in it, and it is preferred among the IANA names
    /// that one Windows name stands for. UTC without it.
    pub fn with_zone(mut self, zone: Zone) -> Self {
        Arc::make_mut(&mut self.lens).zone = zone;
        self
    }

    /// Says how messages are read; as plain text without it.
    pub fn with_reading(mut self, reading: Reading) -> Self {
        Arc::make_mut(&mut self.lens).html = reading.html;
        self
    }

    /// Says which fields are exchanged beside the default ones; none without it.
    pub fn with_mapping(mut self, mapping: Mapping) -> Self {
        Arc::make_mut(&mut self.lens).mapping = mapping;
        self
    }

    /// Its id.
    pub fn id(&self) -> &MailboxId {
        &self.id
    }

    /// A request for a resource of this mailbox. `doing` says what for, as in "reading the task lists".
    pub(crate) fn call(&self, method: Method, path: &[&str], query: &[(&str, &str)], doing: &str) -> Call {
        let segments = [&["users", self.id.as_str()], path].concat();
        Call::new(method, self.connection.resource(&segments, query), self.what(doing))
    }

    pub(crate) fn get(&self, path: &[&str], query: &[(&str, &str)], doing: &str) -> Call {
        self.call(Method::GET, path, query, doing)
    }

    /// What is done, and where, for messages.
    pub(crate) fn what(&self, doing: &str) -> String {
        format!("{doing} in mailbox {}", self.id)
    }

    pub(crate) async fn send(&self, call: Call) -> Result<Reply, GraphError> {
        // Boxed: every call of the client would be as large as this otherwise.
        Box::pin(self.connection.send(Some(&self.gate), call)).await
    }
}
