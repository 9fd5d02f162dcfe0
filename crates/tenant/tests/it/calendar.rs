//! Events and views, without other people.

use crate::support::{Site, empty, text};
use serde_json::{Value, json};

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
