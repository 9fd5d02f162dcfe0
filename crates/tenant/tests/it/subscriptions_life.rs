//! What becomes of subscriptions and notifications as time passes.

use crate::mailroom::{CHANGES, LIFE, Mailroom};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tandem_tenant::Behaviour;

const DAY: i64 = 24 * 60;

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn events(told: &[(Timestamp, Value)]) -> Vec<&str> {
    told.iter().map(|(_, notice)| notice["lifecycleEvent"].as_str().unwrap()).collect()
}

#[test]
fn changes_that_come_together_are_told_together() {
    let mut desk = Mailroom::new(Behaviour::default());
    desk.subscribe(DAY, json!({}));
    let ids: Vec<String> = (0..3).map(|number| desk.letter(&format!("Letter {number}"))).collect();
    desk.pass(minutes(1));
    assert_eq!(desk.arrived.len(), 1, "one request");
    let told = desk.take(CHANGES);
    let told: Vec<&str> = told.iter().map(|(_, one)| one["resourceData"]["id"].as_str().unwrap()).collect();
    assert_eq!(told, ids);
    desk.pass(minutes(60));
    assert!(desk.arrived.is_empty(), "nothing is told twice");
}

#[test]
fn what_nobody_takes_is_sent_again_for_four_hours_and_then_missed() {
    let mut desk = Mailroom::new(Behaviour::default());
    desk.subscribe(3 * DAY, json!({}));
    desk.deaf = true;
    desk.letter("Lost");
    desk.pass(minutes(5 * 60));
    let tries: Vec<Timestamp> = desk.take(CHANGES).into_iter().map(|(at, _)| at).collect();
    let pauses: Vec<SignedDuration> = tries.windows(2).map(|two| two[1].duration_since(two[0])).collect();
    assert!(pauses.is_sorted() && pauses.len() > 20, "{pauses:?}");
    assert!(pauses[0] < minutes(1) && *pauses.last().unwrap() == minutes(10), "{pauses:?}");
    let whole = tries.last().unwrap().duration_since(tries[0]);
    assert!(whole <= minutes(240) && whole > minutes(225), "{whole:?}");
    assert_eq!(events(&desk.take(LIFE)), ["missed"]);
    // A receiver that listens again is told of what happens from then on.
    desk.deaf = false;
    let id = desk.letter("Found");
    desk.pass(minutes(5));
    let told = desk.take(CHANGES);
    assert_eq!((told.len(), &told[0].1["resourceData"]["id"]), (1, &json!(id)));
}

#[test]
fn what_is_taken_late_is_not_missed() {
    let mut desk = Mailroom::new(Behaviour::default());
    desk.subscribe(3 * DAY, json!({}));
    desk.deaf = true;
    desk.letter("Late");
    desk.pass(minutes(30));
    desk.deaf = false;
    desk.pass(minutes(300));
    let told = desk.take(CHANGES);
    assert!(told.len() > 2, "tried again and again");
    assert_eq!(told.first().map(|one| &one.1), told.last().map(|one| &one.1), "with the same words");
    assert!(desk.take(LIFE).is_empty());
}

#[test]
fn a_subscription_asks_to_be_reauthorised_and_ends() {
    let mut desk = Mailroom::new(Behaviour::default());
    let id = desk.subscribe(2 * DAY, json!({}));
    let end = desk.now + minutes(2 * DAY);
    desk.pass(minutes(2 * DAY + 60));
    let told = desk.take(LIFE);
    assert!(events(&told).iter().all(|event| *event == "reauthorizationRequired"));
    let first = end.duration_since(told[0].0);
    assert!(first <= minutes(12 * 60) && first > minutes(12 * 60 - 1), "{first:?}");
    let pressing = told.iter().filter(|(at, _)| end.duration_since(*at) < minutes(240)).count();
    assert_eq!(pressing, 16, "every quarter of an hour in the last four hours");
    assert!(told.iter().all(|(at, _)| *at < end));
    assert_eq!(desk.graph("GET", &format!("/subscriptions/{id}"), Value::Null).status, 404);
    desk.letter("Unheard");
    desk.pass(minutes(60));
    assert!(desk.arrived.is_empty());
    assert_eq!(desk.tenant.deadline(), None);
}

#[test]
fn reauthorising_silences_and_renewing_prolongs() {
    let mut desk = Mailroom::new(Behaviour::default());
    let id = desk.subscribe(DAY, json!({}));
    desk.pass(minutes(DAY / 2 + 1));
    assert_eq!(desk.take(LIFE).len(), 1);
    assert_eq!(desk.graph("POST", &format!("/subscriptions/{id}/reauthorize"), Value::Null).status, 204);
    desk.pass(minutes(11 * 60));
    assert!(desk.arrived.is_empty());
    let until = (desk.now + minutes(DAY)).to_string();
    let renewed =
        desk.graph("PATCH", &format!("/subscriptions/{id}"), json!({ "expirationDateTime": until }));
    assert_eq!(renewed.status, 200, "{renewed:?}");
    desk.pass(minutes(2 * 60));
    desk.letter("Heard");
    desk.pass(minutes(1));
    assert_eq!(desk.take(CHANGES).len(), 1, "beyond its first end");
}

#[test]
fn a_mailbox_bears_a_thousand_subscriptions() {
    let mut desk = Mailroom::new(Behaviour::default());
    let body = |number: usize, now: Timestamp| {
        json!({
            "changeType": "created",
            "notificationUrl": CHANGES,
            "resource": format!("users/anna@meridian.example/messages?$filter=subject eq '{number}'"),
            "expirationDateTime": (now + minutes(DAY)).to_string(),
        })
    };
    for number in 0..1000 {
        let made = desk.graph("POST", "/subscriptions", body(number, desk.now));
        assert_eq!(made.status, 201, "{made:?}");
    }
    assert_eq!(desk.graph("POST", "/subscriptions", body(1000, desk.now)).status, 403);
    desk.control("POST", "/users", json!({ "mail": "bernhard@meridian.example" }));
    let other = json!({ "resource": "users/bernhard@meridian.example/messages" });
    desk.subscribe(DAY, other);
}

#[test]
fn moves_and_exceptions_are_told() {
    let mut desk = Mailroom::new(Behaviour::default());
    desk.subscribe(DAY, json!({}));
    desk.subscribe(DAY, json!({ "resource": "users/anna@meridian.example/events" }));
    let id = desk.letter("Moved");
    desk.pass(minutes(1));
    desk.take(CHANGES);
    let path = format!("/users/anna@meridian.example/messages/{id}/move");
    assert_eq!(desk.graph("POST", &path, json!({ "destinationId": "archive" })).status, 201);
    desk.pass(minutes(1));
    let told = desk.take(CHANGES);
    let kinds: Vec<&Value> = told.iter().map(|(_, one)| &one["changeType"]).collect();
    assert_eq!(kinds, ["deleted", "created"]);
    assert!(told.iter().all(|(_, one)| one["resourceData"]["id"] == *id), "the immutable id stays");

    let at = |day: &str, time: &str| json!({ "dateTime": format!("{day}T{time}"), "timeZone": "UTC" });
    let series = json!({
        "subject": "Weekly",
        "start": at("2026-05-11", "09:00:00"),
        "end": at("2026-05-11", "10:00:00"),
        "recurrence": {
            "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday" },
            "range": { "type": "numbered", "startDate": "2026-05-11", "numberOfOccurrences": 4 },
        },
    });
    let series = desk.graph("POST", "/users/anna@meridian.example/events", series).value();
    let path = format!(
        "/users/anna@meridian.example/events/{}/instances?startDateTime=2026-05-18T00:00:00Z&endDateTime=2026-05-19T00:00:00Z",
        series["id"].as_str().unwrap()
    );
    let occurrence = desk.graph("GET", &path, Value::Null).value()["value"][0]["id"].take();
    desk.pass(minutes(1));
    desk.take(CHANGES);
    let path = format!("/users/anna@meridian.example/events/{}", occurrence.as_str().unwrap());
    assert_eq!(desk.graph("PATCH", &path, json!({ "subject": "Another" })).status, 200);
    desk.pass(minutes(1));
    let told = desk.take(CHANGES);
    let ids: Vec<&Value> = told.iter().map(|(_, one)| &one["resourceData"]["id"]).collect();
    assert_eq!(ids, [&series["id"], &occurrence]);
    assert!(told.iter().all(|(_, one)| one["changeType"] == "updated"));
}

#[test]
fn who_loses_a_permission_loses_his_subscription() {
    let mut desk = Mailroom::new(Behaviour::default());
    let id = desk.subscribe(DAY, json!({}));
    let events_id = desk.subscribe(DAY, json!({ "resource": "users/anna@meridian.example/events" }));
    let app = desk.tenant.client_id().to_owned();
    desk.control("PATCH", &format!("/apps/{app}"), json!({ "roles": ["Calendars.Read"] }));
    desk.letter("Unheard");
    desk.pass(minutes(40));
    let told = desk.take(LIFE);
    assert_eq!((events(&told), &told[0].1["subscriptionId"]), (vec!["subscriptionRemoved"], &json!(id)));
    assert!(desk.take(CHANGES).is_empty());
    let listed = desk.graph("GET", "/subscriptions", Value::Null).value();
    let left: Vec<&Value> = listed["value"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(left, [&json!(events_id)]);
    let refused = desk.graph(
        "POST",
        "/subscriptions",
        json!({
            "changeType": "created",
            "notificationUrl": CHANGES,
            "resource": "users/anna@meridian.example/messages",
            "expirationDateTime": (desk.now + minutes(DAY)).to_string(),
        }),
    );
    assert_eq!((refused.status, &refused.value()["error"]["code"]), (403, &json!("ErrorAccessDenied")));
    // Without its permission it is not prolonged either.
    desk.control("PATCH", &format!("/apps/{app}"), json!({ "roles": ["Mail.Read"] }));
    desk.pass(minutes(40));
    let path = format!("/subscriptions/{events_id}/reauthorize");
    assert_eq!(desk.graph("POST", &path, Value::Null).status, 403);
}

#[test]
fn an_application_sees_its_own_subscriptions_only() {
    let mut desk = Mailroom::new(Behaviour::default());
    let id = desk.subscribe(DAY, json!({}));
    let other = desk.control("POST", "/apps", json!({ "displayName": "Other", "roles": ["Mail.Read"] }));
    desk.log_in(&other);
    assert_eq!(desk.graph("GET", "/subscriptions", Value::Null).value()["value"], json!([]));
    for method in ["GET", "DELETE"] {
        assert_eq!(desk.graph(method, &format!("/subscriptions/{id}"), Value::Null).status, 404);
    }
    // What is a twin for one application is none for another.
    desk.subscribe(DAY, json!({}));
}
