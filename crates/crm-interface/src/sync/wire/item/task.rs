//! `text/x-mmTasks`: tasks.

use super::super::words::Word;
use super::when::{DATE, INSTANT};
use crate::xml::{Element, ReadError, Writer};
use std::collections::BTreeSet;
use tandem_model::{Importance, Task, TaskStatus};

pub(super) fn write(w: &mut Writer, task: &Task) {
    w.attribute_if("status", task.status.unusual()).attribute_if("importance", task.importance.unusual());
    for (name, date) in [("start", task.start), ("due", task.due), ("completed", task.completed)] {
        if let Some(date) = date {
            w.plain_attribute(name, date);
        }
    }
    if let Some(reminder) = task.reminder {
        w.plain_attribute("reminder", reminder);
    }
    w.leaf_if("subject", &task.subject).leaf_if("text", &task.text);
    super::write_categories(w, &task.categories);
}

pub(super) fn read(element: Element<'_>) -> Result<Task, ReadError> {
    let mut task = Task {
        subject: String::new(),
        text: String::new(),
        status: TaskStatus::attribute(&element, "status")?,
        importance: Importance::attribute(&element, "importance")?,
        start: element.parse_attribute("start", DATE)?,
        due: element.parse_attribute("due", DATE)?,
        completed: element.parse_attribute("completed", DATE)?,
        reminder: element.parse_attribute("reminder", INSTANT)?,
        categories: BTreeSet::new(),
    };
    for child in element.into_children() {
        match child.local() {
            "subject" => task.subject = child.into_text(),
            "text" => task.text = child.into_text(),
            "category" => {
                task.categories.insert(child.into_text());
            }
            _ => {}
        }
    }
    Ok(task)
}
