//! Contacts.

use crate::support::{empty, text};
use serde_json::json;

const KEY: &str = "String {00020329-0000-0000-C000-000000000046} Name Key";

#[tokio::test]
async fn contacts_live_in_folders_and_are_found_by_their_key() {
    let site = empty().await;
    let user = site.user("ada").await;
    let folders = format!("/users/{user}/contactFolders");
    let folder = text(&site.post(&folders, json!({"displayName": "CRM"})).await.expect(201), "id");
    let path = format!("{folders}/{folder}/contacts");
    let body = json!({"givenName": "Petra", "surname": "Kunde", "companyName": "Northwind",
        "emailAddresses": [{"address": "p@n.example", "name": "P"}], "birthday": "1974-07-22T11:59:00Z",
        "businessAddress": {"city": "Wien"}, "singleValueExtendedProperties": [{"id": KEY, "value": "KP:1"}]});
    let made = site.immutable("POST", &path, Some(body)).await.expect(201);
    assert_eq!(made["displayName"], "Petra Kunde");
    assert_eq!(made["fileAs"], "Kunde, Petra");
    assert_eq!(made["birthday"], "1974-07-22T11:59:00Z");
    assert!(made["mobilePhone"].is_null());
    let id = text(&made, "id");
    let filter =
        format!("$filter=singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq 'kp:1')");
    assert_eq!(site.all(&format!("{path}?{filter}")).await[0]["id"], id.as_str());
    assert!(site.all(&format!("/users/{user}/contacts?{filter}")).await.is_empty(), "another folder");
    let (first, link) = site.delta(&format!("{path}/delta")).await;
    assert_eq!(first.len(), 1);
    let single = format!("/users/{user}/contacts/{id}");
    let changed = site
        .patch(&single, json!({"displayName": "Petra K.", "mobilePhone": "1", "companyName": null}))
        .await;
    let changed = changed.expect(200);
    assert!(changed["companyName"].is_null() && changed["mobilePhone"] == "1");
    let (second, link) = site.delta(&link).await;
    assert_eq!(second[0]["displayName"], "Petra K.");
    let many = json!({"emailAddresses": [{"address": "a@b"}, {"address": "c@d"}, {"address": "e@f"}, {"address": "g@h"}]});
    assert_eq!(site.patch(&single, many).await.code(400), "ErrorPropertyValidationFailure");
    site.delete(&single).await.expect(204);
    let (third, _) = site.delta(&link).await;
    assert_eq!(third[0]["id"], id.as_str());
    assert_eq!(third[0]["@removed"]["reason"], "deleted");
    site.stop().await;
}

#[tokio::test]
async fn contact_folders_nest_and_go_with_all_that_is_in_them() {
    let site = empty().await;
    let user = site.user("ada").await;
    let base = format!("/users/{user}/contactFolders");
    let (_, link) = site.delta(&format!("{base}/delta")).await;
    let outer = text(&site.post(&base, json!({"displayName": "outer"})).await.expect(201), "id");
    let below = format!("{base}/{outer}/childFolders");
    let inner = text(&site.post(&below, json!({"displayName": "inner"})).await.expect(201), "id");
    let contact =
        site.post(&format!("{below}/{inner}/contacts"), json!({"givenName": "deep"})).await.expect(201);
    assert_eq!(contact["parentFolderId"], inner.as_str());
    let key = json!({"singleValueExtendedProperties": [{"id": KEY, "value": "K"}]});
    site.patch(&format!("{base}/{inner}"), key).await.expect(200);
    let shown = site
        .get(&format!(
            "{base}/{outer}?$expand=childFolders,singleValueExtendedProperties($filter=id eq '{KEY}')"
        ))
        .await;
    assert_eq!(shown.expect(200)["childFolders"][0]["singleValueExtendedProperties"][0]["value"], "K");
    assert_eq!(site.get(&format!("{below}/$count")).await.bytes, b"1");
    let (told, link) = site.delta(&link).await;
    assert_eq!(told.len(), 2);
    site.delete(&format!("{base}/{outer}")).await.expect(204);
    assert_eq!(site.get(&format!("{base}/{inner}")).await.code(404), "ErrorItemNotFound");
    let one = format!("/users/{user}/contacts/{}", text(&contact, "id"));
    assert_eq!(site.get(&one).await.code(404), "ErrorItemNotFound");
    let (gone, _) = site.delta(&link).await;
    assert_eq!(gone.iter().filter(|entry| entry["@removed"].is_object()).count(), 2);
    site.stop().await;
}

#[tokio::test]
async fn a_display_name_that_is_left_out_is_made_anew() {
    let site = empty().await;
    let user = site.user("ada").await;
    let path = format!("/users/{user}/contacts");
    let made =
        site.post(&path, json!({"givenName": "Petra", "surname": "Kunde", "displayName": "The Boss"})).await;
    let one = format!("{path}/{}", text(&made.expect(201), "id"));
    assert_eq!(site.patch(&one, json!({"jobTitle": "CEO"})).await.expect(200)["displayName"], "The Boss");
    let both = json!({"surname": "Huber", "displayName": "The Boss"});
    assert_eq!(site.patch(&one, both).await.expect(200)["displayName"], "The Boss");
    assert_eq!(
        site.patch(&one, json!({"surname": "Berger"})).await.expect(200)["displayName"],
        "Petra Berger"
    );
    site.stop().await;
}
