//! Attachments of the three kinds, and upload sessions.

use crate::support::{Site, client, empty, text};
use serde_json::{Value, json};

async fn draft(site: &Site, user: &str) -> String {
    let path = format!("/users/{user}/messages");
    let made = site.immutable("POST", &path, Some(json!({"subject": "draft"}))).await.expect(201);
    format!("{path}/{}", text(&made, "id"))
}

#[tokio::test]
async fn items_are_attached_shown_when_expanded_and_given_out_raw() {
    let site = empty().await;
    let user = site.user("ada").await;
    let path = draft(&site, &user).await;
    let item = |name: &str, item: Value| json!({"@odata.type": "#microsoft.graph.itemAttachment", "name": name, "item": item});
    let items = [
        (
            json!({"@odata.type": "microsoft.graph.message", "subject": "Inside", "body": {"contentType": "html", "content": "<p>Hi</p>"}}),
            "subject",
            "Subject: Inside\r\n",
        ),
        (
            json!({"@odata.type": "microsoft.graph.contact", "givenName": "Petra", "surname": "Kunde; Ltd", "emailAddresses": [{"address": "p@n.example"}]}),
            "displayName",
            "N:Kunde\\; Ltd;Petra;;;\r\nFN:Petra Kunde\\; Ltd\r\n",
        ),
        (
            json!({"@odata.type": "microsoft.graph.event", "subject": "Meet",
                "start": {"dateTime": "2026-11-02T10:00:00", "timeZone": "Europe/Vienna"},
                "end": {"dateTime": "2026-11-02T11:00:00", "timeZone": "Europe/Vienna"},
                "recurrence": {"pattern": {"type": "weekly", "interval": 2, "daysOfWeek": ["monday"]},
                    "range": {"type": "numbered", "startDate": "2026-11-02", "numberOfOccurrences": 3}}}),
            "subject",
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU;COUNT=3\r\n",
        ),
    ];
    for (inner, shown, raw) in items {
        let kind = text(&inner, "@odata.type");
        let made = site.post(&format!("{path}/attachments"), item("Attached", inner)).await.expect(201);
        assert_eq!(made["@odata.type"], "#microsoft.graph.itemAttachment");
        assert!(made.get("item").is_none() && made.get("contentBytes").is_none());
        let one = format!("{path}/attachments/{}", text(&made, "id"));
        let expanded =
            site.get(&format!("{one}?$expand=microsoft.graph.itemattachment/item")).await.expect(200);
        assert_eq!(expanded["item"]["@odata.type"], format!("#{kind}"));
        assert!(expanded["item"][shown].is_string(), "{expanded}");
        let value = site.get(&format!("{one}/$value")).await;
        let value = String::from_utf8(value.bytes).unwrap();
        assert!(value.contains(raw), "{value}");
    }
    let message = site.get(&format!("{path}?$expand=attachments")).await.expect(200);
    assert_eq!(message["hasAttachments"], true);
    assert_eq!(message["attachments"].as_array().unwrap().len(), 3);
    site.stop().await;
}

#[tokio::test]
async fn links_have_no_content_and_lists_are_whole() {
    let site = empty().await;
    let user = site.user("ada").await;
    let path = draft(&site, &user).await;
    let link = json!({"@odata.type": "#microsoft.graph.referenceAttachment", "name": "Plan", "sourceUrl": "https://x.example/p"});
    let made = site.post(&format!("{path}/attachments"), link).await.expect(201);
    let value = site.get(&format!("{path}/attachments/{}/$value", text(&made, "id"))).await;
    assert_eq!(value.code(405), "ErrorInvalidRequest");
    for number in 0..12 {
        let file = json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": number.to_string(), "contentId": "cid", "contentBytes": "AAE="});
        site.post(&format!("{path}/attachments"), file).await.expect(201);
    }
    let all = site.get(&format!("{path}/attachments")).await.expect(200);
    assert_eq!(all["value"].as_array().unwrap().len(), 13);
    assert_eq!(site.get(&format!("{path}/attachments/$count")).await.bytes, b"13");
    let lean = site.get(&format!("{path}/attachments?$select=name,size")).await.expect(200);
    assert!(lean["value"][1].get("contentBytes").is_none() && lean["value"][1]["size"] == 2);
    // Only a cast reaches what file attachments alone have.
    let base = site.get(&format!("{path}/attachments?$select=contentId")).await;
    assert_eq!(base.code(400), "BadRequest");
    let cast = format!("{path}/attachments?$select=name,microsoft.graph.fileAttachment/contentId");
    assert_eq!(site.get(&cast).await.expect(200)["value"][1]["contentId"], "cid");
    site.stop().await;
}

/// A request to a bare URL, without a token.
async fn bare(method: &str, url: &str, range: &str, body: Vec<u8>) -> reqwest::Response {
    let request = client().request(method.parse().unwrap(), url);
    request.header("content-range", range).body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_large_file_comes_in_parts_and_in_order() {
    let site = empty().await;
    let user = site.user("ada").await;
    let message = draft(&site, &user).await;
    let events = format!("/users/{user}/events");
    let event = json!({"subject": "x", "start": {"dateTime": "2026-11-02T10:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-11-02T11:00:00", "timeZone": "UTC"}});
    let event =
        format!("{events}/{}", text(&site.immutable("POST", &events, Some(event)).await.expect(201), "id"));
    let size = 3 * 1024 * 1024 + 5;
    let half = 2 * 1024 * 1024;
    let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
    for item in [message, event] {
        let create = format!("{item}/attachments/createUploadSession");
        let announce = |size: usize| json!({"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": size}});
        let small = site.post(&create, announce(100)).await;
        assert_eq!(small.code(400), "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize");
        assert_eq!(
            site.post(&create, announce(200_000_000)).await.code(413),
            "ErrorAttachmentSizeLimitExceeded"
        );
        let session = site.post(&create, announce(size)).await.expect(201);
        assert_eq!(session["nextExpectedRanges"], json!(["0-"]));
        let url = text(&session, "uploadUrl");
        assert!(!url.contains("/v1.0/"), "{url}");
        let range = format!("bytes 0-{}/{size}", half - 1);
        let first = || bare("PUT", &url, &range, bytes[..half].to_vec());
        assert_eq!(site.send("PUT", &url, &[], None).await.status, 401, "no token of Graph goes there");
        assert_eq!(bare("PUT", &url.replace("authtoken=", "authtoken=x"), "", vec![]).await.status(), 401);
        assert_eq!(bare("PUT", &url, &format!("bytes 5-6/{size}"), vec![1, 2]).await.status(), 416);
        let answer: Value = serde_json::from_slice(&first().await.bytes().await.unwrap()).unwrap();
        assert_eq!(answer["nextExpectedRanges"], json!([half.to_string()]));
        assert_eq!(first().await.status(), 416, "the same part again");
        let status: Value =
            serde_json::from_slice(&bare("GET", &url, "", vec![]).await.bytes().await.unwrap()).unwrap();
        assert_eq!(status["nextExpectedRanges"], json!([half.to_string()]));
        let last =
            bare("PUT", &url, &format!("bytes {half}-{}/{size}", size - 1), bytes[half..].to_vec()).await;
        assert_eq!(last.status(), 201);
        let place = last.headers()["location"].to_str().unwrap().to_owned();
        let id = place.rsplit("Attachments('").next().unwrap().trim_end_matches("')");
        assert_eq!(site.get(&format!("{item}/attachments/{id}/$value")).await.bytes, bytes);
        assert_eq!(bare("GET", &url, "", vec![]).await.status(), 404, "the session is over");
        let other = text(&site.post(&create, announce(size)).await.expect(201), "uploadUrl");
        assert_eq!(bare("DELETE", &other, "", vec![]).await.status(), 204);
        assert_eq!(bare("GET", &other, "", vec![]).await.status(), 404);
    }
    site.stop().await;
}

#[tokio::test]
async fn tasks_take_files_at_once_or_in_parts_on_the_graph_host() {
    let site = empty().await;
    let user = site.user("ada").await;
    let tasks = format!("/users/{user}/todo/lists/tasks/tasks");
    let task = format!("{tasks}/{}", text(&site.post(&tasks, json!({"title": "t"})).await.expect(201), "id"));
    let file = json!({"@odata.type": "#microsoft.graph.taskFileAttachment", "name": "a.txt", "contentType": "text/plain", "contentBytes": "aGVsbG8="});
    let made = site.post(&format!("{task}/attachments"), file).await.expect(201);
    assert_eq!(made["@odata.type"], "#microsoft.graph.taskFileAttachment");
    let listed = site.get(&format!("{task}/attachments")).await.expect(200);
    assert!(listed["value"][0].get("contentBytes").is_none());
    let whole = site.get(&format!("{task}/attachments/{}", text(&made, "id"))).await.expect(200);
    assert_eq!(whole["contentBytes"], "aGVsbG8=");
    assert_eq!(site.get(&task).await.expect(200)["hasAttachments"], true);
    let info = json!({"attachmentInfo": {"attachmentType": "file", "name": "b.bin", "size": 4}});
    let session = site.post(&format!("{task}/attachments/createUploadSession"), info).await.expect(200);
    let url = text(&session, "uploadUrl");
    assert!(url.starts_with(&format!("{}/v1.0/users/", site.running.graph_url)));
    assert_eq!(bare("PUT", &format!("{url}/content"), "bytes 0-3/4", vec![1; 4]).await.status(), 401);
    let put =
        site.bytes("PUT", &format!("{url}/content"), &[("content-range", "bytes 0-1/4")], vec![1, 2]).await;
    assert_eq!(put.expect(200)["nextExpectedRanges"], json!(["2"]));
    let put =
        site.bytes("PUT", &format!("{url}/content"), &[("content-range", "bytes 2-3/4")], vec![3, 4]).await;
    assert_eq!(put.status, 201);
    let place = put.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(site.get(&format!("{place}/$value")).await.bytes, [1, 2, 3, 4]);
    site.stop().await;
}

#[tokio::test]
async fn a_message_does_not_grow_without_end() {
    let mut options = tandem_tenant::Options { users: tandem_tenant::SeedUsers::None, ..Default::default() };
    options.settings.behaviour.largest_message = 10;
    let site = crate::support::with(options).await;
    let user = site.user("ada").await;
    let path = draft(&site, &user).await;
    let file =
        json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": "AAECAwQF"});
    site.post(&format!("{path}/attachments"), file.clone()).await.expect(201);
    assert_eq!(site.post(&format!("{path}/attachments"), file).await.code(413), "ErrorMessageSizeExceeded");
    site.stop().await;
}
