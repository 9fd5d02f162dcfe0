//! Real processes in trouble: the store's disk is full, the database or the CRM is restarted, the tenant is away, the
//! connector is killed. When it is over, nothing is lost and nothing is doubled, says the independent audit.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[path = "../../store/tests/conformance/server.rs"]
mod server;
mod stage;

use serde_json::json;
use stage::{binary, in_step, pause, set, store_in};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tandem_demo::{Stage, StageOptions};

const COMPANY: StageOptions = StageOptions { mailboxes: 3, seed: 11, pause: "0s" };

/// The program, but its connector cannot make any file larger than this, as long as `full` is there. A quota needs no
/// rights, where a small disk would have to be mounted; what the program sees is the same: writes fail.
fn quota(dir: &Path, full: &Path, kilobytes: u32) -> PathBuf {
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = run ] && [ -e '{}' ]; then trap '' XFSZ; ulimit -f {}; fi\nexec '{}' \"$@\"\n",
        full.display(),
        kilobytes * 2,
        binary().display()
    );
    let path = dir.join("tandem-with-quota");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing() {
    let (dir, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let full = tools.path().join("full");
    std::fs::write(&full, "").unwrap();
    let stage = Stage::set(&quota(tools.path(), &full, 160), dir.path(), &COMPANY).await.unwrap();
    let connector = stage.start_connector().unwrap();
    pause(4_000).await;
    connector.kill().await;
    let open = stage.audit().await.unwrap().totals();
    assert!(open.m365_only + open.crm_only > 0, "the disk was not full enough: {open:?}");
    std::fs::remove_file(&full).unwrap();
    let mut connector = stage.start_connector().unwrap();
    in_step("full disk", &stage, &mut connector).await;
    connector.end().await;
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_is_restarted_and_a_tenant_that_is_away_for_an_hour_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut stage = set(dir.path(), &COMPANY).await;
    stage.control("POST", "/clock", Some(&json!({"offset": "-1h"}))).await.unwrap();
    let mut connector = stage.start_connector().unwrap();
    connector.get_ready().await.unwrap();
    for wait in [100, 400, 900] {
        pause(wait).await;
        stage.restart_crm().await.unwrap();
    }
    let away = json!({"fault": "service-unavailable"});
    stage.control("POST", "/faults", Some(&away)).await.unwrap();
    pause(1_000).await;
    // Its clock catches up with everybody's: for it an hour has passed, and tokens that were good before are no longer.
    stage.control("POST", "/clock", Some(&json!({"offset": "0s"}))).await.unwrap();
    stage.control("DELETE", "/faults", None).await.unwrap();
    in_step("CRM restarted, tenant away", &stage, &mut connector).await;
    connector.end().await;
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_a_killed_connector_and_a_restarted_database_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let stage = set(dir.path(), &COMPANY).await;
    store_in(&server::database().await, &stage);
    for wait in [50, 300, 700, 1_500] {
        let connector = stage.start_connector().unwrap();
        pause(wait).await;
        connector.kill().await;
    }
    let mut connector = stage.start_connector().unwrap();
    connector.get_ready().await.unwrap();
    for wait in [200, 600] {
        pause(wait).await;
        server::restart().await;
    }
    in_step("PostgreSQL", &stage, &mut connector).await;
    connector.end().await;
    stage.strike().await;
}
