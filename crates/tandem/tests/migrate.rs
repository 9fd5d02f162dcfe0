//! The program takes over what an older connector left of a whole company: plan, decision, approval, and synchronisation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[cfg(unix)]
#[path = "../../store/tests/conformance/server.rs"]
mod server;
mod stage;

use serde_json::{Value, json};
use stage::{complaint, in_step, set, tandem};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use tandem_audit::{CrmSession, Record, escape};
use tandem_demo::{ConnectorProcess, Stage, StageOptions};

const COMPANY: StageOptions = StageOptions { mailboxes: 3, seed: 5, pause: "0s" };

/// The connector runs until both sides hold the same and nobody writes any more, and ends.
async fn synchronised(stage: &Stage) {
    let mut connector: ConnectorProcess = stage.start_connector().unwrap();
    connector.get_ready().await.unwrap();
    in_step("a company that was taken over", stage, &mut connector).await;
    connector.kill().await;
}

/// The ids of Exchange Web Services of everything in the mailboxes, by every key under which the CRM may know it.
async fn ews_ids(stage: &Stage) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for mailbox in stage.mailboxes() {
        let dump = stage.control("GET", &format!("/users/{mailbox}/dump"), None).await.unwrap();
        for collection in ["messages", "events", "contacts"] {
            for item in dump[collection].as_array().unwrap() {
                let Some(ews) = item["ewsId"].as_str() else { continue };
                for key in ["id", "iCalUId", "internetMessageId"] {
                    item[key].as_str().map(|key| ids.insert(key.to_owned(), ews.to_owned()));
                }
            }
        }
    }
    ids
}

/// From now on it was an older connector that filled the CRM: the keys are its own, under its own installation, and the
/// store is gone.
async fn an_older_connector_did_it(stage: &Stage, crm: &CrmSession) {
    let ids = ews_ids(stage).await;
    for row in crm.all("ExternalKey").await.unwrap() {
        let key = ids.get(row.get("Key")).map_or(row.get("Key"), String::as_str);
        let fields = format!("<ExtSystem>EWS connector</ExtSystem><Key>{}</Key>", escape(key));
        let update = format!(
            "<update><fields><ExternalKey id=\"{}\">{fields}</ExternalKey></fields></update>",
            row.id
        );
        crm.send("an older connector", &update).await.unwrap();
    }
    for entry in std::fs::read_dir(stage.store().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("tandem.db") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

async fn counts(crm: &CrmSession) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for table in ["Contact", "Task", "Person"] {
        let records: Vec<Record> = crm.all(table).await.unwrap();
        counts.insert(table, records.len());
    }
    counts
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn migrate(arguments: &[&str], config: &Path) -> Output {
    let config = config.to_str().unwrap();
    tandem(&[&["migrate"][..], arguments, &["--config", config]].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_taken_over_from_an_older_connector() {
    let dir = tempfile::tempdir().unwrap();
    let stage = set(dir.path(), &COMPANY).await;
    let crm = CrmSession::new(stage.crm_access().clone()).unwrap();
    synchronised(&stage).await;
    an_older_connector_did_it(&stage, &crm).await;
    let (before, mails) = (counts(&crm).await, stage.mails().await.unwrap());
    let plan = dir.path().join("plan.toml");
    let plan = plan.to_str().unwrap();

    let output = migrate(&["plan", "--out", plan], stage.config()).await;
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    assert!(said(&output).contains("nothing was changed"), "{}", said(&output));
    let text = std::fs::read_to_string(plan).unwrap();
    assert!(text.starts_with("# What `tandem migrate apply` would take over"));
    assert_eq!(counts(&crm).await, before);

    let output = migrate(&["apply", plan], stage.config()).await;
    assert_eq!(output.status.code(), Some(2), "nobody approved it");
    assert!(complaint(&output).contains("--approve"), "{}", complaint(&output));
    for doubt in text.lines().filter_map(|line| line.strip_prefix("id = \"d")) {
        let doubt = format!("d{}", doubt.trim_end_matches('"'));
        let output = tandem(&["migrate", "decide", &doubt, "r1=c1", "--plan", plan]).await;
        if output.status.code() != Some(0) {
            let output = tandem(&["migrate", "decide", &doubt, "leave", "--plan", plan]).await;
            assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
        }
    }
    let output = migrate(&["apply", plan, "--approve", "--json"], stage.config()).await;
    let applied: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", complaint(&output)));
    assert_eq!(output.status.code(), Some(0), "{applied}");
    assert!(applied["adopted"].as_u64().unwrap() > 50, "{applied}");

    let output = migrate(&["plan", "--out", plan, "--force"], stage.config()).await;
    assert!(said(&output).contains("nothing (more) to take over"), "{}", said(&output));
    synchronised(&stage).await;
    assert_eq!(counts(&crm).await, before, "nothing came a second time");
    assert_eq!(stage.mails().await.unwrap(), mails, "nobody was mailed");
    let output = migrate(&["plan", "--out", plan, "--force"], stage.config()).await;
    assert!(said(&output).contains("nothing (more) to take over"), "{}", said(&output));
    a_second_record_is_merged(&stage, &crm).await;
    stage.strike().await;
}

/// Somebody enters a visit twice; the program finds it, shows it, merges it and takes that back.
async fn a_second_record_is_merged(stage: &Stage, crm: &CrmSession) {
    let rep = crm.all("Rep").await.unwrap().into_iter().find(|rep| rep.is("ConnectorEnabled")).unwrap();
    for (number, place) in [("900001", ""), ("900002", "Graz")] {
        let fields = [
            ("StatNo", "9"),
            ("SeqNo", number),
            ("Contact", "Appointment"),
            ("Subject", "Visit twice"),
            ("RepID", rep.get("RepID")),
            ("Date", "2026-12-01"),
            ("Time", "10:00"),
            ("EndDate", "2026-12-01"),
            ("EndTime", "11:00"),
            ("A031Location", place),
        ];
        let inner: String =
            fields.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value))).collect();
        crm.send("a rep", &format!("<insert><fields><Contact>{inner}</Contact></fields></insert>"))
            .await
            .unwrap();
    }
    let mailbox = stage.mailboxes().next().unwrap().to_owned();
    let at = |hour: u8| json!({"dateTime": format!("2026-12-02T{hour}:00:00"), "timeZone": "UTC"});
    for place in ["", "Graz"] {
        let event = json!({
            "subject": "Dentist", "location": {"displayName": place}, "start": at(10), "end": at(11),
        });
        stage.control("POST", &format!("/users/{mailbox}/events"), Some(&event)).await.unwrap();
    }
    let dedupe = async |action: &[&str]| {
        let output =
            tandem(&[&["dedupe"][..], action, &["--config", stage.config().to_str().unwrap()]].concat())
                .await;
        assert_ne!(output.status.code(), Some(2), "{action:?}: {}", complaint(&output));
        said(&output)
    };
    let found = dedupe(&["find"]).await;
    let twice = found.lines().find(|line| line.contains("Visit twice")).expect(&found);
    let id = twice.split_whitespace().next().unwrap();
    assert!(dedupe(&["show", id]).await.contains("location differs"));
    let merged = dedupe(&["merge", id]).await;
    assert!(merged.contains("deleted; taken over: location"), "{merged}");
    assert!(!dedupe(&["find"]).await.contains("Visit twice"));
    let undone = dedupe(&["undo", id]).await;
    assert!(undone.contains("restored; given back: location"), "{undone}");
    let found = dedupe(&["find"]).await;
    assert!(found.contains("Visit twice"));
    let dentist = found.lines().find(|line| line.contains("Dentist")).expect(&found);
    let id = dentist.split_whitespace().next().unwrap();
    let shown = dedupe(&["show", id]).await;
    assert!(shown.contains("give c1 location: Graz") && shown.contains("delete c2"), "{shown}");
    assert!(dedupe(&["merge", id]).await.contains("deleted; taken over: location"));
    assert!(!dedupe(&["find"]).await.contains("Dentist"));
    assert!(dedupe(&["undo", id]).await.contains("restored; given back: location"));
    assert!(dedupe(&["find"]).await.contains("Dentist"));
}

/// A connector that runs has the store to itself: whoever would write into it beside is refused before anything is
/// read or written, and the connector goes on.
async fn is_alone(stage: &Stage, plan: &Path) {
    std::fs::write(plan, "version = 1\nmade = \"2026-01-01T00:00:00Z\"\napproved = true\n").unwrap();
    let plan = plan.to_str().unwrap();
    let config = ["--config", stage.config().to_str().unwrap()];
    let apply = ["migrate", "apply", plan];
    let mailbox = stage.mailboxes().next().unwrap();
    let mut connector = stage.start_connector().unwrap();
    connector.get_ready().await.unwrap();
    for command in
        [&["migrate", "plan", "--out", plan, "--force"][..], &apply, &["dedupe", "find"], &["sync", mailbox]]
    {
        let output = tandem(&[command, &config].concat()).await;
        assert_eq!(output.status.code(), Some(2), "{command:?}: {}", said(&output));
        let told = complaint(&output);
        assert!(
            told.contains("in use by another connector") && told.contains("stop that one first"),
            "{told}"
        );
    }
    in_step("a connector that others wanted to disturb", stage, &mut connector).await;
    connector.end().await;
    let output = tandem(&[&apply[..], &config].concat()).await;
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    assert!(said(&output).contains("0 pairs taken over"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_connector_runs_nothing_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let stage = set(dir.path(), &COMPANY).await;
    is_alone(&stage, &dir.path().join("plan.toml")).await;
    stage.strike().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn while_a_connector_runs_on_postgresql_nothing_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let stage = set(dir.path(), &COMPANY).await;
    stage::store_in(&server::database().await, &stage);
    is_alone(&stage, &dir.path().join("plan.toml")).await;
    stage.strike().await;
}

#[tokio::test]
async fn a_plan_that_is_none_is_told_where_it_went_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.toml");
    let path = plan.to_str().unwrap();
    let output = tandem(&["migrate", "decide", "d1", "leave", "--plan", path]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("`tandem migrate plan` makes one"), "{}", complaint(&output));
    std::fs::write(&plan, "version = 1\nmade = \"2026-01-01T00:00:00Z\"\naproved = true\n").unwrap();
    let output = tandem(&["migrate", "decide", "d1", "leave", "--plan", path]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("aproved"), "{}", complaint(&output));
}
