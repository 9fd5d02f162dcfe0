//! To Do lists and tasks.

use super::delta::{self, Collection};
use super::hanging::Carrier;
use super::{Call, extensions, render};
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::mailbox::content::{Stamp, ticks};
use crate::mailbox::patch::{as_map, merged, read};
use crate::mailbox::task::{Task, TaskContent, TaskStatus};
use crate::tenant::Tenant;
use crate::wire::Response;
use serde_json::{Map, Value, json};

impl Call<'_> {
    pub(super) fn todo_route(&mut self, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => {
                let lists: Vec<ItemNo> = self.tenant.mailbox(mailbox).lists.keys().copied().collect();
                Ok(self.list("todo/lists", lists, |no| self.todo_list(mailbox, *no)))
            }
            ("POST", []) => {
                let mut body = self.object()?;
                let given = extensions::read_all(body.remove("extensions"))?;
                let name = list_name(&body)?;
                let (no, change) = (self.tenant.sequence.item(), self.tenant.sequence.change());
                let store = self.tenant.mailbox_mut(mailbox);
                store.add_list(no, &name, "none", Stamp::new(self.now, change));
                if let Some(list) = store.lists.get_mut(&no) {
                    list.extensions.extend(given);
                }
                Ok(self.single(201, "todo/lists", self.todo_list(mailbox, no)))
            }
            ("GET", ["delta" | "microsoft.graph.delta"]) => self.lists_delta(mailbox),
            (_, [list]) => {
                let no = self.list_number(mailbox, list)?;
                self.list_route(mailbox, no, names)
            }
            (_, [list, "extensions", rest @ ..]) => {
                let no = self.list_number(mailbox, list)?;
                self.extensions_route(mailbox, Carrier::List(no), rest)
            }
            (_, [list, "tasks", rest @ ..]) => {
                let no = self.list_number(mailbox, list)?;
                self.tasks_route(mailbox, no, rest)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn list_number(&self, mailbox: MailboxNo, id: &str) -> Result<ItemNo, GraphError> {
        let store = self.tenant.mailbox(mailbox);
        if id == "tasks" {
            return Ok(store.default_list());
        }
        let no = self.item(mailbox, Kind::List, id)?.item;
        if store.lists.contains_key(&no) { Ok(no) } else { Err(GraphError::not_found()) }
    }

    fn list_route(&mut self, mailbox: MailboxNo, no: ItemNo, names: &[&str]) -> Result<Response, GraphError> {
        match self.method.as_str() {
            "GET" => Ok(self.single(200, "todo/lists", self.todo_list(mailbox, no))),
            "PATCH" => {
                if no == self.tenant.mailbox(mailbox).default_list() {
                    return Err(GraphError::invalid("Built-in lists cannot be renamed."));
                }
                let name = list_name(&self.object()?)?;
                let change = self.tenant.sequence.change();
                let (now, store) = (self.now, self.tenant.mailbox_mut(mailbox));
                if let Some(list) = store.lists.get_mut(&no) {
                    list.name = name.into();
                    list.stamp.touch(now, change);
                }
                store.list_log.changed(no);
                Ok(self.single(200, "todo/lists", self.todo_list(mailbox, no)))
            }
            "DELETE" => {
                let store = self.tenant.mailbox_mut(mailbox);
                if no == store.default_list() {
                    return Err(GraphError::invalid("The default list cannot be deleted."));
                }
                store.lists.remove(&no);
                store.list_log.left(no);
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    /// The id of a list or a task, which no preference changes.
    pub(crate) fn todo_id(&self, kind: Kind, mailbox: MailboxNo, item: ItemNo) -> String {
        self.tenant.ids.encode(ItemId { kind, mailbox, item, day: 0, moves: Some(0) })
    }

    fn todo_list(&self, mailbox: MailboxNo, no: ItemNo) -> Map<String, Value> {
        let Some(list) = self.tenant.mailbox(mailbox).lists.get(&no) else { return Map::new() };
        let mut map = render::object(json!({
            "@odata.etag": list.stamp.etag(),
            "id": self.todo_id(Kind::List, mailbox, no),
            "displayName": list.name,
            "isOwner": true,
            "isShared": false,
            "wellknownListName": list.well_known,
        }));
        self.expand_extensions(&mut map, &list.extensions);
        map
    }

    fn lists_delta(&mut self, mailbox: MailboxNo) -> Result<Response, GraphError> {
        let collection = Collection { kind: "lists", mailbox, number: 0 };
        let mut token = self.sync_token(&collection)?;
        let size = self.delta_page_size();
        let page = delta::read(&self.tenant.mailbox(mailbox).list_log, &mut token, size)?;
        let entries = page
            .entries
            .iter()
            .map(|(no, entry)| {
                if entry.gone {
                    render::removed(&self.todo_id(Kind::List, mailbox, *no), "deleted")
                } else {
                    Value::Object(self.projected(self.todo_list(mailbox, *no)))
                }
            })
            .collect();
        Ok(self.delta_answer("todo/lists", token, entries, page.cursor, page.more))
    }

    fn tasks_route(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => {
                let tasks: Vec<&Task> =
                    self.tenant.mailbox(mailbox).lists[&list].tasks.values().rev().collect();
                Ok(self.list("tasks", tasks, |task| self.task(mailbox, task)))
            }
            ("POST", []) => {
                let body = self.object()?;
                let no = self.tenant.add_task(mailbox, list, body, self.now)?;
                Ok(self.task_answer(201, mailbox, list, no))
            }
            ("GET", ["$count"]) => {
                let tasks: Vec<&Task> = self.tenant.mailbox(mailbox).lists[&list].tasks.values().collect();
                Ok(self.count_of(tasks, |_| true, |task| self.task(mailbox, task)))
            }
            ("GET", ["delta" | "microsoft.graph.delta"]) => self.tasks_delta(mailbox, list),
            (_, [id, rest @ ..]) => {
                let no = self.item(mailbox, Kind::Task, id)?.item;
                if !self.tenant.mailbox(mailbox).lists[&list].tasks.contains_key(&no) {
                    return Err(GraphError::not_found());
                }
                self.task_route(mailbox, list, no, rest)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn task_route(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.task_answer(200, mailbox, list, no)),
            ("PATCH", []) => {
                self.check_version(&self.tenant.mailbox(mailbox).lists[&list].tasks[&no].stamp)?;
                let body = self.object()?;
                self.tenant.change_task(mailbox, list, no, body, self.now)?;
                Ok(self.task_answer(200, mailbox, list, no))
            }
            ("DELETE", []) => {
                self.check_version(&self.tenant.mailbox(mailbox).lists[&list].tasks[&no].stamp)?;
                self.tenant.remove_task(mailbox, list, no);
                Ok(Response::empty(204))
            }
            (_, ["extensions", rest @ ..]) => {
                self.extensions_route(mailbox, Carrier::Task { list, task: no }, rest)
            }
            (_, ["attachments", rest @ ..]) => {
                self.attachments_route(mailbox, Carrier::Task { list, task: no }, rest)
            }
            (_, ["attachmentSessions", rest @ ..]) => {
                self.task_session_route(mailbox, Carrier::Task { list, task: no }, rest)
            }
            (_, ["linkedResources" | "checklistItems", ..]) => {
                self.task_parts_route(mailbox, list, no, names)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn task_answer(&self, status: u16, mailbox: MailboxNo, list: ItemNo, no: ItemNo) -> Response {
        let task = &self.tenant.mailbox(mailbox).lists[&list].tasks[&no];
        self.single(status, "tasks", self.task(mailbox, task))
    }

    /// The JSON of a task.
    pub(crate) fn task(&self, mailbox: MailboxNo, task: &Task) -> Map<String, Value> {
        let mut map = as_map(&task.content);
        let utc = |wall: &Option<crate::calendar::WallTime>| wall.as_ref().map(|wall| self.wall(wall, false));
        let content = &task.content;
        let times = [
            ("startDateTime", utc(&content.start_date_time)),
            ("dueDateTime", utc(&content.due_date_time)),
            ("reminderDateTime", utc(&content.reminder_date_time)),
            ("completedDateTime", utc(&content.completed_date_time)),
        ];
        for (name, value) in times {
            if let Some(value) = value {
                map.insert(name.to_owned(), value);
            }
        }
        map.extend(render::object(json!({
            "@odata.etag": task.stamp.etag(),
            "id": self.todo_id(Kind::Task, mailbox, task.no),
            "createdDateTime": ticks(task.stamp.created),
            "lastModifiedDateTime": ticks(task.stamp.modified),
            "bodyLastModifiedDateTime": ticks(task.body_modified),
            "hasAttachments": !task.attachments.is_empty(),
            "body": self.body_json(&content.body),
        })));
        if self.query.expanded("linkedResources").is_none() {
            map.remove("linkedResources");
        }
        if self.query.expanded("checklistItems").is_none() {
            map.remove("checklistItems");
        }
        self.expand_extensions(&mut map, &task.extensions);
        let on = Carrier::Task { list: ItemNo(0), task: task.no };
        self.expand_attachments(&mut map, mailbox, on, &task.attachments);
        map
    }

    fn tasks_delta(&mut self, mailbox: MailboxNo, list: ItemNo) -> Result<Response, GraphError> {
        let collection = Collection { kind: "tasks", mailbox, number: list.0 };
        let mut token = self.sync_token(&collection)?;
        // Reported: the delta of tasks takes $expand and does nothing with it.
        self.query.expand.clear();
        let size = self.delta_page_size();
        let store = &self.tenant.mailbox(mailbox).lists[&list];
        let page = delta::read(&store.log, &mut token, size)?;
        let entries = page
            .entries
            .iter()
            .map(|(no, _)| match store.tasks.get(no) {
                Some(task) => Value::Object(self.projected(self.task(mailbox, task))),
                None => render::removed(&self.todo_id(Kind::Task, mailbox, *no), "deleted"),
            })
            .collect();
        Ok(self.delta_answer("Collection(todoTask)", token, entries, page.cursor, page.more))
    }
}

fn list_name(body: &Map<String, Value>) -> Result<String, GraphError> {
    match body.get("displayName").and_then(Value::as_str).map(str::trim) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(GraphError::invalid("The property 'displayName' is required.")),
    }
}

impl Tenant {
    /// Makes a task.
    pub(crate) fn add_task(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        mut body: Map<String, Value>,
        now: jiff::Timestamp,
    ) -> Result<ItemNo, GraphError> {
        let given = extensions::read_all(body.remove("extensions"))?;
        let mut content: TaskContent = read("todoTask", body)?;
        if content.title.trim().is_empty() {
            return Err(GraphError::invalid("The property 'title' is required."));
        }
        self.settle(&mut content, None, now)?;
        let no = self.sequence.item();
        let stamp = Stamp::new(now, self.sequence.change());
        let extensions = given.into_iter().collect();
        let task = Task {
            no,
            stamp,
            body_modified: now,
            content,
            extensions,
            attachments: Vec::new(),
            source: None,
        };
        self.put_task(mailbox, list, task)?;
        Ok(no)
    }

    /// Changes a task.
    pub(crate) fn change_task(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        no: ItemNo,
        mut body: Map<String, Value>,
        now: jiff::Timestamp,
    ) -> Result<(), GraphError> {
        let lists = &self.mailbox(mailbox).lists;
        let task = lists.get(&list).and_then(|list| list.tasks.get(&no));
        let mut task = task.cloned().ok_or_else(GraphError::not_found)?;
        let given = extensions::read_all(body.remove("extensions"))?;
        let mut content: TaskContent = merged("todoTask", &task.content, &body)?;
        self.settle(&mut content, Some(task.content.status), now)?;
        if content.body != task.content.body {
            task.body_modified = now;
        }
        task.content = content;
        task.extensions.extend(given);
        task.stamp.touch(now, self.sequence.change());
        self.put_task(mailbox, list, task)
    }

    /// Fills what To Do sets by itself: the day of completion, ids of parts.
    fn settle(
        &mut self,
        content: &mut TaskContent,
        before: Option<TaskStatus>,
        now: jiff::Timestamp,
    ) -> Result<(), GraphError> {
        if let Some(fault) = content.recurrence.as_ref().and_then(crate::calendar::Recurrence::fault) {
            return Err(GraphError::new(400, "ErrorPropertyValidationFailure", fault));
        }
        let done = content.status == TaskStatus::Completed;
        if !done {
            content.completed_date_time = None;
        } else if content.completed_date_time.is_none() || before.is_some_and(|old| old != content.status) {
            let today = crate::calendar::WallTime::of(now, crate::calendar::Zone::utc());
            let midnight = crate::calendar::midnight(today.local.date());
            let given = content.completed_date_time.take();
            content.completed_date_time =
                given.or(Some(crate::calendar::WallTime { local: midnight, zone: today.zone }));
        }
        for resource in &mut content.linked_resources {
            if resource.id.is_none() {
                resource.id = Some(self.sequence.guid().into());
            }
        }
        for item in &mut content.checklist_items {
            if item.id.is_none() {
                item.id = Some(self.sequence.guid().into());
                item.created_date_time = Some(ticks(now).into());
            }
        }
        Ok(())
    }

    pub(crate) fn put_task(
        &mut self,
        mailbox: MailboxNo,
        list: ItemNo,
        task: Task,
    ) -> Result<(), GraphError> {
        let list = self.mailbox_mut(mailbox).lists.get_mut(&list).ok_or_else(GraphError::not_found)?;
        list.log.changed(task.no);
        list.tasks.insert(task.no, task);
        Ok(())
    }

    /// Deletes a task.
    pub(crate) fn remove_task(&mut self, mailbox: MailboxNo, list: ItemNo, no: ItemNo) -> Option<Task> {
        let list = self.mailbox_mut(mailbox).lists.get_mut(&list)?;
        list.log.left(no);
        list.tasks.remove(&no)
    }
}
