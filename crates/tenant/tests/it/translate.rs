//! Ids in the forms of Exchange.

use crate::support::{empty, text};
use serde_json::{Value, json};

#[tokio::test]
async fn ids_of_an_item_translate_both_ways_and_errors_stand_with_their_id() {
    let site = empty().await;
    let user = site.user("ada").await;
    let other = site.user("ben").await;
    let post = async |path: &str, body: Value| {
        text(&site.immutable("POST", &format!("/users/{user}{path}"), Some(body)).await.expect(201), "id")
    };
    let at = |time: &str| json!({"dateTime": time, "timeZone": "UTC"});
    let message = post("/messages", json!({"subject": "m"})).await;
    let event = post(
        "/events",
        json!({"subject": "e", "start": at("2026-11-02T10:00:00"), "end": at("2026-11-02T11:00:00")}),
    )
    .await;
    let contact = post("/contacts", json!({"givenName": "c"})).await;
    let path = format!("/users/{user}/translateExchangeIds");
    let translate = async |ids: &[&str], from: &str, to: &str| -> Vec<Value> {
        let body = json!({"inputIds": ids, "sourceIdType": from, "targetIdType": to});
        site.post(&path, body).await.expect(200)["value"].as_array().unwrap().clone()
    };
    let dump = site.dump(&user).await;
    for (kind, immutable) in [("messages", &message), ("events", &event), ("contacts", &contact)] {
        let ews = text(&dump[kind][0], "ewsId");
        let found = translate(&[&ews], "ewsId", "restImmutableEntryId").await;
        assert_eq!(found[0]["targetId"], immutable.as_str(), "{kind}");
        for form in ["ewsId", "entryId", "immutableEntryId", "restId"] {
            let there = text(&translate(&[immutable], "restImmutableEntryId", form).await[0], "targetId");
            let back = translate(&[&there], form, "restImmutableEntryId").await;
            assert_eq!(back[0]["targetId"], immutable.as_str(), "{kind} by {form}");
        }
        let regular = text(&translate(&[&ews], "ewsId", "restId").await[0], "targetId");
        assert_eq!(
            text(&site.get(&format!("/users/{user}/{kind}/{regular}")).await.expect(200), "id"),
            regular
        );
    }
    // A move makes the old id an id of nothing.
    let ews = text(&dump["messages"][0], "ewsId");
    let to = json!({"destinationId": "archive"});
    site.post(&format!("/users/{user}/messages/{message}/move"), to).await.expect(201);
    let results = translate(&[&ews, "garbage"], "ewsId", "restImmutableEntryId").await;
    assert_eq!(results[0]["errorDetails"]["code"], "ErrorItemNotFound");
    assert_eq!(results[1]["errorDetails"]["code"], "ErrorInvalidIdMalformed");
    assert_eq!(results[1]["sourceId"], "garbage");
    let body =
        json!({"inputIds": [message], "sourceIdType": "restImmutableEntryId", "targetIdType": "ewsId"});
    let foreign = site.post(&format!("/users/{other}/translateExchangeIds"), body).await.expect(200);
    assert_eq!(foreign["value"][0]["errorDetails"]["code"], "ErrorItemNotFound");
    let many = json!({"inputIds": vec!["x"; 1001], "sourceIdType": "ewsId", "targetIdType": "restId"});
    assert_eq!(site.post(&path, many).await.code(400), "ErrorInvalidArgument");
    let unknown = json!({"inputIds": [], "sourceIdType": "storeId", "targetIdType": "restId"});
    assert_eq!(site.post(&path, unknown).await.code(400), "BadRequest");
    site.stop().await;
}
