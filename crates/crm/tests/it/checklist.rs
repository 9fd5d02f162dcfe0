//! The validation checklist: each thing that is set up wrong has its own diagnosis, and the connector feels it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::task;
use crate::support::{Crm, system_folder};
use std::collections::BTreeSet;
use tandem_crm::Options;
use tandem_crm_interface::sync::wire::Reply;
use tandem_crm_interface::sync::{ContentType, StatusCode};
use tandem_groupware::Rules;
use tandem_model::{Item, RecordId, Stamp};

/// The errors of the checklist: what is checked, and what it is about.
async fn errors(crm: &Crm) -> BTreeSet<(String, String)> {
    let list = crm.ask("GET", "checklist").await;
    let found = list["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found = found.inspect(|finding| assert!(!text(&finding["action"]).is_empty()));
    let errors: BTreeSet<_> =
        found.map(|finding| (text(&finding["check"]), text(&finding["subject"]))).collect();
    assert_eq!(list["ok"], errors.is_empty());
    errors
}

fn only(check: &str, subject: &str) -> BTreeSet<(String, String)> {
    BTreeSet::from([(check.to_owned(), subject.to_owned())])
}

async fn find(crm: &Crm, table: &str, field: &str, value: &str) -> RecordId {
    let records = crm.all(table).await;
    records.iter().find(|record| record.field(field) == Some(value)).unwrap().record_id().unwrap()
}

async fn two_reps() -> Crm {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    assert_eq!(errors(&crm).await, BTreeSet::new());
    assert_eq!(crm.ask("GET", "checklist").await["reps_ready"], 2);
    crm
}

#[tokio::test]
async fn a_catalog_entry_that_was_taken_away_is_named_and_can_be_put_back() {
    let crm = two_reps().await;
    let entry = find(&crm, "Catalog", "TextEn", "text/x-mmTasks").await;
    crm.delete(&entry).await;
    let missing = only("catalog-entry-missing", "Content Type (groupware) [479] text/x-mmTasks");
    assert_eq!(errors(&crm).await, missing);
    let add = async |key| crm.rep("ann").add(key, Item::Task(task("Call", "2026-12-01"))).await;
    let refused = add("t1").await;
    assert_eq!(
        (refused.code, refused.reason.as_deref()),
        (StatusCode::COMMAND_FAILED, Some("content-type-unknown"))
    );
    let page = crm.rep("ann").changes(ContentType::Vevent, Stamp(0)).await;
    assert!(page.changes.is_empty(), "other kinds are not held up");
    assert_eq!(crm.ask("POST", "catalogs").await["added"], serde_json::json!(["text/x-mmTasks"]));
    assert_eq!(crm.ask("POST", "catalogs").await["added"], serde_json::json!([]));
    assert_eq!(add("t1").await.code, StatusCode::ADDED);
    assert_eq!(errors(&crm).await, BTreeSet::new());

    let entry = find(&crm, "Catalog", "TextEn", "GraphApi").await;
    crm.update(&entry, &[("Locked", "true")]).await;
    assert_eq!(errors(&crm).await, only("catalog-entry-locked", "Ext. System (Rep) [53] GraphApi"));
    assert_eq!(add("t2").await.reason.as_deref(), Some("ext-system-unknown"));
    crm.stop().await;
}

#[tokio::test]
async fn a_wrong_master_user_is_named() {
    let folder = system_folder(Some(Rules::builtin_forms()), None);
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let entry = "<masterUser client=\"GraphApi\" login=\"Principal,ClientID\">OCSU</masterUser>";
    let cases = [
        (entry.replace("OCSU", "OCSV"), "master-user-unknown", "OCSV", "master-user"),
        (String::new(), "master-user-missing", "GraphApi", "client-unknown"),
        (entry.replace("ClientID", "Station"), "login-value-unknown", "Station", "login-value-unknown"),
    ];
    for (instead, check, subject, reason) in cases {
        let forms = Rules::builtin_forms().replace(entry, &instead);
        std::fs::write(folder.path().join("xml/forms.xml"), forms).unwrap();
        assert_eq!(errors(&crm).await, only(check, subject));
        let Reply::Refused(status) = crm.rep("ann").reply(vec![]).await else { panic!("{check}") };
        assert_eq!(status.reason.as_deref(), Some(reason));
    }
    crm.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_rep_is_said() {
    let crm = two_reps().await;
    let bob = find(&crm, "Rep", "Login", "bob").await;
    crm.insert("Right", &[("Name", "CORE_READER"), ("ReadOthers", "true")]).await;
    let flags = ["SyncEmails", "SyncAppointments", "SyncTasks", "SyncAddressBook"];
    let cases: [(&str, Vec<(&str, &str)>); 4] = [
        ("rep-without-kind", flags.map(|flag| (flag, "false")).to_vec()),
        ("rep-without-address", vec![("Email", "")]),
        ("rep-without-right", vec![("Right", "CORE_READER")]),
        ("rep-without-right", vec![("Right", "CORE_NONE")]),
    ];
    for (check, fields) in cases {
        let before = crm.record(&bob).await;
        crm.update(&bob, &fields).await;
        assert_eq!(errors(&crm).await, only(check, "bob"));
        assert_eq!(crm.ask("GET", "checklist").await["reps_ready"], 1);
        let back = fields.iter().map(|(field, _)| (*field, before.field(field).unwrap_or_default()));
        crm.update(&bob, &back.collect::<Vec<_>>()).await;
    }
    assert_eq!(errors(&crm).await, BTreeSet::new());

    crm.update(&bob, &[("Email", "ann@covote.example")]).await;
    let shared = ["ann", "bob"].map(|login| ("rep-address-shared".to_owned(), login.to_owned()));
    let mut expected = BTreeSet::from(shared);
    expected.insert(("no-rep-ready".to_owned(), "Rep".to_owned()));
    assert_eq!(errors(&crm).await, expected);
    crm.stop().await;
}

#[tokio::test]
async fn a_rep_without_flag_or_right_is_not_served() {
    let crm = two_reps().await;
    let (ann, bob) = (find(&crm, "Rep", "Login", "ann").await, find(&crm, "Rep", "Login", "bob").await);
    crm.update(&bob, &[("ConnectorEnabled", "false")]).await;
    let list = crm.ask("GET", "checklist").await;
    let warning =
        list["findings"].as_array().unwrap().iter().find(|finding| finding["subject"] == "bob").unwrap();
    assert_eq!(
        (warning["check"].as_str(), warning["level"].as_str()),
        (Some("rep-not-enabled"), Some("warning"))
    );
    crm.update(&ann, &[("ConnectorEnabled", "false")]).await;
    assert_eq!(errors(&crm).await, only("no-rep-ready", "Rep"));

    crm.insert("Right", &[("Name", "CORE_OFFICE")]).await;
    crm.update(&ann, &[("ConnectorEnabled", "true"), ("Right", "CORE_OFFICE")]).await;
    let Reply::Refused(status) = crm.rep("ann").reply(vec![]).await else { panic!("she has no right") };
    assert_eq!(status.reason.as_deref(), Some("principal-without-right"));
    crm.stop().await;
}

#[tokio::test]
async fn missing_entries_are_found_in_a_file_and_added_while_the_crm_serves() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("crm.db");
    let crm = Crm::with(Options { db: Some(db.clone()), ..Options::default() }).await;
    let nothing = tandem_crm::missing_catalogs(&db, false).await.unwrap();
    assert_eq!(nothing.entries, Vec::<String>::new());
    let entries = crm.all("Catalog").await;
    let entry = entries.iter().find(|entry| entry.field("TextEn") == Some("text/x-vevent")).unwrap();
    crm.delete(&entry.record_id().unwrap()).await;
    let named = ["Content Type (groupware) [479] text/x-vevent".to_owned()];
    for (add, after) in [(false, 0), (true, 1)] {
        let missing = tandem_crm::missing_catalogs(&db, add).await.unwrap();
        assert_eq!((missing.entries.as_slice(), missing.added), (named.as_slice(), add));
        let found = crm.all("Catalog").await;
        let found = found.iter().filter(|entry| entry.field("TextEn") == Some("text/x-vevent")).count();
        assert_eq!(found, after);
    }
    let none = tandem_crm::missing_catalogs(&folder.path().join("none.db"), true).await.unwrap_err();
    assert!(none.to_string().contains("none.db"), "{none}");
    crm.stop().await;
}
