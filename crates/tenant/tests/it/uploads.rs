//! Parts of large files, under the limits and the faults that hold for the application that sends them.

use crate::bench::{Bench, retry_after};
use crate::support::text;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tandem_tenant::Limits;

const ADA: &str = "/users/ada@meridian.example";

/// Size of the file that is sent, and of each part.
const FILE: usize = 4 * 1024 * 1024;
const PART: usize = 1024 * 1024;

/// An upload session of a new draft: the path of the draft, and the upload URL.
fn session(bench: &mut Bench, user: &str) -> (String, String) {
    let messages = format!("/users/{user}@meridian.example/messages");
    let draft = bench.send("POST", &messages, Some(&json!({"subject": "draft"}))).value();
    let draft = format!("{messages}/{}", text(&draft, "id"));
    let file = json!({"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": FILE}});
    let opened = bench.send("POST", &format!("{draft}/attachments/createUploadSession"), Some(&file));
    assert_eq!(opened.status, 201, "{}", opened.value());
    (draft, text(&opened.value(), "uploadUrl"))
}

/// Sends one part, from 0; its status, and when to come again.
fn send(bench: &mut Bench, url: &str, part: usize) -> (u16, Option<i64>) {
    let answer = bench.upload(url, part * PART, &vec![7; PART], FILE);
    // Nobody waits for another's answer here.
    if let Some(slot) = answer.slot {
        bench.tenant.finished(slot);
    }
    (answer.status, retry_after(&answer))
}

#[track_caller]
fn arm(bench: &mut Bench, rule: &Value) {
    assert_eq!(bench.control("POST", "/faults", Some(rule)).status, 201);
}

#[test]
fn parts_are_charged_to_the_quota_of_application_and_mailbox() {
    let three = 3 * PART as u64;
    let limits = Limits { uploaded_bytes: Some(three), concurrent: None, ..Limits::default() };
    let mut bench = Bench::new(limits, &["ada", "bob"]);
    // What opens the session is charged too, so that three parts are too many.
    let (draft, url) = session(&mut bench, "ada");
    assert_eq!(send(&mut bench, &url, 0), (200, None));
    bench.wait(SignedDuration::from_secs(100));
    assert_eq!(send(&mut bench, &url, 1), (200, None));
    assert_eq!(send(&mut bench, &url, 2), (429, Some(200)), "as long as the window of five minutes lasts");
    assert_eq!(bench.throttled(), json!({"IncomingBytes": 1}));
    let (_, other) = session(&mut bench, "bob");
    assert_eq!(send(&mut bench, &other, 0), (200, None), "another mailbox has a quota of its own");
    bench.wait(SignedDuration::from_secs(200));
    assert_eq!(send(&mut bench, &url, 2), (200, None), "what was refused was not taken");
    assert_eq!(send(&mut bench, &url, 3), (201, None));
    let listed = bench.send("GET", &format!("{draft}/attachments?$select=size"), None).value();
    assert_eq!(listed["value"][0]["size"], FILE);
}

#[test]
fn parts_occupy_places_beside_other_requests() {
    let mut bench = Bench::new(Limits::default(), &["ada"]);
    let (_, url) = session(&mut bench, "ada");
    bench.wait(SignedDuration::from_secs(10));
    assert_eq!(bench.burst(3, "ada"), [200; 3]);
    assert_eq!(bench.upload(&url, 0, &vec![7; PART], FILE).status, 200);
    assert_eq!(bench.burst(1, "ada"), [429], "the part has the fourth place");
    let refused = bench.upload(&url, PART, &vec![7; PART], FILE);
    assert_eq!((refused.status, retry_after(&refused)), (429, Some(1)));
    assert_eq!(refused.value()["error"]["code"], "ApplicationThrottled");
}

#[test]
fn rules_of_faults_hit_uploads() {
    let mut bench = Bench::new(Limits::none(), &["ada", "bob"]);
    let (_, url) = session(&mut bench, "ada");
    let (_, other) = session(&mut bench, "bob");
    let rule = json!({"fault": "bad-gateway", "resource": "uploads", "mailbox": "ada@meridian.example",
        "method": "PUT", "nth": 2});
    arm(&mut bench, &rule);
    assert_eq!(send(&mut bench, &other, 0).0, 200, "the rule is about another mailbox");
    assert_eq!(send(&mut bench, &url, 0).0, 200);
    let failed = bench.upload(&url, PART, &vec![7; PART], FILE);
    assert_eq!(failed.status, 502);
    assert!(failed.value()["error"]["code"].is_string(), "in the words of Graph: {}", failed.value());
    assert_eq!(bench.send("GET", &format!("{ADA}/messages"), None).status, 200);
    for (part, status) in [(1, 200), (2, 200), (3, 201)] {
        assert_eq!(send(&mut bench, &url, part).0, status);
    }
}
