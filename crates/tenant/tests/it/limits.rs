//! What one application may ask of one mailbox.

use crate::bench::{Bench, retry_after};
use crate::support::{empty, with};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tandem_tenant::{Concurrency, Limits, Options, Response, SeedUsers, TenantSettings};

#[test]
fn a_fifth_request_at_once_is_refused_until_one_is_finished() {
    let mut bench = Bench::new(Limits { list_ms: 4, ..Limits::default() }, &["ada", "bob"]);
    assert_eq!(bench.burst(5, "ada"), [200, 200, 200, 200, 429]);
    assert_eq!(bench.burst(4, "bob"), [200; 4], "another mailbox");
    let refused = bench.send("GET", "/users/ada@meridian.example/events", None);
    assert_eq!(refused.value()["error"]["code"], "ApplicationThrottled");
    assert_eq!(refused.value()["error"]["message"], "Application is over its MailboxConcurrency limit.");
    assert_eq!(retry_after(&refused), Some(1));
    assert_eq!(bench.send("GET", "/users/ada@meridian.example", None).status, 200, "the directory");
    assert_eq!(bench.throttled(), json!({"MailboxConcurrency": 2}));
    bench.wait(SignedDuration::from_millis(4));
    let first = bench.send("GET", "/users/ada@meridian.example/messages", None);
    assert_eq!((first.status, first.took.as_millis()), (200, 4));
    assert_eq!(bench.burst(4, "ada"), [200, 200, 200, 429]);
    bench.tenant.finished(first.slot.unwrap());
    assert_eq!(bench.burst(2, "ada"), [200, 429], "one place was given back");
}

#[test]
fn concurrency_may_mean_the_application_as_a_whole() {
    let limits = Limits { concurrent_per: Concurrency::App, ..Limits::default() };
    let mut bench = Bench::new(limits, &["ada", "bob"]);
    assert_eq!(bench.burst(3, "ada"), [200; 3]);
    assert_eq!(bench.burst(2, "bob"), [200, 429]);
}

#[test]
fn a_batch_runs_four_at_a_time_and_takes_longer_for_it() {
    let mut bench = Bench::new(Limits { list_ms: 4, ..Limits::default() }, &["ada"]);
    let part = |id: usize| json!({"id": id.to_string(), "method": "GET", "url": "/users/ada@meridian.example/messages"});
    let batch = json!({"requests": (0..20).map(part).collect::<Vec<_>>()});
    let statuses = |response: &Response| {
        let value = response.value();
        let parts = value["responses"].as_array().unwrap();
        parts.iter().map(|part| part["status"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let answer = bench.send("POST", "/$batch", Some(&batch));
    assert_eq!((statuses(&answer), answer.took.as_millis()), (vec![200; 20], 20));
    assert_eq!(bench.burst(1, "ada"), [429], "the batch has all places");
    bench.wait(SignedDuration::from_millis(20));
    // Three places are taken by others: of four that start together, three are refused, one by one.
    assert_eq!(bench.burst(3, "ada"), [200; 3]);
    let answer = bench.send("POST", "/$batch", Some(&batch));
    let refused = statuses(&answer).iter().filter(|status| **status == 429).count();
    assert_eq!((answer.status, refused), (200, 15));
    let parts = answer.value();
    let refused = parts["responses"].as_array().unwrap().iter().find(|part| part["status"] == 429);
    let headers = refused.unwrap()["headers"].as_object().unwrap();
    assert!(headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("retry-after") && value == "1"));
}

#[test]
fn ten_thousand_requests_in_ten_minutes_are_enough() {
    let mut bench = Bench::new(Limits { list_ms: 0, ..Limits::default() }, &["ada", "bob"]);
    for round in 0..10_000 {
        assert_eq!(bench.burst(1, "ada"), [200], "{round}");
    }
    bench.wait(SignedDuration::from_secs(60));
    let refused = bench.send("GET", "/users/ada@meridian.example/messages", None);
    assert_eq!((refused.status, retry_after(&refused)), (429, Some(540)));
    assert_eq!(bench.burst(1, "bob"), [200]);
    bench.wait(SignedDuration::from_secs(540));
    assert_eq!(bench.burst(1, "ada"), [200], "who waits as told is let in");
}

#[test]
fn uploads_have_a_quota() {
    let limits = Limits { uploaded_bytes: Some(2_000), ..Limits::default() };
    let mut bench = Bench::new(limits, &["ada"]);
    let contact = json!({"givenName": "x".repeat(1_500)});
    let path = "/users/ada@meridian.example/contacts";
    assert_eq!(bench.send("POST", path, Some(&contact)).status, 201);
    let refused = bench.send("POST", path, Some(&contact));
    assert_eq!((refused.status, retry_after(&refused)), (429, Some(300)));
    assert!(refused.value().to_string().contains("IncomingBytes"));
    assert_eq!(bench.send("GET", path, None).status, 200, "reading goes on");
    bench.wait(SignedDuration::from_secs(300));
    assert_eq!(bench.send("POST", path, Some(&contact)).status, 201);
}

#[test]
fn without_limits_nothing_is_refused_and_nothing_takes_time() {
    let mut bench = Bench::new(Limits::none(), &["ada"]);
    assert_eq!(bench.burst(100, "ada"), [200; 100]);
    assert_eq!(bench.throttled(), json!({}));
}

#[tokio::test]
async fn limits_hold_over_http_and_can_be_read_and_set() {
    // Answers take so long that requests sent together meet.
    let slow = Limits { list_ms: 300, ..Limits::default() };
    let settings = TenantSettings { limits: slow, ..TenantSettings::default() };
    let site = with(Options { users: SeedUsers::None, settings, ..Options::default() }).await;
    let user = site.user("ada").await;
    let path = format!("/users/{user}/messages");
    let five =
        tokio::join!(site.get(&path), site.get(&path), site.get(&path), site.get(&path), site.get(&path));
    let mut statuses = [five.0, five.1, five.2, five.3, five.4].map(|answer| answer.status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 429]);
    assert_eq!(site.control("GET", "/limits", None).await.expect(200)["list_ms"], 300);
    let changed = site.control("PATCH", "/limits", Some(json!({"concurrent": null, "list_ms": 0}))).await;
    assert_eq!(changed.expect(200)["concurrent"], Value::Null);
    for wrong in [json!({"concurrent": "four"}), json!({"coffee": 1})] {
        site.control("PATCH", "/limits", Some(wrong)).await.expect(400);
    }
    site.get(&path).await.expect(200);
    site.stop().await;
}

#[tokio::test]
async fn behaviour_can_be_read_and_set_while_it_runs() {
    let site = empty().await;
    let user = site.user("ada").await;
    let event = json!({"subject": "x", "transactionId": "t",
        "start": {"dateTime": "2026-06-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-06-01T11:00:00", "timeZone": "UTC"}});
    let path = format!("/users/{user}/events");
    site.post(&path, event.clone()).await.expect(201);
    for (answer, status) in [("bad_request", 400), ("conflict", 409), ("same_event", 201)] {
        let set = json!({"repeated_transaction": answer});
        let now = site.control("PATCH", "/behaviour", Some(set)).await.expect(200);
        assert_eq!((&now["repeated_transaction"], &now["sync_generations"]), (&json!(answer), &json!(10)));
        assert_eq!(site.post(&path, event.clone()).await.status, status, "{answer}");
    }
    site.control("PATCH", "/behaviour", Some(json!({"repeated_transaction": "maybe"}))).await.expect(400);
    site.control("PATCH", "/behaviour", Some(json!({"moods": true}))).await.expect(400);
    assert_eq!(site.control("GET", "/behaviour", None).await.expect(200)["delta_page"], 50);
    site.stop().await;
}
