//! What was deleted is taken out of Deleted Items again.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, KARL, Stage};
use serde_json::{Value, json};
use tandem_audit::Record;
use tandem_model::Kind;
use tandem_store::State;

#[tokio::test]
async fn what_its_owner_deleted_and_restores_is_back_in_the_crm_with_all_that_was_there() {
    let stage = Stage::set().await;
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.deletes("ann", &id).await;
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"));
    stage.restores("ann", &id).await;
    stage.settle().await;
    let back = stage.activity("Review").await;
    assert_eq!((back.name(), back.is("ConnectorDeleted")), (activity.name(), false));
    assert_eq!(stage.links("ann", Kind::Appointment).await.remove(0).state, State::Linked);

    stage.edits("Contact", &back, &[("A031Location", "Room 9")]).await;
    stage.settle().await;
    assert_eq!(stage.event("ann", "Review").await["location"]["displayName"], "Room 9");
    stage.strike().await;
}

#[tokio::test]
async fn what_the_crm_deleted_and_its_owner_restores_is_back_in_the_crm() {
    let stage = Stage::set().await;
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());
    stage.restores("ann", &id).await;
    stage.settle().await;
    let back = stage.activity("Review").await;
    assert_eq!((back.name(), back.is("ConnectorDeleted")), (activity.name(), false));
    stage.event("ann", "Review").await;
    stage.strike().await;
}

#[tokio::test]
async fn what_is_restored_before_anybody_heard_that_it_was_deleted_was_never_gone() {
    let stage = Stage::set().await;
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.deletes("ann", &id).await;
    stage.restores("ann", &id).await;
    stage.settle().await;
    let there = stage.activity("Review").await;
    assert_eq!((there.name(), there.is("ConnectorDeleted")), (activity.name(), false));
    stage.strike().await;
}

#[tokio::test]
async fn a_guest_who_restores_his_copy_takes_part_again() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    stage.enters("ann", meeting).await;
    stage.settle().await;
    let id = stage.event("ben", "Review").await["id"].as_str().unwrap().to_owned();
    stage.deletes("ben", &id).await;
    stage.settle().await;
    stage.restores("ben", &id).await;
    stage.answers("ben", &id, "accepted").await;
    stage.settle().await;
    assert_eq!(stage.links("ben", Kind::Appointment).await.remove(0).state, State::Linked);
    assert!(!stage.activity("Review").await.is("ConnectorDeleted"));
    stage.event("ann", "Review").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_contact_that_its_owner_removed_and_restores_is_in_step_again() {
    let stage = Stage::set().await;
    stage.settle().await;
    let contact = stage.contacts("ann").await.remove(0);
    let path = format!("/users/{ANN}/contacts/{}", contact["id"].as_str().unwrap());
    stage.outlook("DELETE", &path, Value::Null).await;
    stage.settle().await;
    let link = stage.links("ann", Kind::Contact).await.remove(0);
    assert_eq!((link.state, link.reason.as_str()), (State::Skipped, "removed-by-user"));
    stage.outlook("POST", &format!("{path}/restore"), Value::Null).await;
    stage.settle().await;
    assert_eq!(stage.links("ann", Kind::Contact).await.remove(0).state, State::Linked);

    let karl = stage.records("Person").await.into_iter().find(|one| one.get("Email") == KARL).unwrap();
    stage.edits("Person", &karl, &[("Function", "Buyer")]).await;
    stage.settle().await;
    let contacts = stage.contacts("ann").await;
    assert_eq!((contacts.len(), &contacts[0]["jobTitle"]), (1, &Value::from("Buyer")));
    stage.strike().await;
}

/// Ann deletes an appointment that the CRM has moved: the edit brings it back. She takes the deleted one out of Deleted
/// Items as well. Answers the activity, the id of the copy that came back, and the id of the one that she restored.
async fn twice(stage: &Stage) -> (Record, String, String) {
    let restored = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("Time", "14:00"), ("EndTime", "15:00")]).await;
    stage.deletes("ann", &restored).await;
    stage.settle().await;
    let back = stage.event("ann", "Review").await;
    assert_eq!(Stage::begins(&back), format!("{} 14:00", stage.day(3)));
    stage.restores("ann", &restored).await;
    stage.settle().await;
    (activity, back["id"].as_str().unwrap().to_owned(), restored)
}

#[tokio::test]
async fn a_copy_of_what_came_back_meanwhile_changes_nothing() {
    let stage = Stage::set().await;
    let (activity, back, restored) = twice(&stage).await;
    assert_eq!(stage.activity("Review").await.get("Time"), "14:00");
    stage.was(&activity.name(), "has-copy").await;
    stage.edits("Contact", &activity, &[("A031Location", "Room 9")]).await;
    stage.changes("ann", &restored, json!({"body": {"contentType": "text", "content": "old"}})).await;
    stage.settle().await;
    let events = stage.events("ann").await;
    let place = |id: &str| {
        events.iter().find(|event| event["id"] == *id).unwrap()["location"]["displayName"].to_string()
    };
    assert_eq!((place(&back), place(&restored)), ("\"Room 9\"".to_owned(), "\"\"".to_owned()));
    assert_eq!(stage.records("Contact").await.len(), 1);

    stage.deletes("ann", &restored).await;
    stage.settle().await;
    assert!(!stage.activity("Review").await.is("ConnectorDeleted"));
    assert_eq!(stage.event("ann", "Review").await["id"], *back);
    stage.strike().await;
}

#[tokio::test]
async fn the_copy_that_is_left_takes_the_place_of_the_one_that_goes() {
    let stage = Stage::set().await;
    let (activity, back, restored) = twice(&stage).await;
    stage.deletes("ann", &back).await;
    stage.settle().await;
    let left = stage.activity("Review").await;
    assert_eq!((left.name(), left.is("ConnectorDeleted")), (activity.name(), false));
    assert_eq!(left.get("Time"), "10:00", "it is what Ann kept");
    stage.edits("Contact", &left, &[("A031Location", "Room 9")]).await;
    stage.settle().await;
    let event = stage.event("ann", "Review").await;
    assert_eq!((&event["id"], &event["location"]["displayName"]), (&json!(restored), &json!("Room 9")));
    let linked = stage.links("ann", Kind::Appointment).await;
    assert_eq!(linked.iter().filter(|link| link.state == State::Linked).count(), 1);

    stage.deletes("ann", &restored).await;
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn who_deletes_what_came_back_and_restores_what_he_had_keeps_that() {
    let stage = Stage::set().await;
    let restored = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("A031Location", "Room 9")]).await;
    stage.deletes("ann", &restored).await;
    stage.settle().await;
    let back = stage.event("ann", "Review").await["id"].as_str().unwrap().to_owned();
    stage.restores("ann", &restored).await;
    stage.deletes("ann", &back).await;
    stage.settle().await;
    let left = stage.activity("Review").await;
    assert_eq!((left.name(), left.is("ConnectorDeleted")), (activity.name(), false));
    assert_eq!(stage.event("ann", "Review").await["id"], *restored);
    let reasons = stage.reasons(&activity.name()).await;
    assert!(!reasons.iter().any(|reason| reason == "deleted-in-crm"), "{reasons:?}");
    let linked = stage.links("ann", Kind::Appointment).await;
    assert_eq!(linked.iter().filter(|link| link.state == State::Linked).count(), 1);
    stage.strike().await;
}

#[tokio::test]
async fn a_copy_that_comes_under_another_id_is_the_same_appointment() {
    let stage = Stage::set().await;
    let mut event = stage.on(3, "10:00", "11:00", "Review");
    event["iCalUId"] = "file-1".into();
    let before = stage.enters("ann", event.clone()).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("A031Location", "Room 9")]).await;
    stage.deletes("ann", &before).await;
    let after = stage.enters("ann", event).await;
    assert_ne!(before, after);
    stage.settle().await;
    let same = stage.activity("Review").await;
    assert_eq!((same.name(), same.is("ConnectorDeleted")), (activity.name(), false));
    let event = stage.event("ann", "Review").await;
    assert_eq!((&event["id"], &event["location"]["displayName"]), (&json!(after), &json!("Room 9")));
    let reasons = stage.reasons(&activity.name()).await;
    assert!(!reasons.iter().any(|reason| reason == "deleted-in-crm"), "{reasons:?}");
    stage.strike().await;
}

#[tokio::test]
async fn what_comes_again_under_another_id_after_a_mass_deletion_was_held_keeps_its_record() {
    let mut stage = Stage::set().await;
    stage
        .restart_with(|settings| {
            (settings.errors.delete_guard_count, settings.errors.delete_guard_percent) = (1, 1);
        })
        .await;
    let mut entered = Vec::new();
    for number in 1..=3 {
        let mut event = stage.on(3, "10:00", "11:00", &format!("Review {number}"));
        event["iCalUId"] = format!("file-{number}").into();
        entered.push((stage.enters("ann", event.clone()).await, event));
    }
    stage.settle().await;
    for (id, _) in &entered {
        stage.deletes("ann", id).await;
    }
    stage.settle().await;
    let held = stage.links("ann", Kind::Appointment).await;
    assert!(held.iter().all(|link| link.state == State::Held), "{held:#?}");
    for (_, event) in entered {
        stage.enters("ann", event).await;
    }
    stage.settle().await;
    stage.restart_with(|settings| settings.errors.delete_guard_count = 1_000).await;
    stage.later(2 * 24 * 3600);
    stage.settle().await;
    let links = stage.links("ann", Kind::Appointment).await;
    assert_eq!(links.iter().filter(|link| link.state == State::Linked).count(), 3, "{links:#?}");
    for number in 1..=3 {
        let reasons = stage.reasons(&format!("MA:{number}")).await;
        assert!(!reasons.iter().any(|reason| reason == "deleted-in-crm"), "{reasons:?}");
    }
    stage.strike().await;
}
