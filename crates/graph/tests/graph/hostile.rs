//! Answers from somebody who means harm, or from a broken gateway.

use crate::scripted::*;
use serde_json::{Value, json};
use std::time::Duration;
use tandem_graph::{
    AttachmentLimits, Change, Class, ClientLimits, Collection, GraphError, Next, Place, Window,
};
use tandem_model::{AttachmentContent, Contact, Document, GraphId, Item, Kind, MailboxId};

/// Links that look like the service's and are not.
const ELSEWHERE: [&str; 17] = [
    "https://evil.example/v1.0/users",
    "http://graph.microsoft.com/v1.0/users",
    "https://graph.microsoft.com@evil.example/v1.0/users",
    "https://graph.microsoft.com:443@evil.example/v1.0/users",
    "https://user:password@graph.microsoft.com/v1.0/users",
    "https://graph.microsoft.com:8443/v1.0/users",
    "https://graph.microsoft.com.evil.example/v1.0/users",
    "https://evil.example\\graph.microsoft.com/v1.0/users",
    "https://evil.example#@graph.microsoft.com/v1.0/users",
    "https://evil.example?x=graph.microsoft.com",
    "https://[::1]/v1.0/users",
    "https://[::ffff:169.254.169.254]/latest/meta-data",
    "http://169.254.169.254/latest/meta-data",
    "https://2130706433/v1.0/users",
    "file:///etc/passwd",
    "data:application/json,{}",
    "//evil.example/v1.0/users",
];

/// Every request went to the two configured hosts, by HTTPS, without anything before the host.
fn stayed_home(script: &Script) {
    for sent in script.graph().iter().chain(&script.tokens()) {
        let home = sent.url.starts_with("https://graph.microsoft.com/v1.0/")
            || sent.url.starts_with("https://login.microsoftonline.com/");
        assert!(home, "a request went to {}", sent.url);
    }
}

fn window() -> Collection {
    Collection::Calendar(Window {
        from: "2026-01-01T00:00:00Z".parse().unwrap(),
        to: "2027-01-01T00:00:00Z".parse().unwrap(),
    })
}

fn page(entries: Value) -> Played {
    ok(json!({"value": entries, "@odata.deltaLink": format!("{BASE}/v1.0/users/ann/x/delta?$deltatoken=1")}))
}

#[tokio::test(start_paused = true)]
async fn no_link_of_an_answer_leads_away() {
    for link in ELSEWHERE {
        for name in ["@odata.nextLink", "@odata.deltaLink"] {
            let (mailbox, script) = mailbox(move |_| ok(json!({"value": [], name: link})));
            let error = mailbox.delta(&window(), None).await.unwrap_err();
            let refused = matches!(error, GraphError::ForeignLink { .. } | GraphError::Unreadable { .. });
            assert!(refused, "{name} {link}: {error}");
            // A position that somebody wrote into the store is looked at, too.
            mailbox.delta(&window(), Some(link)).await.unwrap_err();
            assert_eq!(script.graph().len(), 1, "{link}");
            stayed_home(&script);
        }
        let (mailbox, script) = mailbox(move |_| ok(json!({"value": [], "@odata.nextLink": link})));
        mailbox.task_lists().await.unwrap_err();
        mailbox.attachments(&GraphId::new("m"), AttachmentLimits::default()).await.unwrap_err();
        stayed_home(&script);
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_home_in_other_words_stays_home() {
    // What a parser of URLs makes equal is equal: the port of HTTPS, capitals, a tab, a backslash where a path begins.
    for link in [
        "https://graph.microsoft.com:443/v1.0/users/ann/x",
        "HTTPS://GRAPH.MICROSOFT.COM/v1.0/x",
        "https://graph.micro\tsoft.com/v1.0/x",
        "https://graph.microsoft.com/v1.0\\@evil.example/x",
    ] {
        let (mailbox, script) =
            mailbox(in_turn(vec![ok(json!({"value": [], "@odata.nextLink": link})), page(json!([]))]));
        mailbox.delta(&window(), None).await.unwrap();
        mailbox.delta(&window(), Some(link)).await.unwrap();
        stayed_home(&script);
    }
}

#[tokio::test(start_paused = true)]
async fn the_address_of_a_linked_attachment_is_kept_and_never_called() {
    let address = "http://169.254.169.254/latest/meta-data";
    let (mailbox, script) = mailbox(move |_| {
        ok(json!({"value": [
            {"@odata.type": "#microsoft.graph.referenceAttachment", "id": "1", "name": "x", "sourceUrl": address},
            {"@odata.type": "#microsoft.graph.fileAttachment", "id": "2", "name": "../../../etc/passwd",
             "contentBytes": "aGk=", "size": 2, "@odata.mediaReadLink": address, "contentLocation": address},
        ]}))
    });
    let found = mailbox.attachments(&GraphId::new("m"), AttachmentLimits::default()).await.unwrap();
    assert_eq!(found[0].content, AttachmentContent::Link(address.to_owned()));
    assert_eq!(found[1].content, AttachmentContent::Bytes(b"hi".to_vec()));
    assert_eq!(script.graph().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ids_with_the_syntax_of_paths_stay_one_segment() {
    for id in
        ["a/../../../admin", "a?x=1", "a#b", "a\\b", "%2e%2e%2f", "a\r\nHost: evil.example", "\u{202e}a"]
    {
        let (mailbox, script) = mailbox(|_| refusal(404, "ErrorItemNotFound"));
        mailbox.read(Kind::Contact, &GraphId::new(id), None).await.unwrap();
        let sent = script.graph();
        assert!(
            sent[0].url.starts_with("https://graph.microsoft.com/v1.0/users/ann/contacts/"),
            "{}",
            sent[0].url
        );
        let path = sent[0].url.split('?').next().unwrap();
        assert_eq!(path.split('/').count(), 8, "{path}");
        stayed_home(&script);
    }
}

#[tokio::test(start_paused = true)]
async fn redirects_are_answers_and_not_orders() {
    for status in [301, 302, 303, 307, 308] {
        let (mailbox, script) = mailbox(move |_| {
            refusal(status, "Moved").header("location", "https://evil.example/v1.0/users/ann/contacts/a")
        });
        mailbox.read(Kind::Contact, &GraphId::new("a"), None).await.unwrap_err();
        let item = Item::Contact(Contact { given_name: "Ann".into(), ..Contact::default() });
        mailbox.create(&item, "k", &Place::default()).await.unwrap_err();
        assert_eq!(script.graph().len(), 2, "{status}");
        stayed_home(&script);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_kind_is_an_error_that_says_so() {
    let bodies: [&[u8]; 9] = [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"null",
        b"[]",
        b"\"text\"",
        b"{\"value\": {}}",
        b"{\"value\": [], \"@odata.deltaLink\": 7}",
        b"\xff\xfe{\0}\0",
        b"{\"value\": [",
    ];
    for body in bodies {
        let (mailbox, _) = mailbox(move |_| Played { body: body.to_vec(), ..ok(json!({})) });
        let error = mailbox.delta(&window(), None).await.unwrap_err();
        assert!(matches!(error, GraphError::Unreadable { .. }), "{body:?}: {error}");
    }
    let deep = [b"{\"value\": ".to_vec(), b"[".repeat(100_000)].concat();
    let (mailbox, _) = mailbox(move |_| Played { body: deep.clone(), ..ok(json!({})) });
    assert!(matches!(mailbox.delta(&window(), None).await, Err(GraphError::Unreadable { .. })));
}

#[tokio::test(start_paused = true)]
async fn one_item_that_cannot_be_read_does_not_keep_the_others() {
    let event = |id: &str, start: &str, end: &str, zone: &str| {
        json!({"id": id, "@odata.etag": "W/\"1\"", "subject": id, "type": "singleInstance",
               "start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}})
    };
    let entries = json!([
        event("good", "2026-06-10T10:00:00", "2026-06-10T11:00:00", "UTC"),
        event("year 0", "0000-00-00T00:00:00", "0000-00-00T00:00:00", "UTC"),
        event("year 10000", "10000-01-01T00:00:00", "10000-01-02T00:00:00", "UTC"),
        event("edge", "9999-12-31T23:59:59", "9999-12-31T23:59:59", "UTC+14"),
        event("no zone", "2026-06-10T10:00:00", "2026-06-10T11:00:00", "../../etc/passwd"),
        event("backwards", "2026-06-10T11:00:00", "2026-06-10T10:00:00", "UTC"),
        {"id": "huge", "@odata.etag": "W/\"1\"", "reminderMinutesBeforeStart": 1e300, "start": 7},
        {"id": 5},
        7,
    ]);
    let (mailbox, _) = mailbox(move |_| page(entries.clone()));
    let page = mailbox.delta(&window(), None).await.unwrap();
    assert_eq!(page.changes.len(), 9);
    assert!(matches!(&page.changes[0], Change::Present(remote) if remote.item.title() == "good"));
    for change in &page.changes {
        if let Change::Present(remote) = change {
            let document = Document::of(&remote.item);
            assert_eq!(document.item(Kind::Appointment).unwrap(), remote.item, "what is read can be kept");
        }
    }
    let unreadable = page.changes.iter().filter(|change| matches!(change, Change::Unreadable { .. })).count();
    assert!(unreadable >= 5, "{:?}", page.changes);
}

#[tokio::test(start_paused = true)]
async fn wild_recurrences_are_read_without_walking_through_them() {
    for (pattern, range) in [
        (
            json!({"type": "daily", "interval": 0}),
            json!({"type": "numbered", "numberOfOccurrences": 1_000_000_000}),
        ),
        (
            json!({"type": "daily", "interval": 4_294_967_295_u32}),
            json!({"type": "noEnd", "startDate": "0001-01-01"}),
        ),
        (
            json!({"type": "absoluteMonthly", "dayOfMonth": 99}),
            json!({"type": "endDate", "endDate": "9999-12-31"}),
        ),
        (json!({"type": "weekly", "daysOfWeek": []}), json!({"type": "numbered", "numberOfOccurrences": 0})),
        (json!({"type": "relativeYearly", "month": 0, "index": "tenth"}), json!({"type": "noEnd"})),
    ] {
        let master = json!({"id": "e", "@odata.etag": "W/\"1\"", "type": "seriesMaster", "subject": "s",
            "start": {"dateTime": "2026-06-10T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-06-10T11:00:00", "timeZone": "UTC"},
            "recurrence": {"pattern": pattern, "range": range}});
        let (mailbox, script) = mailbox(move |sent| {
            if sent.path.contains("instances") { ok(json!({"value": []})) } else { ok(master.clone()) }
        });
        let remote = mailbox.read(Kind::Appointment, &GraphId::new("e"), None).await.unwrap().unwrap();
        let document = Document::of(&remote.item);
        assert_eq!(document.item(Kind::Appointment).unwrap(), remote.item);
        assert!(script.graph().len() < 20, "{} requests for one series", script.graph().len());
    }
}

#[tokio::test(start_paused = true)]
async fn numbers_out_of_range_and_repeated_names_are_errors_and_nothing_worse() {
    for body in [
        r#"{"id":"a","id":"b","@odata.etag":"x","givenName":"A"}"#,
        r#"{"id":"a","@odata.etag":"x","givenName":123456789012345678901234567890}"#,
        r#"{"id":"a","@odata.etag":"x","emailAddresses":1e400}"#,
        r#"{"id":"a","@odata.etag":"x","givenName":"\ud800"}"#,
    ] {
        let (mailbox, _) = mailbox(move |_| Played { body: body.as_bytes().to_vec(), ..ok(json!({})) });
        let error = mailbox.read(Kind::Contact, &GraphId::new("a"), None).await.unwrap_err();
        assert!(matches!(error, GraphError::Unreadable { .. }), "{body}: {error}");
        assert_ne!(error.class(), Class::Gone);
    }
}

#[tokio::test(start_paused = true)]
async fn attachments_beyond_the_limits_are_named_and_left_out() {
    let many: Vec<Value> = (0..100)
        .map(|n| json!({"@odata.type": "#microsoft.graph.fileAttachment", "id": n.to_string(), "name": "x", "size": 0, "contentBytes": "A".repeat(4000)}))
        .collect();
    let (mailbox, _) = mailbox(move |_| ok(json!({"value": many})));
    let limits = AttachmentLimits { each: 3_000, total: 10_000 };
    let found = mailbox.attachments(&GraphId::new("m"), limits).await.unwrap();
    let brought: usize = found
        .iter()
        .map(|attachment| match &attachment.content {
            AttachmentContent::Bytes(bytes) => bytes.len(),
            _ => 0,
        })
        .sum();
    assert_eq!((found.len(), brought), (100, 9_000), "whatever sizes are claimed");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_leads_back_ends_the_reading_with_an_error() {
    // The second page leads to the first, by way of a third; nothing of an endless list is answered as if it were whole.
    let next = |sent: &Sent| match sent.query.get("$skiptoken").map(String::as_str) {
        Some("2") => "3",
        Some("3") => "1",
        _ => "2",
    };
    let circle = move |sent: &Sent| {
        let link = format!("{BASE}/v1.0/users/ann/x?$skiptoken={}", next(sent));
        ok(json!({"value": [{"id": "1", "displayName": "x"}], "@odata.nextLink": link}))
    };
    let (tenant, script) = graph(circle);
    let error = tenant.users().await.unwrap_err();
    assert!(matches!(error, GraphError::Circle { pages: 3, .. }), "{error}");
    assert_eq!(error.class(), Class::Retry { after: None });
    assert!(script.graph().len() < 6, "{} requests", script.graph().len());

    let (mailbox, script) = mailbox(circle);
    mailbox.task_lists().await.unwrap_err();
    mailbox.contact_folders().await.unwrap_err();
    mailbox.attachments(&GraphId::new("m"), AttachmentLimits::default()).await.unwrap_err();
    assert!(script.graph().len() < 18, "{} requests", script.graph().len());

    let mut trail = mailbox.trail(&window());
    let mut position = None;
    let error = loop {
        match mailbox.delta(&window(), position.as_deref()).await.unwrap().next {
            Next::More(link) => match trail.follow(&link) {
                Ok(()) => position = Some(link),
                Err(error) => break error,
            },
            Next::Done(link) => panic!("{link} ends a circle"),
        }
    };
    assert_eq!(
        error.to_string(),
        "reading changes of the calendar in mailbox ann: after 3 pages the answers lead back to one that was read \
         already, or go on without end; what was read holds, and the rest is read another time"
    );
}

#[tokio::test(start_paused = true)]
async fn pages_without_end_are_bounded_together() {
    let endless = |sent: &Sent| {
        let number: u64 = sent.query.get("$skiptoken").map_or(0, |token| token.parse().unwrap());
        let link = format!("{BASE}/v1.0/users/ann/x?$skiptoken={}", number + 1);
        let file = json!({"@odata.type": "#microsoft.graph.fileAttachment", "id": number.to_string(), "name": "x",
            "size": 1, "contentBytes": "A".repeat(400_000)});
        match sent.query.get("$select") {
            Some(_) => ok(json!({"value": [{"id": "0", "name": "x", "size": 9_000_000}]})),
            None => ok(json!({"value": [file], "@odata.nextLink": link})),
        }
    };
    let limits = ClientLimits { max_body: 500_000, ..ClientLimits::default() };
    let (graph, script) =
        raw(Duration::ZERO, limits, move |sent| if sent.is_token() { granted("t") } else { endless(sent) });
    let mailbox = graph.mailbox(&MailboxId::new("ann"));
    let error = mailbox.task_lists().await.unwrap_err();
    assert!(error.to_string().contains("larger than"), "{error}");
    assert_eq!(script.graph().len(), 5, "four times the largest answer, and no page more");

    // A message with too much in it is read without the bytes.
    let limits = AttachmentLimits { each: 500_000, total: 600_000 };
    let found = mailbox.attachments(&GraphId::new("m"), limits).await.unwrap();
    assert!(
        matches!(&found[..], [only] if matches!(only.content, AttachmentContent::LeftOut(_))),
        "{found:?}"
    );
    assert_eq!(script.graph().len(), 5 + 6);
}
