//! All that a mailbox holds, for readers who check what others did with it.

use super::people;
use crate::graph::{Call, extensions_json, render};
use crate::ids::{Kind, MailboxNo};
use crate::mailbox::content::Attachment;
use crate::mailbox::event::Event;
use crate::mailbox::patch::as_map;
use crate::wire::{Response, pairs};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// What a dump has besides the user.
const PARTS: [&str; 5] = ["folders", "messages", "events", "tasks", "contacts"];

/// The dump of a mailbox: all of it, or the parts that are named in `only`.
pub fn of(call: &Call<'_>, mailbox: MailboxNo, query: Option<&str>) -> Response {
    let query = pairs(query.unwrap_or(""));
    let only = query.iter().find(|(name, _)| name == "only").map(|(_, value)| value.as_str());
    let mut dump = Map::new();
    dump.insert("user".to_owned(), people::shown(&call.tenant.mailbox(mailbox).user));
    for part in PARTS {
        if only.is_none_or(|only| only.split(',').any(|name| name == part)) {
            dump.insert(part.to_owned(), Value::Array(one_part(call, mailbox, part)));
        }
    }
    Response::json(200, Value::Object(dump))
}

fn one_part(call: &Call<'_>, mailbox: MailboxNo, part: &str) -> Vec<Value> {
    let events = call.tenant.mailbox(mailbox).events.values();
    match part {
        "folders" => folders(call, mailbox),
        "messages" => messages(call, mailbox),
        "events" => events.map(|event| one_event(call, mailbox, event)).collect(),
        "tasks" => tasks(call, mailbox),
        _ => contacts(call, mailbox),
    }
}

fn folders(call: &Call<'_>, mailbox: MailboxNo) -> Vec<Value> {
    let store = call.tenant.mailbox(mailbox);
    store
        .folders
        .values()
        .filter(|folder| folder.parent.is_some())
        .map(|folder| {
            json!({
                "id": call.folder_id(mailbox, folder.no),
                "path": store.folder_path(folder.no),
                "wellKnownName": folder.well_known,
                "isHidden": folder.hidden,
            })
        })
        .collect()
}

fn messages(call: &Call<'_>, mailbox: MailboxNo) -> Vec<Value> {
    let store = call.tenant.mailbox(mailbox);
    store
        .messages
        .values()
        .map(|message| {
            let mut map = call.message(mailbox, message);
            map.insert("folderPath".to_owned(), json!(store.folder_path(message.folder)));
            map.insert("attachments".to_owned(), attachments(&message.attachments));
            map.insert("source".to_owned(), json!(message.source));
            map.insert("ewsId".to_owned(), json!(call.ews_id(Kind::Message, mailbox, message.no)));
            map.insert("internetMessageHeaders".to_owned(), json!(message.content.internet_message_headers));
            map.insert("extendedProperties".to_owned(), render::extended(&message.extended));
            Value::Object(map)
        })
        .collect()
}

fn attachments(list: &[Attachment]) -> Value {
    list.iter()
        .map(|attachment| {
            let digest = Sha256::digest(attachment.bytes());
            json!({
                "name": attachment.name,
                "contentType": attachment.content_type,
                "size": attachment.size(),
                "isInline": attachment.is_inline,
                "contentId": attachment.content_id,
                "sha256": digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            })
        })
        .collect()
}

fn one_event(call: &Call<'_>, mailbox: MailboxNo, event: &Event) -> Value {
    let mut map = call.event_json(mailbox, event, None);
    let exceptions = event.exceptions.iter().map(|(date, exception)| {
        let mut map = call.event_json(mailbox, event, Some(*date));
        map.insert("extendedProperties".to_owned(), render::extended(&exception.extended));
        map.insert("originalDate".to_owned(), json!(date));
        Value::Object(map)
    });
    map.insert("exceptionOccurrences".to_owned(), Value::Array(exceptions.collect()));
    map.insert("cancelledOccurrences".to_owned(), call.cancelled_occurrences(mailbox, event));
    map.insert("attachments".to_owned(), attachments(&event.attachments));
    map.insert("extendedProperties".to_owned(), render::extended(&event.extended));
    map.insert("source".to_owned(), json!(event.source));
    map.insert("ewsId".to_owned(), json!(call.ews_id(Kind::Event, mailbox, event.no)));
    Value::Object(map)
}

fn tasks(call: &Call<'_>, mailbox: MailboxNo) -> Vec<Value> {
    let lists = call.tenant.mailbox(mailbox).lists.values();
    lists
        .flat_map(|list| list.tasks.values().map(move |task| (list, task)))
        .map(|(list, task)| {
            let mut map = call.task(mailbox, task);
            let whole = as_map(&task.content);
            for name in ["linkedResources", "checklistItems"] {
                map.insert(name.to_owned(), whole.get(name).cloned().unwrap_or_else(|| json!([])));
            }
            map.insert("listId".to_owned(), json!(call.todo_id(Kind::List, mailbox, list.no)));
            map.insert("listName".to_owned(), json!(list.name));
            map.insert("extensions".to_owned(), extensions_json(&task.extensions));
            map.insert("source".to_owned(), json!(task.source));
            Value::Object(map)
        })
        .collect()
}

fn contacts(call: &Call<'_>, mailbox: MailboxNo) -> Vec<Value> {
    let store = call.tenant.mailbox(mailbox);
    store
        .contacts
        .values()
        .map(|contact| {
            let mut map: Map<String, Value> = call.contact(mailbox, contact);
            let mut path = String::new();
            let mut at = store.contact_folders.get(&contact.folder);
            while let Some(folder) = at {
                path = format!("/{}{path}", folder.name);
                at = folder.parent.and_then(|parent| store.contact_folders.get(&parent));
            }
            map.insert("folderPath".to_owned(), json!(path));
            map.insert("extendedProperties".to_owned(), render::extended(&contact.extended));
            map.insert("source".to_owned(), json!(contact.source));
            map.insert("ewsId".to_owned(), json!(call.ews_id(Kind::Contact, mailbox, contact.no)));
            Value::Object(map)
        })
        .collect()
}
