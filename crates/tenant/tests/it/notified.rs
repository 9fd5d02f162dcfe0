//! The faults of notifications, played one by one.

use crate::bench::Bench;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tandem_tenant::{Outcome, Outgoing};

const ADA: &str = "ada@meridian.example";
const CHANGES: &str = "https://receiver.example/changes";
const LIFE: &str = "https://receiver.example/life";

/// A notification: after how many seconds it came, where to, and what it says.
type Arrival = (f64, String, Value);

/// Plays a fault on ada's notifications, and looks at what arrives of three messages.
pub fn case(bench: &mut Bench, name: &str) {
    let id = subscribe(bench);
    if matches!(name, "notifications-missed" | "subscriptions-removed") {
        let played = bench.control("POST", &format!("/faults/{name}/play"), Some(&json!({ "mailbox": ADA })));
        assert_eq!(played.status, 204, "{played:?}");
    } else {
        let rule = json!({ "fault": name, "resource": "messages", "mailbox": ADA, "nth": 2 });
        assert_eq!(bench.control("POST", "/faults", Some(&rule)).status, 201);
    }
    let arrived = three_letters(bench);
    let told: Vec<&Arrival> = arrived.iter().filter(|(_, url, _)| url == CHANGES).collect();
    let mut subject = |notice: &Value| {
        let path = format!("/users/{ADA}/messages/{}", notice["resourceData"]["id"].as_str().unwrap());
        bench.send("GET", &path, None).value()["subject"].as_str().unwrap().to_owned()
    };
    let order: String = told.iter().map(|(_, _, notice)| subject(notice)).collect();
    let events: Vec<&Value> = arrived
        .iter()
        .filter(|(_, url, _)| url == LIFE)
        .map(|(_, _, notice)| &notice["lifecycleEvent"])
        .collect();
    match name {
        "notification-lost" => assert_eq!((order.as_str(), events.len()), ("02", 0)),
        "notification-twice" => assert_eq!(order, "0112"),
        "notification-late" => {
            assert_eq!(order, "021");
            assert!(told[2].0 > 180.0, "{told:?}");
        }
        "notification-out-of-order" => {
            assert_eq!(order, "021");
            assert!(told[2].0 < 25.0, "{told:?}");
        }
        "notifications-missed" => assert_eq!((order.as_str(), events), ("012", vec![&json!("missed")])),
        _ => {
            assert_eq!((order.as_str(), events), ("", vec![&json!("subscriptionRemoved")]));
            assert_eq!(bench.send("GET", &format!("/subscriptions/{id}"), None).status, 404);
        }
    }
}

/// Lets three messages arrive, ten seconds apart; what was told in ten minutes.
fn three_letters(bench: &mut Bench) -> Vec<Arrival> {
    let (begun, mut arrived) = (bench.now, Vec::new());
    for number in 0..3 {
        let from = json!({ "emailAddress": { "address": "a@b.example" } });
        let message = json!({ "subject": number.to_string(), "from": from });
        assert_eq!(bench.control("POST", &format!("/users/{ADA}/messages"), Some(&message)).status, 201);
        pass(bench, SignedDuration::from_secs(10), begun, &mut arrived);
    }
    pass(bench, SignedDuration::from_mins(10), begun, &mut arrived);
    arrived
}

fn subscribe(bench: &mut Bench) -> String {
    let body = json!({
        "changeType": "created",
        "notificationUrl": CHANGES,
        "lifecycleNotificationUrl": LIFE,
        "resource": format!("users/{ADA}/messages"),
        "expirationDateTime": (bench.now + SignedDuration::from_hours(100)).to_string(),
    });
    bench.send("POST", "/subscriptions", Some(&body));
    let mut made = None;
    for _ in 0..2 {
        for outgoing in bench.tenant.due(bench.now) {
            let outcome = Outcome::Answered {
                status: 200,
                media_type: Some("text/plain".to_owned()),
                body: echo(&outgoing).into(),
            };
            made = bench.tenant.delivered(outgoing.number, outcome, bench.now);
        }
    }
    let made = made.unwrap();
    assert_eq!(made.status, 201, "{made:?}");
    made.value()["id"].as_str().unwrap().to_owned()
}

fn echo(outgoing: &Outgoing) -> String {
    let url = url::Url::parse(&outgoing.url).unwrap();
    let token = url.query_pairs().find(|(name, _)| name == "validationToken");
    token.unwrap().1.into_owned()
}

/// Lets time pass, deadline by deadline; every notification is taken.
fn pass(bench: &mut Bench, span: SignedDuration, begun: Timestamp, arrived: &mut Vec<Arrival>) {
    let end = bench.now + span;
    while let Some(next) = bench.tenant.deadline().filter(|next| *next <= end) {
        bench.now = next.max(bench.now);
        for outgoing in bench.tenant.due(bench.now) {
            let mut body: Value = serde_json::from_slice(&outgoing.body).unwrap();
            for notice in body["value"].as_array_mut().unwrap() {
                let after = bench.now.duration_since(begun).as_secs_f64();
                arrived.push((after, outgoing.url.clone(), notice.take()));
            }
            let outcome = Outcome::Answered { status: 202, media_type: None, body: Default::default() };
            assert!(bench.tenant.delivered(outgoing.number, outcome, bench.now).is_none());
        }
    }
    bench.now = end;
}
