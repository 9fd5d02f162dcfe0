//! Absences travel from the CRM to Outlook.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::Stage;
use serde_json::{Value, json};

/// Ann's leave, from the CRM, as the event in her calendar.
async fn leave(stage: &Stage) -> Value {
    let (from, to) = (stage.day(5), stage.day(7));
    let days = [("StartDate", &*from), ("EndDate", &*to), ("AllDay", "true"), ("TimeZone", "Europe/Vienna")];
    stage
        .adds(
            "Absence",
            &[&days[..], &[("RepID", "1"), ("Type", "Vacation"), ("StatNo", "2"), ("SeqNo", "1")]].concat(),
        )
        .await;
    stage.settle().await;
    only_event(stage).await
}

async fn only_event(stage: &Stage) -> Value {
    let mut events = stage.events("ann").await;
    assert_eq!(events.len(), 1, "{events:#?}");
    events.remove(0)
}

#[tokio::test]
async fn an_absence_becomes_an_out_of_office_event() {
    let stage = Stage::set().await;
    let event = leave(&stage).await;
    assert_eq!((&event["showAs"], &event["isAllDay"]), (&json!("oof"), &json!(true)));
    assert!(event["start"]["dateTime"].as_str().unwrap().starts_with(&stage.day(5)));
    assert!(event["end"]["dateTime"].as_str().unwrap().starts_with(&stage.day(8)));
    assert!(stage.records("Contact").await.is_empty(), "an absence is no appointment");
    assert_eq!(stage.mails_sent().await, 0);
    stage.strike().await;
}

#[tokio::test]
async fn what_is_changed_in_outlook_is_restored() {
    let stage = Stage::set().await;
    let before = leave(&stage).await;
    let mut later = before["end"].clone();
    later["dateTime"] = format!("{}T00:00:00", stage.day(12)).into();
    stage.changes("ann", before["id"].as_str().unwrap(), json!({"subject": "Away", "end": later})).await;
    stage.settle().await;
    let after = only_event(&stage).await;
    assert_eq!((&after["subject"], &after["end"]), (&before["subject"], &before["end"]));

    let absence = stage.records("Absence").await.remove(0);
    assert_eq!(absence.get("EndDate"), stage.day(7));
    assert!(stage.records("Contact").await.is_empty());
    stage.was(&absence.name(), "restored").await;
    stage.strike().await;
}

#[tokio::test]
async fn whoever_is_absent_does_not_show_as_available() {
    let stage = Stage::set().await;
    let event = leave(&stage).await;
    stage.changes("ann", event["id"].as_str().unwrap(), json!({"showAs": "free"})).await;
    stage.settle().await;
    assert_eq!(only_event(&stage).await["showAs"], "oof");
    stage.strike().await;
}

#[tokio::test]
async fn an_absence_that_is_deleted_in_the_crm_leaves_the_calendar() {
    let stage = Stage::set().await;
    leave(&stage).await;
    let absence = stage.records("Absence").await.remove(0);
    stage.edits("Absence", &absence, &[("Deleted", "true")]).await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());
    assert!(stage.records("Contact").await.is_empty());
    stage.was(&absence.name(), "gone-in-crm").await;
    stage.strike().await;
}
