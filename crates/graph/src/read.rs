//! Reading one item, whole.

use crate::transport::call::{Call, IMMUTABLE_ID, Reply, TEXT_BODY};
use crate::wire::contact::ContactWire;
use crate::wire::event::EventWire;
use crate::wire::message::MessageWire;
use crate::wire::task::TaskWire;
use crate::wire::{Lens, property};
use crate::{Class, GraphError, Mailbox, Remote};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tandem_model::{GraphId, Kind};

impl Mailbox {
    /// An item, or nothing when it is gone. A series comes whole, with its exceptions and cancelled occurrences.
    /// `list` is the To Do list of a task; none for the default one.
    pub async fn read(
        &self,
        kind: Kind,
        id: &GraphId,
        list: Option<&str>,
    ) -> Result<Option<Remote>, GraphError> {
        let list = match kind {
            Kind::Task => self.task_list(list).await?,
            _ => String::new(),
        };
        match self.send(self.read_call(kind, id, &list)).await {
            Ok(reply) => self.item(kind, &reply, &list).map(Some),
            Err(error) if error.class() == Class::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read_call(&self, kind: Kind, id: &GraphId, list: &str) -> Call {
        let query = self.whole(kind);
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let doing = format!("reading {kind} {id}");
        let call = match kind {
            Kind::Mail => self.get(&["messages", id.as_str()], &query, &doing),
            Kind::Appointment | Kind::Absence => self.get(&["events", id.as_str()], &query, &doing),
            Kind::Task => {
                let expand = format!("extensions($filter=id eq '{}')", property::EXTENSION);
                self.get(&["todo", "lists", list, "tasks", id.as_str()], &[("$expand", &expand)], &doing)
            }
            Kind::Contact => self.get(&["contacts", id.as_str()], &query, &doing),
        };
        self.in_our_form(kind, call)
    }

    /// The preferences with which items of a kind are read, also where they come as the answer to a write.
    pub(crate) fn in_our_form(&self, kind: Kind, call: Call) -> Call {
        match kind {
            Kind::Task => call,
            Kind::Mail if self.lens.html => call.prefer(IMMUTABLE_ID),
            _ => call.prefer(IMMUTABLE_ID).prefer(TEXT_BODY),
        }
    }

    /// The item that an answer holds.
    pub(crate) fn item(&self, kind: Kind, reply: &Reply, list: &str) -> Result<Remote, GraphError> {
        if self.has_additional(kind) {
            let read = self.remote(kind, reply.json()?, list);
            return read.map_err(|why| GraphError::Malformed { what: reply.what.clone(), why });
        }
        let read = match kind {
            Kind::Mail => reply.json::<MessageWire>()?.remote(&self.lens),
            Kind::Appointment | Kind::Absence => reply.json::<EventWire>()?.remote(kind, &self.lens),
            Kind::Task => reply.json::<TaskWire>()?.remote(list),
            Kind::Contact => reply.json::<ContactWire>()?.remote(&self.lens),
        };
        // The service answered and will answer the same again: it is the item that does not read.
        read.map_err(|why| GraphError::Malformed { what: reply.what.clone(), why })
    }
}

/// The item that JSON is, without its additional fields.
pub(crate) fn default_fields(lens: &Lens, kind: Kind, json: Value, list: &str) -> Result<Remote, String> {
    match kind {
        Kind::Mail => parse::<MessageWire>(json)?.remote(lens),
        Kind::Appointment | Kind::Absence => parse::<EventWire>(json)?.remote(kind, lens),
        Kind::Task => parse::<TaskWire>(json)?.remote(list),
        Kind::Contact => parse::<ContactWire>(json)?.remote(lens),
    }
}

/// JSON of a resource as what it is.
pub(crate) fn parse<T: DeserializeOwned>(entry: Value) -> Result<T, String> {
    serde_json::from_value(entry).map_err(|error| format!("the answer is not as documented: {error}"))
}
