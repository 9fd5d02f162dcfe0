//! Every fault of the catalogue is played, and does what it says.

use crate::bench::{Bench, header, retry_after};
use crate::notified;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use tandem_tenant::{Content, Delivery, Limits, Response};

const ADA: &str = "/users/ada@meridian.example";

#[test]
fn every_fault_of_the_catalogue_is_played_and_does_what_it_says() {
    let names: Vec<String> = stage().tenant.faults_played().into_keys().map(str::to_owned).collect();
    assert!(names.len() >= 29, "{names:?}");
    for name in names {
        let mut bench = stage();
        case(&mut bench, &name);
        assert!(bench.tenant.faults_played()[name.as_str()] > 0, "'{name}' was not played");
        let catalogue = bench.control("GET", "/faults", None).value()["catalogue"].clone();
        let shown = catalogue.as_array().unwrap().iter().find(|fault| fault["name"] == name.as_str());
        assert!(shown.unwrap()["played"].as_u64() > Some(0), "{name}");
    }
}

/// A tenant with something of each kind.
fn stage() -> Bench {
    let mut bench = Bench::new(Limits::none(), &["ada", "bob"]);
    for number in 0..7 {
        let message = json!({"subject": format!("mail {number}"), "folder": "/Inbox/crm"});
        bench.control("POST", &format!("{ADA}/messages"), Some(&message));
    }
    bench.control("POST", &format!("{ADA}/contacts"), Some(&json!({"givenName": "Petra"})));
    bench.control("POST", &format!("{ADA}/tasks"), Some(&json!({"title": "Call"})));
    bench
}

/// Plays one fault. A fault without a case fails.
fn case(bench: &mut Bench, name: &str) {
    match name {
        "notification-lost"
        | "notification-twice"
        | "notification-late"
        | "notification-out-of-order"
        | "notifications-missed"
        | "subscriptions-removed" => notified::case(bench, name),
        "token-expired-mid-page" => expired_mid_page(bench),
        "access-denied" => refused(bench, name, 403, "ErrorAccessDenied"),
        "not-found-after-move" => hidden_after_move(bench),
        "conflict" => refused(bench, name, 409, "ErrorIrresolvableConflict"),
        "precondition-failed" => refused(bench, name, 412, "ErrorIrresolvableConflict"),
        "throttled" => {
            refused(bench, name, 429, "ApplicationThrottled");
            refused_for(bench, name, 429, 7);
        }
        "throttled-without-retry-after" => refused(bench, name, 429, "TooManyRequests"),
        "internal-server-error" => {
            refused(bench, name, 500, "InternalServerError");
            refused_for(bench, name, 500, 3);
        }
        "bad-gateway" => {
            refused(bench, name, 502, "BadGateway");
            refused_for(bench, name, 502, 3);
        }
        "service-unavailable" => {
            refused(bench, name, 503, "ServiceUnavailable");
            refused_for(bench, name, 503, 120);
        }
        "gateway-timeout" => {
            refused(bench, name, 504, "GatewayTimeout");
            refused_for(bench, name, 504, 3);
        }
        "gateway-timeout-with-effect" => {
            arm(bench, json!({"fault": name, "count": 1}));
            let answer = create(bench);
            assert_eq!((answer.status, code(&answer)), (504, "GatewayTimeout".to_owned()));
            assert_eq!(contacts(bench), 2, "it took effect");
        }
        "timeout" => undelivered(bench, json!({"fault": name, "count": 1}), Delivery::Never, 1),
        "connection-broken" => undelivered(bench, json!({"fault": name, "count": 1}), Delivery::Broken, 1),
        "reply-lost" => {
            undelivered(bench, json!({"fault": name, "count": 1}), Delivery::Never, 2);
            let broken = json!({"fault": name, "count": 1, "with": {"broken": true}});
            undelivered(bench, broken, Delivery::Broken, 3);
        }
        "truncated" => truncated(bench),
        "slow" => {
            arm(bench, json!({"fault": name, "count": 1}));
            assert_eq!(create(bench).delivery, Delivery::Late(Duration::from_secs(20)));
            arm(bench, json!({"fault": name, "count": 1, "with": {"seconds": 0.5}}));
            assert_eq!(create(bench).delivery, Delivery::Late(Duration::from_millis(500)));
        }
        "clock-skew" => {
            arm(bench, json!({"fault": name, "count": 1}));
            let answer = create(bench);
            assert_eq!(answer.value()["createdDateTime"], "2026-06-01T07:55:00Z");
            assert_eq!(header(&answer, "date"), Some("Mon, 01 Jun 2026 07:55:00 GMT"));
            assert_eq!(header(&create(bench), "date"), Some("Mon, 01 Jun 2026 08:00:00 GMT"));
        }
        "sync-state-lost" => {
            let (_, link) = delta(bench);
            arm(bench, json!({"fault": name, "count": 1}));
            for _ in 0..2 {
                assert_eq!(code(&bench.send("GET", &link, None)), "SyncStateNotFound", "for good");
            }
            assert_eq!(delta(bench).0.len(), 7, "a new start works");
        }
        "entries-repeated" => {
            arm(bench, json!({"fault": name, "count": 1}));
            let mut ids = delta(bench).0;
            ids.sort_unstable();
            assert_eq!(ids.len(), 14);
            ids.dedup();
            assert_eq!(ids.len(), 7);
        }
        "empty-page" => {
            let (_, link) = delta(bench);
            bench.control("POST", &format!("{ADA}/messages"), Some(&json!({"folder": "/Inbox/crm"})));
            arm(bench, json!({"fault": name, "count": 1}));
            let page = bench.send("GET", &link, None).value();
            assert_eq!(page["value"], json!([]));
            let next = page["@odata.nextLink"].as_str().unwrap();
            assert_eq!(bench.send("GET", next, None).value()["value"].as_array().unwrap().len(), 1);
        }
        "repeated-transaction" => repeated_transaction(bench),
        "touched" => touched(bench),
        "mailbox-renamed" => renamed(bench),
        "folder-renamed" => {
            play(bench, name, json!({}));
            let folders = bench.send("GET", &format!("{ADA}/mailFolders/inbox/childFolders"), None).value();
            assert_eq!(folders["value"][0]["displayName"], "renamed");
        }
        "moved-on-premises" | "licence-removed" => {
            play(bench, name, json!({"seconds": 60}));
            let path = format!("{ADA}/messages");
            let answer = bench.send("GET", &path, None);
            assert_eq!((answer.status, code(&answer)), (404, "MailboxNotEnabledForRESTAPI".to_owned()));
            assert_eq!(bench.send("GET", ADA, None).status, 200, "the user is there");
            assert_eq!(bench.send("GET", "/users/bob@meridian.example/messages", None).status, 200);
            bench.wait(SignedDuration::from_secs(60));
            assert_eq!(bench.send("GET", &path, None).status, 200);
        }
        "mailbox-returns" => {
            play(bench, "licence-removed", json!({}));
            bench.wait(SignedDuration::from_secs(600));
            assert_eq!(bench.send("GET", &format!("{ADA}/messages"), None).status, 404);
            play(bench, name, json!({}));
            assert_eq!(bench.send("GET", &format!("{ADA}/messages"), None).status, 200);
        }
        "slow-permissions" => {
            assert_eq!(bench.control("POST", "/faults/slow-permissions/play", None).status, 204);
            let app = bench.tenant.client_id().to_owned();
            let policy =
                json!({"appId": app, "accessRight": "DenyAccess", "mailboxes": ["ada@meridian.example"]});
            assert_eq!(bench.control("POST", "/access-policies", Some(&policy)).status, 201);
            let mut minutes = 0;
            while bench.send("GET", &format!("{ADA}/messages"), None).status == 200 {
                bench.wait(SignedDuration::from_secs(60));
                minutes += 1;
                if minutes % 30 == 0 {
                    bench.renew();
                }
            }
            assert!((30..=120).contains(&minutes), "{minutes}");
        }
        other => panic!("no case for the fault '{other}'"),
    }
}

#[track_caller]
fn arm(bench: &mut Bench, rule: Value) {
    let answer = bench.control("POST", "/faults", Some(&rule));
    assert_eq!(answer.status, 201, "{}", answer.value());
}

#[track_caller]
fn play(bench: &mut Bench, fault: &str, with: Value) {
    let body = json!({"mailbox": "ada@meridian.example", "with": with});
    let answer = bench.control("POST", &format!("/faults/{fault}/play"), Some(&body));
    assert_eq!(answer.status, 204, "{}", answer.value());
}

fn code(answer: &Response) -> String {
    answer.value()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

fn create(bench: &mut Bench) -> Response {
    bench.send("POST", &format!("{ADA}/contacts"), Some(&json!({"givenName": "Quinn"})))
}

fn contacts(bench: &mut Bench) -> usize {
    bench.send("GET", &format!("{ADA}/contacts"), None).value()["value"].as_array().unwrap().len()
}

/// The ids of a first round, and the link for the next time.
fn delta(bench: &mut Bench) -> (Vec<String>, String) {
    let folders = bench.control("GET", &format!("{ADA}/dump"), None).value()["folders"].clone();
    let folder = folders.as_array().unwrap().iter().find(|folder| folder["path"] == "/Inbox/crm").unwrap();
    let id = folder["id"].as_str().unwrap();
    let page = bench.send("GET", &format!("{ADA}/mailFolders/{id}/messages/delta"), None).value();
    let ids = page["value"].as_array().unwrap().iter();
    let ids = ids.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
    (ids, page["@odata.deltaLink"].as_str().unwrap().to_owned())
}

/// One request is refused without effect, the next one answered.
fn refused(bench: &mut Bench, fault: &str, status: u16, expected: &str) {
    let before = contacts(bench);
    arm(bench, json!({"fault": fault, "mailbox": "ada@meridian.example", "method": "post", "count": 1}));
    let other = bench.send("POST", "/users/bob@meridian.example/contacts", Some(&json!({"givenName": "x"})));
    assert_eq!(other.status, 201, "another mailbox");
    let answer = create(bench);
    assert_eq!((answer.status, code(&answer)), (status, expected.to_owned()));
    assert_eq!(retry_after(&answer), (fault == "throttled").then_some(2), "{fault}");
    assert_eq!(contacts(bench), before, "no effect");
    assert_eq!(create(bench).status, 201, "once only");
}

/// The refusal says when to come again.
fn refused_for(bench: &mut Bench, fault: &str, status: u16, seconds: i64) {
    arm(bench, json!({"fault": fault, "with": {"retry_after": seconds}, "count": 1}));
    let answer = create(bench);
    assert_eq!((answer.status, retry_after(&answer)), (status, Some(seconds)));
}

/// The answer to a creation does not arrive; so many contacts are there afterwards.
fn undelivered(bench: &mut Bench, rule: Value, delivery: Delivery, afterwards: usize) {
    arm(bench, rule);
    assert_eq!(create(bench).delivery, delivery);
    assert_eq!(contacts(bench), afterwards);
}

fn expired_mid_page(bench: &mut Bench) {
    arm(bench, json!({"fault": "token-expired-mid-page", "count": 1}));
    let first = bench.send("GET", &format!("{ADA}/messages?$top=5"), None).value();
    let next = first["@odata.nextLink"].as_str().unwrap();
    let answer = bench.send("GET", next, None);
    assert_eq!((answer.status, code(&answer)), (401, "InvalidAuthenticationToken".to_owned()));
    assert!(header(&answer, "www-authenticate").is_some());
    assert_eq!(bench.send("GET", next, None).value()["value"].as_array().unwrap().len(), 2);
}

fn hidden_after_move(bench: &mut Bench) {
    arm(bench, json!({"fault": "not-found-after-move", "with": {"times": 2}, "count": 1}));
    let found = bench.send("GET", &format!("{ADA}/messages?$top=1"), None).value();
    let id = found["value"][0]["id"].as_str().unwrap();
    let body = json!({"destinationId": "archive"});
    let moved = bench.send("POST", &format!("{ADA}/messages/{id}/move"), Some(&body));
    assert_eq!(moved.status, 201);
    let path = format!("{ADA}/messages/{}", moved.value()["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(code(&bench.send("GET", &path, None)), "ErrorItemNotFound");
    }
    assert_eq!(bench.send("GET", &path, None).status, 200);
}

fn truncated(bench: &mut Bench) {
    for (with, expected) in [(json!({}), None), (json!({"bytes": 7}), Some(7))] {
        arm(bench, json!({"fault": "truncated", "with": with, "count": 1}));
        let answer = create(bench);
        let Delivery::Cut(arriving) = answer.delivery else { panic!("{answer:?}") };
        let Content::Bytes { media_type, bytes } = &answer.body else { panic!("{answer:?}") };
        assert!(arriving > 0 && arriving < bytes.len() && media_type.starts_with("application/json"));
        assert!(expected.is_none_or(|expected| expected == arriving));
    }
    assert_eq!(contacts(bench), 3, "they took effect");
}

fn repeated_transaction(bench: &mut Bench) {
    let event = json!({"subject": "x", "transactionId": "t",
        "start": {"dateTime": "2026-06-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-06-01T11:00:00", "timeZone": "UTC"}});
    let post = |bench: &mut Bench| bench.send("POST", &format!("{ADA}/events"), Some(&event));
    let first = post(bench);
    for (answer, status) in [("conflict", 409), ("bad_request", 400), ("same_event", 201)] {
        let rule = json!({"fault": "repeated-transaction", "resource": "events", "with": {"answer": answer}, "count": 1});
        arm(bench, rule);
        assert_eq!(post(bench).status, status, "{answer}");
    }
    assert_eq!(post(bench).value()["id"], first.value()["id"], "the others are answered as ever");
}

fn touched(bench: &mut Bench) {
    let contact =
        |bench: &mut Bench| bench.send("GET", &format!("{ADA}/contacts"), None).value()["value"][0].clone();
    let (before, (_, link)) = (contact(bench), delta(bench));
    bench.wait(SignedDuration::from_secs(60));
    play(bench, "touched", json!({"items": 3}));
    let after = contact(bench);
    assert_ne!(before["@odata.etag"], after["@odata.etag"]);
    assert_ne!(before["lastModifiedDateTime"], after["lastModifiedDateTime"]);
    assert_eq!(before["givenName"], after["givenName"]);
    assert_eq!(bench.send("GET", &link, None).value()["value"].as_array().unwrap().len(), 3);
}

fn renamed(bench: &mut Bench) {
    play(bench, "mailbox-renamed", json!({}));
    let new = "renamed.ada@meridian.example";
    let user =
        bench.send("GET", &format!("{ADA}?$select=mail,userPrincipalName,proxyAddresses"), None).value();
    assert_eq!((&user["mail"], &user["userPrincipalName"]), (&json!(new), &json!(new)));
    assert_eq!(
        user["proxyAddresses"],
        json!(["SMTP:renamed.ada@meridian.example", "smtp:ada@meridian.example"])
    );
    let body = json!({"mailbox": new, "with": {"to": "ada.b@meridian.example", "keep_proxy": false}});
    assert_eq!(bench.control("POST", "/faults/mailbox-renamed/play", Some(&body)).status, 204);
    assert_eq!(bench.send("GET", &format!("/users/{new}"), None).status, 404, "nobody's any more");
    assert_eq!(bench.send("GET", "/users/ada.b@meridian.example/messages", None).status, 200);
    let body = json!({"mailbox": "ada.b@meridian.example", "with": {"to": "bob@meridian.example"}});
    assert_eq!(bench.control("POST", "/faults/mailbox-renamed/play", Some(&body)).status, 409, "taken");
}
