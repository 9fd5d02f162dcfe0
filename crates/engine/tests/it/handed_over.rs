//! In the CRM somebody else gets to look after something.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, Stage};
use serde_json::json;

/// A plan of Ann's, made in the CRM, that is handed over to Ben there.
async fn a_plan_is_handed_over(stage: &Stage) {
    stage.settle().await;
    let day = stage.day(6);
    let fields =
        [("Date", &*day), ("EndDate", &day), ("Time", "10:00"), ("EndTime", "11:00"), ("Subject", "Plan")];
    stage.schedules(1, "7", &fields, &[]).await;
    stage.settle().await;
    assert_eq!(counts(stage).await, (1, 0));
    stage.edits("Contact", &stage.activity("Plan").await, &[("RepID", "2")]).await;
}

/// How many appointments Ann and Ben have.
async fn counts(stage: &Stage) -> (usize, usize) {
    (stage.events("ann").await.len(), stage.events("ben").await.len())
}

#[tokio::test]
async fn what_is_handed_over_in_the_crm_moves_to_the_other_calendar() {
    let stage = Stage::set().await;
    a_plan_is_handed_over(&stage).await;
    stage.settle().await;
    assert_eq!((counts(&stage).await, stage.mails_sent().await), ((0, 1), 0));
    stage.strike().await;
}

#[tokio::test]
async fn what_its_former_owner_changes_meanwhile_does_not_keep_it_in_his_calendar() {
    let stage = Stage::set().await;
    a_plan_is_handed_over(&stage).await;
    stage.cycle("ben").await.unwrap();
    assert_eq!(counts(&stage).await, (1, 1));
    let anns = stage.event("ann", "Plan").await["id"].as_str().unwrap().to_owned();
    stage.changes("ann", &anns, json!({"location": {"displayName": "Room 1"}})).await;
    stage.settle().await;
    assert_eq!((counts(&stage).await, stage.mails_sent().await), ((0, 1), 0));
    let story = stage.story(&stage.activity("Plan").await.name()).await;
    assert!(story.iter().any(|line| line.entry.facts.to_string().contains("Room 1")), "{story:#?}");
    stage.strike().await;
}

#[tokio::test]
async fn what_was_changed_in_a_task_that_is_handed_over_is_in_the_journal() {
    for deleted in [false, true] {
        hands_over_a_changed_task(deleted).await;
    }
}

/// Its new owner may have deleted it before its old one's mailbox hears of that.
async fn hands_over_a_changed_task(deleted: bool) {
    let stage = Stage::set().await;
    stage.settle().await;
    stage
        .adds(
            "Task",
            &[("RepID", "1"), ("CreatedByID", "1"), ("Subject", "Call Karl"), ("Status", "notStarted")],
        )
        .await;
    stage.settle().await;
    let id = stage.todo("ann", "Call Karl").await["id"].as_str().unwrap().to_owned();
    stage.outlook("PATCH", &format!("/users/{ANN}/tasks/{id}"), json!({"title": "Call Karl at noon"})).await;
    let task = stage.record("Task", "Call Karl").await;
    stage.edits("Task", &task, &[("RepID", "2")]).await;
    if deleted {
        stage.edits("Task", &task, &[("Deleted", "true")]).await;
    }
    stage.settle().await;
    let bens = usize::from(!deleted);
    assert_eq!((stage.todos("ann").await.len(), stage.todos("ben").await.len()), (0, bens));
    let story = stage.story(&task.name()).await;
    let kept = |line: &tandem_store::JournalEntry| line.entry.facts.to_string().contains("Call Karl at noon");
    assert!(story.iter().any(kept), "{story:#?}");
    stage.strike().await;
}
