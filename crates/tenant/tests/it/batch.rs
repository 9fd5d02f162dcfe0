//! `$batch`.

use crate::support::{empty, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_batch_answers_each_request_and_counts_it() {
    let site = empty().await;
    let user = site.user("ada").await;
    let make = |id: &str| {
        json!({"id": id, "method": "POST", "url": format!("/users/{user}/contacts"),
        "headers": {"Content-Type": "application/json"}, "body": {"givenName": id}})
    };
    let batch = json!({"requests": [
        make("1"),
        {"id": "2", "method": "GET", "url": format!("users/{user}/contacts?$select=givenName"), "dependsOn": ["1"]},
        {"id": "3", "method": "GET", "url": "/users/nobody@x/messages", "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": "/users", "dependsOn": ["3"]},
    ]});
    let answer = site.post("/$batch", batch).await.expect(200);
    let part = |id: &str| {
        let parts = answer["responses"].as_array().unwrap();
        parts.iter().find(|part| part["id"] == id).unwrap().clone()
    };
    let status = |id: &str| part(id)["status"].as_u64().unwrap();
    assert_eq!([status("1"), status("2"), status("3"), status("4")], [201, 200, 404, 424]);
    assert_eq!(part("2")["body"]["value"][0]["givenName"], "1");
    assert_eq!(part("4")["body"]["error"]["code"], "FailedDependency");
    let stats = site.control("GET", "/stats", None).await.expect(200);
    assert_eq!((stats["requests"].as_u64(), stats["writes"].as_u64()), (Some(3), Some(1)));
    site.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_malformed_does_nothing() {
    let site = empty().await;
    let user = site.user("ada").await;
    let read = |id: &str, depends_on: &[&str]| json!({"id": id, "method": "GET", "url": "/users", "dependsOn": depends_on});
    let write = |extra: Value| {
        let mut part = json!({"id": "1", "method": "POST", "url": format!("/users/{user}/contacts")});
        part.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        part
    };
    let media = json!({"Content-Type": "application/json"});
    let many: Vec<Value> = (0..21).map(|id| read(&id.to_string(), &[])).collect();
    let malformed = [
        ("doubled, in any case", json!([read("a", &[]), read("A", &[])])),
        ("too many", json!(many)),
        ("neither sequential nor parallel", json!([read("1", &[]), read("2", &[]), read("3", &["1"])])),
        ("depends on what comes later", json!([read("1", &["2"]), read("2", &[])])),
        ("no url", json!([{"id": "1", "method": "GET"}])),
        ("no id", json!([{"method": "GET", "url": "/users"}])),
        ("a batch", json!([{"id": "1", "method": "GET", "url": "/$batch"}])),
        ("no type", json!([write(json!({"body": {"givenName": "x"}}))])),
        ("no body", json!([write(json!({"headers": media}))])),
        ("no base64", json!([write(json!({"headers": {"Content-Type": "image/png"}, "body": "?"}))])),
        ("none", json!([])),
    ];
    for (what, requests) in malformed {
        let answer = site.post("/$batch", json!({"requests": requests})).await;
        assert_eq!(answer.code(400), "BadRequest", "{what}");
    }
    assert_eq!(site.post("/$batch", json!([])).await.code(400), "BadRequest");
    let absolute =
        json!({"requests": [{"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/users"}]});
    assert_eq!(site.post("/$batch", absolute).await.expect(200)["responses"][0]["status"], 400);
    assert!(site.all(&format!("/users/{user}/contacts")).await.is_empty());
    site.stop().await;
}

#[tokio::test]
async fn answers_come_in_any_order_and_raw_ones_in_base64() {
    let site = empty().await;
    let user = site.user("ada").await;
    let made =
        site.immutable("POST", &format!("/users/{user}/messages"), Some(json!({"subject": "m"}))).await;
    let id = text(&made.expect(201), "id");
    let requests: Vec<Value> = (0..20)
        .map(|number| json!({"id": number.to_string(), "method": "GET", "url": format!("/users/{user}/messages/{id}/$value")}))
        .collect();
    let answer = site.post("/$batch", json!({"requests": requests})).await.expect(200);
    let parts = answer["responses"].as_array().unwrap();
    let ids: Vec<String> = parts.iter().map(|part| text(part, "id")).collect();
    let asked: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    assert_ne!(ids, asked);
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 20);
    assert_eq!(parts[0]["headers"]["Content-Type"], "text/plain");
    let raw = site.get(&format!("/users/{user}/messages/{id}/$value")).await.bytes;
    use base64::Engine;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text(&parts[0], "body")).unwrap();
    assert_eq!(decoded, raw);
    site.stop().await;
}
