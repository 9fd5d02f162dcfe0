//! Notifications with encrypted contents.

use crate::envelope::{Subscriber, claims};
use crate::mailroom::{CHANGES, Mailroom};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use tandem_tenant::{Behaviour, Request};

const SELECTED: &str = "users/anna@meridian.example/messages?$select=subject,from,receivedDateTime";

fn rich(certificate: &str) -> Value {
    json!({
        "resource": SELECTED,
        "includeResourceData": true,
        "encryptionCertificate": certificate,
        "encryptionCertificateId": "first",
    })
}

#[test]
fn the_subscriber_reads_what_he_selected() {
    let (mut desk, subscriber) = (Mailroom::new(Behaviour::default()), Subscriber::known());
    desk.subscribe(600, rich(&subscriber.certificate));
    let id = desk.letter("Confidential: größer als gedacht");
    desk.letter("Another");
    desk.pass(SignedDuration::from_mins(1));
    let tokens = desk.arrived[0].body["validationTokens"].as_array().unwrap().clone();
    assert_eq!(tokens.len(), 1, "one for each application");
    let keys = format!("/{}/discovery/v2.0/keys", desk.tenant.tenant_id());
    let keys = Request { method: "GET".to_owned(), path: keys, ..Request::default() };
    let keys = desk.tenant.handle(&keys, desk.now).value();
    let proof = claims(tokens[0].as_str().unwrap(), &keys);
    assert_eq!(proof["aud"], desk.tenant.client_id());
    assert_eq!(proof["appid"], "0bf30f3b-4a52-48df-9a82-234910c4a086");
    assert_eq!(proof["tid"], desk.tenant.tenant_id());
    assert!(proof["exp"].as_i64().unwrap() > desk.now.as_second());
    let told = desk.take(CHANGES);
    let notice = &told[0].1;
    let content = &notice["encryptedContent"];
    assert_eq!(content["encryptionCertificateId"], "first");
    let print = Sha1::digest(STANDARD.decode(&subscriber.certificate).unwrap());
    let print: String = print.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(content["encryptionCertificateThumbprint"], print);
    assert_eq!(notice["resourceData"]["@odata.type"], "#microsoft.graph.message");
    let user = desk.graph("GET", "/users/anna@meridian.example", Value::Null).value()["id"].take();
    let place = format!("Users('{}')/messages('{id}')", user.as_str().unwrap());
    assert_eq!((&notice["resource"], &notice["resourceData"]["id"]), (&json!(place), &json!(id)));

    let path = format!("/users/anna@meridian.example/messages/{id}?$select=subject,from,receivedDateTime");
    let message = desk.graph("GET", &path, Value::Null).value();
    let opened = subscriber.open(content);
    let names: Vec<&String> = opened.as_object().unwrap().keys().collect();
    assert_eq!(names, ["from", "receivedDateTime", "subject"]);
    for name in names {
        assert_eq!(opened[name], message[name], "{name}");
    }
    let other = &told[1].1["encryptedContent"];
    assert_ne!(other["dataKey"], content["dataKey"], "each has a key of its own");
    assert_eq!(subscriber.open(other)["subject"], "Another");
}

#[test]
fn what_is_gone_has_no_content() {
    let (mut desk, subscriber) = (Mailroom::new(Behaviour::default()), Subscriber::known());
    let id = desk.letter("Gone");
    desk.subscribe(600, rich(&subscriber.certificate));
    let path = format!("/users/anna@meridian.example/messages/{id}");
    for _ in 0..2 {
        assert_eq!(desk.graph("DELETE", &path, Value::Null).status, 204);
    }
    desk.pass(SignedDuration::from_mins(1));
    let told = desk.take(CHANGES);
    let last = &told.last().unwrap().1;
    assert_eq!((&last["changeType"], last.get("encryptedContent")), (&json!("deleted"), None));
}

#[test]
fn the_same_seed_encrypts_the_same() {
    let subscriber = Subscriber::known();
    let run = || {
        let mut desk = Mailroom::new(Behaviour::default());
        desk.subscribe(600, rich(&subscriber.certificate));
        desk.letter("Determined");
        desk.pass(SignedDuration::from_mins(1));
        desk.arrived.pop().unwrap().body
    };
    assert_eq!(run(), run());
}

#[test]
fn what_a_subscription_with_contents_needs() {
    let (mut desk, subscriber) = (Mailroom::new(Behaviour::default()), Subscriber::known());
    let expires =
        |desk: &Mailroom, minutes: i64| json!((desk.now + SignedDuration::from_mins(minutes)).to_string());
    let mut good = json!({
        "changeType": "created",
        "notificationUrl": CHANGES,
        "expirationDateTime": expires(&desk, 1440),
    });
    good.as_object_mut().unwrap().extend(rich(&subscriber.certificate).as_object().unwrap().clone());
    let weak = include_str!("../data/weak.txt").trim();
    let elliptic = include_str!("../data/elliptic.txt").trim();
    let all = "users/anna@meridian.example/messages";
    for (name, value, code) in [
        ("encryptionCertificate", Value::Null, "InvalidRequest"),
        ("encryptionCertificate", json!("no base64!"), "InvalidRequest"),
        ("encryptionCertificate", json!(STANDARD.encode("no certificate")), "InvalidRequest"),
        ("encryptionCertificate", json!(weak), "InvalidRequest"),
        ("encryptionCertificate", json!(elliptic), "InvalidRequest"),
        ("encryptionCertificateId", Value::Null, "InvalidRequest"),
        ("encryptionCertificateId", json!("x".repeat(129)), "InvalidRequest"),
        ("resource", json!(all), "InvalidRequest"),
        ("resource", json!(format!("{all}?$select=subject,body")), "InvalidRequest"),
        ("resource", json!("users?$select=id"), "InvalidRequest"),
        ("expirationDateTime", expires(&desk, 1441), "ExtensionError"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let answer = desk.graph("POST", "/subscriptions", body);
        assert_eq!((answer.status, &answer.value()["error"]["code"]), (400, &json!(code)), "{answer:?}");
    }
    let made = desk.graph("POST", "/subscriptions", good);
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/subscriptions/{}", made.value()["id"].as_str().unwrap());
    let news =
        json!({ "encryptionCertificate": subscriber.certificate, "encryptionCertificateId": "second" });
    assert_eq!(desk.graph("PATCH", &path, news).value()["encryptionCertificateId"], "second");
    desk.letter("For the second");
    desk.pass(SignedDuration::from_mins(1));
    let told = desk.take(CHANGES);
    assert_eq!(told[0].1["encryptedContent"]["encryptionCertificateId"], "second");
}
