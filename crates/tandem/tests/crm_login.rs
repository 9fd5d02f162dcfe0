//! How the connector logs in at a CRM that takes tokens only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod stage;

use stage::{complaint, set, tandem};
use tandem_demo::StageOptions;

#[tokio::test(flavor = "multi_thread")]
async fn where_login_encryption_is_forced_the_connector_works_with_tokens_only() {
    let dir = tempfile::tempdir().unwrap();
    let stage = set(dir.path(), &StageOptions { mailboxes: 3, ..StageOptions::default() }).await;
    let mailbox = stage.mailboxes().next().unwrap().to_owned();
    let settings = dir.path().join("system/settings.xml");
    let before = std::fs::read_to_string(&settings).unwrap();
    let key = |value: bool| format!("<key name=\"force_login_encryption\" value=\"{value}\"/>");
    assert!(before.contains(&key(false)));
    std::fs::write(&settings, before.replace(&key(false), &key(true))).unwrap();

    let config = stage.config().to_owned();
    let sync = ["sync", &mailbox, "--config", config.to_str().unwrap()];
    let refused = tandem(&sync).await;
    assert_eq!(refused.status.code(), Some(2), "{}", complaint(&refused));
    assert!(complaint(&refused).contains("Force login encryption"), "{}", complaint(&refused));

    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("[connection]", "[connection]\ncrm_login = \"token\"")).unwrap();
    let synced = tandem(&sync).await;
    assert_eq!(synced.status.code(), Some(0), "{}", complaint(&synced));
    let store = rusqlite::Connection::open(stage.store()).unwrap();
    let linked = "SELECT count(*) FROM link WHERE state = 'linked'";
    let linked: u64 = store.query_row(linked, [], |row| row.get(0)).unwrap();
    assert!(linked > 0, "items stand on both sides");
    stage.strike().await;
}
