//! A snapshot is the same for worlds that differ in ids and numbers only.

use crate::worlds::{ANN, in_step, of};
use serde_json::json;
use tandem_audit::Kind;

#[tokio::test]
async fn ids_do_not_count_and_content_does() {
    let mut renumbered = in_step();
    *renumbered.item(ANN, "tasks", "T1") = {
        let mut task = renumbered.item(ANN, "tasks", "T1").clone();
        task["id"] = json!("T-OTHER");
        task["lastModifiedDateTime"] = json!("2026-07-15T00:00:00Z");
        task
    };
    for (table, id) in [("ExternalKey", 9003), ("Task", 40)] {
        renumbered.repeat(table, id, 500 + id);
        renumbered.remove(table, id);
    }
    renumbered.set("ExternalKey", 9503, "Key", "T-OTHER");
    renumbered.set("ExternalKey", 9503, "RecordID", "540");
    assert_eq!(of(&renumbered.audit().await, Kind::Task).paired, 1);
    let original = in_step().snapshot().await;
    assert_eq!(original, renumbered.snapshot().await);

    let mut spoiled = in_step();
    spoiled.set("Participant", 22, "Status", "declined");
    assert_ne!(original, spoiled.snapshot().await);
    let mut twice = in_step();
    twice.repeat("Contact", 20, 99);
    assert_ne!(original, twice.snapshot().await);
}
