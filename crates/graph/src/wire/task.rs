//! Tasks of Microsoft To Do.

use super::property::{self, Extension};
use super::text::{self, ItemBody};
use super::time::{self, DateTimeTimeZone};
use super::{Fields, categories, importance, importance_name, text_or_empty};
use crate::{Facts, Remote};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tandem_model::{Etag, GraphId, Item, Task, TaskStatus, Zone};

/// Graph `todoTask`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TaskWire {
    pub(crate) id: String,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
    title: Option<String>,
    body: Option<ItemBody>,
    status: Option<String>,
    importance: Option<String>,
    start_date_time: Option<DateTimeTimeZone>,
    due_date_time: Option<DateTimeTimeZone>,
    completed_date_time: Option<DateTimeTimeZone>,
    is_reminder_on: Option<bool>,
    reminder_date_time: Option<DateTimeTimeZone>,
    categories: Option<Vec<String>>,
    has_attachments: Option<bool>,
    pub(crate) created_date_time: Option<String>,
    last_modified_date_time: Option<String>,
    extensions: Option<Vec<Extension>>,
}

const STATUSES: [(&str, TaskStatus); 5] = [
    ("notStarted", TaskStatus::NotStarted),
    ("inProgress", TaskStatus::InProgress),
    ("completed", TaskStatus::Completed),
    ("waitingOnOthers", TaskStatus::WaitingOnOthers),
    ("deferred", TaskStatus::Deferred),
];

impl TaskWire {
    pub(crate) fn key(&self) -> Option<String> {
        property::extension_key(self.extensions.as_ref())
    }

    pub(crate) fn remote(&self, list: &str) -> Result<Remote, String> {
        let facts = Facts {
            created: time::instant(self.created_date_time.as_ref()),
            modified: time::instant(self.last_modified_date_time.as_ref()),
            folder: Some(list.to_owned()),
            has_attachments: self.has_attachments.unwrap_or_default(),
            key: self.key(),
            ..Facts::default()
        };
        // A tenant without etags on tasks still tells when the task last changed.
        let etag = self.etag.clone().or_else(|| self.last_modified_date_time.clone()).unwrap_or_default();
        Ok(Remote { id: GraphId::new(&self.id), etag: Etag::new(etag), item: Item::Task(self.task()), facts })
    }

    fn task(&self) -> Task {
        let status = self.status.as_deref().unwrap_or_default();
        let status = STATUSES.iter().find(|(name, _)| name.eq_ignore_ascii_case(status));
        let status = status.map(|(_, status)| *status).unwrap_or_default();
        let date = |time: &Option<DateTimeTimeZone>| time.as_ref().and_then(DateTimeTimeZone::date);
        let reminder = self.reminder_date_time.as_ref().filter(|_| self.is_reminder_on.unwrap_or_default());
        Task {
            subject: text_or_empty(self.title.as_ref()).trim().to_owned(),
            text: self.body.as_ref().map(ItemBody::text).unwrap_or_default(),
            status,
            importance: importance(self.importance.as_deref()),
            start: date(&self.start_date_time),
            due: date(&self.due_date_time),
            completed: date(&self.completed_date_time).filter(|_| status == TaskStatus::Completed),
            reminder: reminder.and_then(DateTimeTimeZone::instant),
            categories: categories(self.categories.as_ref()),
        }
    }
}

/// The JSON that writes a task. Days are written in UTC, the zone in which Graph gives them back.
pub(crate) fn write(task: &Task, fields: Fields<'_>) -> Map<String, Value> {
    let new = matches!(fields, Fields::All);
    let mut body = Map::new();
    let mut set = |field: &str, name: &str, value: Value| {
        // A new task has nothing that would have to be cleared.
        if fields.has(field) && !(new && value.is_null()) {
            body.insert(name.to_owned(), value);
        }
    };
    let date = |date: Option<jiff::civil::Date>| {
        date.map_or(Value::Null, |date| time::write_date(date, &Zone::utc()))
    };
    let status =
        STATUSES.iter().find(|(_, status)| *status == task.status).map_or("notStarted", |(name, _)| name);
    set("subject", "title", json!(task.subject));
    set("text", "body", text::body(&task.text));
    set("status", "status", json!(status));
    set("importance", "importance", json!(importance_name(task.importance)));
    set("start", "startDateTime", date(task.start));
    set("due", "dueDateTime", date(task.due));
    if task.status == TaskStatus::Completed && task.completed.is_some() {
        set("completed", "completedDateTime", date(task.completed));
    }
    set("categories", "categories", json!(task.categories));
    set("reminder", "isReminderOn", json!(task.reminder.is_some()));
    let reminder = task.reminder.map_or(Value::Null, |instant| time::write_instant(instant, &Zone::utc()));
    set("reminder", "reminderDateTime", reminder);
    body
}
