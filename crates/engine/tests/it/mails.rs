//! E-mails travel from the synchronisation folder to the CRM.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{KARL, Stage};
use serde_json::json;
use tandem_model::Kind;

#[tokio::test]
async fn one_mail_in_two_mailboxes_becomes_one_activity() {
    let stage = Stage::set().await;
    for who in ["ann", "ben"] {
        stage.receives(who, "<offer@kunde.example>", KARL, json!({})).await;
    }
    stage.settle().await;
    let activity = stage.activity("About <offer@kunde.example>").await;
    assert_eq!((activity.get("Contact"), activity.get("MessageID")), ("E-Mail", "<offer@kunde.example>"));
    assert_eq!((activity.get("PeNo"), activity.get("Text")), ("101", "Good morning"));
    for who in ["ann", "ben"] {
        assert_eq!(stage.folder_of(who, "<offer@kunde.example>").await, "/Inbox/crm/Sync_Success");
    }
    stage.was("<offer@kunde.example>", "added-to-crm").await;
    stage.was("<offer@kunde.example>", "joined").await;
    assert_eq!(stage.mails_sent().await, 0);
    stage.strike().await;
}

#[tokio::test]
async fn an_unknown_sender_is_flagged() {
    let stage = Stage::set().await;
    stage.receives("ann", "<hello@new.example>", "nobody@new.example", json!({})).await;
    stage.settle().await;
    let activity = stage.activity("About <hello@new.example>").await;
    assert!(activity.is("ConnectorMissingparticipants"), "{activity:#?}");
    assert!(activity.get("MissingParticipants").contains("nobody@new.example"), "{activity:#?}");
    stage.was("<hello@new.example>", "participant-missing").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_mail_that_is_dragged_back_from_the_failure_folder_is_tried_again() {
    let stage = Stage::set().await;
    let file =
        json!({"attachments": [{"name": "a.txt", "contentType": "text/plain", "contentBytes": "aGVsbG8="}]});
    stage.receives("ann", "<bad@kunde.example>", KARL, file).await;
    stage.receives("ann", "<good@kunde.example>", KARL, json!({})).await;
    stage.line.reject("/attachments");
    stage.settle().await;
    assert!(stage.line.has_refused());
    assert_eq!(stage.folder_of("ann", "<bad@kunde.example>").await, "/Inbox/crm/Sync_Failure");
    assert_eq!(stage.folder_of("ann", "<good@kunde.example>").await, "/Inbox/crm/Sync_Success");
    stage.activity("About <good@kunde.example>").await;
    stage.was("<bad@kunde.example>", "unreadable").await;

    stage.drags("ann", "<bad@kunde.example>", "/Inbox/crm").await;
    stage.settle().await;
    assert_eq!(stage.folder_of("ann", "<bad@kunde.example>").await, "/Inbox/crm/Sync_Success");
    stage.activity("About <bad@kunde.example>").await;
    let documents = stage.records("Document").await;
    assert_eq!(documents.iter().map(|one| one.get("Name")).collect::<Vec<_>>(), ["a.txt"]);
    stage.strike().await;
}

#[tokio::test]
async fn odd_characters_do_not_stop_the_next_mail() {
    let stage = Stage::set().await;
    let odd = "bell \u{7}, null \u{0}, no character \u{ffff}, ]]> & <b>";
    stage
        .receives(
            "ann",
            "<odd@kunde.example>",
            KARL,
            json!({"body": {"contentType": "text", "content": odd}}),
        )
        .await;
    stage.receives("ann", "<next@kunde.example>", KARL, json!({})).await;
    stage.settle().await;
    let text = stage.activity("About <odd@kunde.example>").await.get("Text").to_owned();
    assert!(text.contains("]]> & <b>"), "{text:?}");
    assert_eq!(stage.folder_of("ann", "<odd@kunde.example>").await, "/Inbox/crm/Sync_Success");
    assert_eq!(stage.folder_of("ann", "<next@kunde.example>").await, "/Inbox/crm/Sync_Success");
    stage.strike().await;
}

#[tokio::test]
async fn without_moves_a_mail_stays_and_is_never_imported_again() {
    let stage = Stage::set_with(|settings| settings.emails.move_success = false).await;
    stage.receives("ann", "<stay@kunde.example>", KARL, json!({})).await;
    stage.settle().await;
    assert_eq!(stage.folder_of("ann", "<stay@kunde.example>").await, "/Inbox/crm");
    // Reading or flagging it makes it show up in the folder's changes again.
    let id = stage.message("ann", "<stay@kunde.example>").await["id"].as_str().unwrap().to_owned();
    stage
        .outlook("PATCH", &format!("/users/{}/messages/{id}", crate::stage::ANN), json!({"isRead": true}))
        .await;
    stage.settle().await;
    stage.activity("About <stay@kunde.example>").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_draft_is_no_mail_yet() {
    let stage = Stage::set().await;
    stage.settle().await;
    stage.drafts("ann", "Half a thought").await;
    stage.settle().await;
    assert!(stage.records("Contact").await.is_empty());
    let links = stage.links("ann", Kind::Mail).await;
    assert_eq!(links.iter().map(|link| link.reason.as_str()).collect::<Vec<_>>(), ["draft"]);
    stage.strike().await;
}
