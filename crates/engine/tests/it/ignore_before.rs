//! The setup guide's advice for a change of connectors: leave out what was made before a day. A setting of each kind.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{KARL, Stage};
use jiff::civil::Date;
use serde_json::{Value, json};
use tandem_settings::Settings;

/// Ann has one of each kind in her mailbox.
async fn furnished(stage: &Stage) {
    stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.outlook("POST", "/users/ann@nordwind.example/tasks", json!({"title": "Call back"})).await;
    let nina =
        json!({"givenName": "Nina", "surname": "Neu", "emailAddresses": [{"address": "nina@neu.example"}]});
    stage.outlook("POST", "/users/ann@nordwind.example/contacts", nina).await;
    stage.receives("ann", "<1@kunde.example>", KARL, Value::Null).await;
}

/// Activities, tasks and persons in the CRM.
async fn in_crm(stage: &Stage) -> [usize; 3] {
    let activities = stage.records("Contact").await.len();
    [activities, stage.records("Task").await.len(), stage.records("Person").await.len()]
}

fn all_kinds(settings: &mut Settings, day: Date) {
    settings.emails.ignore_before = Some(day);
    settings.appointments.ignore_before = Some(day);
    settings.tasks.ignore_before = Some(day);
    settings.contacts.ignore_before = Some(day);
}

#[tokio::test]
async fn what_was_made_before_a_day_stays_where_it_is() {
    let mut stage = Stage::set().await;
    let before = in_crm(&stage).await;
    let soon: Date = stage.day(2).parse().unwrap();
    stage.restart_with(|settings| all_kinds(settings, soon)).await;
    furnished(&stage).await;
    stage.settle().await;
    assert_eq!(in_crm(&stage).await, before, "all of it is older");
    for item in [stage.event("ann", "Review").await, stage.contacts("ann").await.remove(0)] {
        stage.was(item["id"].as_str().unwrap(), "too-old").await;
    }
    stage.strike().await;
}

#[tokio::test]
async fn what_was_made_after_that_day_travels() {
    let mut stage = Stage::set().await;
    let before = in_crm(&stage).await;
    let last_week: Date = stage.day(-7).parse().unwrap();
    stage.restart_with(|settings| all_kinds(settings, last_week)).await;
    furnished(&stage).await;
    stage.settle().await;
    // Whether the CRM takes a person whom it does not know is its own rule.
    assert_eq!(in_crm(&stage).await[..2], [before[0] + 2, before[1] + 1]);
    let contact = stage.contacts("ann").await.remove(0);
    let reasons = stage.reasons(contact["id"].as_str().unwrap()).await;
    assert!(!reasons.is_empty() && !reasons.contains(&"too-old".to_owned()), "{reasons:?}");
    stage.strike().await;
}
