//! Series, exceptions, deleted occurrences.

use crate::calendar::event;
use crate::support::{Site, empty, text};
use serde_json::{Value, json};

/// A meeting at ten each Monday and Thursday around the end of summer time in Europe.
async fn series(site: &Site, user: &str) -> Value {
    let mut body = event("Weekly", "2026-10-19T10:00:00", "2026-10-19T11:00:00");
    body["recurrence"] = json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "monday"},
        "range": {"type": "endDate", "startDate": "2026-10-19", "endDate": "2026-11-02"}});
    site.immutable("POST", &format!("/users/{user}/events"), Some(body)).await.expect(201)
}

async fn instances(site: &Site, user: &str, master: &Value) -> Vec<Value> {
    let id = text(master, "id");
    let window = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z";
    site.all(&format!("/users/{user}/events/{id}/instances?{window}&$top=2")).await
}

fn starts(instances: &[Value]) -> Vec<String> {
    instances.iter().map(|event| text(&event["start"], "dateTime")[..16].to_owned()).collect()
}

#[tokio::test]
async fn a_series_keeps_its_wall_time_when_clocks_change() {
    let site = empty().await;
    let user = site.user("ada").await;
    let master = series(&site, &user).await;
    assert_eq!(master["type"], "seriesMaster");
    assert_eq!(master["recurrence"]["range"]["recurrenceTimeZone"], "W. Europe Standard Time");
    let found = instances(&site, &user, &master).await;
    assert_eq!(
        starts(&found),
        ["2026-10-19T08:00", "2026-10-22T08:00", "2026-10-26T09:00", "2026-10-29T09:00", "2026-11-02T09:00"]
    );
    for one in &found {
        assert_eq!(one["type"], "occurrence");
        assert_eq!(one["seriesMasterId"], master["id"]);
        assert_ne!(one["iCalUId"], master["iCalUId"]);
        assert_eq!(
            one["originalStart"].as_str().unwrap()[..16],
            one["start"]["dateTime"].as_str().unwrap()[..16]
        );
    }
    site.stop().await;
}

#[tokio::test]
async fn a_changed_occurrence_is_an_exception_and_a_deleted_one_a_gap() {
    let site = empty().await;
    let user = site.user("ada").await;
    let master = series(&site, &user).await;
    let found = instances(&site, &user, &master).await;
    let path = |number: usize| format!("/users/{user}/events/{}", text(&found[number], "id"));
    let later = json!({"start": {"dateTime": "2026-10-23T14:00:00", "timeZone": "Europe/Vienna"},
        "end": {"dateTime": "2026-10-23T15:00:00", "timeZone": "Europe/Vienna"}, "subject": "Moved"});
    let moved = site.immutable("PATCH", &path(1), Some(later)).await.expect(200);
    assert_eq!(moved["type"], "exception");
    assert_eq!(moved["id"], found[1]["id"], "the id stays");
    assert_eq!(moved["originalStart"], "2026-10-22T08:00:00.0000000Z");
    let across = json!({"start": {"dateTime": "2026-10-29T14:00:00", "timeZone": "Europe/Vienna"},
        "end": {"dateTime": "2026-10-29T15:00:00", "timeZone": "Europe/Vienna"}});
    assert_eq!(site.patch(&path(2), across).await.code(400), "ErrorOccurrenceCrossingBoundary");
    site.delete(&path(2)).await.expect(204);
    assert_eq!(site.get(&path(2)).await.code(404), "ErrorItemNotFound");
    let id = text(&master, "id");
    let whole = format!(
        "/users/{user}/events/{id}?$select=subject,recurrence,cancelledOccurrences&$expand=exceptionOccurrences"
    );
    let whole = site.immutable("GET", &whole, None).await.expect(200);
    assert_eq!(whole["cancelledOccurrences"], json!([format!("OID.{id}.2026-10-26")]));
    assert_eq!(whole["exceptionOccurrences"][0]["subject"], "Moved");
    assert!(whole.get("body").is_none());
    assert_eq!(
        starts(&instances(&site, &user, &master).await),
        ["2026-10-19T08:00", "2026-10-23T12:00", "2026-10-29T09:00", "2026-11-02T09:00"]
    );
    // A new text reaches the occurrences; what an exception says itself stays.
    site.patch(&format!("/users/{user}/events/{id}"), json!({"subject": "New", "importance": "high"}))
        .await
        .expect(200);
    let after = instances(&site, &user, &master).await;
    let subjects: Vec<String> = after.iter().map(|event| text(event, "subject")).collect();
    assert_eq!(subjects, ["New", "Moved", "New", "New"]);
    assert_eq!(after[1]["importance"], "high");
    // A new time of day makes the exceptions void.
    let earlier = json!({"start": {"dateTime": "2026-10-19T09:00:00", "timeZone": "Europe/Vienna"},
        "end": {"dateTime": "2026-10-19T10:00:00", "timeZone": "Europe/Vienna"}});
    site.patch(&format!("/users/{user}/events/{id}"), earlier).await.expect(200);
    assert_eq!(
        starts(&instances(&site, &user, &master).await),
        ["2026-10-19T07:00", "2026-10-22T07:00", "2026-10-26T08:00", "2026-10-29T08:00", "2026-11-02T08:00"]
    );
    site.stop().await;
}

#[tokio::test]
async fn impossible_recurrences_are_refused() {
    let site = empty().await;
    let user = site.user("ada").await;
    let wrong = [
        json!({"pattern": {"type": "weekly", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-10-19"}}),
        json!({"pattern": {"type": "daily", "interval": 0}, "range": {"type": "noEnd", "startDate": "2026-10-19"}}),
        json!({"pattern": {"type": "daily", "interval": 1}, "range": {"type": "endDate", "startDate": "2026-10-19", "endDate": "2026-10-18"}}),
        json!({"pattern": {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 3}, "range": {"type": "noEnd", "startDate": "2026-10-19"}}),
        json!({"pattern": {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 30, "month": 2}, "range": {"type": "noEnd", "startDate": "2026-10-19"}}),
        json!({"pattern": {"type": "daily", "interval": 1, "dayOfMonth": 32}, "range": {"type": "noEnd", "startDate": "2026-10-19"}}),
        json!({"pattern": {"type": "daily", "interval": 1, "month": 13}, "range": {"type": "noEnd", "startDate": "2026-10-19"}}),
    ];
    for recurrence in wrong {
        let mut body = event("x", "2026-10-19T10:00:00", "2026-10-19T11:00:00");
        body["recurrence"] = recurrence;
        let answer = site.post(&format!("/users/{user}/events"), body).await;
        assert_eq!(answer.code(400), "ErrorPropertyValidationFailure");
    }
    site.stop().await;
}

#[tokio::test]
async fn a_series_without_a_day_is_refused_and_capitals_are_not() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut body = event("x", "2026-10-19T10:00:00", "2026-10-19T11:00:00");
    body["recurrence"] = json!({"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["sunday"]},
        "range": {"type": "endDate", "startDate": "2026-10-19", "endDate": "2026-10-20"}});
    let answer = site.post(&format!("/users/{user}/events"), body.clone()).await;
    assert_eq!(answer.code(400), "ErrorRecurrenceHasNoOccurrence");
    body["recurrence"] = json!({
        "pattern": {"type": "RelativeMonthly", "interval": 1, "daysOfWeek": ["Thursday", "Friday"], "index": "First"},
        "range": {"type": "NoEnd", "startDate": "2026-10-19"}});
    let made = site.immutable("POST", &format!("/users/{user}/events"), Some(body)).await.expect(201);
    assert_eq!(made["recurrence"]["pattern"]["daysOfWeek"], json!(["thursday", "friday"]));
    assert_eq!(starts(&instances(&site, &user, &made).await)[..2], ["2026-11-05T09:00", "2026-12-03T09:00"]);
    site.stop().await;
}

#[tokio::test]
async fn exceptions_come_with_a_selection_of_their_own() {
    let site = empty().await;
    let user = site.user("ada").await;
    let master = series(&site, &user).await;
    let second = text(&instances(&site, &user, &master).await[1], "id");
    site.patch(&format!("/users/{user}/events/{second}"), json!({"subject": "Odd"})).await.expect(200);
    let path = format!(
        "/users/{user}/events/{}?$select=subject&$expand=exceptionOccurrences($select=id,subject)",
        text(&master, "id")
    );
    let whole = site.immutable("GET", &path, None).await.expect(200);
    let exception = whole["exceptionOccurrences"][0].as_object().unwrap();
    let names: Vec<&str> = exception.keys().map(String::as_str).filter(|name| !name.contains('@')).collect();
    assert_eq!(names, ["id", "subject"]);
    site.stop().await;
}
