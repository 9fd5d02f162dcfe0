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
        {"id": "2", "method": "GET", "url": "/users/nobody@x/messages"},
        {"id": "3", "method": "GET", "url": format!("/users/{user}/contacts?$select=givenName"), "dependsOn": ["1"]},
        {"id": "4", "method": "GET", "url": "/users", "dependsOn": ["2"]},
        {"id": "5", "method": "GET", "url": "https://graph.microsoft.com/v1.0/users"},
    ]});
    let answer = site.post("/$batch", batch).await.expect(200);
    let status = |id: &str| {
        let parts = answer["responses"].as_array().unwrap();
        parts.iter().find(|part| part["id"] == id).unwrap()["status"].as_u64().unwrap()
    };
    assert_eq!(["1", "2", "3", "4", "5"].map(status), [201, 404, 200, 424, 400]);
    let third = answer["responses"].as_array().unwrap().iter().find(|part| part["id"] == "3").unwrap();
    assert_eq!(third["body"]["value"][0]["givenName"], "1");
    let stats = site.control("GET", "/stats", None).await.expect(200);
    assert_eq!((stats["requests"].as_u64(), stats["writes"].as_u64()), (Some(4), Some(1)));
    let doubled = json!({"requests": [make("1"), make("1")]});
    assert_eq!(site.post("/$batch", doubled).await.code(400), "BadRequest");
    let many: Vec<Value> = (0..21).map(|id| make(&id.to_string())).collect();
    assert_eq!(site.post("/$batch", json!({"requests": many})).await.code(400), "BadRequest");
    assert!(text(&site.post("/$batch", json!([])).await.json()["error"], "message").contains("requests"));
    site.stop().await;
}
