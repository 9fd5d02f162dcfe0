//! What must not happen: mass deletions, two workers on one mailbox, duplicates after a loss of position.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::Stage;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use tandem_model::Kind;
use tandem_store::{State, Store};

#[tokio::test]
async fn a_mass_deletion_is_held_until_somebody_raises_the_limit() {
    let mut stage = Stage::set().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push(
            stage.enters("ann", stage.on(1 + number, "10:00", "11:00", &format!("Visit {number}"))).await,
        );
    }
    stage.settle().await;
    for id in &ids[..30] {
        stage.deletes("ann", id).await;
    }
    stage.settle().await;
    let deleted = async |stage: &Stage| {
        let records = stage.records("Contact").await;
        assert_eq!(records.len(), 40);
        records.iter().filter(|record| record.is("ConnectorDeleted")).count()
    };
    assert_eq!(deleted(&stage).await, 0);
    let links = stage.links("ann", Kind::Appointment).await;
    let held = links.iter().filter(|link| link.state == State::Held && link.reason == "mass-deletion");
    assert_eq!(held.count(), 30);

    stage.restart_with(|settings| settings.errors.delete_guard_percent = 100).await;
    stage.later(2 * 3600);
    stage.settle().await;
    assert_eq!(deleted(&stage).await, 30);
    stage.strike().await;
}

#[tokio::test]
async fn what_a_person_allows_is_deleted_and_nothing_that_is_held_later() {
    let stage = Stage::set().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push(
            stage.enters("ann", stage.on(1 + number, "10:00", "11:00", &format!("Visit {number}"))).await,
        );
    }
    stage.settle().await;
    for id in &ids[..20] {
        stage.deletes("ann", id).await;
    }
    stage.settle().await;
    let store: &dyn Store = &*stage.store;
    let mailboxes = store.mailboxes().await.unwrap();
    let ann = mailboxes.iter().find(|mailbox| mailbox.seed.id == stage.id("ann")).unwrap();
    let held = tandem_engine::held(store, ann).await.unwrap();
    assert_eq!(held.len(), 20);
    assert_eq!(tandem_engine::allow(store, ann, &held, Timestamp::now()).await.unwrap(), 20);
    let again = tandem_engine::held(store, ann).await.unwrap();
    assert!(again.iter().all(|deletion| deletion.allowed));
    assert_eq!(tandem_engine::allow(store, ann, &again, Timestamp::now()).await.unwrap(), 0);

    for id in &ids[20..39] {
        stage.deletes("ann", id).await;
    }
    stage.settle().await;
    let records = stage.records("Contact").await;
    assert_eq!(records.iter().filter(|record| record.is("ConnectorDeleted")).count(), 20);
    assert_eq!(tandem_engine::held(store, ann).await.unwrap().len(), 19);
    stage.was(&ids[0], "deletion-allowed").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_mass_deletion_in_the_crm_empties_no_calendar() {
    let stage = Stage::set().await;
    for number in 0..40 {
        stage.enters("ann", stage.on(1 + number, "10:00", "11:00", &format!("Visit {number}"))).await;
    }
    stage.settle().await;
    for record in &stage.records("Contact").await[..30] {
        stage.edits("Contact", record, &[("ConnectorDeleted", "true")]).await;
    }
    stage.settle().await;
    assert_eq!(stage.events("ann").await.len(), 40);
    let links = stage.links("ann", Kind::Appointment).await;
    assert_eq!(links.iter().filter(|link| link.state == State::Held).count(), 30);
    stage.strike().await;
}

#[tokio::test]
async fn of_two_workers_on_one_mailbox_the_older_one_is_fenced() {
    let stage = Stage::set().await;
    stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    let other = stage.second_connector();
    let id = stage.id("ann");
    let (arrived, go_on) = stage.line.hold("/calendarView");
    let older = stage.connector.cycle_once(&stage.roster, &id);
    let newer = async {
        arrived.await.unwrap();
        let ended = other.cycle_once(&stage.roster, &id).await;
        go_on.send(()).unwrap();
        ended
    };
    let (older, newer) = tokio::join!(older, newer);
    newer.unwrap();
    assert!(older.unwrap_err().is_fenced());
    stage.settle().await;
    stage.activity("Review").await;
    stage.strike().await;
}

#[tokio::test]
async fn positions_that_expire_make_no_duplicates() {
    let stage = Stage::set().await;
    stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.receives("ann", "<offer@kunde.example>", crate::stage::KARL, serde_json::Value::Null).await;
    let task = serde_json::json!({"title": "Offer"});
    stage.outlook("POST", &format!("/users/{}/tasks", crate::stage::ANN), task).await;
    stage.settle().await;
    for collection in ["/calendarView/", "/messages/", "/tasks/", "/contacts/"] {
        stage.line.expire_position(collection);
        stage.stays_quiet().await;
        assert!(stage.line.has_refused(), "{collection}");
    }
    assert_eq!(stage.records("Contact").await.len(), 2);
    stage.activity("Review").await;
    stage.record("Task", "Offer").await;
    assert_eq!((stage.todos("ann").await.len(), stage.contacts("ann").await.len()), (1, 1));
    stage.event("ann", "Review").await;
    stage.strike().await;
}

#[tokio::test]
async fn what_is_deleted_while_the_position_is_lost_is_deleted_all_the_same() {
    let stage = Stage::set().await;
    let gone = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    stage.deletes("ann", &gone).await;
    stage.line.expire_position("/calendarView/");
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn a_reading_that_is_led_in_a_circle_ends_and_deletes_nothing() {
    let stage = Stage::set().await;
    let gone = stage.enters("ann", stage.on(3, "10:00", "11:00", "Gone")).await;
    stage.enters("ann", stage.on(4, "10:00", "11:00", "Review")).await;
    let task = serde_json::json!({"title": "Offer"});
    stage.outlook("POST", &format!("/users/{}/tasks", crate::stage::ANN), task).await;
    stage.receives("ann", "<first@kunde.example>", crate::stage::KARL, serde_json::Value::Null).await;
    stage.settle().await;
    stage.deletes("ann", &gone).await;
    stage.receives("ann", "<second@kunde.example>", crate::stage::KARL, serde_json::Value::Null).await;
    for collection in ["/calendarView/", "/messages/", "/tasks/", "/contacts/"] {
        // Everything is to be read anew, and comes without an end and without anything in it.
        stage.line.expire_position(collection);
        stage.line.lead_in_a_circle(collection);
        let error = stage.cycle("ann").await.unwrap_err();
        assert!(stage.line.has_refused(), "{collection}");
        assert!(
            error.is_transient() && error.to_string().contains("lead back to one"),
            "{collection}: {error}"
        );
        assert!((2..5).contains(&stage.line.lead_on()), "{collection}");
        assert!(!stage.activity("Review").await.is("ConnectorDeleted"), "{collection}");
        assert!(!stage.record("Task", "Offer").await.is("ConnectorDeleted"), "{collection}");
    }
    // Once it leads on, nothing was lost meanwhile, and only what is gone is deleted.
    stage.settle().await;
    assert!(stage.activity("Gone").await.is("ConnectorDeleted"));
    assert!(!stage.activity("Review").await.is("ConnectorDeleted"));
    assert_eq!(stage.folder_of("ann", "<second@kunde.example>").await, "/Inbox/crm/Sync_Success");
    stage.strike().await;
}

/// The files of a database: SQLite keeps what is newest beside the main one.
fn files(database: &Path) -> [(PathBuf, PathBuf); 2] {
    let file = |suffix: &str| PathBuf::from(format!("{}{suffix}", database.display()));
    [(file(""), file(".backup")), (file("-wal"), file(".backup-wal"))]
}

fn back_up(database: &Path) {
    for (file, copy) in files(database).iter().filter(|(file, _)| file.exists()) {
        std::fs::copy(file, copy).unwrap();
    }
}

fn restore(database: &Path) {
    for (file, copy) in files(database) {
        if file.exists() {
            std::fs::remove_file(&file).unwrap();
        }
        if copy.exists() {
            std::fs::copy(&copy, &file).unwrap();
        }
    }
}

#[tokio::test]
async fn a_crm_restored_from_a_backup_is_read_anew_without_duplicates() {
    let mut stage = Stage::set().await;
    stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    stage.edits("Contact", &stage.activity("Review").await, &[("Time", "10:30"), ("EndTime", "11:30")]).await;
    stage.settle().await;
    stage.with_crm_stopped(back_up).await;
    for hour in 11..21 {
        let (from, to) = (format!("{hour}:00"), format!("{hour}:30"));
        stage.edits("Contact", &stage.activity("Review").await, &[("Time", &from), ("EndTime", &to)]).await;
    }
    stage.settle().await;
    stage.with_crm_stopped(restore).await;
    assert_eq!(stage.activity("Review").await.get("Time"), "10:30", "the CRM has forgotten the edits");
    stage.settle().await;
    let (activity, event) = (stage.activity("Review").await, stage.event("ann", "Review").await);
    assert_eq!(Stage::starts(&activity), Stage::begins(&event));
    assert_eq!(stage.contacts("ann").await.len(), 1);
    stage.strike().await;
}
