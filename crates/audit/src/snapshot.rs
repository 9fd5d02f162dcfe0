//! Both sides without ids and time stamps, so that two runs can be compared.

use crate::records::{CrmWorld, is_live, number};
use crate::when::graph_span;
use crate::{AuditError, ControlApi, CrmAccess, CrmSession, Record};
use serde_json::{Map, Value, json};

/// A dump of both sides that is equal for two runs that ended alike: sorted, without ids, etags and time stamps.
/// What is tied together by ids is nested or named instead.
pub async fn snapshot(control: &str, crm: CrmAccess) -> Result<Value, AuditError> {
    let control = ControlApi::new(control)?;
    let mut mailboxes = Map::new();
    for user in control.users().await? {
        let dump = control.dump(user["id"].as_str().unwrap_or_default()).await?;
        let address = user["mail"].as_str().unwrap_or_default().to_lowercase();
        mailboxes.insert(
            address,
            json!({
                "messages": sorted(dump.messages.iter().map(message)),
                "events": sorted(dump.events.iter().map(event)),
                "tasks": sorted(dump.tasks.iter().map(task)),
                "contacts": sorted(dump.contacts.iter().map(contact)),
            }),
        );
    }
    let world = CrmWorld::read(&CrmSession::new(crm)?).await?;
    Ok(json!({"m365": mailboxes, "crm": records(&world)}))
}

fn sorted(values: impl Iterator<Item = Value>) -> Value {
    let mut values: Vec<Value> = values.collect();
    values.sort_by_cached_key(Value::to_string);
    Value::Array(values)
}

/// Some fields of an item, those that hold something.
fn pick(value: &Value, fields: &[&str]) -> Map<String, Value> {
    fields
        .iter()
        .filter(|field| !value[**field].is_null())
        .map(|field| ((*field).to_owned(), value[*field].clone()))
        .collect()
}

fn message(message: &Value) -> Value {
    const FIELDS: [&str; 12] = [
        "internetMessageId",
        "folderPath",
        "subject",
        "from",
        "toRecipients",
        "ccRecipients",
        "bccRecipients",
        "sentDateTime",
        "isDraft",
        "importance",
        "categories",
        "body",
    ];
    let mut fields = pick(message, &FIELDS);
    if !message["meetingMessageType"].is_null() {
        // The service wrote it, with an id and a time of its own.
        fields.retain(|name, _| !matches!(name.as_str(), "internetMessageId" | "sentDateTime"));
    }
    let attachments = message["attachments"].as_array().into_iter().flatten();
    fields.insert(
        "attachments".to_owned(),
        sorted(attachments.map(|file| Value::Object(pick(file, &["name", "contentType", "size", "sha256"])))),
    );
    Value::Object(fields)
}

fn event(event: &Value) -> Value {
    const FIELDS: [&str; 14] = [
        "subject",
        "body",
        "location",
        "isAllDay",
        "showAs",
        "sensitivity",
        "importance",
        "isReminderOn",
        "reminderMinutesBeforeStart",
        "isCancelled",
        "organizer",
        "recurrence",
        "categories",
        "isOrganizer",
    ];
    let mut fields = pick(event, &FIELDS);
    fields.insert("when".to_owned(), json!(graph_span(event).map(|span| span.text())));
    let attendees = event["attendees"].as_array().into_iter().flatten();
    fields.insert(
        "attendees".to_owned(),
        sorted(attendees.map(|attendee| {
            json!([attendee["emailAddress"], attendee["type"], attendee["status"]["response"]])
        })),
    );
    let cancelled = event["cancelledOccurrences"].as_array().into_iter().flatten().filter_map(Value::as_str);
    fields.insert("cancelled".to_owned(), sorted(cancelled.map(|id| json!(id.rsplit('.').next()))));
    let exceptions = event["exceptionOccurrences"].as_array().into_iter().flatten();
    fields.insert(
        "exceptions".to_owned(),
        sorted(exceptions.map(|one| {
            json!([
                one["originalStart"],
                graph_span(one).map(|span| span.text()),
                one["subject"],
                one["location"],
                one["body"]
            ])
        })),
    );
    Value::Object(fields)
}

fn task(task: &Value) -> Value {
    const FIELDS: [&str; 9] = [
        "title",
        "body",
        "status",
        "importance",
        "startDateTime",
        "dueDateTime",
        "reminderDateTime",
        "categories",
        "listName",
    ];
    let mut fields = pick(task, &FIELDS);
    fields.insert("completed".to_owned(), json!(task["completedDateTime"].is_object()));
    Value::Object(fields)
}

fn contact(contact: &Value) -> Value {
    const FIELDS: [&str; 16] = [
        "displayName",
        "givenName",
        "surname",
        "title",
        "companyName",
        "jobTitle",
        "department",
        "emailAddresses",
        "businessPhones",
        "mobilePhone",
        "homePhones",
        "businessAddress",
        "homeAddress",
        "birthday",
        "personalNotes",
        "folderPath",
    ];
    Value::Object(pick(contact, &FIELDS))
}

/// Fields that number records or tell when something was written.
const NUMBERS: [&str; 22] = [
    "StatNo",
    "SeqNo",
    "CoGrp",
    "CoNo",
    "PeGrp",
    "PeNo",
    "ContactStatNo",
    "ContactSeqNo",
    "ParticipantID",
    "RecordID",
    "Document1",
    "Document2",
    "ProjectsStatNo",
    "ProjectsSeqNo",
    "OpportunityStatNo",
    "OpportunitySeqNo",
    "Stamp",
    "Modified",
    "Created",
    "UpdatedAt",
    "CreatedAt",
    "ChangedAt",
];

fn records(world: &CrmWorld) -> Value {
    let tables = [
        ("activities", &world.activities),
        ("tasks", &world.tasks),
        ("absences", &world.absences),
        ("persons", &world.persons),
        ("companies", &world.companies),
        ("reps", &world.reps),
    ];
    let tables = tables
        .into_iter()
        .map(|(name, records)| (name.to_owned(), sorted(records.iter().map(|record| tied(world, record)))));
    Value::Object(tables.collect())
}

/// A record with what belongs to it.
fn tied(world: &CrmWorld, record: &Record) -> Value {
    let mut fields = plain(record);
    if record.area == "MA" {
        fields.insert(
            "participants".to_owned(),
            sorted(world.participants_of(record).iter().map(|one| Value::Object(plain(one)))),
        );
        fields.insert(
            "documents".to_owned(),
            sorted(world.documents_of(record).iter().map(|one| Value::Object(plain(one)))),
        );
        let todos = world
            .todos
            .iter()
            .filter(|todo| is_live(todo) && crate::records::activity_number(todo) == number(record));
        fields.insert("todos".to_owned(), sorted(todos.map(|todo| Value::Object(plain(todo)))));
        if record.is("IsSerialContact") {
            let master = world
                .activities
                .iter()
                .find(|master| number(master) == crate::records::activity_number(record));
            fields.insert("master".to_owned(), json!(master.map(|master| master.get("Subject"))));
        }
    }
    // How many keys of which kind, not which: a key of a task or contact is an id.
    let keys = world.keys.get(&record.name()).into_iter().flatten();
    fields.insert("keys".to_owned(), sorted(keys.map(|key| json!(key.content_type))));
    Value::Object(fields)
}

fn plain(record: &Record) -> Map<String, Value> {
    let fields = record
        .fields
        .iter()
        .filter(|(name, value)| !NUMBERS.contains(&name.as_str()) && !value.is_empty() && *name != "content");
    fields.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()
}
