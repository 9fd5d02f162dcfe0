//! To Do.

use crate::support::{empty, text};
use serde_json::json;

#[tokio::test]
async fn tasks_keep_extensions_and_get_another_id_in_another_list() {
    let site = empty().await;
    let user = site.user("ada").await;
    let lists = site.all(&format!("/users/{user}/todo/lists")).await;
    assert_eq!(lists[0]["wellknownListName"], "defaultList");
    let list = text(&lists[0], "id");
    let tasks = format!("/users/{user}/todo/lists/{list}/tasks");
    let body = json!({"title": "Call", "dueDateTime": {"dateTime": "2026-12-01T00:00:00", "timeZone": "UTC"},
        "linkedResources": [{"applicationName": "CRM", "externalId": "A1:1"}],
        "extensions": [{"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "example.crm", "key": "A1:1"}]});
    let made = site.post(&tasks, body).await.expect(201);
    assert_eq!(made["status"], "notStarted");
    assert!(made.get("extensions").is_none());
    let id = text(&made, "id");
    let shown = site.get(&format!("{tasks}/{id}?$expand=extensions,linkedResources")).await.expect(200);
    assert_eq!(shown["extensions"][0]["key"], "A1:1");
    assert_eq!(shown["extensions"][0]["extensionName"], "example.crm");
    assert_eq!(shown["linkedResources"][0]["externalId"], "A1:1");
    let (first, link) = site.delta(&format!("{tasks}/delta")).await;
    assert_eq!(first.len(), 1);
    let done = site.patch(&format!("{tasks}/{id}"), json!({"status": "completed"})).await.expect(200);
    assert!(done["completedDateTime"]["dateTime"].is_string());
    let reopened = site.patch(&format!("{tasks}/{id}"), json!({"status": "inProgress"})).await.expect(200);
    assert!(reopened.get("completedDateTime").is_none());
    let (_, lists_link) = site.delta(&format!("/users/{user}/todo/lists/delta")).await;
    let moved =
        site.control("POST", &format!("/users/{user}/tasks/{id}/move"), Some(json!({"list": "Other"}))).await;
    let moved = moved.expect(200);
    assert_ne!(text(&moved, "id"), id);
    let (second, _) = site.delta(&link).await;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0]["@removed"]["reason"], "deleted");
    assert_eq!(second[0]["id"], id.as_str());
    assert_eq!(site.delta(&lists_link).await.0[0]["displayName"], "Other");
    assert_eq!(site.post(&tasks, json!({"importance": "high"})).await.code(400), "ErrorInvalidRequest");
    let extension = format!(
        "/users/{user}/todo/lists/{}/tasks/{}/extensions",
        text(&moved, "listId"),
        text(&moved, "id")
    );
    site.patch(&format!("{extension}/example.crm"), json!({"key": "A1:2"})).await.expect(200);
    assert_eq!(site.get(&format!("{extension}/example.crm")).await.expect(200)["key"], "A1:2");
    site.stop().await;
}

#[tokio::test]
async fn links_and_checklists_are_made_changed_and_removed_one_by_one() {
    let site = empty().await;
    let user = site.user("ada").await;
    let tasks = format!("/users/{user}/todo/lists/tasks/tasks");
    let task = format!("{tasks}/{}", text(&site.post(&tasks, json!({"title": "t"})).await.expect(201), "id"));
    let link = json!({"applicationName": "CRM", "displayName": "Offer", "externalId": "7", "webUrl": "https://crm.example/7"});
    let item = json!({"displayName": "Call", "isChecked": false});
    for (part, new, change) in [
        ("linkedResources", link, json!({"displayName": "Order"})),
        ("checklistItems", item, json!({"isChecked": true})),
    ] {
        let etag = text(&site.get(&task).await.expect(200), "@odata.etag");
        let made = site.post(&format!("{task}/{part}"), new.clone()).await.expect(201);
        assert_eq!(made["displayName"], new["displayName"]);
        assert_ne!(text(&site.get(&task).await.expect(200), "@odata.etag"), etag, "the task changed");
        let one = format!("{task}/{part}/{}", text(&made, "id"));
        let changed = site.patch(&one, change).await.expect(200);
        assert_eq!(changed["id"], made["id"]);
        assert_eq!(changed["checkedDateTime"].is_string(), part == "checklistItems");
        assert_eq!(site.get(&one).await.expect(200)["displayName"], changed["displayName"]);
        assert_eq!(
            site.get(&format!("{task}?$expand={part}")).await.expect(200)[part].as_array().unwrap().len(),
            1
        );
        site.delete(&one).await.expect(204);
        assert_eq!(site.get(&one).await.code(404), "ErrorItemNotFound");
    }
    assert_eq!(
        site.post(&format!("{task}/checklistItems"), json!({})).await.code(400),
        "ErrorInvalidRequest"
    );
    assert_eq!(
        site.patch(&format!("/users/{user}/todo/lists/tasks"), json!({"displayName": "x"})).await.status,
        400
    );
    assert_eq!(site.get(&format!("{tasks}/$count")).await.bytes, b"1");
    site.stop().await;
}
