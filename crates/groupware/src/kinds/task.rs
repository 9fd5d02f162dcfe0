//! Tasks: records of A1.

use super::begin;
use crate::moments::{date, unreadable};
use crate::pen::{Eye, Pen};
use crate::{ActingRep, Change, InfoArea, RecordSet, Rules, Unreadable, Written, list, words};
use jiff::Timestamp;
use jiff::civil::Date;
use tandem_model::{Kind, Task, TaskStatus};

pub(super) fn write(task: &Task, change: Change<'_>, acting: &ActingRep, rules: &Rules) -> Written {
    let mut pen = Pen::new(Kind::Task, change, rules);
    let mut set = begin(change, InfoArea::Task);
    let record = &mut set.primary;
    let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    if pen.adds() {
        pen.number(record, "RepID", Some(acting.rep_id));
        pen.number(record, "CreatedByID", Some(acting.rep_id));
    }
    if pen.wants("subject") {
        pen.text(record, "Subject", &task.subject);
    }
    if pen.wants("text") {
        pen.text(record, "Text", &task.text);
    }
    if pen.wants("status") {
        pen.put(record, "Status", words::task_status(task.status));
        // How much of a task is done beyond its status is only known in the CRM.
        match task.status {
            TaskStatus::Completed => pen.put(record, "Percent", "100"),
            TaskStatus::NotStarted => pen.put(record, "Percent", "0"),
            _ if pen.get(record, "Percent") == "100" => pen.put(record, "Percent", ""),
            _ => {}
        }
    }
    if pen.wants("importance") {
        pen.put(record, "Priority", words::importance(task.importance));
    }
    if pen.wants("start") {
        pen.put(record, "StartDate", &day(task.start));
    }
    if pen.wants("due") {
        pen.put(record, "DueDate", &day(task.due));
    }
    if pen.wants_any(&["completed", "status"]) {
        let completed = task.completed.filter(|_| task.status == TaskStatus::Completed);
        pen.put(record, "CompletedDate", &day(completed));
    }
    if pen.wants("reminder") {
        let reminder = task.reminder.map(|instant| instant.to_string()).unwrap_or_default();
        pen.put(record, "Reminder", &reminder);
    }
    if pen.wants("categories") {
        pen.categories(record, &task.categories);
    }
    Written { set, new_people: Vec::new(), notes: pen.notes }
}

pub(super) fn read(eye: Eye<'_>, set: &RecordSet) -> Result<Task, Unreadable> {
    let record = &set.primary;
    let status = words::read_task_status(eye.get(record, "Status")).ok_or_else(|| {
        let expected = "a status is notStarted, inProgress, completed, waitingOnOthers or deferred";
        unreadable(Kind::Task, "Status", eye.get(record, "Status"), expected)
    })?;
    let reminder = match eye.get(record, "Reminder") {
        "" => None,
        text => Some(text.parse::<Timestamp>().map_err(|_| {
            unreadable(Kind::Task, "Reminder", text, "a reminder is written like 2026-11-30T08:00:00Z")
        })?),
    };
    Ok(Task {
        subject: eye.owned(record, "Subject"),
        text: eye.lines(record, "Text"),
        status,
        importance: words::read_importance(eye.get(record, "Priority")),
        start: date(eye, Kind::Task, record, "StartDate")?,
        due: date(eye, Kind::Task, record, "DueDate")?,
        completed: date(eye, Kind::Task, record, "CompletedDate")?
            .filter(|_| status == TaskStatus::Completed),
        reminder,
        categories: list::split(eye.get(record, "Categories")),
    })
}
