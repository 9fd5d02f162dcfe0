//! Creating, changing, deleting, finding.

use crate::scripted::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tandem_graph::{Class, Place};
use tandem_model::*;

const PROPERTY: &str = "String {00020329-0000-0000-C000-000000000046} Name TandemKey";

fn event(subject: &str) -> Appointment {
    Appointment {
        subject: subject.into(),
        text: "Agenda".into(),
        location: "Room".into(),
        when: When::Timed {
            start: "2026-05-04T08:00:00Z".parse().unwrap(),
            end: "2026-05-04T09:00:00Z".parse().unwrap(),
            zone: Zone::new("Europe/Vienna"),
        },
        show_as: ShowAs::Busy,
        private: false,
        importance: Importance::Normal,
        reminder_minutes: None,
        categories: BTreeSet::new(),
        organizer: None,
        attendees: BTreeSet::from([
            Attendee { person: Person::new("Cy", "cy@x.y"), role: Role::Optional },
            Attendee { person: Person::new("Nobody", ""), role: Role::Required },
        ]),
        responses: BTreeMap::new(),
        series: None,
        additional: Default::default(),
    }
}

fn answer() -> Value {
    json!({
        "id": "e1", "@odata.etag": "W/\"2\"", "type": "singleInstance", "subject": "Visit",
        "start": {"dateTime": "2026-05-04T08:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-05-04T09:00:00.0000000", "timeZone": "UTC"},
    })
}

fn fields(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_new_event_carries_its_key_twice_and_attendees_only_when_they_shall_be_invited() {
    let (mailbox, script) = mailbox(|_| status(201, answer()));
    let item = Item::Appointment(event("Visit"));
    let made = mailbox.create(&item, "k-1", &Place::default()).await.unwrap();
    assert_eq!((made.id.as_str(), made.facts.key.as_deref()), ("e1", Some("k-1")));
    mailbox.create(&item, "k-2", &Place { invite: true, container: Some("cal".into()) }).await.unwrap();
    let sent = script.graph();
    assert_eq!(script.lines(), ["POST /events", "POST /calendars/cal/events"]);
    assert_eq!(sent[0].body["transactionId"], "k-1");
    assert_eq!(sent[0].body["singleValueExtendedProperties"], json!([{"id": PROPERTY, "value": "k-1"}]));
    assert_eq!(
        sent[0].body["start"],
        json!({"dateTime": "2026-05-04T10:00:00", "timeZone": "W. Europe Standard Time"})
    );
    assert!(sent[0].body.get("attendees").is_none());
    assert_eq!(
        sent[1].body["attendees"],
        json!([{"type": "optional", "emailAddress": {"address": "cy@x.y", "name": "Cy"}}])
    );
}

#[tokio::test]
async fn an_event_that_was_made_before_is_found_by_its_key() {
    for code in [400, 409] {
        let (mailbox, script) = mailbox(move |sent| match (sent.method.as_str(), sent.path.as_str()) {
            ("POST", _) => refusal(code, "ErrorDuplicateTransactionId"),
            ("GET", "/v1.0/users/ann/events") => ok(json!({"value": [
                {"id": "later", "createdDateTime": "2026-05-02T00:00:00Z", "singleValueExtendedProperties": [{"id": PROPERTY, "value": "k'1"}]},
                {"id": "other", "createdDateTime": "2026-04-01T00:00:00Z", "singleValueExtendedProperties": [{"id": PROPERTY, "value": "K'1"}]},
                {"id": "e1", "createdDateTime": "2026-05-01T00:00:00Z", "singleValueExtendedProperties": [{"id": PROPERTY, "value": "k'1"}]},
            ]})),
            ("GET", "/v1.0/users/ann/events/e1") => ok(answer()),
            other => panic!("{other:?}"),
        });
        let made =
            mailbox.create(&Item::Appointment(event("Visit")), "k'1", &Place::default()).await.unwrap();
        assert_eq!((made.id.as_str(), made.facts.key.as_deref()), ("e1", Some("k'1")));
        assert_eq!(
            script.graph()[1].query["$filter"],
            format!("singleValueExtendedProperties/Any(ep: ep/id eq '{PROPERTY}' and ep/value eq 'k''1')")
        );
    }
}

#[tokio::test]
async fn a_task_carries_its_key_in_an_extension_and_is_found_by_it() {
    let (mailbox, script) = mailbox(|sent| {
        let task = |id: &str, key: &str| {
            json!({"id": id, "title": "Call", "createdDateTime": "2026-05-01T00:00:00Z",
                   "extensions": [{"id": "microsoft.graph.openTypeExtension.net.tandem.link", "key": key}]})
        };
        match (sent.method.as_str(), sent.path.strip_prefix("/v1.0/users/ann/todo/lists").unwrap()) {
            ("GET", "") => ok(json!({"value": [
                {"id": "D", "displayName": "Tasks", "wellknownListName": "defaultList"}, {"id": "P", "displayName": "P"}]})),
            ("POST", "/D/tasks") => {
                status(201, json!({"id": "t1", "@odata.etag": "W/\"1\"", "title": "Call"}))
            }
            ("GET", "/D/tasks") => ok(json!({"value": [task("t0", "k0")]})),
            ("GET", "/P/tasks") => ok(json!({"value": [task("t1", "k1")]})),
            ("GET", "/P/tasks/t1") => ok(task("t1", "k1")),
            other => panic!("{other:?}"),
        }
    });
    let task = Item::Task(Task {
        subject: "Call".into(),
        text: String::new(),
        status: TaskStatus::NotStarted,
        importance: Importance::Normal,
        start: None,
        due: Some("2026-05-04".parse().unwrap()),
        completed: None,
        reminder: None,
        categories: BTreeSet::new(),
    });
    let made = mailbox.create(&task, "k1", &Place::default()).await.unwrap();
    assert_eq!((made.facts.folder.as_deref(), made.facts.key.as_deref()), (Some("D"), Some("k1")));
    let sent = script.graph().into_iter().find(|sent| sent.method == "POST").unwrap().body;
    assert_eq!(sent["dueDateTime"], json!({"dateTime": "2026-05-04T00:00:00", "timeZone": "UTC"}));
    assert_eq!(
        sent["extensions"],
        json!([{"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "net.tandem.link", "key": "k1"}])
    );
    mailbox.create(&task, "k2", &Place::default()).await.unwrap();
    assert_eq!(script.graph().len(), 3, "the default list is looked up once");
    let found = mailbox.find_by_key(Kind::Task, "k1").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.facts.folder.as_deref()), ("t1", Some("P")));
    assert_eq!(mailbox.find_by_key(Kind::Task, "k9").await.unwrap(), None);
}

#[tokio::test]
async fn a_tenant_that_refuses_extensions_gets_tasks_without() {
    let (mailbox, script) = mailbox(|sent| match sent.body.get("extensions") {
        Some(_) => refusal(400, "ErrorInvalidProperty"),
        None => status(201, json!({"id": "t1", "title": "Call"})),
    });
    let task = Item::Task(Task {
        subject: "Call".into(),
        text: String::new(),
        status: TaskStatus::NotStarted,
        importance: Importance::Normal,
        start: None,
        due: None,
        completed: None,
        reminder: None,
        categories: BTreeSet::new(),
    });
    let place = Place { container: Some("D".into()), invite: false };
    for requests in [2, 3] {
        let made = mailbox.create(&task, "k1", &place).await.unwrap();
        assert_eq!((made.facts.key, script.graph().len()), (None, requests));
    }
}

#[tokio::test]
async fn nothing_to_write_still_checks_the_version() {
    let (mailbox, script) = mailbox(|_| ok(answer()));
    let item = Item::Appointment(event("Visit"));
    let passive = fields(&["responses"]);
    mailbox.update(&"e1".into(), Some(&"W/\"2\"".into()), &item, None, &passive, None).await.unwrap();
    let error =
        mailbox.update(&"e1".into(), Some(&"W/\"1\"".into()), &item, None, &passive, None).await.unwrap_err();
    assert_eq!(error.class(), Class::Changed);
    assert_eq!(script.graph().len(), 2);
}

#[tokio::test]
async fn an_update_writes_the_named_fields_under_the_etag() {
    let (mailbox, script) = mailbox(|sent| {
        assert_eq!(sent.headers["if-match"], "W/\"1\"");
        ok(
            json!({"id": "c1", "@odata.etag": "W/\"2\"", "givenName": "Ann", "surname": "Lee", "jobTitle": "CEO"}),
        )
    });
    let contact = Contact {
        given_name: "Ann".into(),
        surname: "Lee".into(),
        job_title: "CEO".into(),
        ..Contact::default()
    };
    let updated = mailbox
        .update(
            &"c1".into(),
            Some(&"W/\"1\"".into()),
            &Item::Contact(contact.clone()),
            None,
            &fields(&["job_title"]),
            None,
        )
        .await
        .unwrap();
    assert_eq!((updated.etag.as_str(), updated.item), ("W/\"2\"", Item::Contact(contact)));
    assert_eq!(script.graph()[0].body, json!({"displayName": "Ann Lee", "jobTitle": "CEO"}));
    assert_eq!(script.lines(), ["PATCH /contacts/c1"]);
}

#[tokio::test]
async fn whoever_is_added_is_told_alone_whatever_the_owner_changes_for_himself() {
    let (mailbox, script) = mailbox(|_| status(200, answer()));
    let (id, etag) = (GraphId::new("e1"), Etag::new("W/\"1\""));
    let item = Item::Appointment(event("Visit"));
    let written = fields(&["attendees", "categories", "show_as"]);
    mailbox.update(&id, Some(&etag), &item, None, &written, None).await.unwrap();
    let sent = script.graph();
    assert_eq!(script.lines(), ["PATCH /events/e1", "PATCH /events/e1"]);
    assert_eq!(sent[0].body, json!({"categories": [], "showAs": "busy"}));
    let names: Vec<_> = sent[1].body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["attendees"]);
    let tags: Vec<_> = sent.iter().map(|sent| sent.headers["if-match"].as_str()).collect();
    assert_eq!(tags, ["W/\"1\"", "W/\"2\""], "the second relies on the first");

    mailbox.update(&id, None, &item, None, &fields(&["attendees", "subject"]), None).await.unwrap();
    assert_eq!(script.graph().len(), 3, "what all are told goes along");
}

#[tokio::test]
async fn a_concurrent_change_is_reported_as_such() {
    let (mailbox, _) = mailbox(|_| refusal(412, "ErrorIrresolvableConflict"));
    let item = Item::Contact(Contact::default());
    let error = mailbox
        .update(&"c1".into(), Some(&"W/\"1\"".into()), &item, None, &fields(&["notes"]), None)
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Changed);
}

#[tokio::test]
async fn fields_are_cleared() {
    let (mailbox, script) =
        mailbox(|sent| if sent.path.contains("/todo/") { ok(json!({"id": "t"})) } else { ok(answer()) });
    let task = Item::Task(Task {
        subject: String::new(),
        text: String::new(),
        status: TaskStatus::InProgress,
        importance: Importance::Normal,
        start: None,
        due: None,
        completed: None,
        reminder: None,
        categories: BTreeSet::new(),
    });
    let all = fields(&["due", "reminder", "completed", "status", "categories"]);
    mailbox.update(&"t".into(), None, &task, None, &all, Some("L")).await.unwrap();
    assert_eq!(
        script.graph()[0].body,
        json!({"dueDateTime": null, "isReminderOn": false, "reminderDateTime": null, "status": "inProgress", "categories": []})
    );
    let mut appointment = event("Visit");
    appointment.attendees.clear();
    let cleared = fields(&["reminder_minutes", "attendees", "private", "responses", "organizer"]);
    mailbox.update(&"e1".into(), None, &Item::Appointment(appointment), None, &cleared, None).await.unwrap();
    assert_eq!(
        script.graph()[1].body,
        json!({"isReminderOn": false, "attendees": [], "sensitivity": "normal"})
    );
}

#[tokio::test]
async fn what_only_others_may_write_is_not_sent() {
    let (mailbox, script) = mailbox(|_| ok(answer()));
    let item = Item::Appointment(event("Visit"));
    mailbox
        .update(&"e1".into(), None, &item, None, &fields(&["responses", "organizer"]), None)
        .await
        .unwrap();
    assert_eq!(script.lines(), ["GET /events/e1"]);
}

#[tokio::test]
async fn the_join_block_of_an_online_meeting_stays() {
    let rule = "_".repeat(80);
    let html = format!(
        "<html><body>Old<br><div>{rule}</div><div>Join: <a href=\"https://teams.example/l\">here</a></div></body></html>"
    );
    let (mailbox, script) = mailbox(move |sent| match sent.method.as_str() {
        "GET" => ok(json!({"isOnlineMeeting": true, "body": {"contentType": "html", "content": html}})),
        _ => ok(answer()),
    });
    let mut appointment = event("Visit");
    appointment.text = format!("New <plan>\n\n{rule}\nJoin: here");
    mailbox
        .update(&"e1".into(), None, &Item::Appointment(appointment), None, &fields(&["text"]), None)
        .await
        .unwrap();
    let body = script.graph()[1].body["body"].clone();
    assert_eq!(body["contentType"], "html");
    assert_eq!(
        body["content"],
        format!(
            "<html><body><div>New &lt;plan&gt;</div><div>{rule}</div><div>Join: <a href=\"https://teams.example/l\">here</a></div></body></html>"
        )
    );
}

#[tokio::test]
async fn an_absence_is_an_out_of_office_event() {
    let (mailbox, script) = mailbox(|sent| {
        let mut event = sent.body.clone();
        event["id"] = json!("e1");
        status(201, event)
    });
    let absence = Item::Absence(Absence {
        subject: "Holiday".into(),
        text: String::new(),
        when: When::AllDay { start: "2026-07-01".parse().unwrap(), end: "2026-07-04".parse().unwrap() },
        show_as: ShowAs::Oof,
        additional: Default::default(),
    });
    let mailbox = mailbox.with_zone(Zone::new("America/New_York"));
    let made = mailbox.create(&absence, "k", &Place::default()).await.unwrap();
    assert_eq!(made.item, absence);
    let sent = &script.graph()[0].body;
    assert_eq!(
        (&sent["showAs"], &sent["isAllDay"], &sent["isReminderOn"]),
        (&json!("oof"), &json!(true), &json!(false))
    );
    assert_eq!(sent["end"], json!({"dateTime": "2026-07-04T00:00:00", "timeZone": "Eastern Standard Time"}));
}

#[tokio::test]
async fn what_is_gone_is_deleted() {
    let (mailbox, script) =
        mailbox(in_turn(vec![refusal(404, "ErrorItemNotFound"), status(204, Value::Null)]));
    mailbox.delete(Kind::Contact, &"c".into(), Some(&"W/\"1\"".into()), None).await.unwrap();
    mailbox.delete(Kind::Task, &"t".into(), None, Some("L")).await.unwrap();
    assert_eq!(script.lines(), ["DELETE /contacts/c", "DELETE /todo/lists/L/tasks/t"]);
    assert_eq!(script.graph()[0].headers["if-match"], "W/\"1\"");
}

#[tokio::test]
async fn messages_are_marked_and_never_written() {
    let (mailbox, script) = mailbox(|_| ok(json!({"id": "m"})));
    mailbox.set_message_property(&"m".into(), "mmSyncStatus", "failed").await.unwrap();
    assert_eq!(
        script.graph()[0].body,
        json!({"singleValueExtendedProperties": [
            {"id": "String {00020329-0000-0000-C000-000000000046} Name mmSyncStatus", "value": "failed"}]})
    );
    let moved = mailbox.move_messages(&[("m".into(), "done".into())]).await.unwrap();
    assert_eq!(moved[0].as_ref().unwrap().as_str(), "m");
    assert_eq!(script.lines()[1], "POST /messages/m/move", "a single move needs no batch");
    assert_eq!(mailbox.move_messages(&[]).await.unwrap().len(), 0);
    assert_eq!(script.graph().len(), 2);
}
