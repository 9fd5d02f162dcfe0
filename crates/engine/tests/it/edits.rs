//! Both sides change one appointment, or one changes what the other deletes.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{KARL, Stage};
use serde_json::json;

/// Ann's appointment is on both sides. Answers the event's id.
async fn agreed(stage: &Stage) -> String {
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    id
}

#[tokio::test]
async fn changes_to_different_fields_both_survive() {
    let stage = Stage::set().await;
    let id = agreed(&stage).await;
    let activity = stage.activity("Review").await;
    stage.changes("ann", &id, json!({"location": {"displayName": "Room 7"}})).await;
    stage.edits("Contact", &activity, &[("Time", "10:30"), ("EndTime", "11:30")]).await;
    stage.settle().await;
    let (activity, event) = (stage.activity("Review").await, stage.event("ann", "Review").await);
    assert_eq!((activity.get("A031Location"), activity.get("Time")), ("Room 7", "10:30"));
    assert_eq!(event["location"]["displayName"], "Room 7");
    assert_eq!(Stage::begins(&event), format!("{} 10:30", stage.day(3)));
    stage.strike().await;
}

#[tokio::test]
async fn the_organiser_wins_and_the_losing_value_is_in_the_journal() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[KARL]);
    let id = stage.enters("ann", meeting).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.changes("ann", &id, json!({"subject": "Review with Karl"})).await;
    stage.edits("Contact", &activity, &[("Subject", "Review of the year")]).await;
    let mails = stage.mails_sent().await;
    stage.settle().await;
    stage.event("ann", "Review with Karl").await;
    stage.activity("Review with Karl").await;
    let story = stage.story(&activity.name()).await;
    let conflict = story.iter().flat_map(|line| line.entry.facts.as_array().cloned().unwrap_or_default());
    let losers: Vec<_> =
        conflict.map(|fact| fact["conflict"]["losing_value"].clone()).filter(|v| !v.is_null()).collect();
    assert_eq!(losers, ["Review of the year"]);
    assert_eq!(stage.mails_sent().await, mails);
    stage.strike().await;
}

#[tokio::test]
async fn a_deletion_in_outlook_marks_the_activity() {
    let stage = Stage::set().await;
    let id = agreed(&stage).await;
    stage.deletes("ann", &id).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert!(activity.is("ConnectorDeleted"));
    stage.was(&activity.name(), "gone-in-m365").await;
    assert!(stage.events("ann").await.is_empty());
    stage.strike().await;
}

#[tokio::test]
async fn a_deletion_in_the_crm_removes_the_event() {
    let stage = Stage::set().await;
    agreed(&stage).await;
    stage.enters("ann", stage.on(4, "10:00", "11:00", "Lunch")).await;
    stage.settle().await;
    let (marked, erased) = (stage.activity("Review").await, stage.activity("Lunch").await);
    stage.edits("Contact", &marked, &[("ConnectorDeleted", "true")]).await;
    stage.erases("Contact", &erased).await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());
    stage.was(&marked.name(), "gone-in-crm").await;
    stage.was(&erased.name(), "gone-in-crm").await;
    stage.strike().await;
}

#[tokio::test]
async fn an_edit_in_the_crm_beats_a_deletion_in_outlook() {
    let stage = Stage::set().await;
    let id = agreed(&stage).await;
    let activity = stage.activity("Review").await;
    stage.deletes("ann", &id).await;
    stage.edits("Contact", &activity, &[("Time", "09:00"), ("EndTime", "10:00")]).await;
    stage.settle().await;
    assert_eq!(Stage::begins(&stage.event("ann", "Review").await), format!("{} 09:00", stage.day(3)));
    assert!(!stage.activity("Review").await.is("ConnectorDeleted"));
    stage.was(&activity.name(), "edit-beats-delete").await;
    stage.strike().await;
}

#[tokio::test]
async fn an_edit_in_outlook_beats_a_deletion_in_the_crm() {
    let stage = Stage::set().await;
    let id = agreed(&stage).await;
    let activity = stage.activity("Review").await;
    stage.changes("ann", &id, stage.on(3, "16:00", "17:00", "Review")).await;
    stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
    stage.settle().await;
    let restored = stage.activity("Review").await;
    assert!(!restored.is("ConnectorDeleted"));
    assert_eq!((restored.id.as_str(), restored.get("Time")), (activity.id.as_str(), "16:00"));
    stage.event("ann", "Review").await;
    stage.was(&activity.name(), "edit-beats-delete").await;
    stage.strike().await;
}
