//! Tasks.

use crate::mail::{same_line, same_text};
use crate::pairing::{Handle, pair};
use crate::records::{CrmWorld, is_live};
use crate::report::{Difference, Finding, KindReport, Side};
use crate::text::squeeze;
use crate::when::{Place, crm_date, graph_wall, midnight, place};
use crate::{Kind, MailboxDump, Record, Scope};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

const CONTENT_TYPE: &str = "text/x-mmTasks";

struct Task<'a> {
    mailbox: &'a str,
    rep: &'a str,
    task: &'a Value,
}

impl Task<'_> {
    fn id(&self) -> &str {
        self.task["id"].as_str().unwrap_or_default()
    }

    fn title(&self) -> String {
        self.task["title"].as_str().unwrap_or_default().to_owned()
    }

    fn place(&self) -> String {
        format!("{} in {}", self.id(), self.mailbox)
    }
}

pub(crate) fn compare(dumps: &[(String, MailboxDump)], world: &CrmWorld, scope: &Scope) -> KindReport {
    let mut report = KindReport::default();
    let tasks: Vec<Task<'_>> = scope
        .mailboxes_of(Kind::Task)
        .filter_map(|mailbox| Some((mailbox, dumps.iter().find(|(address, _)| *address == mailbox.address)?)))
        .flat_map(|(mailbox, (address, dump))| {
            dump.tasks.iter().map(|task| Task { mailbox: address, rep: &mailbox.rep, task })
        })
        .collect();
    let records: Vec<&Record> = world.tasks.iter().filter(|record| is_live(record)).collect();
    let m365: Vec<Handle> = tasks.iter().map(handle_of_task).collect();
    let crm: Vec<Handle> = records.iter().map(|record| handle_of_record(world, record)).collect();
    let pairing = pair(&m365, &crm);
    report.paired = pairing.pairs.len();
    for item in pairing.m365_only {
        let task = &tasks[item];
        match frame(day(task.task, "dueDateTime").or(day(task.task, "startDateTime")), scope) {
            Place::Inside => report.m365_only.push(Finding {
                title: task.title(),
                place: task.place(),
                why: "no task for it in the CRM".to_owned(),
            }),
            Place::Edge => report.exclude("at the edge of the time frame"),
            Place::Outside => report.exclude("out of the time frame"),
        }
    }
    for index in pairing.crm_only {
        let record = records[index];
        if !scope.mailboxes_of(Kind::Task).any(|mailbox| mailbox.rep == record.get("RepID")) {
            report.exclude("rep not synchronised");
            continue;
        }
        match frame(crm_date(record.get("DueDate")).or(crm_date(record.get("StartDate"))), scope) {
            Place::Inside => report.crm_only.push(Finding {
                title: record.get("Subject").to_owned(),
                place: record.name(),
                why: "no task for it in the rep's mailbox".to_owned(),
            }),
            Place::Edge => report.exclude("at the edge of the time frame"),
            Place::Outside => report.exclude("out of the time frame"),
        }
    }
    report.twice(Side::M365, &pairing.m365_twice, |item| (tasks[item].title(), tasks[item].place()));
    report.twice(Side::Crm, &pairing.crm_twice, |record| {
        (records[record].get("Subject").to_owned(), records[record].name())
    });
    for (item, record) in pairing.pairs {
        let fields = differences(&tasks[item], records[record]);
        if !fields.is_empty() {
            report.different.push(Difference {
                title: tasks[item].title(),
                record: records[record].name(),
                place: tasks[item].place(),
                fields,
            });
        }
    }
    report
}

/// A task without any date is always in the time frame.
fn frame(date: Option<Date>, scope: &Scope) -> Place {
    date.map_or(Place::Inside, |date| {
        let start = midnight(date);
        place((start, start), scope.now, scope.task_past_days, scope.task_future_days)
    })
}

/// To Do keeps days as wall times in a zone.
fn day(task: &Value, field: &str) -> Option<Date> {
    graph_wall(&task[field]).map(|(wall, _)| wall.date())
}

fn handle_of_task(task: &Task<'_>) -> Handle {
    let due = day(task.task, "dueDateTime").map(|date| date.to_string()).unwrap_or_default();
    Handle {
        keys: vec![task.id().to_owned()],
        fingerprint: format!("{} | {} | {due}", task.rep, squeeze(&task.title())),
        place: task.mailbox.to_owned(),
    }
}

fn handle_of_record(world: &CrmWorld, record: &Record) -> Handle {
    let due = crm_date(record.get("DueDate")).map(|date| date.to_string()).unwrap_or_default();
    let fingerprint = format!("{} | {} | {due}", record.get("RepID"), squeeze(record.get("Subject")));
    Handle { keys: world.keys_of(record, CONTENT_TYPE), fingerprint, place: String::new() }
}

fn differences(task: &Task<'_>, record: &Record) -> BTreeMap<String, (String, String)> {
    let text = |field: &str, default: &str| task.task[field].as_str().unwrap_or(default).to_owned();
    let date = |field: &str| day(task.task, field).map(|date| date.to_string()).unwrap_or_default();
    let crm_day = |field: &str| crm_date(record.get(field)).map(|date| date.to_string()).unwrap_or_default();
    let word = |field: &str, default: &str| {
        Some(record.get(field)).filter(|word| !word.is_empty()).unwrap_or(default).to_owned()
    };
    let mut fields = BTreeMap::new();
    let subject = (squeeze(&task.title()), squeeze(record.get("Subject")));
    if !same_line(&subject.0, &subject.1) {
        fields.insert("subject".to_owned(), subject);
    }
    if !same_text(&task.task["body"], record.get("Text")) {
        fields.insert(
            "text".to_owned(),
            (squeeze(task.task["body"]["content"].as_str().unwrap_or_default()), squeeze(record.get("Text"))),
        );
    }
    let compared = [
        ("status", text("status", "notStarted"), word("Status", "notStarted")),
        ("importance", text("importance", "normal"), word("Priority", "normal")),
        ("start", date("startDateTime"), crm_day("StartDate")),
        ("due", date("dueDateTime"), crm_day("DueDate")),
        ("completed", date("completedDateTime"), crm_day("CompletedDate")),
        ("rep", task.rep.to_owned(), record.get("RepID").to_owned()),
    ];
    fields.extend(
        compared
            .into_iter()
            .filter(|(_, m365, crm)| m365 != crm)
            .map(|(name, m365, crm)| (name.to_owned(), (m365, crm))),
    );
    fields
}
