//! A migration and a merge that are interrupted at any call to the CRM go on when they are asked again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

mod stage;

use async_trait::async_trait;
use serde_json::json;
use stage::Stage;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tandem_crm_port::{Answer, Command, CrmPort, ErrorClass, ForeignKey, PortError, Rep};
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Kind};

/// A CRM that is away after some calls: what was asked last is done, but nobody hears of it.
struct Fragile {
    crm: Arc<dyn CrmPort>,
    left: AtomicUsize,
}

#[async_trait]
impl CrmPort for Fragile {
    async fn reps(&self) -> Result<Vec<Rep>, PortError> {
        self.crm.reps().await
    }

    async fn sync(&self, rep: &str, commands: Vec<Command>) -> Result<Vec<Answer>, PortError> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let answers = self.crm.sync(rep, commands).await;
        if left == Ok(1) { Err(PortError::new(ErrorClass::Transient, "the line is cut")) } else { answers }
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
    let crm = Arc::new(Fragile { crm: stage.port(), left: AtomicUsize::new(0) });
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
        crm.left.store(calls, Ordering::SeqCst);
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
    crm.left.store(0, Ordering::SeqCst);
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
        crm.left.store(calls, Ordering::SeqCst);
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
    crm.left.store(0, Ordering::SeqCst);
    stage.settle().await;
    let living = stage.records("Contact").await;
    let living: Vec<_> = living.iter().filter(|record| !record.is("ConnectorDeleted")).collect();
    assert_eq!((living.len(), living[0].get("A031Location")), (1, "Graz"));
    assert_eq!(stage.events("ann").await.len(), 1);
    stage.strike().await;
}
