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
