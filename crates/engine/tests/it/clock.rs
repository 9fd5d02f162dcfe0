//! A clock that was ahead, because its machine slept or its time server was wrong, keeps nothing waiting when it is right.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::Stage;
use serde_json::json;
use tandem_model::Kind;
use tandem_store::State;

/// So far it was ahead, in seconds.
const AHEAD: i64 = 25 * 3600;

/// Microsoft 365 takes no change for so many seconds; a connector that is started anew has not heard of it.
async fn refuse_the_next_change(stage: &Stage, seconds: u64) {
    let refusal =
        json!({"fault": "throttled", "method": "PATCH", "count": 1, "with": {"retry_after": seconds}});
    stage.outlook("POST", "/faults", refusal).await;
}

/// More goes from a calendar at once than the guard lets pass.
async fn delete_thirty_of_forty(stage: &Stage) {
    let mut ids = Vec::new();
    for number in 0..40 {
        let event = stage.on(1 + number, "10:00", "11:00", &format!("Visit {number}"));
        ids.push(stage.enters("ann", event).await);
    }
    stage.settle().await;
    for id in &ids[..30] {
        stage.deletes("ann", id).await;
    }
}

#[tokio::test]
async fn what_failed_while_the_clock_was_ahead_is_tried_again_when_it_is_right() {
    let mut stage = Stage::set().await;
    stage.settle().await;
    let persons = stage.records("Person").await;
    let karl = persons.iter().find(|person| person.get("Email") == crate::stage::KARL).unwrap();
    stage.edits("Person", karl, &[("Phone", "+43 1 222")]).await;

    stage.later(AHEAD);
    refuse_the_next_change(&stage, 600).await;
    // The rest of the cycle is not answered either.
    drop(stage.cycle("ann").await);
    assert_eq!(stage.links("ann", Kind::Contact).await[0].state, State::Failed);

    stage.later(-AHEAD);
    stage.restart_with(|_| {}).await;
    stage.settle().await;
    assert_eq!(stage.contacts("ann").await[0]["businessPhones"], json!(["+43 1 222"]));
    assert_eq!(stage.links("ann", Kind::Contact).await[0].state, State::Linked);
    stage.strike().await;
}

#[tokio::test]
async fn what_a_server_puts_off_for_days_is_tried_again_after_the_longest_pause() {
    let mut stage = Stage::set().await;
    stage.enters("ann", stage.on(5, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("A031Location", "Room 7")]).await;
    refuse_the_next_change(&stage, 3 * 24 * 3600).await;
    stage.cycle("ann").await.unwrap();

    stage.restart_with(|_| {}).await;
    stage.settle().await;
    assert_eq!(stage.links("ann", Kind::Appointment).await[0].state, State::Failed, "not before");
    stage.later(3600);
    stage.settle().await;
    assert_eq!(stage.event("ann", "Review").await["location"]["displayName"], json!("Room 7"));
    stage.strike().await;
}

#[tokio::test]
async fn what_was_held_while_the_clock_was_ahead_passes_when_the_limit_is_raised() {
    let mut stage = Stage::set().await;
    delete_thirty_of_forty(&stage).await;
    stage.later(AHEAD);
    stage.settle().await;
    let links = stage.links("ann", Kind::Appointment).await;
    assert_eq!(links.iter().filter(|link| link.state == State::Held).count(), 30);

    stage.later(-AHEAD);
    stage.restart_with(|settings| settings.errors.delete_guard_percent = 100).await;
    stage.settle().await;
    let records = stage.records("Contact").await;
    assert_eq!(records.iter().filter(|record| record.is("ConnectorDeleted")).count(), 30);
    stage.strike().await;
}

#[tokio::test]
async fn what_was_put_off_by_a_clock_that_is_right_waits_its_time() {
    let mut stage = Stage::set().await;
    delete_thirty_of_forty(&stage).await;
    stage.settle().await;
    stage.restart_with(|settings| settings.errors.delete_guard_percent = 100).await;
    stage.settle().await;
    let held = |links: Vec<tandem_store::Link>| links.iter().filter(|link| link.state == State::Held).count();
    assert_eq!(held(stage.links("ann", Kind::Appointment).await), 30);
    stage.later(3600);
    stage.settle().await;
    assert_eq!(held(stage.links("ann", Kind::Appointment).await), 0);
    stage.strike().await;
}
