//! Open extensions of tasks.

use super::{Call, render};
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::wire::Response;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An open extension: its name, and what it says.
pub type Extension = (Box<str>, Map<String, Value>);

/// What stands before the name in an extension's id.
const ID: &str = "microsoft.graph.openTypeExtension.";

/// Extensions that come with an item.
pub fn read_all(value: Option<Value>) -> Result<Vec<Extension>, GraphError> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list.into_iter().map(|one| read(render::object(one))).collect(),
        Some(_) => Err(GraphError::bad("The property 'extensions' must be a list.")),
    }
}

fn read(mut map: Map<String, Value>) -> Result<Extension, GraphError> {
    let name = map
        .remove("extensionName")
        .and_then(|name| name.as_str().map(Box::<str>::from))
        .filter(|name| !name.is_empty())
        .ok_or_else(|| GraphError::bad("The property 'extensionName' of an open extension is required."))?;
    map.retain(|name, _| name != "id" && !name.contains('@'));
    Ok((name, map))
}

fn one(name: &str, content: &Map<String, Value>) -> Map<String, Value> {
    let mut map = content.clone();
    map.extend(render::object(json!({
        "@odata.type": "#microsoft.graph.openTypeExtension",
        "id": format!("{ID}{name}"),
        "extensionName": name,
    })));
    map
}

/// Extensions as JSON.
pub fn json(extensions: &BTreeMap<Box<str>, Map<String, Value>>) -> Value {
    extensions.iter().map(|(name, content)| Value::Object(one(name, content))).collect()
}

impl Call<'_> {
    pub(super) fn extensions_route(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let mut task = self.tenant.mailbox(mailbox).lists[&list].tasks[&no].clone();
        let named = names.first().map(|id| id.strip_prefix(ID).unwrap_or(id));
        let missing = || GraphError::new(404, "ErrorItemNotFound", "Extension with given id not found.");
        let (answer, status) = match (self.method.as_str(), named) {
            ("GET", None) => {
                let all: Vec<_> = task.extensions.iter().collect();
                return Ok(self.list("extensions", all, |(name, content)| one(name, content)));
            }
            ("GET", Some(name)) => {
                let found = task.extensions.get(name).ok_or_else(missing)?;
                return Ok(self.single(200, "extensions", one(name, found)));
            }
            ("POST", None) => {
                let (name, content) = read(self.object()?)?;
                let shown = one(&name, &content);
                task.extensions.insert(name, content);
                (Some(shown), 201)
            }
            ("PATCH", Some(name)) => {
                let body = self.object()?;
                let found = task.extensions.get_mut(name).ok_or_else(missing)?;
                found
                    .extend(body.into_iter().filter(|(key, _)| !key.contains('@') && key != "extensionName"));
                (Some(one(name, found)), 200)
            }
            ("DELETE", Some(name)) => {
                task.extensions.remove(name).ok_or_else(missing)?;
                (None, 204)
            }
            _ => return Err(self.unsupported(&["extensions"])),
        };
        task.stamp.touch(self.now, self.tenant.sequence.change());
        self.tenant.put_task(mailbox, list, task)?;
        Ok(match answer {
            Some(map) => self.single(status, "extensions", map),
            None => Response::empty(status),
        })
    }
}
