//! Wrong settings, wrong credentials, sides that are away: exit 2 and a text that says what, where and what to do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[path = "bad_input/away.rs"]
mod away;
#[path = "bad_input/files.rs"]
mod files;
mod stage;

use stage::{complaint, tandem};
use std::path::Path;

/// Starts the connector, which has to give up, and answers its complaint. It never says what it must keep to itself.
async fn refused(config: &Path, secrets: &[&str]) -> String {
    let output = tandem(&[Path::new("run"), Path::new("--config"), config]).await;
    let told = complaint(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(output.stdout.is_empty(), "it said that it is ready: {told}");
    for secret in secrets {
        assert!(!told.contains(secret), "a secret in: {told}");
    }
    told
}

/// Asserts that a text holds all of these.
#[track_caller]
fn assert_says(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "{word:?} is missing in: {told}");
    }
}

#[tokio::test]
async fn every_command_explains_itself() {
    for command in ["demo", "run", "sync", "status", "explain", "config", "users", "tenant", "crm"] {
        let output = tandem(&[command, "--help"]).await;
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("Usage:"), "{command}: {text}");
    }
    for (command, action) in [
        ("config", "validate"),
        ("config", "show"),
        ("config", "reference"),
        ("config", "mapping"),
        ("users", "set-app"),
        ("users", "set-master"),
        ("users", "list"),
    ] {
        let output = tandem(&[command, action, "--help"]).await;
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("Usage:"), "{command} {action}: {text}");
    }
}

#[tokio::test]
async fn an_unknown_command_is_wrong_use() {
    let output = tandem(&["synchronize"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert_says(&complaint(&output), &["synchronize", "--help"]);
}
