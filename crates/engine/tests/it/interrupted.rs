//! A migration and a merge that are interrupted at any call to the CRM go on when they are asked again; a cycle loses
//! nothing when the CRM does what it is asked and nobody hears of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, KARL, Stage};
use async_trait::async_trait;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tandem_crm_port::{Answer, Command, CrmPort, ErrorClass, ForeignKey, PortError, Rep};
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Kind, RecordId};
use tandem_store::{Commit, Cursor, Store};

/// A CRM that is away after some calls: what was asked last is done, but nobody hears of it. It may be away for a while.
struct Fragile {
    crm: Arc<dyn CrmPort>,
    left: AtomicUsize,
    away: AtomicUsize,
}

impl Fragile {
    fn answers(&self, left: usize, away: usize) {
        self.left.store(left, Ordering::SeqCst);
        self.away.store(away, Ordering::SeqCst);
    }

    /// Whether nobody hears of this call.
    fn is_unheard(&self) -> bool {
        let less = |count: &AtomicUsize| {
            count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).ok()
        };
        match less(&self.left) {
            Some(1) => true,
            Some(_) => false,
            None => less(&self.away).is_some(),
        }
    }
}

#[async_trait]
impl CrmPort for Fragile {
    async fn reps(&self) -> Result<Vec<Rep>, PortError> {
        self.crm.reps().await
    }

    async fn sync(&self, rep: &str, commands: Vec<Command>) -> Result<Vec<Answer>, PortError> {
        let unheard = self.is_unheard();
        let answers = self.crm.sync(rep, commands).await;
        if unheard { Err(PortError::new(ErrorClass::Transient, "the line is cut")) } else { answers }
    }

    async fn records_by_key(
        &self,
        kind: Kind,
        keys: &[String],
    ) -> Result<BTreeMap<String, RecordId>, PortError> {
        let unheard = self.is_unheard();
        let records = self.crm.records_by_key(kind, keys).await;
        if unheard { Err(PortError::new(ErrorClass::Transient, "the line is cut")) } else { records }
    }

    async fn knows(&self, rep: &str, address: &EmailAddress) -> Result<bool, PortError> {
        self.crm.knows(rep, address).await
    }

    async fn fields(&self, rep: &str) -> Result<Mapping, PortError> {
        self.crm.fields(rep).await
    }

    async fn foreign_keys(&self, rep_id: &str, kind: Kind) -> Result<Vec<ForeignKey>, PortError> {
        self.crm.foreign_keys(rep_id, kind).await
    }
}

async fn fragile() -> (Stage, Arc<Fragile>) {
    let mut stage = Stage::set().await;
    let (left, away) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let crm = Arc::new(Fragile { crm: stage.port(), left, away });
    stage.replace_crm(crm.clone()).await;
    (stage, crm)
}

/// Visits in the CRM, at ten on the given days; each carries a text that the mailbox lacks.
async fn visits(stage: &Stage, days: &[i64]) {
    for (at, day) in days.iter().enumerate() {
        let (number, day) = (format!("7{at}"), stage.day(*day));
        let times = [("Date", &*day), ("Time", "10:00"), ("EndDate", &*day), ("EndTime", "11:00")];
        let place = if at == 0 { "" } else { "Graz" };
        let fields = [&[("Subject", "Visit"), ("A031Location", place)][..], &times].concat();
        stage.schedules(1, &number, &fields, &[]).await;
    }
}

#[tokio::test]
async fn a_migration_goes_on_wherever_it_was_cut_off() {
    let (stage, crm) = fragile().await;
    let days: Vec<i64> = (1..=12).collect();
    visits(&stage, &days).await;
    for day in &days {
        let mut event = stage.on(*day, "10:00", "11:00", "Visit");
        event["body"] = json!({"contentType": "text", "content": "Bring shoes"});
        stage.enters("ann", event).await;
    }
    let plan = stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap();
    assert_eq!((plan.pair.len(), plan.doubt.len()), (12, 0), "{plan:#?}");
    let mut cut = 0;
    for calls in 1.. {
        crm.answers(calls, 0);
        match stage.connector.apply_migration(&stage.roster, &plan).await {
            Ok(applied) => {
                assert_eq!(
                    (applied.adopted + applied.already, applied.refused.len()),
                    (12, 0),
                    "{applied:?}"
                );
                break;
            }
            Err(_) => cut += 1,
        }
    }
    assert!(cut > 2, "it was cut off {cut} times only");
    crm.answers(0, 0);
    stage.settle().await;
    assert_eq!((stage.records("Contact").await.len(), stage.events("ann").await.len()), (12, 12));
    stage.strike().await;
}

#[tokio::test]
async fn a_merge_goes_on_wherever_it_was_cut_off() {
    let (stage, crm) = fragile().await;
    visits(&stage, &[3, 3, 3]).await;
    let duplicates = stage.connector.find_duplicates(&stage.roster).await.unwrap();
    let id = duplicates[0].id.clone();
    let mut cut = 0;
    for calls in 1.. {
        crm.answers(calls, 0);
        match stage.connector.merge_duplicate(&stage.roster, &id).await {
            Ok(merged) => {
                assert_eq!(
                    (merged.fields.as_slice(), merged.deleted.len()),
                    (&["location".to_owned()][..], 2)
                );
                break;
            }
            Err(_) => cut += 1,
        }
    }
    assert!(cut > 3, "it was cut off {cut} times only");
    crm.answers(0, 0);
    stage.settle().await;
    let living = stage.records("Contact").await;
    let living: Vec<_> = living.iter().filter(|record| !record.is("ConnectorDeleted")).collect();
    assert_eq!((living.len(), living[0].get("A031Location")), (1, "Graz"));
    assert_eq!(stage.events("ann").await.len(), 1);
    stage.strike().await;
}

#[tokio::test]
async fn what_nobody_heard_of_is_asked_again_before_people_go_on() {
    let (stage, crm) = fragile().await;
    stage.settle().await;
    // The first call adds the record.
    for calls in 1..=2 {
        let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Visit")).await;
        crm.answers(calls, 0);
        let _ = stage.cycle("ann").await;
        stage.deletes("ann", &id).await;
        crm.answers(0, 0);
        stage.later(60);
        stage.settle().await;
        assert!(stage.events("ann").await.is_empty(), "cut at call {calls}");
        let living = stage.records("Contact").await;
        assert!(living.iter().all(|record| record.is("ConnectorDeleted")), "cut at call {calls}: {living:?}");
    }
    stage.strike().await;
}

/// An appointment of Outlook was added to the CRM, and nobody hears of it, however often it is asked again.
async fn added_unheard() -> (Stage, Arc<Fragile>, String) {
    let (stage, crm) = fragile().await;
    stage.settle().await;
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Visit")).await;
    crm.answers(1, 1);
    assert!(stage.cycle("ann").await.is_err());
    crm.answers(0, 0);
    stage.later(60);
    (stage, crm, id)
}

#[tokio::test]
async fn a_record_that_nobody_heard_of_goes_with_its_item() {
    let (stage, crm, id) = added_unheard().await;
    stage.deletes("ann", &id).await;
    // What finds it is interrupted too.
    for calls in 1..=4 {
        crm.answers(calls, 1);
        let _ = stage.cycle("ann").await;
        stage.later(60);
    }
    crm.answers(0, 0);
    stage.settle().await;
    let records = stage.records("Contact").await;
    assert_eq!(records.len(), 1);
    assert!(records[0].is("ConnectorDeleted"), "{records:?}");
    let story = format!("{:?}", stage.story(&records[0].name()).await);
    assert!(story.contains("found-after-crash") && story.contains("deleted-in-crm"), "{story}");
    assert!(stage.events("ann").await.is_empty());
    stage.strike().await;
}

#[tokio::test]
async fn a_record_that_nobody_heard_of_is_linked_to_its_item() {
    let (stage, _, id) = added_unheard().await;
    let record = stage.activity("Visit").await;
    stage.changes("ann", &id, json!({"subject": "Visit in Graz"})).await;
    stage.settle().await;
    assert_eq!(stage.records("Contact").await.len(), 1);
    stage.edits("Contact", &record, &[("Subject", "Visit in Linz")]).await;
    stage.settle().await;
    assert_eq!(stage.events("ann").await[0]["subject"], "Visit in Linz");
    stage.strike().await;
}

#[tokio::test]
async fn a_record_that_nobody_heard_of_and_somebody_edited_brings_its_item_back() {
    let (stage, _, id) = added_unheard().await;
    let record = stage.activity("Visit").await;
    stage.edits("Contact", &record, &[("Subject", "Visit in Linz")]).await;
    stage.deletes("ann", &id).await;
    stage.settle().await;
    let (records, events) = (stage.records("Contact").await, stage.events("ann").await);
    assert_eq!((records.len(), events.len()), (1, 1), "{records:?}");
    assert!(!records[0].is("ConnectorDeleted"));
    assert_eq!(events[0]["subject"], "Visit in Linz");
    stage.strike().await;
}

#[tokio::test]
async fn who_deletes_a_record_that_nobody_heard_of_deletes_its_item() {
    let (stage, ..) = added_unheard().await;
    let record = stage.activity("Visit").await;
    stage.edits("Contact", &record, &[("ConnectorDeleted", "true")]).await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());
    stage.was(&record.name(), "gone-in-crm").await;
    stage.strike().await;
}

#[tokio::test]
async fn who_edits_an_item_whose_record_nobody_heard_of_brings_the_record_back() {
    let (stage, _, id) = added_unheard().await;
    let record = stage.activity("Visit").await;
    stage.edits("Contact", &record, &[("ConnectorDeleted", "true")]).await;
    stage.changes("ann", &id, json!({"subject": "Visit in Graz"})).await;
    stage.settle().await;
    let back = stage.activity("Visit in Graz").await;
    assert_eq!((back.name(), back.is("ConnectorDeleted")), (record.name(), false));
    stage.strike().await;
}

#[tokio::test]
async fn what_an_edit_brings_back_comes_back_once_wherever_that_was_cut_off() {
    let (stage, crm) = fragile().await;
    for calls in 1..=5 {
        let (name, place) = (format!("Visit {calls}"), format!("Room {calls}"));
        let id = stage.enters("ann", stage.on(3, "10:00", "11:00", &name)).await;
        stage.settle().await;
        stage.edits("Contact", &stage.activity(&name).await, &[("A031Location", &place)]).await;
        stage.deletes("ann", &id).await;
        crm.answers(calls, 1);
        let _ = stage.cycle("ann").await;
        crm.answers(0, 0);
        stage.later(60);
        stage.settle().await;
        let places: Vec<_> = stage.events("ann").await.iter().map(|one| one["location"].clone()).collect();
        assert_eq!(places.len(), calls, "cut at call {calls}: {places:?}");
    }
    stage.strike().await;
}

#[tokio::test]
async fn what_the_connector_wrote_unheard_is_no_edit_that_brings_a_deleted_item_back() {
    let (stage, crm) = fragile().await;
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Visit")).await;
    stage.settle().await;
    stage.changes("ann", &id, json!({"location": {"displayName": "Room 9"}})).await;
    crm.answers(1, 1);
    assert!(stage.cycle("ann").await.is_err());
    assert_eq!(stage.activity("Visit").await.get("A031Location"), "Room 9", "nobody heard that it was done");
    stage.deletes("ann", &id).await;
    crm.answers(0, 0);
    stage.later(60);
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());
    assert!(stage.activity("Visit").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn who_takes_back_what_the_connector_told_unheard_is_heard() {
    for with_more in [false, true] {
        let (stage, crm) = fragile().await;
        let mut visit = stage.on(3, "10:00", "11:00", "Visit");
        visit["location"] = json!({"displayName": "Room 1"});
        let id = stage.enters("ann", visit).await;
        stage.settle().await;
        stage.changes("ann", &id, json!({"location": {"displayName": "Room 9"}})).await;
        crm.answers(1, 1);
        assert!(stage.cycle("ann").await.is_err());
        assert_eq!(
            stage.activity("Visit").await.get("A031Location"),
            "Room 9",
            "nobody heard that it was done"
        );
        stage.changes("ann", &id, json!({"location": {"displayName": "Room 1"}})).await;
        if with_more {
            stage
                .changes("ann", &id, json!({"body": {"contentType": "text", "content": "Bring coffee"}}))
                .await;
        }
        crm.answers(0, 0);
        stage.later(60);
        stage.settle().await;
        assert_eq!(stage.event("ann", "Visit").await["location"]["displayName"], "Room 1");
        let activity = stage.activity("Visit").await;
        assert_eq!(activity.get("A031Location"), "Room 1", "with more: {with_more}");
        assert_eq!(activity.get("Text"), if with_more { "Bring coffee" } else { "" });
        stage.strike().await;
    }
}

#[tokio::test]
async fn a_person_whom_the_crm_knew_and_a_contact_fill_each_other_up_wherever_that_was_cut_off() {
    for calls in 1..=6 {
        let (stage, crm) = fragile().await;
        let contact = json!({
            "givenName": "Karl", "surname": "Kunde", "jobTitle": "Buyer",
            "emailAddresses": [{"name": "Karl", "address": KARL}],
        });
        stage.outlook("POST", &format!("/users/{ANN}/contacts"), contact).await;
        crm.answers(calls, 1);
        let _ = stage.cycle("ann").await;
        crm.answers(0, 0);
        stage.later(60);
        stage.settle().await;
        let contacts = stage.contacts("ann").await;
        assert_eq!(contacts.len(), 1, "cut at call {calls}: {contacts:?}");
        assert_eq!(contacts[0]["businessPhones"], json!(["+43 1 111"]), "cut at call {calls}");
        let persons = stage.records("Person").await;
        let karl = persons.iter().find(|person| person.get("Email") == KARL).unwrap();
        assert_eq!(karl.get("Function"), "Buyer", "cut at call {calls}");
        stage.strike().await;
    }
}

#[tokio::test]
async fn what_an_interrupted_first_reading_linked_may_be_gone() {
    let stage = Stage::set().await;
    let (gone, stays) = (stage.on(3, "10:00", "11:00", "Visit"), stage.on(4, "10:00", "11:00", "Tour"));
    let id = stage.enters("ann", gone).await;
    stage.enters("ann", stays).await;
    stage.settle().await;
    // The links were committed, and the position in the calendar was not.
    let ann = stage.id("ann");
    let cursors = stage.store.cursors(&ann, "calendar:").await.unwrap().into_iter();
    let cursors = cursors.map(|(collection, _)| Cursor { collection, position: None }).collect();
    let epoch = stage.store.claim(&ann).await.unwrap();
    stage.store.commit(&ann, epoch, Commit { cursors, ..Commit::default() }).await.unwrap();
    stage.deletes("ann", &id).await;
    stage.settle().await;
    assert!(stage.activity("Visit").await.is("ConnectorDeleted"));
    assert!(!stage.activity("Tour").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn a_value_that_goes_is_told_of_though_nobody_hears_that_it_went() {
    // The record has moved meanwhile: the third call writes it.
    for calls in 2..=3 {
        let (stage, crm) = fragile().await;
        let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Visit")).await;
        stage.settle().await;
        let record = stage.activity("Visit").await;
        stage.edits("Contact", &record, &[("Subject", "Visit in Linz")]).await;
        stage.changes("ann", &id, json!({"subject": "Visit in Graz"})).await;
        crm.answers(calls, 2);
        let _ = stage.cycle("ann").await;
        crm.answers(0, 0);
        stage.later(60);
        stage.settle().await;
        let story = format!("{:?}", stage.story(&record.name()).await);
        let there = format!("{:?} {:?}", stage.events("ann").await, stage.records("Contact").await);
        for value in ["Visit in Linz", "Visit in Graz"] {
            assert!(
                story.contains(value) || there.contains(value),
                "cut at call {calls}: no {value} in {story}"
            );
        }
        stage.strike().await;
    }
}

#[tokio::test]
async fn what_was_added_unheard_and_handed_over_since_moves_to_the_other_mailbox() {
    let (stage, crm) = fragile().await;
    stage.settle().await;
    stage.outlook("POST", &format!("/users/{ANN}/tasks"), json!({"title": "Call Karl"})).await;
    crm.answers(1, 1);
    assert!(stage.cycle("ann").await.is_err());
    crm.answers(0, 0);
    stage.later(60);
    let task = stage.record("Task", "Call Karl").await;
    stage.edits("Task", &task, &[("RepID", "2")]).await;
    stage.cycle("ben").await.unwrap();
    let id = stage.todo("ann", "Call Karl").await["id"].as_str().unwrap().to_owned();
    stage.outlook("PATCH", &format!("/users/{ANN}/tasks/{id}"), json!({"title": "Call Karl at noon"})).await;
    stage.settle().await;
    assert_eq!((stage.todos("ann").await.len(), stage.todos("ben").await.len()), (0, 1));
    let story = stage.story(&task.name()).await;
    let kept = |line: &tandem_store::JournalEntry| line.entry.facts.to_string().contains("Call Karl at noon");
    assert!(story.iter().any(kept), "{story:#?}");
    stage.strike().await;
}
