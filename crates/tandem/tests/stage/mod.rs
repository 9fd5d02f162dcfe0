//! The stage on which the tests play: real processes of the program under test.

#![allow(dead_code, reason = "each test program uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};
use tandem_demo::{ConnectorProcess, Stage, StageOptions};

/// Longest wait for anything; a healthy run needs a small part of it.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The program under test.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_tandem"))
}

/// A filled stage in its own folder.
pub async fn set(dir: &Path, options: &StageOptions) -> Stage {
    Stage::set(binary(), dir, options).await.unwrap()
}

/// How long a program that was told to end may take to end what it has started.
const FAREWELL: Duration = Duration::from_secs(10);

/// Runs the program to its end. One that does not end within the patience is told to, and fails the test.
pub async fn tandem<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Output {
    let child = tokio::process::Command::new(binary())
        .args(arguments)
        .env_remove("TANDEM_CONFIG")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let id = child.id().unwrap_or_default().to_string();
    let mut ended = std::pin::pin!(child.wait_with_output());
    if let Ok(output) = tokio::time::timeout(PATIENCE, &mut ended).await {
        return output.unwrap();
    }
    // Killed at once, it would leave behind what it has started.
    let _ = std::process::Command::new("kill").arg(id).status();
    let output = tokio::time::timeout(FAREWELL, ended).await;
    panic!("it does not end: {}", output.map(|output| complaint(&output.unwrap())).unwrap_or_default());
}

/// Waits.
pub async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// How long the connector waits for answers of Microsoft 365: as short as may be, for a request of a process that was killed may
/// arrive for ten times as long. A program that is not optimised, on a busy machine, takes its time for the largest
/// attachments, and whoever does not get them five times gives their mail up.
const ANSWERS_WITHIN: &str = if cfg!(debug_assertions) { "3s" } else { "1s" };

/// Has the connector wait for answers of Microsoft 365 no longer than that; it must not have begun.
pub fn answers_soon(stage: &Stage) {
    let settings = std::fs::read_to_string(stage.config()).unwrap();
    let errors = format!("[errors]\ngraph_timeout = \"{ANSWERS_WITHIN}\"");
    assert!(settings.contains("[errors]"));
    std::fs::write(stage.config(), settings.replace("[errors]", &errors)).unwrap();
}

/// Has the connector keep what it knows in this PostgreSQL database; it must not have begun.
pub fn store_in(database: &str, stage: &Stage) {
    let settings = std::fs::read_to_string(stage.config()).unwrap();
    let database = format!("database = \"{database}\"");
    let lines = settings.lines().map(|line| if line.starts_with("store = ") { &database } else { line });
    std::fs::write(stage.config(), lines.collect::<Vec<_>>().join("\n")).unwrap();
}

/// Waits until both sides hold the same and nobody writes any more. Answers how many pairs there are.
pub async fn in_step(name: &str, stage: &Stage, connector: &mut ConnectorProcess) -> usize {
    let begun = Instant::now();
    loop {
        connector.check().unwrap();
        let before = stage.writes().await.unwrap();
        let audit = stage.audit().await.unwrap();
        let totals = audit.totals();
        assert_eq!(totals.duplicates, 0, "{name}: {audit}");
        pause(500).await;
        let apart = totals.m365_only + totals.crm_only + totals.different;
        if apart == 0 && stage.writes().await.unwrap() == before {
            assert!(totals.paired > 50, "{name}: there was hardly anything to do: {audit}");
            return totals.paired;
        }
        assert!(begun.elapsed() < PATIENCE, "{name}: not in step after {PATIENCE:?}: {audit}");
    }
}

/// What it said on standard error.
pub fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A number from the environment.
pub fn count(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().expect(variable))
}
