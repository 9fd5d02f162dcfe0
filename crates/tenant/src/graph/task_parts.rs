//! `linkedResources` and `checklistItems` of tasks.

use super::{Call, render};
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::ticks;
use crate::mailbox::patch::as_map;
use crate::wire::Response;
use serde_json::{Map, Value, json};

impl Call<'_> {
    /// A collection of parts of a task; `names` begins with its name.
    pub(super) fn task_parts_route(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let (Some(&part), rest) = (names.first(), names.get(1..).unwrap_or_default()) else {
            return Err(self.unsupported(names));
        };
        let task = &self.tenant.mailbox(mailbox).lists[&list].tasks[&no];
        let whole = as_map(&task.content);
        let mut all: Vec<Value> = whole.get(part).and_then(Value::as_array).cloned().unwrap_or_default();
        let place = |all: &[Value], id: &str| {
            all.iter().position(|one| one["id"] == id).ok_or_else(GraphError::not_found)
        };
        match (self.method.as_str(), rest) {
            ("GET", []) => Ok(self.list(part, all, |one| render::object(one.clone()))),
            ("GET", ["$count"]) => Ok(super::raw("text/plain", all.len().to_string().into())),
            ("GET", [id]) => {
                let at = place(&all, id)?;
                Ok(self.single(200, part, render::object(all.swap_remove(at))))
            }
            ("POST", []) => {
                let mut new = self.object()?;
                new.remove("id");
                self.complete(part, &mut new)?;
                all.push(Value::Object(new));
                let at = all.len() - 1;
                self.put_parts(mailbox, list, no, part, all)?;
                self.part_answer(201, mailbox, list, no, part, at)
            }
            ("PATCH", [id]) => {
                let at = place(&all, id)?;
                let mut body = self.object()?;
                body.remove("id");
                if let Value::Object(one) = &mut all[at] {
                    one.extend(body);
                    let mut one = std::mem::take(one);
                    self.complete(part, &mut one)?;
                    all[at] = Value::Object(one);
                }
                self.put_parts(mailbox, list, no, part, all)?;
                self.part_answer(200, mailbox, list, no, part, at)
            }
            ("DELETE", [id]) => {
                let at = place(&all, id)?;
                all.remove(at);
                self.put_parts(mailbox, list, no, part, all)?;
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    /// Fills what To Do sets by itself: when an item was checked.
    fn complete(&self, part: &str, one: &mut Map<String, Value>) -> Result<(), GraphError> {
        if part != "checklistItems" {
            return Ok(());
        }
        if one.get("displayName").and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
            return Err(GraphError::invalid("The property 'displayName' of a checklist item is required."));
        }
        let checked = one.get("isChecked").and_then(Value::as_bool).unwrap_or(false);
        let known = one.get("checkedDateTime").is_some_and(Value::is_string);
        if checked && !known {
            one.insert("checkedDateTime".to_owned(), json!(ticks(self.now)));
        } else if !checked {
            one.remove("checkedDateTime");
        }
        Ok(())
    }

    fn put_parts(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        no: ItemNo,
        part: &str,
        all: Vec<Value>,
    ) -> Result<(), GraphError> {
        let body = Map::from_iter([(part.to_owned(), Value::Array(all))]);
        self.tenant.change_task(mailbox, list, no, body, self.now)
    }

    fn part_answer(
        &self,
        status: u16,
        mailbox: MailboxNo,
        list: ItemNo,
        no: ItemNo,
        part: &str,
        at: usize,
    ) -> Result<Response, GraphError> {
        let task = &self.tenant.mailbox(mailbox).lists[&list].tasks[&no];
        let whole = as_map(&task.content);
        let one = whole.get(part).and_then(|all| all.get(at)).cloned().ok_or_else(GraphError::not_found)?;
        Ok(self.single(status, part, render::object(one)))
    }
}
