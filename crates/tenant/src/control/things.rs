//! Tasks and contacts.

use crate::error::GraphError;
use crate::graph::Call;
use crate::ids::{ItemNo, Kind, MailboxNo};
use crate::mailbox::content::Stamp;
use crate::wire::Response;
use serde_json::{Map, Value};

/// `/users/{id}/tasks…`.
pub fn tasks(call: &mut Call<'_>, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
    match (call.method.as_str(), names) {
        ("POST", []) => {
            let mut body = call.object()?;
            let list = list_of(call, mailbox, &mut body);
            let no = call.tenant.add_task(mailbox, list, body, call.now)?;
            Ok(task(call, 201, mailbox, list, no))
        }
        ("GET", [id]) => {
            let (list, no) = find_task(call, mailbox, id)?;
            Ok(task(call, 200, mailbox, list, no))
        }
        ("PATCH", [id]) => {
            let (list, no) = find_task(call, mailbox, id)?;
            let body = call.object()?;
            call.tenant.change_task(mailbox, list, no, body, call.now)?;
            Ok(task(call, 200, mailbox, list, no))
        }
        ("DELETE", [id]) => {
            let (list, no) = find_task(call, mailbox, id)?;
            call.tenant.remove_task(mailbox, list, no);
            Ok(Response::empty(204))
        }
        ("POST", [id, "move"]) => {
            let (list, no) = find_task(call, mailbox, id)?;
            let mut body = call.object()?;
            let to = list_of(call, mailbox, &mut body);
            // To Do gives a task another id in another list.
            let mut moved = call.tenant.remove_task(mailbox, list, no).ok_or_else(GraphError::not_found)?;
            moved.no = call.tenant.sequence.item();
            moved.stamp.touch(call.now, call.tenant.sequence.change());
            let no = moved.no;
            call.tenant.put_task(mailbox, to, moved)?;
            Ok(task(call, 200, mailbox, to, no))
        }
        _ => Err(GraphError::new(404, "UnknownRoute", "The control API has no such operation on tasks.")),
    }
}

/// The list that a body names, made if there is none; the default list when it names none.
fn list_of(call: &mut Call<'_>, mailbox: MailboxNo, body: &mut Map<String, Value>) -> ItemNo {
    let named = body.remove("list").and_then(|name| name.as_str().map(str::to_owned));
    let store = call.tenant.mailbox(mailbox);
    let Some(named) = named else { return store.default_list() };
    let by_id = call.tenant.ids.decode(&named).filter(|id| id.mailbox == mailbox && id.kind == Kind::List);
    let known = store
        .lists
        .values()
        .find(|list| *list.name == *named || by_id.is_some_and(|id| id.item == list.no))
        .map(|list| list.no);
    known.unwrap_or_else(|| {
        let (no, change) = (call.tenant.sequence.item(), call.tenant.sequence.change());
        let stamp = Stamp::new(call.now, change);
        call.tenant.mailbox_mut(mailbox).add_list(no, &named, "none", stamp);
        no
    })
}

fn find_task(call: &Call<'_>, mailbox: MailboxNo, id: &str) -> Result<(ItemNo, ItemNo), GraphError> {
    let no = call.item(mailbox, Kind::Task, id)?.item;
    let lists = &call.tenant.mailbox(mailbox).lists;
    let list = lists.values().find(|list| list.tasks.contains_key(&no)).ok_or_else(GraphError::not_found)?;
    Ok((list.no, no))
}

fn task(call: &Call<'_>, status: u16, mailbox: MailboxNo, list: ItemNo, no: ItemNo) -> Response {
    let task = &call.tenant.mailbox(mailbox).lists[&list].tasks[&no];
    let mut map = call.task(mailbox, task);
    map.insert("listId".to_owned(), Value::String(call.todo_id(Kind::List, mailbox, list)));
    Response::json(status, Value::Object(map))
}

/// `/users/{id}/contacts…`.
pub fn contacts(call: &mut Call<'_>, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
    match (call.method.as_str(), names) {
        ("POST", []) => {
            let mut body = call.object()?;
            let folder = body.remove("folder").and_then(|name| name.as_str().map(str::to_owned));
            let folder = contact_folder(call, mailbox, folder.as_deref());
            let no = call.tenant.add_contact(mailbox, folder, body, None, call.now)?;
            Ok(contact(call, 201, mailbox, no))
        }
        ("GET", [id]) => {
            let no = call.item(mailbox, Kind::Contact, id)?.item;
            let there = call.tenant.mailbox(mailbox).contacts.contains_key(&no);
            if there { Ok(contact(call, 200, mailbox, no)) } else { Err(GraphError::not_found()) }
        }
        ("PATCH", [id]) => {
            let no = call.item(mailbox, Kind::Contact, id)?.item;
            let body = call.object()?;
            call.tenant.change_contact(mailbox, no, body, call.now)?;
            Ok(contact(call, 200, mailbox, no))
        }
        ("DELETE", [id]) => {
            let no = call.item(mailbox, Kind::Contact, id)?.item;
            let store = call.tenant.mailbox_mut(mailbox);
            let gone = store.remove_contact(no).ok_or_else(GraphError::not_found)?;
            store.bin.contacts.insert(no, gone);
            Ok(Response::empty(204))
        }
        ("POST", [id, "restore"]) => {
            let no = call.item(mailbox, Kind::Contact, id)?.item;
            let change = call.tenant.sequence.change();
            let store = call.tenant.mailbox_mut(mailbox);
            let mut back = store.bin.contacts.remove(&no).ok_or_else(GraphError::not_found)?;
            back.stamp.touch(call.now, change);
            store.put_contact(back);
            Ok(contact(call, 200, mailbox, no))
        }
        _ => Err(GraphError::new(404, "UnknownRoute", "The control API has no such operation on contacts.")),
    }
}

/// A contact folder by its name, made below the default one if there is none.
fn contact_folder(call: &mut Call<'_>, mailbox: MailboxNo, name: Option<&str>) -> ItemNo {
    let store = call.tenant.mailbox(mailbox);
    let default = store.default_contacts();
    let Some(name) = name.map(|name| name.trim_start_matches("/Contacts").trim_matches('/')) else {
        return default;
    };
    if name.is_empty() {
        return default;
    }
    let known = store.contact_folders.values().find(|folder| *folder.name == *name).map(|folder| folder.no);
    known.unwrap_or_else(|| {
        let no = call.tenant.sequence.item();
        call.tenant.mailbox_mut(mailbox).add_contact_folder(no, Some(default), name);
        no
    })
}

fn contact(call: &Call<'_>, status: u16, mailbox: MailboxNo, no: ItemNo) -> Response {
    match call.tenant.mailbox(mailbox).contacts.get(&no) {
        Some(contact) => Response::json(status, Value::Object(call.contact(mailbox, contact))),
        None => Response::empty(404),
    }
}
