//! Subscriptions, with a receiver that listens.

use crate::receiver::Receiver;
use crate::support::{Site, empty, text};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A body that subscribes a receiver to changes for some time.
fn order(resource: &str, url: &str, minutes: i64) -> Value {
    let expires = Timestamp::now() + SignedDuration::from_mins(minutes);
    json!({
        "changeType": "created,updated,deleted",
        "notificationUrl": url,
        "resource": resource,
        "expirationDateTime": expires.to_string(),
        "clientState": "sesame",
    })
}

async fn subscribe(site: &Site, body: &Value) -> Value {
    site.immutable("POST", "/subscriptions", Some(body.clone())).await.expect(201)
}

async fn letter(site: &Site, user: &str, subject: &str) -> String {
    let body = json!({ "subject": subject, "from": { "emailAddress": { "address": "a@b.example" } } });
    text(&site.control("POST", &format!("/users/{user}/messages"), Some(body)).await.expect(201), "id")
}

#[tokio::test]
async fn changes_of_messages_reach_the_receiver() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    let subscription =
        subscribe(&site, &order(&format!("users/{user}/messages"), &receiver.at("/echo?of=me"), 600)).await;
    assert_eq!(subscription["applicationId"], site.running.client_id);
    assert_eq!(subscription["latestSupportedTlsVersion"], "v1_2");

    let id = letter(&site, &user, "First").await;
    let told = receiver.change().await;
    assert_eq!(told["subscriptionId"], subscription["id"]);
    assert_eq!(told["subscriptionExpirationDateTime"], subscription["expirationDateTime"]);
    assert_eq!(told["clientState"], "sesame");
    assert_eq!(told["tenantId"], site.running.tenant_id);
    assert_eq!(told["changeType"], "created");
    assert_eq!(told["resourceData"]["@odata.type"], "#Microsoft.Graph.Message");
    assert_eq!(told["resourceData"]["id"], *id);
    let resource = text(&told, "resource");
    assert_eq!(told["resourceData"]["@odata.id"], *resource);
    let message = site
        .immutable(
            "GET",
            &format!("/{}", resource.replacen("Users", "users", 1).replace("Messages", "messages")),
            None,
        )
        .await
        .expect(200);
    assert_eq!(message["@odata.etag"], told["resourceData"]["@odata.etag"]);

    site.immutable("PATCH", &format!("/users/{user}/messages/{id}"), Some(json!({ "isRead": true })))
        .await
        .expect(200);
    let told = receiver.change().await;
    assert_eq!(
        (told["changeType"].as_str(), told["resourceData"]["id"].as_str()),
        (Some("updated"), Some(id.as_str()))
    );
    site.stop().await;
}

#[tokio::test]
async fn a_folder_tells_of_what_lies_in_it() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    let resource = format!("/users('{user}')/mailFolders('Inbox')/messages");
    // Without the preference, ids are those that change with every move.
    let body = order(&resource, &receiver.at("/echo"), 600);
    site.post("/subscriptions", body).await.expect(201);
    let id = letter(&site, &user, "First").await;
    let first = text(&receiver.change().await["resourceData"], "id");
    assert_ne!(first, id);
    let moved = site
        .post(&format!("/users/{user}/messages/{first}/move"), json!({ "destinationId": "archive" }))
        .await;
    moved.expect(201);
    let told = receiver.change().await;
    assert_eq!(
        (told["changeType"].as_str(), told["resourceData"]["id"].as_str()),
        (Some("deleted"), Some(first.as_str()))
    );
    assert_eq!(told["resourceData"].get("@odata.etag"), None);
    // What lies elsewhere is nobody's business.
    site.control("PATCH", &format!("/users/{user}/messages/{id}"), Some(json!({ "isRead": true })))
        .await
        .expect(200);
    letter(&site, &user, "Second").await;
    assert_eq!(receiver.change().await["changeType"], "created");
    site.stop().await;
}

#[tokio::test]
async fn events_contacts_and_users_are_told_of() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    for resource in [format!("users/{user}/events"), format!("users/{user}/contacts")] {
        subscribe(&site, &order(&resource, &receiver.at("/echo"), 600)).await;
    }
    let mut users = order("users", &receiver.at("/echo"), 40_000);
    users["changeType"] = json!("updated,deleted");
    subscribe(&site, &users).await;

    let at = |time: &str| json!({ "dateTime": format!("2027-03-01T{time}:00"), "timeZone": "UTC" });
    let event = json!({ "subject": "Review", "start": at("10:00"), "end": at("11:00") });
    let event = site.immutable("POST", &format!("/users/{user}/events"), Some(event)).await.expect(201);
    let told = receiver.change().await;
    assert_eq!(told["resourceData"]["@odata.type"], "#Microsoft.Graph.Event");
    assert_eq!(told["resourceData"]["id"], event["id"]);
    let contact = json!({ "givenName": "Petra" });
    let contact = site.immutable("POST", &format!("/users/{user}/contacts"), Some(contact)).await.expect(201);
    assert_eq!(receiver.change().await["resourceData"]["id"], contact["id"]);
    site.immutable("DELETE", &format!("/users/{user}/contacts/{}", text(&contact, "id")), None)
        .await
        .expect(204);
    assert_eq!(receiver.change().await["changeType"], "deleted");
    site.user("bernhard").await;
    let told = receiver.change().await;
    assert_eq!(
        (told["changeType"].as_str(), told["resourceData"]["@odata.type"].as_str()),
        (Some("updated"), Some("#Microsoft.Graph.User"))
    );
    site.stop().await;
}

#[tokio::test]
async fn only_the_kinds_that_were_asked_for_are_told() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    let mut body = order(&format!("users/{user}/messages"), &receiver.at("/echo"), 600);
    body["changeType"] = json!("updated");
    subscribe(&site, &body).await;
    let id = letter(&site, &user, "First").await;
    site.control("PATCH", &format!("/users/{user}/messages/{id}"), Some(json!({ "isRead": true })))
        .await
        .expect(200);
    assert_eq!(receiver.change().await["changeType"], "updated");
    site.stop().await;
}

#[tokio::test]
async fn a_filter_makes_entering_a_creation_and_leaving_a_deletion() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    let id = letter(&site, &user, "First").await;
    let resource = format!("users/{user}/messages?$filter=isRead eq false");
    subscribe(&site, &order(&resource, &receiver.at("/echo"), 600)).await;
    let path = format!("/users/{user}/messages/{id}");
    for (read, told) in [(true, "deleted"), (false, "created")] {
        site.immutable("PATCH", &path, Some(json!({ "isRead": read }))).await.expect(200);
        assert_eq!(receiver.change().await["changeType"], told);
    }
    site.immutable("PATCH", &path, Some(json!({ "categories": ["Red"] }))).await.expect(200);
    assert_eq!(receiver.change().await["changeType"], "updated");
    site.stop().await;
}

#[tokio::test]
async fn a_receiver_that_does_not_echo_gets_nothing() {
    let (site, receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    for (path, why) in [
        ("/encoded", "must exactly match"),
        ("/html", "must exactly match"),
        ("/forbidden", "HTTP status code is 'Forbidden'"),
    ] {
        let body = order(&format!("users/{user}/messages"), &receiver.at(path), 600);
        let refused = site.post("/subscriptions", body).await.expect(400);
        assert_eq!(refused["error"]["code"], "ValidationError", "{path}");
        assert!(text(&refused["error"], "message").contains(why), "{refused}");
        assert!(refused["error"]["innerError"]["request-id"].is_string());
    }
    let nobody = order(&format!("users/{user}/messages"), "http://127.0.0.1:9/", 600);
    assert_eq!(site.post("/subscriptions", nobody).await.code(400), "ValidationError");
    let mut half = order(&format!("users/{user}/messages"), &receiver.at("/echo"), 600);
    half["lifecycleNotificationUrl"] = json!(receiver.at("/forbidden"));
    assert_eq!(site.post("/subscriptions", half).await.code(400), "ValidationError");
    assert_eq!(site.get("/subscriptions").await.expect(200)["value"], json!([]));
    site.stop().await;
}

#[tokio::test]
async fn what_a_creation_may_say() {
    let (site, receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    let resource = format!("users/{user}/messages");
    let good = order(&resource, &receiver.at("/echo"), 600);
    let soon = |minutes: i64| json!((Timestamp::now() + SignedDuration::from_mins(minutes)).to_string());
    for (name, value, code) in [
        ("changeType", json!("born"), "InvalidRequest"),
        ("changeType", Value::Null, "InvalidRequest"),
        ("resource", Value::Null, "InvalidRequest"),
        ("notificationUrl", Value::Null, "InvalidRequest"),
        ("notificationUrl", json!("http://receiver.example/"), "InvalidRequest"),
        ("lifecycleNotificationUrl", json!("receiver"), "InvalidRequest"),
        ("expirationDateTime", Value::Null, "InvalidRequest"),
        ("expirationDateTime", json!("2027-01-01T00:00:00"), "InvalidRequest"),
        ("expirationDateTime", soon(-1), "InvalidRequest"),
        ("expirationDateTime", soon(10_081), "ExtensionError"),
        ("clientState", json!("x".repeat(129)), "InvalidRequest"),
        ("latestSupportedTlsVersion", json!("v2"), "InvalidRequest"),
        ("colour", json!("red"), "InvalidRequest"),
        ("resource", json!("me/messages"), "BadRequest"),
        ("resource", json!(format!("users/{user}/todo/lists/x/tasks")), "ExtensionError"),
        ("resource", json!(format!("users/{user}/messages/x")), "ExtensionError"),
        ("resource", json!(format!("{resource}?$top=5")), "InvalidRequest"),
        ("includeResourceData", json!(true), "InvalidRequest"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let answer = site.post("/subscriptions", body.clone()).await;
        assert_eq!(answer.code(400), code, "{body}");
    }
    let mut stranger = good.clone();
    stranger["resource"] = json!("users/nobody@meridian.example/messages");
    assert_eq!(site.post("/subscriptions", stranger).await.code(404), "ErrorInvalidUser");
    let mut born = order("users", &receiver.at("/echo"), 600);
    assert_eq!(site.post("/subscriptions", born.clone()).await.code(400), "InvalidRequest");
    born["changeType"] = json!("updated");
    site.post("/subscriptions", born).await.expect(201);
    site.stop().await;
}

#[tokio::test]
async fn a_subscription_is_read_renewed_and_deleted() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    let body = order(&format!("users/{user}/messages"), &receiver.at("/echo"), 1);
    let made = subscribe(&site, &body).await;
    let path = format!("/subscriptions/{}", text(&made, "id"));
    let expires = |value: &Value| text(value, "expirationDateTime").parse::<Timestamp>().unwrap();
    assert!(expires(&made) > Timestamp::now() + SignedDuration::from_mins(44), "raised to 45 minutes");

    let twin = site.post("/subscriptions", body.clone()).await;
    assert!(text(&twin.expect(409)["error"], "message").contains(&text(&made, "id")));
    let mut other = body;
    other["changeType"] = json!("deleted");
    let other = subscribe(&site, &other).await;
    assert_eq!(site.get("/subscriptions").await.expect(200)["value"].as_array().unwrap().len(), 2);

    let later = Timestamp::now() + SignedDuration::from_hours(48);
    let renewed = site.patch(&path, json!({ "expirationDateTime": later.to_string() })).await.expect(200);
    assert_eq!(expires(&renewed).as_second(), later.as_second());
    let far = Timestamp::now() + SignedDuration::from_hours(24 * 8);
    assert_eq!(
        site.patch(&path, json!({ "expirationDateTime": far.to_string() })).await.code(400),
        "ExtensionError"
    );
    let url = json!({ "lifecycleNotificationUrl": receiver.at("/echo") });
    assert_eq!(site.patch(&path, url).await.code(400), "InvalidRequest");
    assert_eq!(site.get(&path).await.expect(200)["expirationDateTime"], renewed["expirationDateTime"]);
    site.post(&format!("{path}/reauthorize"), json!({})).await.expect(204);

    site.delete(&path).await.expect(204);
    assert_eq!(site.get(&path).await.code(404), "ResourceNotFound");
    assert_eq!(site.delete(&path).await.code(404), "ResourceNotFound");
    let id = letter(&site, &user, "First").await;
    site.control("DELETE", &format!("/users/{user}/messages/{id}"), None).await.expect(204);
    let told = receiver.change().await;
    assert_eq!((&told["subscriptionId"], &told["changeType"]), (&other["id"], &json!("deleted")));
    site.stop().await;
}

#[tokio::test]
async fn a_batch_subscribes_to_many_mailboxes() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let mut requests = Vec::new();
    for number in 0..20 {
        let user = site.user(&format!("user{number}")).await;
        let mut body = order(&format!("users/{user}/messages"), &receiver.at("/echo"), 600);
        body["lifecycleNotificationUrl"] = json!(receiver.at("/echo"));
        let headers = json!({ "Content-Type": "application/json", "Prefer": "IdType=\"ImmutableId\"" });
        requests.push(json!({ "id": number.to_string(), "method": "POST", "url": "/subscriptions", "headers": headers, "body": body }));
    }
    requests[7]["body"]["notificationUrl"] = json!(receiver.at("/forbidden"));
    let answer = site.post("/$batch", json!({ "requests": requests })).await.expect(200);
    // They come in any order.
    let parts = answer["responses"].as_array().unwrap();
    let part = |id: u64| {
        let id = id.to_string();
        parts.iter().find(|part| part["id"] == id.as_str()).unwrap()
    };
    for id in 0..20 {
        assert_eq!(part(id)["status"], if id == 7 { 400 } else { 201 }, "{id}");
    }
    letter(&site, "user3@meridian.example", "First").await;
    assert_eq!(receiver.change().await["subscriptionId"], part(3)["body"]["id"]);
    assert!(receiver.is_idle());
    site.stop().await;
}

#[tokio::test]
async fn the_control_api_ends_subscriptions_and_a_reset_forgets_them() {
    let (site, mut receiver) = (empty().await, Receiver::start().await);
    let user = site.user("anna").await;
    let mut body = order(&format!("users/{user}/messages"), &receiver.at("/echo"), 600);
    body["lifecycleNotificationUrl"] = json!(receiver.at("/life"));
    let made = subscribe(&site, &body).await;
    let listed = site.control("GET", "/subscriptions", None).await.expect(200);
    assert_eq!(listed[0]["id"], made["id"]);
    let path = format!("/subscriptions/{}/lifecycle", text(&made, "id"));
    for event in ["missed", "reauthorizationRequired", "subscriptionRemoved"] {
        site.control("POST", &path, Some(json!({ "event": event }))).await.expect(204);
        let (place, told) = receiver.next().await;
        assert_eq!((place.as_str(), &told["value"][0]["lifecycleEvent"]), ("/life", &json!(event)));
        assert_eq!(told["value"][0]["clientState"], "sesame");
        assert_eq!(told["value"][0]["subscriptionId"], made["id"]);
    }
    assert_eq!(
        site.control("POST", &path, Some(json!({ "event": "missed" }))).await.code(404),
        "SubscriptionNotFound"
    );
    assert_eq!(site.get("/subscriptions").await.expect(200)["value"], json!([]));
    subscribe(&site, &body).await;
    site.control("POST", "/reset", None).await.expect(204);
    assert_eq!(site.control("GET", "/subscriptions", None).await.expect(200), json!([]));
    site.stop().await;
}
