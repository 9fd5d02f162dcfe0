//! Open extensions and extended properties on all that may carry them.

use crate::support::{empty, text};
use serde_json::json;

const MANY: &str = "StringArray {00020329-0000-0000-C000-000000000046} Name Keys";
const ONE: &str = "String {00020329-0000-0000-C000-000000000046} Name Key";

#[tokio::test]
async fn extensions_hang_on_mail_events_contacts_lists_and_tasks() {
    let site = empty().await;
    let user = site.user("ada").await;
    let at = |time: &str| json!({"dateTime": time, "timeZone": "UTC"});
    let lists = format!("/users/{user}/todo/lists");
    let list = text(&site.post(&lists, json!({"displayName": "L"})).await.expect(201), "id");
    let collections = [
        (format!("/users/{user}/messages"), json!({"subject": "m"})),
        (
            format!("/users/{user}/events"),
            json!({"subject": "e", "start": at("2026-11-02T10:00:00"), "end": at("2026-11-02T11:00:00")}),
        ),
        (format!("/users/{user}/contacts"), json!({"givenName": "c"})),
        (lists.clone(), json!({"displayName": "other"})),
        (format!("{lists}/{list}/tasks"), json!({"title": "t"})),
    ];
    for (path, body) in collections {
        let made = site.immutable("POST", &path, Some(body)).await.expect(201);
        let item = format!("{path}/{}", text(&made, "id"));
        let etag = text(&site.get(&item).await.expect(200), "@odata.etag");
        let extension = json!({"@odata.type": "#microsoft.graph.openTypeExtension", "extensionName": "com.example.crm", "key": "K1", "old": 1});
        let shown = site.post(&format!("{item}/extensions"), extension).await.expect(201);
        assert_eq!(shown["extensionName"], "com.example.crm");
        assert_ne!(text(&site.get(&item).await.expect(200), "@odata.etag"), etag, "{path}: the item changed");
        let one = format!("{item}/extensions/com.example.crm");
        let changed = site.patch(&one, json!({"key": "K2", "old": null})).await.expect(200);
        assert!(changed["key"] == "K2" && changed.get("old").is_none());
        let by_id = format!("{item}/extensions/{}", text(&shown, "id"));
        assert_eq!(site.get(&by_id).await.expect(200)["key"], "K2");
        let expanded = site.get(&format!("{item}?$expand=extensions")).await.expect(200);
        assert_eq!(expanded["extensions"][0]["key"], "K2", "{path}");
        let none = site.get(&format!("{item}?$expand=extensions($filter=id eq 'com.example.other')")).await;
        assert_eq!(none.expect(200)["extensions"], json!([]), "{path}");
        site.delete(&one).await.expect(204);
        assert_eq!(site.get(&one).await.code(404), "ErrorItemNotFound");
    }
    site.stop().await;
}

#[tokio::test]
async fn extended_properties_of_several_values_are_kept_apart() {
    let site = empty().await;
    let user = site.user("ada").await;
    let path = format!("/users/{user}/messages");
    let body = json!({"subject": "m", "multiValueExtendedProperties": [{"id": MANY, "value": ["a", "b"]}],
        "singleValueExtendedProperties": [{"id": ONE, "value": "x"}]});
    let id = text(&site.immutable("POST", &path, Some(body)).await.expect(201), "id");
    let plain = site.get(&format!("{path}/{id}")).await.expect(200);
    assert!(plain.get("multiValueExtendedProperties").is_none());
    let expand = format!("$expand=multiValueExtendedProperties($filter=id eq '{MANY}')");
    let shown = site.get(&format!("{path}/{id}?{expand}")).await.expect(200);
    assert_eq!(shown["multiValueExtendedProperties"][0]["value"], json!(["a", "b"]));
    assert!(shown.get("singleValueExtendedProperties").is_none());
    for wrong in [
        json!({"singleValueExtendedProperties": [{"id": ONE, "value": ["x"]}]}),
        json!({"multiValueExtendedProperties": [{"id": ONE, "value": ["x"]}]}),
        json!({"singleValueExtendedProperties": [{"id": "Key", "value": "x"}]}),
    ] {
        site.patch(&format!("{path}/{id}"), wrong).await.expect(400);
    }
    site.stop().await;
}
