//! Open extensions of messages, events, contacts, To Do lists and tasks.

use super::hanging::Carrier;
use super::{Call, render};
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::extensions::Extensions;
use crate::wire::Response;
use serde_json::{Map, Value, json};

/// An open extension: its name, and what it says.
pub type Extension = (Box<str>, Map<String, Value>);

/// What stands before the name in the id of an extension of a task.
const ID: &str = "microsoft.graph.openTypeExtension.";

/// What Outlook's items have there.
const OUTLOOK_ID: &str = "Microsoft.OutlookServices.OpenTypeExtension.";

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
    Ok((plain(&name).into(), map))
}

/// The name in an id.
fn plain(id: &str) -> &str {
    id.strip_prefix(ID).or_else(|| id.strip_prefix(OUTLOOK_ID)).unwrap_or(id)
}

fn one(prefix: &str, name: &str, content: &Map<String, Value>) -> Map<String, Value> {
    let mut map = content.clone();
    map.extend(render::object(json!({
        "@odata.type": "#microsoft.graph.openTypeExtension",
        "id": format!("{prefix}{name}"),
        "extensionName": name,
    })));
    map
}

/// Extensions as JSON.
pub fn json(extensions: &Extensions) -> Value {
    extensions.iter().map(|(name, content)| Value::Object(one(ID, name, content))).collect()
}

impl Call<'_> {
    /// `extensions` of an item.
    pub(super) fn extensions_route(
        &mut self,
        mailbox: MailboxNo,
        on: Carrier,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let prefix = if matches!(on, Carrier::Task { .. } | Carrier::List(_)) { ID } else { OUTLOOK_ID };
        let missing = || GraphError::new(404, "ErrorItemNotFound", "Extension with given id not found.");
        match (self.method.as_str(), names) {
            ("GET", []) => {
                let all: Vec<_> = self.tenant.extensions(mailbox, on)?.iter().collect();
                Ok(self.list("extensions", all, |(name, content)| one(prefix, name, content)))
            }
            ("GET", [id]) => {
                let found = self.tenant.extensions(mailbox, on)?.get(plain(id)).ok_or_else(missing)?;
                Ok(self.single(200, "extensions", one(prefix, plain(id), found)))
            }
            ("POST", []) => {
                let (name, content) = read(self.object()?)?;
                let shown = one(prefix, &name, &content);
                self.tenant.change_hanging(mailbox, on, self.now, |item| {
                    item.extensions.insert(name, content);
                    Ok(())
                })?;
                Ok(self.single(201, "extensions", shown))
            }
            ("PATCH", [id]) => {
                let mut body = self.object()?;
                body.retain(|name, _| !name.contains('@') && name != "extensionName" && name != "id");
                let shown = self.tenant.change_hanging(mailbox, on, self.now, |item| {
                    let found = item.extensions.get_mut(plain(id)).ok_or_else(missing)?;
                    found.extend(body);
                    // What is set to null goes.
                    found.retain(|_, value| !value.is_null());
                    Ok(one(prefix, plain(id), found))
                })?;
                Ok(self.single(200, "extensions", shown))
            }
            ("DELETE", [id]) => {
                self.tenant.change_hanging(mailbox, on, self.now, |item| {
                    item.extensions.remove(plain(id)).map(drop).ok_or_else(missing)
                })?;
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(&["extensions"])),
        }
    }

    /// Shows the extensions that a query expands: all of them, or those whose ids a filter within `$expand` names.
    pub(super) fn expand_extensions(&self, map: &mut Map<String, Value>, extensions: &Extensions) {
        let Some(expand) = self.query.expanded("extensions") else { return };
        let wanted = |name: &str| match &expand.filter {
            None => true,
            Some(filter) => [name.to_owned(), format!("{ID}{name}"), format!("{OUTLOOK_ID}{name}")]
                .iter()
                .any(|id| filter.holds(&json!({ "id": id, "extensionName": name }))),
        };
        let shown = extensions.iter().filter(|(name, _)| wanted(name));
        let shown = shown.map(|(name, content)| Value::Object(one(OUTLOOK_ID, name, content)));
        map.insert("extensions".to_owned(), shown.collect());
    }
}
