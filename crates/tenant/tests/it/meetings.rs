//! Meetings: what reaches whom, and which mails leave.

use crate::calendar::event;
use crate::support::{Site, empty, text, with};
use serde_json::{Value, json};
use tandem_tenant::{Behaviour, Options, SeedUsers, TenantSettings};

fn with_attendees(mut body: Value, addresses: &[&str]) -> Value {
    body["attendees"] = addresses
        .iter()
        .map(|address| json!({"type": "required", "emailAddress": {"address": address, "name": address}}))
        .collect();
    body
}

fn meeting(addresses: &[&str]) -> Value {
    with_attendees(event("Plan", "2026-10-19T10:00:00", "2026-10-19T11:00:00"), addresses)
}

async fn kinds(site: &Site) -> Vec<String> {
    let mails = site.control("GET", "/mails", None).await.expect(200);
    let shown = |mail: &Value| {
        let to: Vec<&str> = mail["to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap()).collect();
        let to: Vec<&str> = to.iter().map(|to| to.split('@').next().unwrap()).collect();
        format!("{} {}", text(mail, "kind"), to.join("+"))
    };
    mails.as_array().unwrap().iter().map(shown).collect()
}

async fn only_event(site: &Site, user: &str) -> Value {
    let dump = site.dump(user).await;
    assert_eq!(dump["events"].as_array().unwrap().len(), 1, "{}", dump["events"]);
    dump["events"][0].clone()
}

#[tokio::test]
async fn an_invitation_arrives_and_its_answer_returns() {
    let site = empty().await;
    let (ada, bob) = (site.user("ada").await, site.user("bob").await);
    let events = format!("/users/{ada}/events");
    let made = site.immutable("POST", &events, Some(meeting(&[&bob, "x@out.example"]))).await.expect(201);
    assert_eq!(made["responseStatus"]["response"], "organizer");
    let copy = only_event(&site, &bob).await;
    assert_eq!(copy["iCalUId"], made["iCalUId"]);
    assert_ne!(copy["id"], made["id"]);
    assert_eq!((copy["isOrganizer"].as_bool(), copy["showAs"].as_str()), (Some(false), Some("tentative")));
    assert_eq!(copy["responseStatus"]["response"], "notResponded");
    assert_eq!(copy["organizer"]["emailAddress"]["address"], ada.as_str());
    let answer = format!("/users/{bob}/events/{}", text(&copy, "id"));
    site.post(&format!("{answer}/accept"), json!({"sendResponse": false})).await.expect(202);
    let status = |event: &Value| event["attendees"][0]["status"]["response"].as_str().unwrap().to_owned();
    assert_eq!(status(&only_event(&site, &ada).await), "none", "not sent, not known");
    site.post(&format!("{answer}/tentativelyAccept"), json!({"comment": "perhaps"})).await.expect(202);
    assert_eq!(status(&only_event(&site, &ada).await), "tentativelyAccepted");
    let own = site.post(&format!("/users/{ada}/events/{}/accept", text(&made, "id")), json!({})).await;
    assert_eq!(own.code(400), "ErrorInvalidRequest");
    assert_eq!(kinds(&site).await, ["invitation bob+x", "response ada"]);
    assert_eq!(site.control("GET", "/stats", None).await.expect(200)["mails_sent"], 1);
    site.stop().await;
}

#[tokio::test]
async fn the_organisers_changes_reach_the_copies_and_an_attendees_do_not() {
    let site = empty().await;
    let (ada, bob, cem) = (site.user("ada").await, site.user("bob").await, site.user("cem").await);
    let made =
        site.immutable("POST", &format!("/users/{ada}/events"), Some(meeting(&[&bob]))).await.expect(201);
    let path = format!("/users/{ada}/events/{}", text(&made, "id"));
    let copy = format!("/users/{bob}/events/{}", text(&only_event(&site, &bob).await, "id"));
    let personal = json!({"categories": ["Mine"], "subject": "My own name for it"});
    site.patch(&copy, personal).await.expect(200);
    assert_eq!(only_event(&site, &ada).await["subject"], "Plan");
    site.post(&format!("{copy}/accept"), json!({})).await.expect(202);
    site.patch(&path, json!({"location": {"displayName": "Room 2"}})).await.expect(200);
    let seen = only_event(&site, &bob).await;
    assert_eq!(
        (seen["subject"].as_str(), seen["location"]["displayName"].as_str()),
        (Some("Plan"), Some("Room 2"))
    );
    assert_eq!(seen["categories"], json!(["Mine"]));
    assert_eq!(seen["responseStatus"]["response"], "accepted", "a new room asks for no new answer");
    let moved = json!({"start": {"dateTime": "2026-10-20T10:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-10-20T11:00:00", "timeZone": "UTC"}});
    site.patch(&path, moved).await.expect(200);
    assert_eq!(only_event(&site, &bob).await["responseStatus"]["response"], "notResponded");
    assert_eq!(only_event(&site, &ada).await["attendees"][0]["status"]["response"], "none");
    // Nothing but the attendees: only those whom it concerns get mail.
    let others = with_attendees(json!({}), &[&cem]);
    site.patch(&path, others).await.expect(200);
    assert_eq!(only_event(&site, &bob).await["isCancelled"], true);
    assert_eq!(only_event(&site, &cem).await["isCancelled"], false);
    site.delete(&path).await.expect(204);
    let called_off = only_event(&site, &cem).await;
    assert_eq!(
        (called_off["isCancelled"].as_bool(), called_off["subject"].as_str()),
        (Some(true), Some("Canceled: Plan"))
    );
    let expected = [
        "invitation bob",
        "response ada",
        "update bob",
        "update bob",
        "invitation cem",
        "cancellation bob",
        "cancellation cem",
    ];
    assert_eq!(kinds(&site).await, expected);
    site.stop().await;
}

#[tokio::test]
async fn occurrences_are_moved_deleted_and_answered_one_by_one() {
    let site = empty().await;
    let (ada, bob) = (site.user("ada").await, site.user("bob").await);
    let mut body = meeting(&[&bob]);
    body["recurrence"] = json!({"pattern": {"type": "daily", "interval": 2},
        "range": {"type": "numbered", "startDate": "2026-10-19", "numberOfOccurrences": 4}});
    let master = site.immutable("POST", &format!("/users/{ada}/events"), Some(body)).await.expect(201);
    let window = "instances?startDateTime=2026-01-01&endDateTime=2027-01-01";
    let list = site.all(&format!("/users/{ada}/events/{}/{window}", text(&master, "id"))).await;
    let one = |number: usize| format!("/users/{ada}/events/{}", text(&list[number], "id"));
    site.patch(&one(1), json!({"subject": "Special"})).await.expect(200);
    site.delete(&one(2)).await.expect(204);
    let copy = only_event(&site, &bob).await;
    assert_eq!(copy["exceptionOccurrences"][0]["subject"], "Special");
    assert_eq!(copy["cancelledOccurrences"].as_array().unwrap().len(), 1);
    let answered = text(&copy["exceptionOccurrences"][0], "id");
    let respond = format!("/users/{bob}/events/{answered}/respond");
    site.control("POST", &respond, Some(json!({"response": "declined"}))).await.expect(200);
    let original = only_event(&site, &ada).await;
    assert_eq!(original["attendees"][0]["status"]["response"], "none");
    let exception = &original["exceptionOccurrences"][0];
    assert_eq!(exception["attendees"][0]["status"]["response"], "declined");
    site.patch(&format!("/users/{ada}/events/{}", text(&master, "id")), json!({"body": {"content": "new"}}))
        .await
        .expect(200);
    let expected =
        ["invitation bob", "update bob", "cancellation bob", "response ada", "update bob", "update bob"];
    assert_eq!(kinds(&site).await, expected, "a series with an exception is mailed twice");
    site.stop().await;
}

#[tokio::test]
async fn what_lies_in_deleted_items_comes_back_under_its_id_unless_it_was_called_off() {
    let site = empty().await;
    let (ada, bob) = (site.user("ada").await, site.user("bob").await);
    site.immutable("POST", &format!("/users/{ada}/events"), Some(meeting(&[&bob]))).await.expect(201);
    for (user, status) in [(&bob, 200), (&ada, 400)] {
        let event = only_event(&site, user).await;
        let path = format!("/users/{user}/events/{}", text(&event, "id"));
        site.control("DELETE", &path, None).await.expect(204);
        let restore = format!("{path}/restore");
        let answer = site.control("POST", &restore, None).await.expect(status);
        if status == 200 {
            assert_eq!(answer["id"], event["id"]);
            assert_eq!(only_event(&site, user).await["iCalUId"], event["iCalUId"]);
            site.control("POST", &restore, None).await.expect(404);
        }
    }
    let contact = json!({"givenName": "Eva", "surname": "Kern"});
    let contact = site.control("POST", &format!("/users/{bob}/contacts"), Some(contact)).await.expect(201);
    let path = format!("/users/{bob}/contacts/{}", text(&contact, "id"));
    site.control("DELETE", &path, None).await.expect(204);
    let back = site.control("POST", &format!("{path}/restore"), None).await.expect(200);
    assert_eq!((&back["id"], &back["surname"]), (&contact["id"], &json!("Kern")));
    site.stop().await;
}

#[tokio::test]
async fn an_invitation_from_outside_arrives_by_the_control_api() {
    let site = empty().await;
    let (bob, cem) = (site.user("bob").await, site.user("cem").await);
    let mut body = meeting(&[&bob, &cem]);
    body["organizer"] = json!({"emailAddress": {"name": "Out", "address": "boss@out.example"}});
    body["iCalUId"] = json!("outside-1");
    for user in [&bob, &cem] {
        site.control("POST", &format!("/users/{user}/events"), Some(body.clone())).await.expect(201);
    }
    assert_eq!(only_event(&site, &cem).await["iCalUId"], "outside-1");
    let copy = only_event(&site, &bob).await;
    assert_eq!((copy["iCalUId"].as_str(), copy["isOrganizer"].as_bool()), (Some("outside-1"), Some(false)));
    let path = format!("/users/{bob}/events/{}", text(&copy, "id"));
    assert_eq!(site.post(&format!("{path}/cancel"), json!({})).await.code(400), "ErrorInvalidRequest");
    site.delete(&path).await.expect(204);
    assert!(kinds(&site).await.is_empty(), "deleting an invitation tells nobody");
    site.stop().await;
}

#[tokio::test]
async fn whether_personal_changes_are_mailed_is_a_switch() {
    for (mails, expected) in [(true, 2), (false, 1)] {
        let behaviour = Behaviour { personal_changes_mail: mails, ..Behaviour::default() };
        let settings = TenantSettings { behaviour, ..TenantSettings::default() };
        let site = with(Options { users: SeedUsers::None, settings, ..Options::default() }).await;
        let ada = site.user("ada").await;
        let events = format!("/users/{ada}/events");
        let made = site.immutable("POST", &events, Some(meeting(&["x@out.example"]))).await.expect(201);
        let path = format!("/users/{ada}/events/{}", text(&made, "id"));
        site.patch(&path, json!({"categories": ["CRM"]})).await.expect(200);
        assert_eq!(kinds(&site).await.len(), expected);
        site.stop().await;
    }
}
