//! The directory: advanced queries, users who change and leave, delta.

use crate::desk::{Desk, Expect};
use crate::support::text;
use serde_json::{Value, json};

const ADA: &str = "/users/ada@meridian.example";

fn desk() -> (Desk, String) {
    let mut desk = Desk::with_users(&["ada", "ben", "cleo"]);
    let app = desk.first_app();
    let token = desk.token(&app);
    (desk, token)
}

fn values(answer: &Value) -> Vec<Value> {
    answer["value"].as_array().unwrap().clone()
}

#[test]
fn advanced_queries_say_that_they_are_content_with_eventual_consistency() {
    let (mut desk, token) = desk();
    let search = "/users?$search=%22displayName:ada%22";
    assert_eq!(desk.graph(&token, "GET", search, None).code(), "Request_UnsupportedQuery");
    let eventual = |path: &str| format!("{path}&ConsistencyLevel=eventual");
    assert_eq!(values(&desk.graph(&token, "GET", &eventual(search), None).expect(200)).len(), 1);
    for filter in ["endswith(mail,'example')", "mail ne 'x'", "not startswith(mail,'x')"] {
        let path = format!("/users?$filter={filter}");
        assert_eq!(desk.graph(&token, "GET", &path, None).code(), "Request_UnsupportedQuery", "{filter}");
        let path = eventual(&format!("{path}&$count=true"));
        let answer = desk.graph(&token, "GET", &path, None).expect(200);
        assert_eq!((values(&answer).len(), &answer["@odata.count"]), (3, &json!(3)), "{filter}");
    }
    let plain = desk.graph(&token, "GET", "/users?$count=true&$top=1", None).expect(200);
    assert!(plain.get("@odata.count").is_none() && plain["@odata.nextLink"].is_string());
    assert_eq!(
        desk.graph(&token, "GET", "/users?$filter=contains(mail,'a')", None).code(),
        "Request_UnsupportedQuery"
    );
    assert_eq!(desk.graph(&token, "GET", "/users/$count", None).code(), "Request_BadRequest");
    let counted = desk.graph(&token, "GET", "/users/$count?ConsistencyLevel=eventual", None);
    assert_eq!(counted.into_bytes().1, "3");
}

#[test]
fn what_changes_in_the_directory_is_told_and_addresses_follow() {
    let (mut desk, token) = desk();
    let first =
        desk.graph(&token, "GET", "/users/delta?$select=mail,jobTitle,assignedLicenses", None).expect(200);
    assert_eq!(values(&first).len(), 3);
    let mut link = text(&first, "@odata.deltaLink").split("/v1.0").nth(1).unwrap().to_owned();
    let mut follow = |desk: &mut Desk| {
        let answer = desk.graph(&token, "GET", &link, None).expect(200);
        link = text(&answer, "@odata.deltaLink").split("/v1.0").nth(1).unwrap().to_owned();
        values(&answer)
    };
    let change = json!({"mail": "ada.new@meridian.example", "jobTitle": "Head of sales", "licensed": false});
    desk.control("PATCH", ADA, change).expect(200);
    let told = follow(&mut desk);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["mail"], "ada.new@meridian.example");
    assert_eq!((&told[0]["jobTitle"], &told[0]["assignedLicenses"]), (&json!("Head of sales"), &json!([])));
    // The old address stays one of his; without a licence there is no mailbox behind it.
    let user = desk.graph(&token, "GET", &format!("{ADA}?$select=proxyAddresses"), None).expect(200);
    assert_eq!(user["proxyAddresses"], json!(["SMTP:ada.new@meridian.example", "smtp:ada@meridian.example"]));
    assert_eq!(
        desk.graph(&token, "GET", &format!("{ADA}/messages"), None).code(),
        "MailboxNotEnabledForRESTAPI"
    );
    desk.control("DELETE", "/users/ben@meridian.example", Value::Null).expect(204);
    desk.control("DELETE", "/users/cleo@meridian.example", json!({"permanently": true})).expect(204);
    let reasons: Vec<Value> = follow(&mut desk).iter().map(|one| one["@removed"]["reason"].clone()).collect();
    assert_eq!(reasons, ["changed", "deleted"]);
    assert_eq!(
        desk.graph(&token, "GET", "/users/ben@meridian.example", None).code(),
        "Request_ResourceNotFound"
    );
    assert_eq!(values(&desk.graph(&token, "GET", "/users", None).expect(200)).len(), 1);
    assert!(follow(&mut desk).is_empty());
}

#[test]
fn a_link_of_the_directory_lives_seven_days() {
    let (mut desk, token) = desk();
    let latest = desk.graph(&token, "GET", "/users/delta?$deltatoken=latest", None).expect(200);
    assert!(values(&latest).is_empty());
    let link = text(&latest, "@odata.deltaLink").split("/v1.0").nth(1).unwrap().to_owned();
    desk.pass(6 * 24 * 60 * 60);
    let app = desk.first_app();
    let token = desk.token(&app);
    desk.graph(&token, "GET", &link, None).expect(200);
    desk.pass(2 * 24 * 60 * 60);
    let token = desk.token(&app);
    assert_eq!(desk.graph(&token, "GET", &link, None).code(), "SyncStateNotFound");
    let by_name = "/users/delta?$filter=displayName eq 'x'";
    assert_eq!(desk.graph(&token, "GET", by_name, None).code(), "Request_UnsupportedQuery");
}

#[test]
fn settings_and_categories_are_read_and_changed_with_their_permission() {
    let (mut desk, poor) = desk();
    assert_eq!(desk.graph(&poor, "GET", &format!("{ADA}/mailboxSettings"), None).code(), "ErrorAccessDenied");
    let app = desk.app(&["MailboxSettings.ReadWrite", "User.Read.All"]);
    let token = desk.token(&app);
    let settings = desk.graph(&token, "GET", &format!("{ADA}/mailboxSettings"), None).expect(200);
    assert_eq!((&settings["timeZone"], &settings["userPurpose"]["value"]), (&json!("UTC"), &json!("user")));
    let change = json!({"timeZone": "W. Europe Standard Time", "automaticRepliesSetting": {"status": "alwaysEnabled"}});
    let changed = desk.graph(&token, "PATCH", &format!("{ADA}/mailboxSettings"), Some(change)).expect(200);
    assert_eq!(changed["automaticRepliesSetting"]["status"], "alwaysEnabled");
    assert_eq!(changed["automaticRepliesSetting"]["externalAudience"], "none", "what is not named stays");
    let zone = desk.graph(&token, "GET", &format!("{ADA}/mailboxSettings/timeZone"), None).expect(200);
    assert_eq!(zone["value"], "W. Europe Standard Time");
    for wrong in [
        json!({"timeZone": "Nowhere"}),
        json!({"userPurpose": {}}),
        json!({"automaticRepliesSetting": {"status": "x"}}),
    ] {
        desk.graph(&token, "PATCH", &format!("{ADA}/mailboxSettings"), Some(wrong)).expect(400);
    }
    let path = format!("{ADA}/outlook/masterCategories");
    assert_eq!(values(&desk.graph(&token, "GET", &path, None).expect(200)).len(), 6);
    let made = json!({"displayName": "CRM", "color": "preset9"});
    let made = desk.graph(&token, "POST", &path, Some(made.clone())).expect(201);
    let one = format!("{path}/{}", text(&made, "id"));
    assert_eq!(
        desk.graph(&token, "POST", &path, Some(json!({"displayName": "crm"}))).code(),
        "CategoryNameDuplicate"
    );
    let changed = desk.graph(&token, "PATCH", &one, Some(json!({"color": "preset1"}))).expect(200);
    assert_eq!((&changed["displayName"], &changed["color"]), (&json!("CRM"), &json!("preset1")));
    desk.graph(&token, "PATCH", &one, Some(json!({"color": "mauve"}))).expect(400);
    desk.graph(&token, "DELETE", &one, None).expect(204);
    assert_eq!(values(&desk.graph(&token, "GET", &path, None).expect(200)).len(), 6);
    let zones = desk.graph(&token, "GET", &format!("{ADA}/outlook/supportedTimeZones"), None).expect(200);
    assert!(values(&zones).iter().any(|zone| zone["alias"] == "W. Europe Standard Time"));
    let iana =
        format!("{ADA}/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')");
    let zones = desk.graph(&token, "GET", &iana, None).expect(200);
    assert!(values(&zones).iter().any(|zone| zone["alias"] == "Europe/Berlin"));
}

#[test]
fn photos_are_laid_down_measured_and_taken_away() {
    let (mut desk, _) = desk();
    let app = desk.app(&["Contacts.ReadWrite", "User.ReadWrite.All"]);
    let token = desk.token(&app);
    let contact =
        desk.graph(&token, "POST", &format!("{ADA}/contacts"), Some(json!({"givenName": "P"}))).expect(201);
    let contact = format!("{ADA}/contacts/{}/photo", text(&contact, "id"));
    let picture = b"GIF89a\x64\0\x64\0...".to_vec();
    for photo in [format!("{ADA}/photo"), contact.clone()] {
        let put = |desk: &mut Desk, media: &str| {
            let request = tandem_tenant::Request {
                method: "PUT".to_owned(),
                path: format!("/v1.0{photo}/$value"),
                headers: vec![
                    ("authorization".to_owned(), format!("Bearer {token}")),
                    ("content-type".to_owned(), media.to_owned()),
                ],
                body: picture.clone().into(),
                ..tandem_tenant::Request::default()
            };
            desk.tenant.handle(&request, desk.now)
        };
        assert_eq!(desk.graph(&token, "GET", &format!("{photo}/$value"), None).status, 404);
        assert_eq!(put(&mut desk, "text/plain").status, 400);
        assert_eq!(put(&mut desk, "image/gif").status, 200);
        let shown = desk.graph(&token, "GET", &photo, None).expect(200);
        assert_eq!((&shown["id"], &shown["width"]), (&json!("100x100"), &json!(100)));
        let (media, bytes) = desk.graph(&token, "GET", &format!("{photo}/$value"), None).into_bytes();
        assert_eq!((media.as_deref(), bytes.as_ref()), (Some("image/gif"), &picture[..]));
        if photo != contact {
            let sizes = desk.graph(&token, "GET", &format!("{ADA}/photos"), None).expect(200);
            assert_eq!(values(&sizes).len(), 3, "48, 64 and 96 of 100 pixels");
            let small = desk.graph(&token, "GET", &format!("{ADA}/photos/120x120"), None).expect(200);
            assert_eq!(small["id"], "96x96");
        }
        desk.graph(&token, "DELETE", &format!("{photo}/$value"), None).expect(204);
        assert_eq!(desk.graph(&token, "GET", &format!("{photo}/$value"), None).status, 404);
    }
}
