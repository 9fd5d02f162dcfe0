//! The port is neutral: CRM.interface and a CRM of plain records keep the same guarantees, and the engine works with both.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use crate::plain::PlainCrm;
use crate::stage::{ANN, BEN, KARL, Stage};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;
use tandem_crm_port::CrmPort;
use tandem_crm_port::conformance::{self, Site};
use tandem_model::{EmailAddress, Kind, RecordId};

fn plain_crm() -> PlainCrm {
    PlainCrm::new(&[("ann", ANN), ("ben", BEN)], ("Karl Kunde", KARL))
}

struct PlainSite(PlainCrm);

#[async_trait]
impl Site for PlainSite {
    fn port(&self) -> &dyn CrmPort {
        &self.0
    }

    fn person(&self) -> EmailAddress {
        EmailAddress::new(KARL)
    }

    fn missing(&self) -> RecordId {
        RecordId::new("plain:4711")
    }

    async fn edit(&self, _kind: Kind, record: &RecordId, subject: &str) {
        self.0.edit(record, "Subject", subject);
    }

    async fn delete(&self, _kind: Kind, record: &RecordId) {
        self.0.delete(record);
    }
}

struct InterfaceSite {
    stage: Stage,
    port: Arc<dyn CrmPort>,
}

impl InterfaceSite {
    /// The table and the record as the XML language names them.
    async fn named(&self, kind: Kind, record: &RecordId) -> (&'static str, tandem_audit::Record) {
        let table = if kind == Kind::Task { "Task" } else { "Contact" };
        let found = self.stage.records(table).await;
        (table, found.into_iter().find(|known| known.name() == record.as_str()).unwrap())
    }
}

#[async_trait]
impl Site for InterfaceSite {
    fn port(&self) -> &dyn CrmPort {
        self.port.as_ref()
    }

    fn person(&self) -> EmailAddress {
        EmailAddress::new(KARL)
    }

    fn missing(&self) -> RecordId {
        RecordId::new("A1:4711")
    }

    async fn edit(&self, kind: Kind, record: &RecordId, subject: &str) {
        let (table, record) = self.named(kind, record).await;
        self.stage.edits(table, &record, &[("Subject", subject)]).await;
    }

    async fn delete(&self, kind: Kind, record: &RecordId) {
        let (table, record) = self.named(kind, record).await;
        self.stage.erases(table, &record).await;
    }

    async fn note_foreign(&self, kind: Kind, record: &RecordId, key: &str, rep_id: Option<&str>) -> bool {
        self.stage.older_noted(kind, record.as_str(), key, rep_id).await;
        true
    }
}

#[tokio::test]
async fn a_crm_of_plain_records_keeps_the_port() {
    conformance::run(&PlainSite(plain_crm())).await.unwrap();
}

#[tokio::test]
async fn crm_interface_keeps_the_port() {
    let stage = Stage::set().await;
    let site = InterfaceSite { port: stage.port(), stage };
    conformance::run(&site).await.unwrap();
    site.stage.strike().await;
}

/// The stage with the connector between the tenant and a CRM of plain records.
async fn with_plain_crm() -> (Stage, Arc<PlainCrm>) {
    let (mut stage, crm) = (Stage::set().await, Arc::new(plain_crm()));
    stage.replace_crm(crm.clone()).await;
    (stage, crm)
}

/// Cycles of both mailboxes until none of them writes any more, and two more that have to be idle.
async fn settle(stage: &Stage) {
    let mut idle = 0;
    for _ in 0..10 {
        let written = stage.cycle("ann").await.unwrap() + stage.cycle("ben").await.unwrap();
        assert!(written == 0 || idle == 0, "{written} writes after an idle round");
        idle += usize::from(written == 0);
        if idle == 3 {
            return;
        }
    }
    panic!("still writing after ten rounds");
}

fn only(crm: &PlainCrm, kind: Kind, field: &str) -> (RecordId, String) {
    let mut found = crm.all(kind, field);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[tokio::test]
async fn a_meeting_is_one_record_and_travels_both_ways() {
    let (stage, crm) = with_plain_crm().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN, KARL]);
    let event = stage.enters("ann", meeting).await;
    settle(&stage).await;
    let (record, subject) = only(&crm, Kind::Appointment, "Subject");
    assert_eq!(subject, "Review");

    crm.edit(&record, "Subject", "Review of the offer");
    settle(&stage).await;
    stage.event("ann", "Review of the offer").await;
    stage.changes("ann", &event, json!({"location": {"displayName": "Room 7"}})).await;
    settle(&stage).await;
    assert_eq!(only(&crm, Kind::Appointment, "A031Location").1, "Room 7");
    stage.event("ben", "Review of the offer").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_task_is_deleted_on_either_side() {
    let (stage, crm) = with_plain_crm().await;
    let jot = async |title: &str| {
        stage.outlook("POST", &format!("/users/{ANN}/tasks"), json!({ "title": title })).await;
    };
    jot("Offer").await;
    settle(&stage).await;
    crm.delete(&only(&crm, Kind::Task, "Subject").0);
    settle(&stage).await;
    assert!(stage.todos("ann").await.is_empty());

    jot("Call").await;
    settle(&stage).await;
    assert_eq!(only(&crm, Kind::Task, "Subject").1, "Call");
    let id = stage.todo("ann", "Call").await["id"].as_str().unwrap().to_owned();
    stage.outlook("DELETE", &format!("/users/{ANN}/tasks/{id}"), Value::Null).await;
    settle(&stage).await;
    assert!(crm.all(Kind::Task, "Subject").is_empty());
    stage.strike().await;
}

#[tokio::test]
async fn one_mail_in_two_mailboxes_is_one_activity() {
    let (stage, crm) = with_plain_crm().await;
    for who in ["ann", "ben"] {
        stage.receives(who, "<offer@kunde.example>", KARL, json!({})).await;
    }
    settle(&stage).await;
    assert_eq!(only(&crm, Kind::Mail, "Subject").1, "About <offer@kunde.example>");
    for who in ["ann", "ben"] {
        assert_eq!(stage.folder_of(who, "<offer@kunde.example>").await, "/Inbox/crm/Sync_Success");
    }
    stage.strike().await;
}
