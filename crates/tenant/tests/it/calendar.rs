//! Events and views, without other people.

mod calendars;
mod direct;
mod event_messages;
mod recurrence;
mod replay;
mod replica;

use crate::support::{Site, empty, text};
use direct::Direct;
use serde_json::{Value, json};
use tandem_tenant::{Behaviour, RepeatedTransaction, TenantSettings};

pub fn event(subject: &str, start: &str, end: &str) -> Value {
    json!({"subject": subject, "start": {"dateTime": start, "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": end, "timeZone": "Europe/Vienna"}})
}

async fn made(site: &Site, user: &str, body: Value) -> Value {
    site.immutable("POST", &format!("/users/{user}/events"), Some(body)).await.expect(201)
}

#[tokio::test]
async fn times_are_told_in_utc_or_in_the_zone_that_is_asked_for() {
    let site = empty().await;
    let user = site.user("ada").await;
    let event = made(&site, &user, event("One", "2026-07-01T10:00:00", "2026-07-01T11:30:00")).await;
    assert_eq!(event["start"], json!({"dateTime": "2026-07-01T08:00:00.0000000", "timeZone": "UTC"}));
    assert_eq!(event["originalStartTimeZone"], "W. Europe Standard Time");
    assert_eq!(event["type"], "singleInstance");
    assert_eq!(event["showAs"], "busy");
    let path = format!("/users/{user}/events/{}", text(&event, "id"));
    let there =
        site.send("GET", &path, &[("prefer", "outlook.timezone=\"Eastern Standard Time\"")], None).await;
    assert_eq!(
        there.expect(200)["start"],
        json!({"dateTime": "2026-07-01T04:00:00.0000000", "timeZone": "Eastern Standard Time"})
    );
    let nowhere = site.send("GET", &path, &[("prefer", "outlook.timezone=\"Nowhere\"")], None).await;
    assert_eq!(nowhere.code(400), "TimeZoneNotSupportedException");
    let bad = json!({"subject": "x", "start": {"dateTime": "2026-07-01T10:00:00", "timeZone": "Mars"}, "end": {"dateTime": "2026-07-01T10:00:00"}});
    assert_eq!(site.post(&format!("/users/{user}/events"), bad).await.code(400), "RequestBodyRead");
    let missing = site.post(&format!("/users/{user}/events"), json!({"subject": "x"})).await;
    assert!(text(&missing.json()["error"], "message").contains("'start'"));
    site.stop().await;
}

#[tokio::test]
async fn all_day_events_are_at_midnight_everywhere() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut fair = event("Fair", "2026-07-01T00:00:00", "2026-07-03T00:00:00");
    fair["isAllDay"] = json!(true);
    let fair = made(&site, &user, fair).await;
    assert_eq!(fair["start"]["dateTime"], "2026-07-01T00:00:00.0000000");
    let path = format!("/users/{user}/events/{}", text(&fair, "id"));
    let there =
        site.send("GET", &path, &[("prefer", "outlook.timezone=\"Asia/Tokyo\"")], None).await.expect(200);
    assert_eq!(there["end"], json!({"dateTime": "2026-07-03T00:00:00.0000000", "timeZone": "Asia/Tokyo"}));
    let mut half = event("Half", "2026-07-01T12:00:00", "2026-07-02T00:00:00");
    half["isAllDay"] = json!(true);
    site.post(&format!("/users/{user}/events"), half).await.expect(400);
    let backwards = event("Back", "2026-07-01T12:00:00", "2026-07-01T11:00:00");
    let answer = site.post(&format!("/users/{user}/events"), backwards).await;
    assert_eq!(answer.code(400), "ErrorCalendarEndDateIsEarlierThanStartDate");
    site.stop().await;
}

#[tokio::test]
async fn a_repeated_creation_answers_the_first_event() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut body = event("Once", "2026-07-01T10:00:00", "2026-07-01T11:00:00");
    body["transactionId"] = json!("t-1");
    let (first, second) = (made(&site, &user, body.clone()).await, made(&site, &user, body).await);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(site.all(&format!("/users/{user}/events")).await.len(), 1);
    site.stop().await;
}

#[test]
fn a_repeated_creation_is_answered_in_three_ways() {
    for (repeated, status) in [
        (RepeatedTransaction::SameEvent, 201),
        (RepeatedTransaction::BadRequest, 400),
        (RepeatedTransaction::Conflict, 409),
    ] {
        let behaviour = Behaviour { repeated_transaction: repeated, ..Behaviour::default() };
        let mut site = Direct::new(TenantSettings { behaviour, ..TenantSettings::default() });
        let user = site.user("ada");
        let mut body = event("Once", "2026-07-01T10:00:00", "2026-07-01T11:00:00");
        body["transactionId"] = json!("t-1");
        let path = format!("/users/{user}/events");
        let first = site.post(&path, &body).expect(201);
        let second = site.post(&path, &body).expect(status);
        match status {
            201 => assert_eq!(second["id"], first["id"]),
            409 => {
                assert_eq!(second["error"]["code"], "ErrorDuplicateTransactionId");
                let message = text(&second["error"], "message");
                assert!(message.contains(&text(&first, "id")), "the event that is there is named: {message}");
            }
            _ => assert_eq!(second["error"]["code"], "BadRequest"),
        }
        assert_eq!(site.all(&path).len(), 1);
    }
}

#[test]
fn events_are_found_and_ordered_by_their_times_and_ids() {
    let mut site = Direct::new(TenantSettings::default());
    let user = site.user("ada");
    let path = format!("/users/{user}/events");
    let mut uid = String::new();
    for (subject, day) in [("b", 2), ("c", 3), ("a", 1)] {
        let (start, end) = (format!("2026-07-0{day}T10:00:00"), format!("2026-07-0{day}T11:00:00"));
        uid = text(&site.post(&path, &event(subject, &start, &end)).expect(201), "iCalUId");
    }
    let subjects = |site: &mut Direct, options: &str| {
        let found = site.all(&format!("{path}?{options}"));
        found.iter().map(|event| text(event, "subject")).collect::<Vec<_>>()
    };
    assert_eq!(subjects(&mut site, "$orderby=start/dateTime"), ["a", "b", "c"]);
    assert_eq!(subjects(&mut site, "$orderby=start/dateTime desc&$top=2"), ["c", "b", "a"]);
    let from = "start/dateTime ge '2026-07-02T00:00:00' and end/dateTime lt '2026-07-03T00:00:00'";
    assert_eq!(subjects(&mut site, &format!("$filter={from}")), ["b"]);
    assert_eq!(subjects(&mut site, &format!("$filter=iCalUId eq '{uid}'")), ["a"]);
    let count = site.get(&format!("{path}/$count"));
    assert_eq!((count.status, &count.bytes[..]), (200, &b"3"[..]));
}

#[test]
fn schedules_say_who_is_busy() {
    let mut site = Direct::new(TenantSettings::default());
    let (user, other) = (site.user("ada"), site.user("bob"));
    let mut body = event("Secret", "2026-07-01T10:00:00", "2026-07-01T11:00:00");
    body["sensitivity"] = json!("private");
    site.post(&format!("/users/{other}/events"), &body).expect(201);
    let mut body = event("Maybe", "2026-07-01T10:30:00", "2026-07-01T12:00:00");
    body["showAs"] = json!("tentative");
    site.post(&format!("/users/{other}/events"), &body).expect(201);
    let at = |clock: &str| json!({"dateTime": format!("2026-07-01T{clock}"), "timeZone": "Europe/Vienna"});
    let asked = json!({"Schedules": [other, "nobody@else.example"], "StartTime": at("09:30"),
        "EndTime": at("12:30"), "availabilityViewInterval": 30});
    let path = format!("/users/{user}/calendar/getSchedule");
    let found = site.post(&path, &asked).expect(200);
    let schedule = &found["value"][0];
    assert_eq!(schedule["availabilityView"], "022110");
    assert_eq!(schedule["scheduleItems"][0].get("subject"), None);
    assert_eq!(schedule["scheduleItems"][1]["subject"], "Maybe");
    assert_eq!(schedule["scheduleItems"][1]["start"]["dateTime"], "2026-07-01T08:30:00.0000000");
    assert_eq!(found["value"][1]["error"]["responseCode"], "ErrorMailRecipientNotFound");
    let mut wrong = asked;
    wrong["EndTime"] = at("09:00");
    assert_eq!(site.post(&path, &wrong).code(400), "ErrorInvalidRequest");
}

#[tokio::test]
async fn an_old_version_is_not_overwritten() {
    let site = empty().await;
    let user = site.user("ada").await;
    let first = made(&site, &user, event("One", "2026-07-01T10:00:00", "2026-07-01T11:00:00")).await;
    let path = format!("/users/{user}/events/{}", text(&first, "id"));
    site.patch(&path, json!({"location": {"displayName": "Room 1"}})).await.expect(200);
    let stale = [("if-match", first["@odata.etag"].as_str().unwrap())];
    let refused = site.send("PATCH", &path, &stale, Some(&json!({"subject": "Two"}))).await;
    assert_eq!(refused.code(412), "ErrorIrresolvableConflict");
    let refused = site.send("DELETE", &path, &stale, None).await;
    assert_eq!(refused.code(412), "ErrorIrresolvableConflict");
    let now = site.get(&path).await.expect(200);
    assert_eq!(
        (now["subject"].as_str(), now["location"]["displayName"].as_str()),
        (Some("One"), Some("Room 1"))
    );
    site.delete(&path).await.expect(204);
    assert_eq!(site.get(&path).await.code(404), "ErrorItemNotFound");
    site.stop().await;
}

#[tokio::test]
async fn a_view_shows_what_touches_it_and_takes_bare_times_as_utc() {
    let site = empty().await;
    let user = site.user("ada").await;
    for (subject, start, end) in [
        ("before", "2026-07-01T08:00:00", "2026-07-01T09:00:00"),
        ("into", "2026-07-01T08:00:00", "2026-07-01T12:30:00"),
        ("within", "2026-07-01T13:00:00", "2026-07-01T13:00:00"),
        ("after", "2026-07-01T14:00:00", "2026-07-01T15:00:00"),
    ] {
        made(&site, &user, event(subject, start, end)).await;
    }
    let view = format!(
        "/users/{user}/calendarView?startDateTime=2026-07-01T10:00:00&endDateTime=2026-07-01T12:00:00Z"
    );
    let found =
        site.send("GET", &view, &[("prefer", "outlook.timezone=\"Asia/Tokyo\"")], None).await.expect(200);
    let subjects: Vec<&str> =
        found["value"].as_array().unwrap().iter().map(|event| event["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["into", "within"]);
    let nothing = site.get(&format!("/users/{user}/calendarView")).await;
    assert_eq!(nothing.code(400), "ErrorInvalidParameter");
    site.stop().await;
}

#[tokio::test]
async fn an_online_meeting_lives_as_long_as_its_block_in_the_text() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut body = event("Call", "2026-07-01T10:00:00", "2026-07-01T11:00:00");
    body["isOnlineMeeting"] = json!(true);
    body["onlineMeeting"] = json!({"joinUrl": "https://elsewhere.example"});
    body["body"] = json!({"contentType": "text", "content": "Agenda: 1 < 2"});
    let made = made(&site, &user, body).await;
    assert_eq!(made["onlineMeetingProvider"], "teamsForBusiness");
    let link = text(&made["onlineMeeting"], "joinUrl");
    assert!(link.starts_with("https://teams.microsoft.com/l/meetup-join/"));
    let html = text(&made["body"], "content");
    assert!(html.contains(&link) && html.contains("Agenda: 1 &lt; 2"));
    let path = format!("/users/{user}/events/{}", text(&made, "id"));
    let off = json!({"isOnlineMeeting": false, "onlineMeetingProvider": "skypeForBusiness"});
    let still = site.patch(&path, off).await.expect(200);
    assert_eq!(still["isOnlineMeeting"], true, "once online, always online");
    let kept = json!({"body": {"contentType": "html", "content": html.replace("Agenda", "Topics")}});
    let kept = site.patch(&path, kept).await.expect(200);
    assert_eq!(kept["onlineMeeting"]["joinUrl"], link.as_str());
    let bare = json!({"body": {"contentType": "html", "content": "<p>Topics</p>"}});
    let ended = site.patch(&path, bare).await.expect(200);
    assert_eq!((&ended["isOnlineMeeting"], &ended["onlineMeeting"]), (&json!(false), &Value::Null));
    site.stop().await;
}

#[tokio::test]
async fn one_location_and_several_always_correspond() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut body = event("Tour", "2026-07-01T10:00:00", "2026-07-01T11:00:00");
    body["locations"] =
        json!([{"displayName": "Hall"}, {"displayName": "Yard", "locationType": "homeAddress"}]);
    let made = made(&site, &user, body).await;
    assert_eq!(made["location"]["displayName"], "Hall; Yard");
    assert_eq!(made["locations"][1]["locationType"], "homeAddress");
    assert_eq!(made["locations"][0]["uniqueIdType"], "private");
    let path = format!("/users/{user}/events/{}", text(&made, "id"));
    let one = site.patch(&path, json!({"location": {"displayName": "Roof"}})).await.expect(200);
    assert_eq!(one["locations"].as_array().unwrap().len(), 1);
    assert_eq!(one["locations"][0]["displayName"], "Roof");
    let none = site.patch(&path, json!({"locations": []})).await.expect(200);
    assert_eq!((&none["location"]["displayName"], &none["locations"]), (&json!(""), &json!([])));
    site.stop().await;
}

#[tokio::test]
async fn zones_without_a_name_keep_their_clocks() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut body = event("Old", "2026-07-01T10:00:00", "2026-07-01T11:00:00");
    body["originalStartTimeZone"] = json!("tzone://Microsoft/Custom");
    let made = site.control("POST", &format!("/users/{user}/events"), Some(body)).await.expect(201);
    assert_eq!(made["originalStartTimeZone"], "tzone://Microsoft/Custom");
    assert_eq!(made["start"]["dateTime"], "2026-07-01T08:00:00.0000000");
    let path = format!("/users/{user}/events/{}", text(&made, "id"));
    let renamed = site.patch(&path, json!({"subject": "Older"})).await.expect(200);
    assert_eq!(
        (&renamed["start"], &renamed["originalEndTimeZone"]),
        (&made["start"], &made["originalEndTimeZone"])
    );
    let mut asked = event("Other", "2026-07-01T10:00:00", "2026-07-01T19:00:00");
    asked["start"]["timeZone"] = json!("tzone://Microsoft/Custom");
    let refused = site.post(&format!("/users/{user}/events"), asked.clone()).await;
    assert_eq!(refused.status, 400, "nobody knows which clocks are meant");
    asked["start"]["timeZone"] = json!("tzone://Microsoft/Utc");
    let made = site.post(&format!("/users/{user}/events"), asked).await.expect(201);
    assert_eq!(made["start"]["dateTime"], "2026-07-01T10:00:00.0000000");
    site.stop().await;
}
