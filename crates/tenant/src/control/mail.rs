//! Mail that arrives, and what its owner does with it.

use crate::error::GraphError;
use crate::graph::{Call, NewMessage};
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::{Attachment, ExtendedProperty, Recipient};
use crate::mailbox::meeting_message::{MeetingMessage, ToldMeeting};
use crate::mailbox::message::MessageContent;
use crate::mailbox::patch::{read, take_extended};
use crate::wire::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// `/users/{id}/messages…`.
pub fn route(call: &mut Call<'_>, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
    match (call.method.as_str(), names) {
        ("POST", []) => {
            let new = Incoming::read(call)?;
            let folder = new.folder.clone();
            let no = put(call, mailbox, &folder, new);
            Ok(shown(call, 201, mailbox, no))
        }
        ("POST", ["deliver"]) => deliver(call, mailbox),
        ("PATCH", [id]) => {
            let no = call.message_number(mailbox, id)?;
            let mut body = call.object()?;
            let extended = take_extended(&mut body)?;
            let mut message = call.tenant.mailbox(mailbox).messages[&no].clone();
            message.change(&body, extended)?;
            message.stamp.touch(call.now, call.tenant.sequence.change());
            call.tenant.mailbox_mut(mailbox).put_message(message);
            Ok(shown(call, 200, mailbox, no))
        }
        ("DELETE", [id]) => {
            let no = call.message_number(mailbox, id)?;
            call.tenant.discard_message(mailbox, no, call.now);
            Ok(Response::empty(204))
        }
        ("POST", [id, "move"]) => {
            let no = call.message_number(mailbox, id)?;
            let body = call.object()?;
            let path = body.get("folder").and_then(Value::as_str);
            let path =
                path.ok_or_else(|| GraphError::bad("A move needs the path of a 'folder'."))?.to_owned();
            let folder = folder_at(call, mailbox, &path);
            let (now, change) = (call.now, call.tenant.sequence.change());
            let store = call.tenant.mailbox_mut(mailbox);
            store.move_message(no, folder, |message| message.stamp.touch(now, change));
            Ok(shown(call, 200, mailbox, no))
        }
        _ => Err(GraphError::new(404, "UnknownRoute", "The control API has no such operation on messages.")),
    }
}

fn folder_at(call: &mut Call<'_>, mailbox: MailboxNo, path: &str) -> ItemNo {
    // The sequence is cloned out and back, for the mailbox and it belong to the same tenant.
    let mut sequence = call.tenant.sequence.clone();
    let folder = call.tenant.mailbox_mut(mailbox).folder_at(path, &mut sequence);
    call.tenant.sequence = sequence;
    folder
}

fn shown(call: &Call<'_>, status: u16, mailbox: MailboxNo, no: ItemNo) -> Response {
    let message = &call.tenant.mailbox(mailbox).messages[&no];
    Response::json(status, Value::Object(call.message(mailbox, message)))
}

/// A message that arrives.
#[derive(Clone)]
struct Incoming {
    content: MessageContent,
    folder: String,
    into: Vec<String>,
    internet_message_id: Option<Box<str>>,
    conversation: Option<Box<str>>,
    received: Option<Timestamp>,
    attachments: Vec<Attachment>,
    extended: Vec<ExtendedProperty>,
    meeting: Option<Box<MeetingMessage>>,
}

impl Incoming {
    fn read(call: &mut Call<'_>) -> Result<Self, GraphError> {
        let mut body = call.object()?;
        let extended = take_extended(&mut body)?;
        let files = body.remove("attachments");
        let attachments = match files.as_ref().and_then(Value::as_array) {
            Some(list) => list
                .iter()
                .map(|one| call.tenant.attachment_of(one, call.now))
                .collect::<Result<Vec<_>, _>>()?,
            None => Vec::new(),
        };
        let received = match text(&mut body, "receivedDateTime") {
            Some(text) => Some(text.parse().map_err(|error| {
                GraphError::bad(format!("receivedDateTime '{text}' is no instant: {error}."))
            })?),
            None => None,
        };
        let into = body.remove("into").and_then(|list| {
            Some(list.as_array()?.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
        });
        let meeting = meeting(&mut body)?;
        let mut new = Self {
            folder: text(&mut body, "folder").unwrap_or_else(|| "/Inbox".to_owned()),
            into: into.unwrap_or_default(),
            internet_message_id: text(&mut body, "internetMessageId").map(Into::into),
            conversation: text(&mut body, "conversationId").map(Into::into),
            received,
            attachments,
            extended,
            meeting,
            content: read("message", body)?,
        };
        if new.content.sender.is_none() {
            new.content.sender.clone_from(&new.content.from);
        }
        Ok(new)
    }
}

/// What an `eventMessage` says about its meeting.
fn meeting(body: &mut Map<String, Value>) -> Result<Option<Box<MeetingMessage>>, GraphError> {
    let names = ["meetingMessageType", "iCalUId", "startDateTime", "endDateTime", "location", "isAllDay"];
    if !body.contains_key("meetingMessageType") {
        return Ok(None);
    }
    let members = names.iter().filter_map(|name| Some(((*name).to_owned(), body.remove(*name)?))).collect();
    let told: ToldMeeting = read("eventMessage", members)?;
    Ok(Some(Box::new(told.into())))
}

fn text(body: &mut Map<String, Value>, name: &str) -> Option<String> {
    body.remove(name).and_then(|value| value.as_str().map(str::to_owned))
}

fn put(call: &mut Call<'_>, mailbox: MailboxNo, folder: &str, new: Incoming) -> ItemNo {
    let folder = folder_at(call, mailbox, folder);
    let mut attachments = new.attachments;
    for attachment in &mut attachments {
        attachment.no = call.tenant.sequence.item();
    }
    let new = NewMessage {
        folder,
        content: new.content,
        attachments,
        extended: new.extended,
        meeting: new.meeting,
        internet_message_id: new.internet_message_id,
        conversation: new.conversation,
        received: new.received,
        ..NewMessage::default()
    };
    call.tenant.add_message(mailbox, new, call.now)
}

/// Brings a message into the Sent Items of its sender and into a folder of some recipients.
fn deliver(call: &mut Call<'_>, mailbox: MailboxNo) -> Result<Response, GraphError> {
    let mut new = Incoming::read(call)?;
    let user = &call.tenant.mailbox(mailbox).user;
    if new.content.from.is_none() {
        new.content.from = Some(Recipient::new(&user.display_name, &user.mail));
        new.content.sender.clone_from(&new.content.from);
    }
    let domain = user.mail.split('@').nth(1).unwrap_or("localhost").to_owned();
    let unique = call.tenant.sequence.guid();
    new.internet_message_id.get_or_insert_with(|| format!("<{unique}@{domain}>").into());
    new.conversation.get_or_insert_with(|| unique.into());
    let mut copies = Vec::new();
    for address in new.into.clone() {
        let recipient = call
            .tenant
            .find_user(&address)
            .ok_or_else(|| GraphError::bad(format!("'into' names '{address}', who has no mailbox here.")))?;
        copies.push((recipient, new.folder.clone(), address));
    }
    let mut sent = new.clone();
    sent.content.is_read = true;
    let no = put(call, mailbox, "/sentitems", sent);
    let mut delivered = Vec::new();
    for (recipient, folder, address) in copies {
        let mut copy = new.clone();
        copy.content.bcc_recipients.clear();
        let no = put(call, recipient, &folder, copy);
        let message = &call.tenant.mailbox(recipient).messages[&no];
        delivered.push(json!({ "user": address, "id": call.message(recipient, message)["id"] }));
    }
    let message = &call.tenant.mailbox(mailbox).messages[&no];
    let mut map = call.message(mailbox, message);
    map.insert("delivered".to_owned(), Value::Array(delivered));
    Ok(Response::json(201, Value::Object(map)))
}
