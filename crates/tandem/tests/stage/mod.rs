//! The stage on which the tests play: real processes of the program under test.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tandem_demo::{Stage, StageOptions};

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

/// Runs the program to its end. One that does not end within the patience is killed and fails the test.
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
    tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it does not end").unwrap()
}

/// What it said on standard error.
pub fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A number from the environment.
pub fn count(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().expect(variable))
}
