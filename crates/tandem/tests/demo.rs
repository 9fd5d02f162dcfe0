//! `tandem demo --once --json` says what is the case: yes when both sides are in step, no when one record is spoiled.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod stage;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use stage::{PATIENCE, complaint, tandem};
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", complaint(output)))
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_end_in_step() {
    let output = tandem(&["demo", "--once", "--json", "--mailboxes", "4"]).await;
    let document = document(&output);
    assert_eq!(output.status.code(), Some(0), "{document:#}\n{}", complaint(&output));
    for kind in ["mail", "appointment", "task", "contact", "absence"] {
        let counts = &document["kinds"][kind];
        assert!(counts["linked"].as_u64() > Some(0), "{kind}: {counts}");
        assert_eq!(counts["failed"], 0, "{kind}: {counts}");
    }
    assert_eq!(document["audit"], serde_json::json!({"m365_only": 0, "crm_only": 0, "different": 0}));
    assert_eq!((&document["duplicates"], &document["idle_writes"]), (&Value::from(0), &Value::from(0)));
    for number in ["requests", "peak_rss_bytes", "seconds"] {
        assert!(document[number].as_f64() > Some(0.0), "{number}: {document:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_spoiled_behind_the_connectors_back_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_string_lossy().into_owned();
    let arguments = ["demo", "--once", "--json", "--mailboxes", "3", "--dir", &path];
    let (output, record) = tokio::join!(tandem(&arguments), spoil(dir.path()));
    let document = document(&output);
    assert_eq!(output.status.code(), Some(1), "{record} was spoiled: {document:#}");
    assert!(document["audit"]["different"].as_u64() >= Some(1), "{document:#}");
    let told = complaint(&output);
    assert!(told.contains("spoiled behind the back") && told.contains(&record), "{told}");
    assert_eq!(document["idle_writes"], 0, "nobody told the connector, so it writes nothing: {document:#}");
}

/// Changes the subject of an e-mail's activity as soon as it is written and linked, and leaves its stamp as it is:
/// e-mails travel one way and their activities are nobody's to edit, so nothing may ever overwrite it.
async fn spoil(dir: &Path) -> String {
    let deadline = Instant::now() + PATIENCE;
    let record = loop {
        if let Some(record) = linked_mail(&dir.join("tandem.db")) {
            break record;
        }
        assert!(Instant::now() < deadline, "no e-mail was ever linked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let crm = Connection::open_with_flags(dir.join("crm.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    crm.busy_timeout(Duration::from_secs(10)).unwrap();
    let id: i64 = record.trim_start_matches("MA:").parse().unwrap();
    let changed =
        crm.execute("UPDATE MA SET Subject = 'spoiled behind the back' WHERE _id = ?1", [id]).unwrap();
    assert_eq!(changed, 1);
    record
}

/// The record of some e-mail that is in step.
fn linked_mail(store: &Path) -> Option<String> {
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let query = "SELECT object.record FROM link JOIN object ON object.id = link.object \
                 WHERE link.kind = 'mail' AND link.state = 'linked' AND object.record IS NOT NULL LIMIT 1";
    store.query_row(query, [], |row| row.get(0)).ok()
}
