//! Folders, messages, attachments.

use crate::support::{Site, empty, text};
use serde_json::{Value, json};

const KEY: &str = "String {00020329-0000-0000-C000-000000000046} Name Key";

async fn received(site: &Site, user: &str, subject: &str) -> Value {
    let body = json!({"subject": subject, "folder": "/Inbox/crm", "internetMessageId": format!("<{subject}@x>"),
        "from": {"emailAddress": {"name": "P", "address": "p@northwind.example"}},
        "body": {"contentType": "html", "content": "<html><body><p>Hello <b>you</b></p></body></html>"},
        "receivedDateTime": "2026-11-01T10:00:00Z",
        "attachments": [{"name": "a.txt", "contentType": "text/plain", "contentBytes": "aGVsbG8="}]});
    site.control("POST", &format!("/users/{user}/messages"), Some(body)).await.expect(201)
}

#[tokio::test]
async fn folders_are_made_found_renamed_and_thrown_away() {
    let site = empty().await;
    let user = site.user("ada").await;
    let base = format!("/users/{user}/mailFolders");
    let made =
        site.post(&format!("{base}/inbox/childFolders"), json!({"displayName": "crm"})).await.expect(201);
    let twin = site.post(&format!("{base}/inbox/childFolders"), json!({"displayName": "CRM"})).await;
    assert_eq!(twin.code(409), "ErrorFolderExists");
    let children =
        site.get(&format!("{base}/inbox/childFolders?$filter=displayName eq 'crm'")).await.expect(200);
    assert_eq!(children["value"][0]["id"], made["id"]);
    let inbox = site.get(&format!("{base}/inbox")).await.expect(200);
    assert_eq!(inbox["childFolderCount"], 1);
    assert_eq!(made["parentFolderId"], inbox["id"]);
    let id = text(&made, "id");
    let renamed = site.patch(&format!("{base}/{id}"), json!({"displayName": "CRM done"})).await.expect(200);
    assert_eq!(renamed["displayName"], "CRM done");
    site.delete(&format!("{base}/{id}")).await.expect(204);
    let bin = site.get(&format!("{base}/deleteditems")).await.expect(200);
    assert_eq!(site.get(&format!("{base}/{id}")).await.expect(200)["parentFolderId"], bin["id"]);
    site.delete(&format!("{base}/{id}")).await.expect(204);
    assert_eq!(site.get(&format!("{base}/{id}")).await.code(404), "ErrorItemNotFound");
    site.delete(&format!("{base}/inbox")).await.expect(403);
    site.stop().await;
}

#[tokio::test]
async fn a_move_keeps_the_immutable_id_and_changes_the_other() {
    let site = empty().await;
    let user = site.user("ada").await;
    let message = received(&site, &user, "one").await;
    let immutable = text(&message, "id");
    let path = format!("/users/{user}/messages");
    let regular = text(&site.get(&format!("{path}/{immutable}")).await.expect(200), "id");
    assert_ne!(regular, immutable);
    let moved = site
        .immutable("POST", &format!("{path}/{immutable}/move"), Some(json!({"destinationId": "archive"})))
        .await;
    assert_eq!(text(&moved.expect(201), "id"), immutable);
    assert_eq!(site.get(&format!("{path}/{regular}")).await.code(404), "ErrorItemNotFound");
    let again = text(&site.get(&format!("{path}/{immutable}")).await.expect(200), "id");
    assert_ne!(again, regular);
    assert_eq!(site.get(&format!("{path}/garbage")).await.code(400), "ErrorInvalidIdMalformed");
    let to_copy = format!("{path}/{immutable}/copy");
    let copy = site.immutable("POST", &to_copy, Some(json!({"destinationId": "drafts"}))).await.expect(201);
    assert_ne!(text(&copy, "id"), immutable);
    assert_eq!(copy["internetMessageId"], "<one@x>");
    let both = site.all(&format!("{path}?$filter=internetMessageId eq '<one@x>'")).await;
    assert_eq!(both.len(), 2);
    site.stop().await;
}

#[tokio::test]
async fn bodies_previews_and_mime_say_the_same() {
    let site = empty().await;
    let user = site.user("ada").await;
    let id = text(&received(&site, &user, "one").await, "id");
    let path = format!("/users/{user}/messages/{id}");
    let plain = site.send("GET", &path, &[("prefer", "outlook.body-content-type=\"text\"")], None).await;
    assert_eq!(plain.headers["preference-applied"], "outlook.body-content-type=\"text\"");
    let plain = plain.expect(200);
    assert_eq!(plain["body"]["contentType"], "text");
    assert_eq!(plain["body"]["content"].as_str().unwrap().trim(), "Hello you");
    assert_eq!(plain["bodyPreview"], "Hello you");
    assert_eq!(plain["receivedDateTime"], "2026-11-01T10:00:00Z");
    let mime = String::from_utf8(site.get(&format!("{path}/$value")).await.bytes).unwrap();
    assert!(mime.contains("Message-ID: <one@x>\r\n") && mime.contains("multipart/mixed"), "{mime}");
    site.stop().await;
}

#[tokio::test]
async fn attachments_are_listed_fetched_expanded_added_and_removed() {
    let site = empty().await;
    let user = site.user("ada").await;
    let message = received(&site, &user, "one").await;
    let path = format!("/users/{user}/messages/{}", text(&message, "id"));
    let list = site.get(&format!("{path}/attachments")).await.expect(200);
    assert_eq!(list["value"][0]["@odata.type"], "#microsoft.graph.fileAttachment");
    assert_eq!(list["value"][0]["contentBytes"], "aGVsbG8=");
    let id = text(&list["value"][0], "id");
    assert_eq!(site.get(&format!("{path}/attachments/{id}/$value")).await.bytes, b"hello");
    let lean =
        site.get(&format!("{path}?$select=subject&$expand=attachments($select=name,size)")).await.expect(200);
    assert_eq!(lean["attachments"][0]["size"], 5);
    assert!(lean["attachments"][0].get("contentBytes").is_none() && lean.get("body").is_none());
    let more =
        json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "b.bin", "contentBytes": "AAE="});
    site.post(&format!("{path}/attachments"), more).await.expect(201);
    site.delete(&format!("{path}/attachments/{id}")).await.expect(204);
    let left = site.all(&format!("{path}/attachments")).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["name"], "b.bin");
    let dump = site.dump(&user).await;
    assert_eq!(
        dump["messages"][0]["attachments"][0]["sha256"],
        "b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2"
    );
    assert_eq!(dump["messages"][0]["folderPath"], "/Inbox/crm");
    site.stop().await;
}

#[tokio::test]
async fn extended_properties_are_set_found_and_shown_only_when_expanded() {
    let site = empty().await;
    let user = site.user("ada").await;
    let id = text(&received(&site, &user, "one").await, "id");
    received(&site, &user, "two").await;
    let path = format!("/users/{user}/messages");
    let property = json!({"singleValueExtendedProperties": [{"id": KEY, "value": "K1"}]});
    site.patch(&format!("{path}/{id}"), property).await.expect(200);
    let filter =
        format!("$filter=singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq 'K1')");
    let found = site.immutable("GET", &format!("{path}?{filter}"), None).await.expect(200);
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    assert_eq!(found["value"][0]["id"], id.as_str());
    assert!(found["value"][0].get("singleValueExtendedProperties").is_none(), "not expanded, not shown");
    let expand = format!("$expand=singleValueExtendedProperties($filter=id eq '{KEY}')");
    let shown = site.get(&format!("{path}/{id}?{expand}")).await.expect(200);
    assert_eq!(shown["singleValueExtendedProperties"][0]["value"], "K1");
    site.stop().await;
}

#[tokio::test]
async fn drafts_are_made_and_changes_need_the_present_version() {
    let site = empty().await;
    let user = site.user("ada").await;
    let path = format!("/users/{user}/messages");
    let draft =
        site.immutable("POST", &path, Some(json!({"subject": "draft", "body": {"content": "x"}}))).await;
    let draft = draft.expect(201);
    assert_eq!(draft["isDraft"], true);
    let id = text(&draft, "id");
    let old = text(&draft, "@odata.etag");
    let change = json!({"categories": ["CRM"]});
    let fresh =
        site.send("PATCH", &format!("{path}/{id}"), &[("if-match", &old)], Some(&change)).await.expect(200);
    assert_ne!(text(&fresh, "@odata.etag"), old);
    let stale = site.send("PATCH", &format!("{path}/{id}"), &[("if-match", &old)], Some(&change)).await;
    assert_eq!(stale.code(412), "ErrorIrresolvableConflict");
    let wrong = site.patch(&format!("{path}/{id}"), json!({"colour": "red"})).await;
    assert_eq!(wrong.code(400), "RequestBodyRead");
    assert!(wrong.json()["error"]["message"].as_str().unwrap().contains("'colour'"));
    site.delete(&format!("{path}/{id}")).await.expect(204);
    let kept = site.get(&format!("{path}/{id}")).await.expect(200);
    let bin = site.get(&format!("/users/{user}/mailFolders/deleteditems")).await.expect(200);
    assert_eq!(kept["parentFolderId"], bin["id"], "deleted is first moved to Deleted Items");
    site.delete(&format!("{path}/{id}")).await.expect(204);
    site.get(&format!("{path}/{id}")).await.expect(404);
    site.stop().await;
}

#[tokio::test]
async fn a_mail_is_delivered_to_several_under_one_id() {
    let site = empty().await;
    let (ada, bob) = (site.user("ada").await, site.user("bob").await);
    let body = json!({"subject": "Hi", "folder": "/Inbox/crm", "into": [bob],
        "toRecipients": [{"emailAddress": {"address": bob}}]});
    site.control("POST", &format!("/users/{ada}/messages/deliver"), Some(body)).await.expect(201);
    let (sent, got) = (site.dump(&ada).await, site.dump(&bob).await);
    assert_eq!(sent["messages"][0]["folderPath"], "/Sent Items");
    assert_eq!(got["messages"][0]["folderPath"], "/Inbox/crm");
    assert_eq!(sent["messages"][0]["internetMessageId"], got["messages"][0]["internetMessageId"]);
    assert_eq!(got["messages"][0]["from"]["emailAddress"]["address"], ada.as_str());
    assert_eq!(got["messages"][0]["isRead"], false);
    site.stop().await;
}

#[tokio::test]
async fn a_message_can_be_laid_into_a_folder_as_if_it_had_arrived() {
    let site = empty().await;
    let user = site.user("ada").await;
    let body = json!({"subject": "Alert", "singleValueExtendedProperties": [{"id": "Integer 0x0E07", "value": "4"}]});
    let laid = site.post(&format!("/users/{user}/mailFolders/inbox/messages"), body).await.expect(201);
    assert_eq!((laid["isDraft"].as_bool(), laid["isRead"].as_bool()), (Some(false), Some(false)));
    let inbox = site.get(&format!("/users/{user}/mailFolders/inbox")).await.expect(200);
    assert_eq!((inbox["unreadItemCount"].as_u64(), inbox["totalItemCount"].as_u64()), (Some(1), Some(1)));
    site.stop().await;
}

#[tokio::test]
async fn searches_find_words_people_and_properties_by_the_time_of_sending() {
    let site = empty().await;
    let user = site.user("ada").await;
    for (number, subject) in ["Pizza on Friday", "Offer 7", "pizzas"].iter().enumerate() {
        let body = json!({"subject": subject, "receivedDateTime": format!("2026-11-0{}T10:00:00Z", 3 - number),
            "from": {"emailAddress": {"name": "Petra Kunde", "address": format!("p{number}@northwind.example")}},
            "toRecipients": [{"emailAddress": {"address": "sales@meridian.example"}}],
            "body": {"contentType": "html", "content": "<p>We talked about <b>pizza</b> and more.</p>"},
            "attachments": [{"name": format!("plan-{number}.pdf"), "contentBytes": "AAE="}]});
        site.control("POST", &format!("/users/{user}/messages"), Some(body)).await.expect(201);
    }
    let path = format!("/users/{user}/messages");
    for (search, expected) in [
        ("\"pizza\"", vec!["Pizza on Friday", "Offer 7", "pizzas"]),
        ("\"subject:pizza\"", vec!["Pizza on Friday"]),
        ("\"subject:pizza*\"", vec!["Pizza on Friday", "pizzas"]),
        ("\"from:p1@northwind.example\"", vec!["Offer 7"]),
        ("\"participants:sales AND NOT subject:offer\"", vec!["Pizza on Friday", "pizzas"]),
        ("\"attachment:plan-2.pdf\"", vec!["pizzas"]),
        ("\"received:11/02/2026\"", vec!["Offer 7"]),
        ("\"received>=2026-11-02 hasAttachments:true\"", vec!["Pizza on Friday", "Offer 7"]),
        ("\"nothing\"", vec![]),
    ] {
        let found = site.get(&format!("{path}?$search={search}&$select=subject")).await.expect(200);
        let found: Vec<String> =
            found["value"].as_array().unwrap().iter().map(|one| text(one, "subject")).collect();
        assert_eq!(found, expected, "{search}");
    }
    let paged = site.all(&format!("{path}?$search=\"pizza\"&$top=1")).await;
    assert_eq!(paged.len(), 3);
    let with_filter = site.get(&format!("{path}?$search=\"x\"&$filter=isRead eq true")).await;
    assert_eq!(with_filter.code(400), "SearchWithFilter");
    let with_order = site.get(&format!("{path}?$search=\"x\"&$orderby=subject")).await;
    assert_eq!(with_order.code(400), "SearchWithOrderBy");
    assert_eq!(site.get(&format!("{path}?$search=from:x")).await.code(400), "BadRequest");
    site.stop().await;
}

#[tokio::test]
async fn queries_that_name_what_is_not_there_or_cost_too_much_are_refused() {
    let site = empty().await;
    let user = site.user("ada").await;
    let path = format!("/users/{user}/messages");
    for (query, code) in [
        ("$select=subject,colour", "BadRequest"),
        ("$expand=events", "BadRequest"),
        ("$filter=colour eq 'red'", "BadRequest"),
        ("$orderby=colour", "BadRequest"),
        ("$filter=isRead eq false&$orderby=receivedDateTime desc", "InefficientFilter"),
    ] {
        assert_eq!(site.get(&format!("{path}?{query}")).await.code(400), code, "{query}");
    }
    received(&site, &user, "one").await;
    let filter = "$filter=receivedDateTime ge 2026-01-01T00:00:00Z and isRead eq false";
    let found =
        site.get(&format!("{path}?{filter}&$orderby=receivedDateTime desc&$count=true")).await.expect(200);
    assert_eq!(found["@odata.count"], 1);
    assert_eq!(site.get(&format!("{path}/$count?{filter}")).await.bytes, b"1");
    assert_eq!(site.get(&format!("{path}/$count?$filter=isRead eq true")).await.bytes, b"0");
    site.stop().await;
}

#[tokio::test]
async fn what_was_sent_is_sealed_and_nothing_is_sent_from_here() {
    let site = empty().await;
    let user = site.user("ada").await;
    let id = text(&received(&site, &user, "one").await, "id");
    let path = format!("/users/{user}/messages/{id}");
    assert_eq!(site.patch(&path, json!({"subject": "other"})).await.code(403), "ErrorAccessDenied");
    let changed =
        site.patch(&path, json!({"isRead": true, "flag": {"flagStatus": "flagged"}})).await.expect(200);
    assert_eq!(changed["flag"]["flagStatus"], "flagged");
    for action in ["send", "reply", "replyAll", "forward"] {
        let answer = site.post(&format!("{path}/{action}"), json!({"comment": "x"})).await;
        assert_eq!(answer.code(403), "ErrorAccessDenied", "{action}");
    }
    let send = site.post(&format!("/users/{user}/sendMail"), json!({"message": {}})).await;
    assert_eq!(send.code(403), "ErrorAccessDenied");
    let reply =
        site.post(&format!("{path}/createReplyAll"), json!({"comment": "Fine & good"})).await.expect(201);
    assert_eq!((&reply["subject"], &reply["isDraft"]), (&json!("RE: one"), &json!(true)));
    assert_eq!(reply["toRecipients"][0]["emailAddress"]["address"], "p@northwind.example");
    assert_eq!(reply["conversationId"], changed["conversationId"]);
    let unique = site.get(&format!("/users/{user}/messages/{}?$select=uniqueBody", text(&reply, "id"))).await;
    assert_eq!(unique.expect(200)["uniqueBody"]["content"], "<html><body>Fine &amp; good</body></html>");
    site.post(&format!("{path}/permanentDelete"), json!({})).await.expect(204);
    assert_eq!(site.get(&path).await.code(404), "ErrorItemNotFound");
    site.stop().await;
}

#[tokio::test]
async fn mime_makes_drafts_and_comes_back_to_the_byte() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mime = "From: A <a@x.example>\r\nTo: b@x.example\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nX-Odd:  two  spaces\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n";
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(mime);
    let path = format!("/users/{user}/messages");
    let made =
        site.bytes("POST", &path, &[("content-type", "text/plain")], encoded.into_bytes()).await.expect(201);
    assert_eq!((&made["subject"], &made["isDraft"]), (&json!("Grüße"), &json!(true)));
    let one = format!("{path}/{}", text(&made, "id"));
    assert_eq!(site.get(&format!("{one}/$value")).await.bytes, mime.as_bytes());
    site.patch(&one, json!({"isRead": false})).await.expect(200);
    assert_eq!(site.get(&format!("{one}/$value")).await.bytes, mime.as_bytes());
    site.patch(&one, json!({"subject": "Other"})).await.expect(200);
    let changed = String::from_utf8(site.get(&format!("{one}/$value")).await.bytes).unwrap();
    assert!(changed.contains("Subject: Other\r\n"), "{changed}");
    let broken = site.bytes("POST", &path, &[("content-type", "text/plain")], b"???".to_vec()).await;
    assert_eq!(broken.code(400), "ErrorMimeContentInvalidBase64String");
    let header = json!({"subject": "x", "internetMessageHeaders": [{"name": "Received", "value": "y"}]});
    assert_eq!(site.post(&path, header).await.code(400), "InvalidInternetMessageHeader");
    site.stop().await;
}

#[tokio::test]
async fn bodies_come_as_asked_for_and_without_scripts() {
    let site = empty().await;
    let user = site.user("ada").await;
    let path = format!("/users/{user}/messages");
    let plain = json!({"body": {"contentType": "text", "content": "a < b\nc"}});
    let plain = text(&site.immutable("POST", &path, Some(plain)).await.expect(201), "id");
    let html =
        json!({"body": {"contentType": "html", "content": "<p onclick='x()'>Hi</p><script>y()</script>"}});
    let html = text(&site.immutable("POST", &path, Some(html)).await.expect(201), "id");
    let body = async |id: &str, prefer: &str| {
        let answer = site.send("GET", &format!("{path}/{id}"), &[("prefer", prefer)], None).await;
        text(&answer.expect(200)["body"], "content")
    };
    assert_eq!(body(&plain, "IdType=\"ImmutableId\"").await, "a < b\nc");
    assert!(body(&plain, "outlook.body-content-type=\"html\"").await.contains("a &lt; b<br>\r\nc"));
    assert_eq!(body(&html, "IdType=\"ImmutableId\"").await, "<p>Hi</p>");
    assert!(body(&html, "outlook.allow-unsafe-html").await.contains("<script>"));
    assert_eq!(body(&html, "outlook.body-content-type=\"text\"").await.trim(), "Hi");
    site.stop().await;
}

#[tokio::test]
async fn messages_about_meetings_say_so() {
    let site = empty().await;
    let user = site.user("ada").await;
    let at = |time: &str| json!({"dateTime": time, "timeZone": "UTC"});
    let event =
        json!({"subject": "Meet", "start": at("2026-11-02T10:00:00"), "end": at("2026-11-02T11:00:00")});
    let event = site.immutable("POST", &format!("/users/{user}/events"), Some(event)).await.expect(201);
    let body = json!({"subject": "Meet", "meetingMessageType": "meetingTenativelyAccepted", "iCalUId": event["iCalUId"],
        "startDateTime": at("2026-11-02T10:00:00")});
    let made = site.control("POST", &format!("/users/{user}/messages"), Some(body)).await.expect(201);
    let one = format!("/users/{user}/messages/{}", text(&made, "id"));
    let shown = site
        .immutable("GET", &format!("{one}?$expand=microsoft.graph.eventMessage/event"), None)
        .await
        .expect(200);
    assert_eq!(shown["@odata.type"], "#microsoft.graph.eventMessageResponse");
    assert_eq!(shown["meetingMessageType"], "meetingTenativelyAccepted");
    assert_eq!(shown["responseType"], "tentativelyAccepted");
    assert_eq!(shown["event"]["id"], event["id"]);
    site.stop().await;
}
