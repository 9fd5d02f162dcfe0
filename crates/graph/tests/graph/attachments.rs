//! Attachments.

use crate::scripted::*;
use serde_json::{Value, json};
use tandem_graph::AttachmentLimits;
use tandem_model::{AttachmentContent, GraphId};

fn limits(each: u64, total: u64) -> AttachmentLimits {
    AttachmentLimits { each, total }
}

fn raw_bytes(bytes: &[u8]) -> Played {
    Played { body: bytes.to_vec(), ..ok(json!({})) }
}

/// Two files, an attached message, an attached contact, a link.
fn message(sent: &Sent) -> Played {
    let file = |id: &str, bytes: &str, size: u64| {
        json!({"@odata.type": "#microsoft.graph.fileAttachment", "id": id, "name": format!("{id}.txt"),
               "contentType": "text/plain", "size": size, "isInline": id == "b", "contentBytes": bytes})
    };
    let item = |id: &str, name: &str| json!({"@odata.type": "#microsoft.graph.itemAttachment", "id": id, "name": name, "contentType": null, "size": 40, "isInline": false});
    match sent.path.strip_prefix("/v1.0/users/ann/messages/m/attachments").unwrap() {
        "" => ok(json!({"value": [
            file("a", "aGVsbG8=", 105), file("b", "d29ybGQh", 106), item("c", "Reminder"), item("d", "Ann.vcf"),
            {"@odata.type": "#microsoft.graph.referenceAttachment", "id": "e", "name": "plan.docx", "size": 7},
            file("f", "***", 3),
        ]})),
        "/c/$value" => raw_bytes(b"From: a@x.y\r\n\r\nhi"),
        "/d/$value" => raw_bytes(b"BEGIN:VCARD\r\nEND:VCARD\r\n"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn files_come_in_one_request_and_items_as_files() {
    let (mailbox, script) = mailbox(message);
    let attachments = mailbox.attachments(&GraphId::new("m"), AttachmentLimits::default()).await.unwrap();
    let short: Vec<_> = attachments
        .iter()
        .map(|a| {
            (
                a.name.as_str(),
                a.media_type.as_str(),
                a.size,
                a.inline,
                matches!(a.content, AttachmentContent::Bytes(_)),
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            ("a.txt", "text/plain", 5, false, true),
            ("b.txt", "text/plain", 6, true, true),
            ("Reminder.eml", "message/rfc822", 17, false, true),
            ("Ann.vcf", "text/vcard", 24, false, true),
            ("plan.docx", "", 7, false, false),
            ("f.txt", "text/plain", 3, false, false),
        ]
    );
    assert_eq!(attachments[0].content, AttachmentContent::Bytes(b"hello".to_vec()));
    assert_eq!(script.graph().len(), 3);
}

#[tokio::test]
async fn what_is_too_large_is_left_out_with_the_reason() {
    let (mailbox, _) = mailbox(message);
    let attachments = mailbox.attachments(&GraphId::new("m"), limits(5, 1000)).await.unwrap();
    assert!(matches!(&attachments[0].content, AttachmentContent::Bytes(_)));
    assert_eq!(
        attachments[1].content,
        AttachmentContent::LeftOut("it has 6 bytes, more than the 5 allowed for one attachment".into())
    );
    let attachments = mailbox.attachments(&GraphId::new("m"), limits(1000, 10)).await.unwrap();
    assert_eq!(
        attachments[1].content,
        AttachmentContent::LeftOut(
            "it has 6 bytes, more than the 5 that are left of what a message may bring".into()
        )
    );
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_fetched_piece_by_piece() {
    let (mailbox, script) = mailbox(|sent| {
        let path = sent.path.strip_prefix("/v1.0/users/ann/messages/m/attachments").unwrap();
        let file = |id: &str, size: u64, bytes: Value| json!({"@odata.type": "#microsoft.graph.fileAttachment", "id": id, "name": id, "size": size, "contentBytes": bytes});
        match path {
            "" if sent.query.contains_key("$select") => {
                ok(json!({"value": [file("small", 5, Value::Null), file("huge", 3 << 20, Value::Null)]}))
            }
            "" => ok(json!({"value": [file("huge", 3 << 20, "A".repeat(4 << 20).into())]})),
            "/small/$value" => raw_bytes(b"hello"),
            other => panic!("{other}"),
        }
    });
    let attachments = mailbox.attachments(&GraphId::new("m"), limits(1 << 20, 1 << 20)).await.unwrap();
    assert_eq!(attachments[0].content, AttachmentContent::Bytes(b"hello".to_vec()));
    assert!(
        matches!(&attachments[1].content, AttachmentContent::LeftOut(reason) if reason.starts_with("it has 3145728 bytes"))
    );
    assert_eq!(script.graph().len(), 3, "the huge one is not fetched");
}
