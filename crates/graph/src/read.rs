//! Reading one item, whole.

use crate::transport::call::{Call, IMMUTABLE_ID, Reply, TEXT_BODY};
use crate::wire::contact::{self, ContactWire};
use crate::wire::event::{self, EventWire};
use crate::wire::message::{self, MessageWire};
use crate::wire::property;
use crate::wire::task::TaskWire;
use crate::{Class, GraphError, Mailbox, Remote};
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
        let key = format!("singleValueExtendedProperties($filter=id eq '{}')", property::id(property::KEY));
        let doing = format!("reading {kind} {id}");
        let call = match kind {
            Kind::Mail => self.get(&["messages", id.as_str()], &[("$select", message::SELECT)], &doing),
            Kind::Appointment | Kind::Absence => {
                let expand = format!("exceptionOccurrences,{key}");
                self.get(
                    &["events", id.as_str()],
                    &[("$select", event::SELECT), ("$expand", &expand)],
                    &doing,
                )
            }
            Kind::Task => {
                let expand = format!("extensions($filter=id eq '{}')", property::EXTENSION);
                self.get(&["todo", "lists", list, "tasks", id.as_str()], &[("$expand", &expand)], &doing)
            }
            Kind::Contact => self.get(
                &["contacts", id.as_str()],
                &[("$select", contact::SELECT), ("$expand", &key)],
                &doing,
            ),
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
