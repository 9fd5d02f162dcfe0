//! To which requests a fault happens, how often, how likely, and when.

use crate::bench::{Bench, retry_after};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tandem_tenant::{Delivery, FaultError, FaultPlan, FaultRule, Limits, TenantSettings};

const ADA: &str = "/users/ada@meridian.example";

fn bench() -> Bench {
    Bench::new(Limits::none(), &["ada", "bob"])
}

#[track_caller]
fn arm(bench: &mut Bench, rule: Value) -> u64 {
    let answer = bench.control("POST", "/faults", Some(&rule));
    assert_eq!(answer.status, 201, "{}", answer.value());
    answer.value()["id"].as_u64().unwrap()
}

/// Which of so many requests for messages failed, from 1.
fn failed(bench: &mut Bench, requests: usize) -> Vec<usize> {
    (1..=requests).filter(|_| bench.burst(1, "ada") != [200]).collect()
}

#[test]
fn a_rule_holds_for_the_requests_that_it_names() {
    let mut bench = bench();
    arm(&mut bench, json!({"fault": "access-denied", "path": "/users/*/events/**"}));
    arm(&mut bench, json!({"fault": "conflict", "resource": "tasks", "method": "POST"}));
    let mut status = |method: &str, path: &str| bench.send(method, &format!("{ADA}{path}"), None).status;
    assert_eq!(status("GET", "/events"), 403);
    assert_eq!(status("GET", "/events/x"), 403);
    assert_eq!(status("GET", "/messages"), 200);
    assert_eq!(status("POST", "/todo/lists/x/tasks"), 409);
    assert_eq!(status("GET", "/todo/lists"), 200);
}

#[test]
fn a_rule_holds_from_the_nth_request_on_so_many_times() {
    let mut bench = bench();
    let id = arm(&mut bench, json!({"fault": "bad-gateway", "nth": 3}));
    assert_eq!(failed(&mut bench, 6), [3]);
    assert_eq!(bench.control("DELETE", &format!("/faults/{id}"), None).status, 204);
    assert_eq!(bench.control("DELETE", &format!("/faults/{id}"), None).status, 404);
    arm(&mut bench, json!({"fault": "bad-gateway", "nth": 2, "count": 3}));
    assert_eq!(failed(&mut bench, 6), [2, 3, 4]);
    bench.control("DELETE", "/faults", None);
    arm(&mut bench, json!({"fault": "bad-gateway"}));
    assert_eq!(failed(&mut bench, 3), [1, 2, 3]);
    let shown = bench.control("GET", "/faults", None).value();
    assert_eq!((&shown["rules"][0]["matched"], &shown["rules"][0]["played"]), (&json!(3), &json!(3)));
    assert_eq!(bench.tenant.faults_played()["bad-gateway"], 7);
}

#[test]
fn a_rule_holds_for_a_time() {
    let mut bench = bench();
    let rule = json!({"fault": "slow", "from": "2026-06-01T08:01:00Z", "until": "2026-06-01T08:02:00Z"});
    arm(&mut bench, rule);
    let slow = |bench: &mut Bench| {
        let late = bench.send("GET", &format!("{ADA}/messages"), None).delivery != Delivery::Prompt;
        bench.wait(SignedDuration::from_secs(60));
        late
    };
    assert_eq!([slow(&mut bench), slow(&mut bench), slow(&mut bench)], [false, true, false]);
}

#[test]
fn chance_follows_the_seed() {
    let run = |seed| {
        let settings = TenantSettings { seed, limits: Limits::none(), ..TenantSettings::default() };
        let mut bench = Bench::with(settings, &["ada"]);
        arm(&mut bench, json!({"fault": "bad-gateway", "probability": 0.3}));
        failed(&mut bench, 200)
    };
    let (one, again, other) = (run(1), run(1), run(2));
    assert_eq!(one, again);
    assert_ne!(one, other);
    assert!((30..90).contains(&one.len()) && (30..90).contains(&other.len()), "{one:?} {other:?}");
}

#[test]
fn parts_of_a_batch_fail_one_by_one_and_so_does_the_envelope() {
    let mut bench = bench();
    let part = |id: &str, user: &str| json!({"id": id, "method": "GET", "url": format!("/users/{user}@meridian.example/messages")});
    let batch = json!({"requests": [part("1", "ada"), part("2", "bob"), part("3", "ada"), part("4", "ada"), part("5", "ada")]});
    arm(&mut bench, json!({"fault": "throttled", "mailbox": "ada@meridian.example", "nth": 1}));
    arm(&mut bench, json!({"fault": "timeout", "mailbox": "ada@meridian.example", "nth": 1}));
    arm(&mut bench, json!({"fault": "truncated", "mailbox": "ada@meridian.example", "nth": 1}));
    arm(&mut bench, json!({"fault": "slow", "mailbox": "bob@meridian.example", "nth": 1}));
    let answer = bench.send("POST", "/$batch", Some(&batch));
    let value = answer.value();
    let status = |id: &str| {
        let parts = value["responses"].as_array().unwrap();
        parts.iter().find(|part| part["id"] == id).unwrap()["status"].as_u64().unwrap()
    };
    assert_eq!([status("1"), status("2"), status("3"), status("4"), status("5")], [429, 200, 504, 502, 200]);
    assert!(matches!(answer.delivery, Delivery::Late(_)), "as late as its slowest part");
    arm(&mut bench, json!({"fault": "service-unavailable", "resource": "batch", "nth": 1}));
    assert_eq!(bench.send("POST", "/$batch", Some(&batch)).status, 503);
    arm(&mut bench, json!({"fault": "reply-lost", "resource": "batch", "nth": 1}));
    assert_eq!(bench.send("POST", "/$batch", Some(&batch)).delivery, Delivery::Never);
}

#[test]
fn tokens_can_be_refused_too() {
    let mut bench = bench();
    let rule =
        json!({"fault": "service-unavailable", "resource": "token", "with": {"retry_after": 9}, "count": 1});
    arm(&mut bench, rule);
    let refused = bench.log_in();
    assert_eq!((refused.status, retry_after(&refused)), (503, Some(9)));
    assert_eq!(refused.value()["error"], "temporarily_unavailable");
    assert_eq!(bench.log_in().status, 200);
}

#[test]
fn what_cannot_be_played_is_refused_with_a_reason() {
    let mut bench = bench();
    for (rule, reason) in [
        (json!({"fault": "gremlins"}), "gremlins"),
        (json!({"fault": "slow", "with": {"minutes": 1}}), "minutes"),
        (json!({"fault": "slow", "with": {"seconds": "long"}}), "seconds"),
        (json!({"fault": "repeated-transaction", "with": {"answer": "maybe"}}), "answer"),
        (json!({"fault": "slow", "probability": 2}), "probability"),
        (json!({"fault": "slow", "nth": 0}), "nth"),
        (json!({"fault": "slow", "resource": "coffee"}), "coffee"),
        (json!({"fault": "slow", "when": "often"}), "when"),
        (json!({}), "fault"),
    ] {
        let answer = bench.control("POST", "/faults", Some(&rule));
        let message = answer.value()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(answer.status >= 400 && message.contains(reason), "{rule}: {message}");
    }
    for (fault, body, status) in [
        ("slow", json!({"mailbox": "ada@meridian.example"}), 400),
        ("touched", json!({"mailbox": "nobody@meridian.example"}), 404),
        ("touched", json!({"mailbox": "ada@meridian.example", "with": {"items": -1}}), 400),
        ("gremlins", json!({}), 404),
    ] {
        assert_eq!(
            bench.control("POST", &format!("/faults/{fault}/play"), Some(&body)).status,
            status,
            "{fault}"
        );
    }
    assert_eq!(bench.control("PUT", "/faults", None).status, 404);
    let error = FaultPlan::new(vec![FaultRule { fault: "gremlins".into(), ..FaultRule::default() }]);
    assert_eq!(error.unwrap_err(), FaultError::Unknown("gremlins".into()));
}

#[test]
fn a_file_brings_rules_and_switches_and_a_reset_brings_the_rules_back() {
    let file = r#"
        [behaviour]
        repeated_transaction = "conflict"

        [limits]
        concurrent = 2

        [[fault]]
        fault = "bad-gateway"
        path = "/users/*/messages"
        nth = 1

        [[fault]]
        fault = "licence-removed"
        mailbox = "bob@meridian.example"
        resource = "contacts"
        from = "2026-01-01T00:00:00Z"
    "#;
    let settings = TenantSettings::default().with_faults(file).unwrap();
    let mut bench = Bench::with(settings, &["ada", "bob"]);
    assert_eq!(bench.burst(3, "ada"), [502, 200, 429]);
    assert_eq!(bench.burst(1, "bob"), [200]);
    let contacts = bench.send("GET", "/users/bob@meridian.example/contacts", None);
    assert_eq!(contacts.status, 404, "the request found the licence gone");
    let behaviour = bench.control("GET", "/behaviour", None).value();
    assert_eq!(
        (&behaviour["repeated_transaction"], &behaviour["delta_page"]),
        (&json!("conflict"), &json!(50))
    );
    arm(&mut bench, json!({"fault": "slow"}));
    bench.tenant.reset();
    let shown = bench.control("GET", "/faults", None).value();
    let rules = shown["rules"].as_array().unwrap();
    assert_eq!((rules.len(), &rules[0]["played"]), (2, &json!(0)));
    for (text, reason) in [
        ("[[fault]]\nfault = \"gremlins\"", "gremlins"),
        ("[behaviour]\nmoods = true", "moods"),
        ("not toml", "line 1"),
    ] {
        let error = TenantSettings::default().with_faults(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let error = TenantSettings::default().with_fault_file(file.path()).unwrap_err().to_string();
        assert!(error.contains(file.path().to_str().unwrap()) && error.contains(reason), "{error}");
    }
    let giant = tempfile::NamedTempFile::new().unwrap();
    giant.as_file().set_len(1 << 40).unwrap();
    let error = TenantSettings::default().with_fault_file(giant.path()).unwrap_err().to_string();
    assert!(error.contains("larger than 4 MiB"), "{error}");
    let error = TenantSettings::default().with_fault_file("/no/such/faults.toml".as_ref()).unwrap_err();
    assert!(error.to_string().contains("/no/such/faults.toml"), "{error}");
}

#[test]
fn the_same_requests_at_the_same_times_get_the_same_bytes() {
    let run = |seed: u64| {
        let file = r#"
            [[fault]]
            fault = "throttled"
            probability = 0.2
            [[fault]]
            fault = "reply-lost"
            method = "POST"
            probability = 0.2
            [[fault]]
            fault = "entries-repeated"
            probability = 0.5
            [[fault]]
            fault = "touched"
            probability = 0.1
            [[fault]]
            fault = "truncated"
            probability = 0.1
        "#;
        let settings = TenantSettings { seed, ..TenantSettings::default() }.with_faults(file).unwrap();
        let mut bench = Bench::with(settings, &["ada", "bob"]);
        let mut transcript = String::new();
        for round in 0..40 {
            let contact = json!({"givenName": format!("contact {round}")});
            for response in [
                bench.send("POST", &format!("{ADA}/contacts"), Some(&contact)),
                bench.send("GET", &format!("{ADA}/contacts?$top=3"), None),
                bench.send("GET", &format!("{ADA}/mailFolders/inbox/messages/delta"), None),
                bench.send(
                    "POST",
                    "/$batch",
                    Some(&json!({"requests": [
                        {"id": "1", "method": "GET", "url": format!("{ADA}/contacts")},
                        {"id": "2", "method": "GET", "url": "/users"},
                    ]})),
                ),
            ] {
                transcript.push_str(&format!("{response:?}\n"));
            }
            bench.wait(SignedDuration::from_millis(1));
        }
        transcript
    };
    let (one, two) = (run(7), run(7));
    assert!(one == two, "a difference");
    assert!(one.contains("Cut(") && one.contains("Never") && one.contains("429"), "something happened");
    assert_ne!(one, run(8));
}
