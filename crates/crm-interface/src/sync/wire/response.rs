//! The answer to a message.

use super::envelope::{CommandRef, Envelope};
use super::message::{self, Header, command_id, location};
use super::names::{ANSWERS, MORE, STATE};
use super::status::{self, HEADER, Received};
use super::{ReadError, change, fields};
use crate::sync::{Answer, Change, ChangePage, CurrentRecord, Status, StatusCode, SyncResponse};
use crate::xml::{self, Element, Problem, Writer};
use std::collections::HashMap;
use tandem_mapping::Mapping;

/// `212` in the status of the header: the credentials are accepted for the whole session.
const AUTHENTICATED: StatusCode = StatusCode(212);

/// An answer as it was received.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Every command is answered.
    Answers(SyncResponse),
    /// The message was refused as a whole and nothing of it was done.
    Refused(Box<Status>),
}

/// Writes the answers to the message that `envelope` describes. Each of its commands must have one: what is missing
/// is answered with 511, what is too much is left out.
pub fn write_response(envelope: &Envelope, response: &SyncResponse) -> Vec<u8> {
    let mut body = Body::start(envelope);
    body.header(&Status::new(AUTHENTICATED));
    for id in &envelope.groups {
        let group = CommandRef { id: *id, name: "Sync", target: None, source: None };
        body.status(&group, &Status::new(StatusCode::OK));
    }
    let mut answers = response.answers.iter();
    for command in &envelope.commands {
        match answers.next() {
            Some(answer) => body.answer(command, answer),
            None => body.status(command, &Status::new(StatusCode::SERVER_FAILURE)),
        }
    }
    message::finish(body.w)
}

/// Writes that the message is refused as a whole: wrong master user, unknown principal, or the user is already active.
pub fn write_refusal(envelope: &Envelope, status: &Status) -> Vec<u8> {
    let mut body = Body::start(envelope);
    body.header(status);
    message::finish(body.w)
}

struct Body<'a> {
    w: Writer,
    envelope: &'a Envelope,
    next_id: u32,
}

impl<'a> Body<'a> {
    fn start(envelope: &'a Envelope) -> Self {
        let mut w = Writer::new();
        message::start(
            &mut w,
            &Header {
                session_id: &envelope.session_id,
                message_id: "1",
                target: &envelope.source,
                source: &envelope.target,
                source_name: None,
            },
        );
        w.end().start("SyncBody");
        Self { w, envelope, next_id: 1 }
    }

    fn header(&mut self, status: &Status) {
        let command = CommandRef {
            id: 0,
            name: HEADER,
            target: Some(self.envelope.target.clone()),
            source: Some(self.envelope.source.clone()),
        };
        self.status(&command, status);
    }

    fn status(&mut self, command: &CommandRef, status: &Status) {
        let id = self.id();
        status::start(&mut self.w, id, self.envelope, command, status.code);
        status::write_detail(&mut self.w, status);
        self.w.end();
    }

    fn answer(&mut self, command: &CommandRef, answer: &Answer) {
        match answer {
            Answer::Status(status) => self.status(command, status),
            Answer::Changes(page) => self.changes(command, page),
            Answer::Record(record) => self.record(command, record),
            Answer::Fields(mapping) => self.fields(command, mapping),
        }
    }

    fn changes(&mut self, command: &CommandRef, page: &ChangePage) {
        let id = self.id();
        status::start(&mut self.w, id, self.envelope, command, StatusCode::OK);
        status::write_anchor(&mut self.w, page.next);
        self.w.end();
        let id = self.id();
        self.w.start("Sync").plain_attribute(ANSWERS, command.id).flag(MORE, page.more);
        self.w.start("CmdID").plain(id).end();
        location(&mut self.w, "Target", command.source.as_deref().unwrap_or_default());
        location(&mut self.w, "Source", command.target.as_deref().unwrap_or_default());
        for change in &page.changes {
            let id = self.id();
            self.w.start(change::command(change)).start("CmdID").plain(id).end();
            change::write(&mut self.w, change);
            self.w.end();
        }
        self.w.end();
    }

    fn record(&mut self, command: &CommandRef, record: &CurrentRecord) {
        let code = match record {
            CurrentRecord::Known(_) => StatusCode::OK,
            CurrentRecord::Unknown => StatusCode::NOT_FOUND,
        };
        self.status(command, &Status::new(code));
        let id = self.id();
        self.w.start("Results").start("CmdID").plain(id).end();
        self.w.leaf("MsgRef", &self.envelope.message_id).start("CmdRef").plain(command.id).end();
        match record {
            CurrentRecord::Known(known) => change::write(&mut self.w, known),
            CurrentRecord::Unknown => {
                self.w.start("Item").attribute(STATE, change::UNKNOWN);
                location(&mut self.w, "Source", command.target.as_deref().unwrap_or_default());
                self.w.end();
            }
        }
        self.w.end();
    }

    fn fields(&mut self, command: &CommandRef, mapping: &Mapping) {
        self.status(command, &Status::new(StatusCode::OK));
        let id = self.id();
        self.w.start("Results").start("CmdID").plain(id).end();
        self.w.leaf("MsgRef", &self.envelope.message_id).start("CmdRef").plain(command.id).end();
        fields::write(&mut self.w, mapping);
        self.w.end();
    }

    fn id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }
}

/// Reads the answer to the message that `envelope` describes. It holds exactly one answer for each command, in the
/// order of the commands; anything else is an error.
pub fn read_response(message: &[u8], envelope: &Envelope) -> Result<Reply, ReadError> {
    let (_, body) = message::parts(xml::parse(message)?)?;
    let mut parts = Parts::default();
    for element in body.into_children() {
        if let Some(refusal) = parts.add(element)? {
            return Ok(Reply::Refused(Box::new(refusal)));
        }
    }
    let answers =
        envelope.commands.iter().map(|command| parts.answer(command)).collect::<Result<Vec<_>, _>>()?;
    if let Some(left) = parts.statuses.keys().min() {
        return Err(mismatch(format!("command {left} is answered, but was not sent")));
    }
    Ok(Reply::Answers(SyncResponse { answers }))
}

/// The parts of an answer by the command to which they belong.
#[derive(Default)]
struct Parts {
    statuses: HashMap<u32, Received>,
    pages: HashMap<u32, (Vec<Change>, bool)>,
    records: HashMap<u32, CurrentRecord>,
    mappings: HashMap<u32, Mapping>,
}

impl Parts {
    /// Sorts an element in; gives the refusal if it is one.
    fn add(&mut self, element: Element<'_>) -> Result<Option<Status>, ReadError> {
        match element.local() {
            "Status" => {
                let received = status::read(element)?;
                if received.name == HEADER {
                    return Ok((!received.status.code.is_success()).then_some(received.status));
                }
                if received.name == "Sync" {
                    return Ok(None);
                }
                let command = received.command;
                if self.statuses.insert(command, received).is_some() {
                    return Err(mismatch(format!("command {command} is answered twice")));
                }
            }
            "Sync" => self.page(element)?,
            "Results" => self.record(element)?,
            _ => {}
        }
        Ok(None)
    }

    fn page(&mut self, element: Element<'_>) -> Result<(), ReadError> {
        let command = element.parse_attribute(ANSWERS, "the number of a command")?;
        let command = command.ok_or_else(|| element.error(Problem::Missing(ANSWERS)))?;
        let more = element.flag(MORE)?;
        let mut changes = Vec::new();
        for child in element.into_children() {
            if matches!(child.local(), "Add" | "Replace" | "Delete") {
                for item in child.into_children() {
                    if item.local() == "Item" {
                        changes.push(change::read(item)?);
                    }
                }
            }
        }
        self.pages.insert(command, (changes, more));
        Ok(())
    }

    fn record(&mut self, mut element: Element<'_>) -> Result<(), ReadError> {
        let command = command_id(&element, "CmdRef")?;
        let item = element.take("Item").ok_or_else(|| element.error(Problem::Missing("Item")))?;
        if fields::is_answer(&item) {
            self.mappings.insert(command, fields::read(item)?);
            return Ok(());
        }
        let record = if item.attribute(STATE) == Some(change::UNKNOWN) {
            CurrentRecord::Unknown
        } else {
            CurrentRecord::Known(change::read(item)?)
        };
        self.records.insert(command, record);
        Ok(())
    }

    fn answer(&mut self, command: &CommandRef) -> Result<Answer, ReadError> {
        let CommandRef { id, name, .. } = command;
        let received = self
            .statuses
            .remove(id)
            .ok_or_else(|| mismatch(format!("command {id} ({name}) is not answered")))?;
        if let Some(record) = self.records.remove(id) {
            return Ok(Answer::Record(record));
        }
        if let Some(mapping) = self.mappings.remove(id) {
            return Ok(Answer::Fields(mapping));
        }
        if let Some(next) = received.next {
            let (changes, more) = self
                .pages
                .remove(id)
                .ok_or_else(|| mismatch(format!("the changes for command {id} are missing")))?;
            return Ok(Answer::Changes(ChangePage { changes, next, more }));
        }
        if received.status.code.is_success() && matches!(*name, "Alert" | "Get") {
            return Err(mismatch(format!("command {id} ({name}) succeeded, but its result is missing")));
        }
        Ok(Answer::Status(received.status))
    }
}

fn mismatch(why: String) -> ReadError {
    ReadError::document(Problem::Mismatch(why))
}
