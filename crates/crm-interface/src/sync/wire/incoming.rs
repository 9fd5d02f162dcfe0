//! Reading a message of the connector.

use super::envelope::{CommandRef, Envelope};
use super::message::{self, command_id, meta_type, read_type, require_uri, text, uri};
use super::names::{FIELD, LIMIT, PARTICIPATION, PUBLISH, STAMP, WINDOW};
use super::words::Word;
use super::{ReadError, fields, item, session};
use crate::sync::{Command, ContentType, SyncRequest, Window};
use crate::xml::{self, Element, Problem};
use std::collections::BTreeSet;
use tandem_model::{EmailAddress, RecordId, Response, Stamp};

/// A message as it was received, and what is needed to answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// What is asked.
    pub request: SyncRequest,
    /// To what the answer refers.
    pub envelope: Envelope,
}

/// Reads a message.
pub fn read_request(message: &[u8]) -> Result<Incoming, ReadError> {
    let (header, body) = message::parts(xml::parse(message)?)?;
    let session = session::read(&header)?;
    let envelope = Envelope {
        session_id: text(&header, "SessionID").to_owned(),
        message_id: text(&header, "MsgID").to_owned(),
        target: uri(&header, "Target").unwrap_or_default().to_owned(),
        source: uri(&header, "Source").unwrap_or_default().to_owned(),
        ..Envelope::default()
    };
    let mut reader = Reader { commands: Vec::new(), envelope };
    for element in body.into_children() {
        reader.body_element(element)?;
    }
    let request = SyncRequest { session, commands: reader.commands };
    Ok(Incoming { request, envelope: reader.envelope })
}

struct Reader {
    commands: Vec<Command>,
    envelope: Envelope,
}

impl Reader {
    fn body_element(&mut self, element: Element<'_>) -> Result<(), ReadError> {
        match element.local() {
            "Alert" => self.alert(&element),
            "Map" => self.map(&element),
            "Sync" => self.sync(element),
            "Get" => self.items(element, None),
            // A client acknowledges what it got with `Status`; nothing follows from that here.
            "Final" | "Status" => Ok(()),
            other => Err(element.invalid(other, "a command that is understood: Alert, Sync, Map or Get")),
        }
    }

    fn alert(&mut self, element: &Element<'_>) -> Result<(), ReadError> {
        let id = command_id(element, "CmdID")?;
        let code = element.require("Data")?;
        let item = element.require("Item")?;
        let content_type = read_type(item, require_uri(item, "Target")?)?;
        let meta = item.require("Meta")?;
        let since = match code.text().trim() {
            "200" => Stamp(meta.require("Anchor")?.require("Last")?.parse("a change number")?),
            // A slow sync asks for everything.
            "201" => Stamp(0),
            other => return Err(code.invalid(other, "an alert that is understood: 200 or 201")),
        };
        let window = match meta.child(WINDOW) {
            Some(window) => Some(read_window(window)?),
            None => None,
        };
        let limit = meta.child(LIMIT).map_or(Ok(u32::MAX), |limit| limit.parse("a number of changes"))?;
        let name = Some(content_type.as_str().to_owned());
        self.envelope.commands.push(CommandRef { id, name: "Alert", target: name.clone(), source: name });
        self.commands.push(Command::Changes { content_type, since, window, limit });
        Ok(())
    }

    fn map(&mut self, element: &Element<'_>) -> Result<(), ReadError> {
        let id = command_id(element, "CmdID")?;
        let content_type = read_type(element, require_uri(element, "Target")?)?;
        for item in element.children().iter().filter(|child| child.local() == "MapItem") {
            let (record, key) = (require_uri(item, "Target")?, require_uri(item, "Source")?.to_owned());
            self.answerable(id, "Map", Some(record), Some(&key));
            self.commands.push(Command::Map { record: RecordId::new(record), content_type, key });
        }
        Ok(())
    }

    fn sync(&mut self, element: Element<'_>) -> Result<(), ReadError> {
        self.envelope.groups.push(command_id(&element, "CmdID")?);
        // The address of the data store stands in for a type that a command does not give.
        let group = uri(&element, "Target").and_then(ContentType::parse);
        for child in element.into_children() {
            match child.local() {
                "Add" | "Replace" | "Delete" | "Get" => self.items(child, group)?,
                "CmdID" | "Target" | "Source" | "Meta" | "NumberOfChanges" | "Cred" | "NoResp" => {}
                other => {
                    let expected = "a command that is understood in Sync: Add, Replace, Delete or Get";
                    return Err(child.invalid(other, expected));
                }
            }
        }
        Ok(())
    }

    /// A command with its items, each of which is a command of ours.
    fn items(&mut self, element: Element<'_>, group: Option<ContentType>) -> Result<(), ReadError> {
        let id = command_id(&element, "CmdID")?;
        let common = match element.children().iter().any(fields::asks) {
            // Its type is none of an item.
            true => None,
            false => meta_type(&element)?.or(group),
        };
        let name = match element.local() {
            "Add" => "Add",
            "Replace" => "Replace",
            "Delete" => "Delete",
            _ => "Get",
        };
        let missing = element.error(Problem::Missing("Item"));
        let before = self.commands.len();
        for item in element.into_children() {
            if item.local() != "Item" {
                continue;
            }
            if name == "Get" && fields::asks(&item) {
                self.answerable(id, name, uri(&item, "Target"), None);
                self.commands.push(Command::Fields);
                continue;
            }
            let content_type = meta_type(&item)?.or(common);
            let content_type = content_type.ok_or_else(|| item.error(Problem::Missing("Meta/Type")))?;
            self.answerable(id, name, uri(&item, "Target"), uri(&item, "Source"));
            self.commands.push(read_item(name, item, content_type)?);
        }
        if self.commands.len() == before { Err(missing) } else { Ok(()) }
    }

    fn answerable(&mut self, id: u32, name: &'static str, target: Option<&str>, source: Option<&str>) {
        let (target, source) = (target.map(str::to_owned), source.map(str::to_owned));
        self.envelope.commands.push(CommandRef { id, name, target, source });
    }
}

fn read_item(name: &str, mut item: Element<'_>, content_type: ContentType) -> Result<Command, ReadError> {
    if name == "Add" {
        let key = require_uri(&item, "Source")?.to_owned();
        let published = item.flag(PUBLISH)?;
        return Ok(Command::Add { key, item: payload(&mut item, content_type)?, published });
    }
    let record = RecordId::new(require_uri(&item, "Target")?);
    let if_stamp = item.parse_attribute(STAMP, "a change number")?.map(Stamp);
    Ok(match name {
        "Delete" => Command::Delete { record, content_type, if_stamp },
        "Get" => Command::Get { record, content_type },
        _ => match item.child(PARTICIPATION) {
            Some(answer) => Command::Participation {
                record,
                address: EmailAddress::new(answer.require_attribute("address")?),
                response: Response::required(answer, answer.require_attribute("response")?)?,
            },
            None => Command::Replace {
                record,
                fields: named(&item),
                item: payload(&mut item, content_type)?,
                if_stamp,
            },
        },
    })
}

fn named(item: &Element<'_>) -> BTreeSet<String> {
    item.children()
        .iter()
        .filter(|child| child.local() == FIELD)
        .map(|field| field.text().to_owned())
        .collect()
}

fn payload(item: &mut Element<'_>, content_type: ContentType) -> Result<tandem_model::Item, ReadError> {
    let data = item.take("Data").ok_or_else(|| item.error(Problem::Missing("Data")))?;
    item::read(data, content_type)
}

fn read_window(element: &Element<'_>) -> Result<Window, ReadError> {
    let instant = |name| {
        element.require_attribute(name)?;
        element
            .parse_attribute(name, "an instant such as 2026-03-29T08:00:00Z")?
            .ok_or_else(|| element.error(Problem::Missing(name)))
    };
    Ok(Window { from: instant("from")?, to: instant("to")? })
}
