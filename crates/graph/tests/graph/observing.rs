//! Delta pages and single reads.

use crate::scripted::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_graph::{Change, Class, Collection, Next, Reading, Window};
use tandem_model::{Direction, EmailAddress, GraphId, Item, Kind, Person, When};

fn message() -> Value {
    json!({
        "@odata.etag": "W/\"CQ\"", "id": "m1", "internetMessageId": " <a@example.com> ", "subject": "Offer ",
        "from": {"emailAddress": {"name": "Ann", "address": "Ann@Example.com"}},
        "toRecipients": [{"emailAddress": {"name": "x@y.z", "address": "x@y.z"}}, {"emailAddress": {"name": "Team"}}],
        "ccRecipients": null, "sentDateTime": "2026-05-01T10:00:00Z", "receivedDateTime": "2026-05-01T10:00:05Z",
        "isDraft": false, "hasAttachments": true, "importance": "high", "categories": ["b", "a", ""],
        "parentFolderId": "f", "body": {"contentType": "text", "content": "Hello \r\n\r\nAnn\r\n"},
    })
}

fn delta_link() -> String {
    format!("{BASE}/v1.0/users/ann/x/delta?$deltatoken=d")
}

#[tokio::test]
async fn a_page_of_messages() {
    let link = format!("{BASE}/v1.0/users/ann/mailFolders('f')/messages/delta?$skiptoken=s");
    let next = link.clone();
    let (mailbox, script) = mailbox(in_turn(vec![
        ok(json!({"value": [message(), {"id": "m2", "@removed": {"reason": "deleted"}},
                            {"id": "m3", "@odata.etag": "W/\"3\"", "subject": "?", "body": {"content": ""}}],
                  "@odata.nextLink": next})),
        ok(json!({"value": [], "@odata.deltaLink": delta_link()})),
    ]));
    let mailbox = mailbox.with_addresses(BTreeSet::from([EmailAddress::new("ann@example.com")]));
    let collection = Collection::MailFolder("f/1".into());
    let page = mailbox.delta(&collection, None).await.unwrap();
    let Change::Present(remote) = &page.changes[0] else { panic!("{:?}", page.changes[0]) };
    let Item::Mail(mail) = &remote.item else { panic!() };
    assert_eq!(mail.message_id.as_str(), "<a@example.com>");
    assert_eq!(mail.direction, Direction::Out);
    assert_eq!(mail.to, [Person::new("", "x@y.z"), Person::new("Team", "")]);
    assert_eq!(mail.body.text, "Hello\n\nAnn");
    assert_eq!(mail.subject, "Offer");
    assert_eq!(mail.categories, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    assert_eq!((remote.etag.as_str(), remote.facts.folder.as_deref()), ("W/\"CQ\"", Some("f")));
    assert!(remote.facts.has_attachments);
    assert_eq!(page.changes[1], Change::Removed(GraphId::new("m2")));
    assert!(
        matches!(&page.changes[2], Change::Unreadable { reason, .. } if reason.contains("internetMessageId"))
    );
    assert_eq!(page.next, Next::More(link.clone()));

    let page = mailbox.delta(&collection, Some(&link)).await.unwrap();
    assert_eq!((page.changes, page.next), (vec![], Next::Done(delta_link())));
    let sent = script.graph();
    assert_eq!(sent[0].path, "/v1.0/users/ann/mailFolders/f/1/messages/delta");
    assert!(sent[0].url.contains("/mailFolders/f%2F1/"), "ids are encoded: {}", sent[0].url);
    assert!(
        sent[0].query["$select"].contains("internetMessageId") && sent[0].query["$select"].contains("body")
    );
    assert_eq!(sent[1].url, link);
    for sent in sent {
        assert_eq!(
            sent.headers["prefer"],
            "IdType=\"ImmutableId\", odata.maxpagesize=50, outlook.body-content-type=\"text\""
        );
    }
}

#[tokio::test]
async fn html_is_kept_where_it_is_wanted() {
    let html = json!({"contentType": "html", "content": "<p>a</p>\r\n"});
    let play = move |sent: &Sent| {
        assert!(!sent.headers["prefer"].contains("body-content-type"));
        let mut message = message();
        message["body"] = html.clone();
        ok(message)
    };
    let (mailbox, _) = mailbox(play);
    let mailbox = mailbox.with_reading(Reading { html: true });
    let read = mailbox.read(Kind::Mail, &GraphId::new("m1"), None).await.unwrap().unwrap();
    let Item::Mail(mail) = read.item else { panic!() };
    assert_eq!((mail.body.html, mail.body.text.as_str()), (true, "<p>a</p>"));
}

#[tokio::test]
async fn a_change_that_comes_without_the_message_is_fetched() {
    let (mailbox, script) = mailbox(|sent| match sent.path.as_str() {
        "/v1.0/users/ann/messages/m1" => ok(message()),
        "/v1.0/users/ann/messages/m2" => refusal(404, "ErrorItemNotFound"),
        _ => ok(
            json!({"value": [{"id": "m1", "isRead": true}, {"id": "m2", "isRead": true}], "@odata.deltaLink": delta_link()}),
        ),
    });
    let page = mailbox.delta(&Collection::MailFolder("f".into()), None).await.unwrap();
    assert!(matches!(&page.changes[0], Change::Present(remote) if remote.id.as_str() == "m1"));
    assert_eq!(page.changes[1], Change::Removed(GraphId::new("m2")));
    assert_eq!(script.graph().len(), 3);
}

#[tokio::test]
async fn a_calendar_page_tells_events_from_parts_of_series() {
    let (mailbox, script) = mailbox(|_| {
        ok(json!({"value": [
            {"id": "e1", "@odata.etag": "W/\"1\"", "type": "singleInstance", "subject": "Visit", "iCalUId": "U1",
             "start": {"dateTime": "2026-05-04T08:00:00.0000000", "timeZone": "UTC"},
             "end": {"dateTime": "2026-05-04T09:00:00.0000000", "timeZone": "UTC"},
             "originalStartTimeZone": "W. Europe Standard Time", "isOrganizer": false, "showAs": "unknown",
             "organizer": {"emailAddress": {"name": "Bob", "address": "bob@x.y"}},
             "responseStatus": {"response": "tentativelyAccepted"},
             "attendees": [
                {"type": "required", "status": {"response": "organizer"}, "emailAddress": {"name": "Bob", "address": "BOB@x.y"}},
                {"type": "optional", "status": {"response": "declined"}, "emailAddress": {"name": "Cy", "address": "cy@x.y"}},
                {"type": "resource", "status": {"response": "none"}, "emailAddress": {"name": "Room 5"}}]},
            {"id": "o1", "type": "occurrence", "seriesMasterId": "s1", "start": null},
            {"id": "x1", "type": "exception", "seriesMasterId": "s1", "subject": "moved"},
            {"id": "s1", "type": "seriesMaster", "recurrence": {"pattern": {}, "range": {}}},
            {"id": "bad", "@odata.etag": "W/\"9\"", "type": "singleInstance"},
            {"id": "gone", "@removed": {"reason": "deleted"}},
        ], "@odata.deltaLink": delta_link()}))
    });
    let window =
        Window { from: "2026-05-01T00:00:00Z".parse().unwrap(), to: "2026-06-01T00:00:00Z".parse().unwrap() };
    let page = mailbox.delta(&Collection::Calendar(window), None).await.unwrap();
    let Change::Present(remote) = &page.changes[0] else { panic!("{:?}", page.changes[0]) };
    let Item::Appointment(event) = &remote.item else { panic!() };
    assert!(matches!(&event.when, When::Timed { zone, .. } if zone.as_str() == "Europe/Berlin"));
    let people: Vec<_> =
        event.attendees.iter().map(|a| (a.person.name.as_str(), a.person.address.as_str())).collect();
    assert_eq!(people, [("Cy", "cy@x.y"), ("Room 5", "")]);
    assert_eq!(format!("{:?}", event.responses), r#"{EmailAddress("cy@x.y"): Declined}"#);
    // In the copy of somebody invited, `responseStatus` is what knows the owner's answer.
    let own = mailbox.clone().with_addresses(BTreeSet::from([EmailAddress::new("cy@x.y")]));
    let page_of_cy = own.delta(&Collection::Calendar(window), None).await.unwrap();
    let Change::Present(copy) = &page_of_cy.changes[0] else { panic!() };
    let Item::Appointment(copy) = &copy.item else { panic!() };
    assert_eq!(copy.responses[&EmailAddress::new("cy@x.y")], tandem_model::Response::Tentative);
    assert_eq!(remote.facts.own_response, tandem_model::Response::Tentative);
    assert!(!remote.facts.is_organizer);
    let part = |master: &str, id: &str| Change::Occurrence { master: master.into(), id: id.into() };
    assert_eq!(page.changes[1..4], [part("s1", "o1"), part("s1", "x1"), part("s1", "s1")]);
    assert!(
        matches!(&page.changes[4], Change::Unreadable { etag: Some(etag), .. } if etag.as_str() == "W/\"9\"")
    );
    assert_eq!(page.changes[5], Change::Removed(GraphId::new("gone")));
    let sent = &script.graph()[0];
    assert_eq!(sent.query["startDateTime"], "2026-05-01T00:00:00Z");
    assert!(!sent.query.contains_key("$select"), "a calendar's delta does not take it");
}

#[tokio::test]
async fn tasks_and_contacts() {
    let (mailbox, _) = mailbox(|sent| {
        let task = json!({
            "id": "t1", "@odata.etag": "W/\"1\"", "title": "Call", "status": "completed", "importance": "low",
            "body": {"contentType": "html", "content": "<html><body>line<br>two</body></html>"},
            "dueDateTime": {"dateTime": "2026-05-04T22:00:00.0000000", "timeZone": "UTC"},
            "completedDateTime": {"dateTime": "2026-05-03T00:00:00.0000000", "timeZone": "W. Europe Standard Time"},
            "isReminderOn": false, "reminderDateTime": {"dateTime": "2026-05-04T08:00:00", "timeZone": "UTC"},
        });
        let contact = json!({
            "id": "c1", "changeKey": "EQ", "givenName": " Ann ", "emailAddresses": [{"name": "A", "address": "A@x.y"}, {"name": "none"}],
            "businessPhones": ["+43 1", ""], "homeAddress": {}, "birthday": "1980-04-30T22:00:00Z", "personalNotes": "a\r\nb\r\n",
        });
        let value = if sent.path.contains("/todo/lists/L/tasks/delta") { task } else { contact };
        ok(json!({"value": [value], "@odata.deltaLink": delta_link()}))
    });
    let page = mailbox.delta(&Collection::TaskList("L".into()), None).await.unwrap();
    let Change::Present(remote) = &page.changes[0] else { panic!() };
    let Item::Task(task) = &remote.item else { panic!() };
    assert_eq!(task.due.unwrap().to_string(), "2026-05-04", "the day in the zone that is given");
    assert_eq!(task.completed.unwrap().to_string(), "2026-05-03");
    assert_eq!((task.text.as_str(), task.reminder), ("line\ntwo", None));
    assert_eq!(remote.facts.folder.as_deref(), Some("L"));

    let page = mailbox.delta(&Collection::ContactFolder("F".into()), None).await.unwrap();
    let Change::Present(remote) = &page.changes[0] else { panic!() };
    let Item::Contact(contact) = &remote.item else { panic!() };
    assert_eq!((contact.given_name.as_str(), contact.notes.as_str()), ("Ann", "a\nb"));
    assert_eq!(contact.emails, [EmailAddress::new("a@x.y")]);
    assert_eq!(contact.business_phones, ["+43 1"]);
    assert_eq!(contact.birthday.unwrap().to_string(), "1980-05-01", "midnight in Vienna");
    assert_eq!(remote.etag.as_str(), "W/\"EQ\"");
}

#[tokio::test]
async fn a_forgotten_position_asks_for_a_resync() {
    for answer in [refusal(410, "SyncStateNotFound"), refusal(400, "syncStateInvalid"), refusal(410, "")] {
        let (mailbox, _) = mailbox(move |_| answer.clone());
        let error = mailbox.delta(&Collection::TaskList("L".into()), Some(&delta_link())).await.unwrap_err();
        assert_eq!(error.class(), Class::Resync, "{error}");
    }
}

#[tokio::test]
async fn positions_and_links_of_other_hosts_are_refused() {
    let (mailbox, script) =
        mailbox(|_| ok(json!({"value": [], "@odata.deltaLink": "https://evil.example/d"})));
    let list = Collection::TaskList("L".into());
    let error = mailbox.delta(&list, Some("https://evil.example/v1.0/x")).await.unwrap_err();
    assert_eq!((error.class(), script.graph().len()), (Class::Fatal, 0));
    let error = mailbox.delta(&list, None).await.unwrap_err();
    assert_eq!(error.class(), Class::Fatal, "it would become the next position");
}

#[tokio::test]
async fn refusals_name_mailbox_code_and_request() {
    let (mailbox, _) = mailbox(|_| refusal(403, "ErrorAccessDenied"));
    let error = mailbox.read(Kind::Mail, &GraphId::new("m9"), None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "reading mail m9 in mailbox ann: Microsoft Graph answers 403 ErrorAccessDenied: no (request-id req-1). Check \
         the application permissions, the admin consent and any access policy of the mailbox; changes take up to two \
         hours to act"
    );
}
