//! Writing a message of the connector.

use super::envelope::{Addressing, CommandRef, Envelope};
use super::message::{self, Header, location};
use super::names::{
    DEVICE_INFORMATION, FIELD, LIMIT, PARTICIPATION, PAYLOAD_NAMESPACE, PUBLISH, STAMP, WINDOW,
};
use super::words::Word;
use super::{META_NAMESPACE, fields, item, session};
use crate::sync::{Command, ContentType, SyncRequest, Window};
use crate::xml::Writer;
use std::fmt;
use tandem_model::{RecordId, Stamp};

/// A message as it is sent, and what is needed to read its answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The message. It holds the password.
    pub body: Vec<u8>,
    /// To what the answer will refer.
    pub envelope: Envelope,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("envelope", &self.envelope).finish_non_exhaustive()
    }
}

/// Writes a message.
pub fn write_request(request: &SyncRequest, addressing: &Addressing) -> Outgoing {
    let envelope = Envelope {
        session_id: addressing.session_id.clone(),
        message_id: "1".to_owned(),
        target: addressing.target.clone(),
        source: request.session.client_id.clone().unwrap_or_default(),
        ..Envelope::default()
    };
    let mut w = Writer::new();
    message::start(
        &mut w,
        &Header {
            session_id: &envelope.session_id,
            message_id: &envelope.message_id,
            target: &envelope.target,
            source: &envelope.source,
            source_name: Some(&request.session.user),
        },
    );
    session::write(&mut w, &request.session);
    w.end().start("SyncBody");
    let mut body = Body { w, envelope, next_id: 1, group: None };
    for command in &request.commands {
        body.command(command);
    }
    body.leave_group();
    Outgoing { body: message::finish(body.w), envelope: body.envelope }
}

struct Body {
    w: Writer,
    envelope: Envelope,
    next_id: u32,
    /// The content type of the `Sync` that is open.
    group: Option<ContentType>,
}

impl Body {
    fn command(&mut self, command: &Command) {
        match command {
            Command::Changes { content_type, since, window, limit } => {
                self.changes(*content_type, *since, *window, *limit);
            }
            Command::Add { key, item, published } => {
                self.in_group("Add", ContentType::from(item.kind()), None, Some(key));
                self.w.start("Item").flag(PUBLISH, *published);
                location(&mut self.w, "Source", key);
                item::write(&mut self.w, item);
                self.w.end().end();
            }
            Command::Replace { record, item, fields, if_stamp } => {
                self.in_group("Replace", ContentType::from(item.kind()), Some(record), None);
                self.record_item(record, *if_stamp);
                for field in fields {
                    self.w.start(FIELD).attribute("xmlns", PAYLOAD_NAMESPACE).text(field).end();
                }
                item::write(&mut self.w, item);
                self.w.end().end();
            }
            Command::Participation { record, address, response } => {
                self.in_group("Replace", ContentType::Vevent, Some(record), None);
                self.record_item(record, None);
                self.w
                    .start(PARTICIPATION)
                    .attribute("xmlns", PAYLOAD_NAMESPACE)
                    .attribute("address", address.as_str())
                    .attribute("response", response.word());
                self.w.end().end().end();
            }
            Command::Delete { record, content_type, if_stamp } => {
                self.in_group("Delete", *content_type, Some(record), None);
                self.record_item(record, *if_stamp);
                self.w.end().end();
            }
            Command::Map { record, content_type, key } => self.map(record, *content_type, key),
            Command::Fields => {
                self.leave_group();
                self.start("Get", Some(DEVICE_INFORMATION), None);
                fields::write_question(&mut self.w);
                self.w.end();
            }
            Command::Get { record, content_type } => {
                self.in_group("Get", *content_type, Some(record), None);
                self.record_item(record, None);
                self.w.end().end();
            }
        }
    }

    fn changes(&mut self, content_type: ContentType, since: Stamp, window: Option<Window>, limit: u32) {
        self.leave_group();
        let name = content_type.as_str();
        self.start("Alert", Some(name), Some(name));
        self.w.leaf("Data", "200").start("Item");
        location(&mut self.w, "Target", name);
        location(&mut self.w, "Source", name);
        // `Next` is required by the DTD, but a client that asks cannot know it: the answer's counts.
        self.w.start("Meta").start("Anchor").attribute("xmlns", META_NAMESPACE);
        self.w.start("Last").plain(since).end().start("Next").plain(since).end().end();
        if let Some(window) = window {
            self.w
                .start(WINDOW)
                .attribute("xmlns", PAYLOAD_NAMESPACE)
                .plain_attribute("from", window.from)
                .plain_attribute("to", window.to)
                .end();
        }
        self.w.start(LIMIT).attribute("xmlns", PAYLOAD_NAMESPACE).plain(limit).end();
        self.w.end().end().end();
    }

    fn map(&mut self, record: &RecordId, content_type: ContentType, key: &str) {
        self.leave_group();
        self.start("Map", Some(record.as_str()), Some(key));
        location(&mut self.w, "Target", content_type.as_str());
        location(&mut self.w, "Source", content_type.as_str());
        self.w.start("MapItem");
        location(&mut self.w, "Target", record.as_str());
        location(&mut self.w, "Source", key);
        self.w.end().end();
    }

    /// Opens a command inside the `Sync` of its content type.
    fn in_group(
        &mut self,
        name: &'static str,
        content_type: ContentType,
        record: Option<&RecordId>,
        key: Option<&str>,
    ) {
        if self.group != Some(content_type) {
            self.leave_group();
            let id = self.id();
            self.envelope.groups.push(id);
            self.w.start("Sync").start("CmdID").plain(id).end();
            location(&mut self.w, "Target", content_type.as_str());
            location(&mut self.w, "Source", content_type.as_str());
            self.group = Some(content_type);
        }
        self.start(name, record.map(RecordId::as_str), key);
        message::content_type(&mut self.w, content_type);
    }

    fn leave_group(&mut self) {
        if self.group.take().is_some() {
            self.w.end();
        }
    }

    /// Opens a command that will be answered.
    fn start(&mut self, name: &'static str, target: Option<&str>, source: Option<&str>) {
        let id = self.id();
        self.w.start(name).start("CmdID").plain(id).end();
        let (target, source) = (target.map(str::to_owned), source.map(str::to_owned));
        self.envelope.commands.push(CommandRef { id, name, target, source });
    }

    fn record_item(&mut self, record: &RecordId, if_stamp: Option<Stamp>) {
        self.w.start("Item");
        if let Some(stamp) = if_stamp {
            self.w.plain_attribute(STAMP, stamp);
        }
        location(&mut self.w, "Target", record.as_str());
    }

    fn id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }
}
