//! Mail folders: well-known ones, hidden ones, depth, moves and copies.

use crate::support::{empty, text};
use serde_json::json;

const KEY: &str = "String {00020329-0000-0000-C000-000000000046} Name Key";

#[tokio::test]
async fn well_known_folders_are_named_in_the_language_of_the_mailbox() {
    let site = empty().await;
    let body = json!({"mail": "uta@meridian.example", "preferredLanguage": "de-AT"});
    site.control("POST", "/users", Some(body)).await.expect(201);
    let base = "/users/uta@meridian.example/mailFolders";
    for (name, shown) in
        [("Inbox", "Posteingang"), ("SentItems", "Gesendete Elemente"), ("archive", "Archiv")]
    {
        assert_eq!(site.get(&format!("{base}/{name}")).await.expect(200)["displayName"], shown);
    }
    for name in [
        "clutter",
        "conflicts",
        "conversationhistory",
        "deleteditems",
        "drafts",
        "junkemail",
        "localfailures",
        "msgfolderroot",
        "outbox",
        "recoverableitemsdeletions",
        "scheduled",
        "searchfolders",
        "serverfailures",
        "syncissues",
    ] {
        site.get(&format!("{base}/{name}")).await.expect(200);
    }
    let listed = site.all(&format!("{base}?$top=100")).await;
    let hidden = site.all(&format!("{base}?$top=100&includeHiddenFolders=true")).await;
    assert_eq!((listed.len(), hidden.len()), (8, 16));
    assert!(listed.iter().all(|folder| folder["isHidden"] == false));
    assert_eq!(site.get(&format!("{base}/$count")).await.bytes, b"8");
    site.stop().await;
}

#[tokio::test]
async fn folders_nest_move_and_are_copied_with_all_that_is_in_them() {
    let site = empty().await;
    let user = site.user("ada").await;
    let base = format!("/users/{user}/mailFolders");
    let mut path = format!("{base}/inbox");
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let made = site.post(&format!("{path}/childFolders"), json!({"displayName": name})).await.expect(201);
        ids.push(text(&made, "id"));
        path = format!("{path}/childFolders/{}", text(&made, "id"));
    }
    let message = site.immutable("POST", &format!("{path}/messages"), Some(json!({"subject": "deep"}))).await;
    let message = text(&message.expect(201), "id");
    assert_eq!(site.get(&format!("{path}/messages/{message}")).await.expect(200)["subject"], "deep");
    let key = json!({"displayName": "c2", "singleValueExtendedProperties": [{"id": KEY, "value": "K"}]});
    assert_eq!(site.patch(&path, key).await.expect(200)["displayName"], "c2");
    let into_itself = site.post(&format!("{base}/{}/move", ids[0]), json!({"destinationId": ids[2]})).await;
    assert_eq!(into_itself.code(400), "ErrorMoveCopyFailed");
    let built_in = site.post(&format!("{base}/inbox/move"), json!({"destinationId": "archive"})).await;
    assert_eq!(built_in.code(403), "ErrorMoveDistinguishedFolder");
    let moved =
        site.post(&format!("{base}/{}/move", ids[0]), json!({"destinationId": "archive"})).await.expect(200);
    assert_eq!(moved["id"], ids[0].as_str(), "ids of folders are constant");
    assert_eq!(
        site.get(&format!("/users/{user}/messages/{message}")).await.expect(200)["parentFolderId"],
        ids[2].as_str()
    );
    let copy =
        site.post(&format!("{base}/{}/copy", ids[0]), json!({"destinationId": "inbox"})).await.expect(200);
    assert_ne!(copy["id"], moved["id"]);
    let twin = site.post(&format!("{base}/{}/copy", ids[0]), json!({"destinationId": "inbox"})).await;
    assert_eq!(twin.code(409), "ErrorFolderExists");
    let all = site.all(&format!("/users/{user}/messages?$filter=subject eq 'deep'")).await;
    assert_eq!(all.len(), 2, "the message was copied along");
    let expanded = site.get(&format!("{base}/{}?$expand=childFolders", ids[0])).await.expect(200);
    assert_eq!(expanded["childFolders"][0]["displayName"], "b");
    let filter =
        format!("$filter=singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq 'k')");
    assert_eq!(site.all(&format!("{base}/{}/childFolders?{filter}", ids[1])).await.len(), 1);
    site.post(&format!("{base}/{}/permanentDelete", ids[0]), json!({})).await.expect(204);
    assert_eq!(site.get(&format!("{base}/{}", ids[2])).await.code(404), "ErrorItemNotFound");
    assert_eq!(site.get(&format!("/users/{user}/messages/{message}")).await.code(404), "ErrorItemNotFound");
    let hidden = site.post(&base, json!({"displayName": "secret", "isHidden": true})).await.expect(201);
    assert_eq!(hidden["isHidden"], true);
    assert!(!site.all(&format!("{base}?$top=100")).await.iter().any(|folder| folder["id"] == hidden["id"]));
    site.stop().await;
}
