//! A process of the fleet: started, listened to until it is ready, ended whatever happens.

use crate::DemoError;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Longest time to get ready.
const READY: Duration = Duration::from_secs(30);
/// Longest time to end in order.
const GRACE: Duration = Duration::from_secs(5);

/// A process. Dropping it kills it, so that neither a panic nor an early return leaves one behind.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    ready: Value,
}

impl Process {
    /// Starts the program and waits for its line of JSON that says it is ready.
    pub(crate) async fn start(
        name: &'static str,
        binary: &Path,
        arguments: &[&str],
        log: PathBuf,
    ) -> Result<Self, DemoError> {
        let mut process = Self::spawn(name, binary, arguments, log)?;
        process.get_ready().await?;
        Ok(process)
    }

    /// Starts the program and waits for nothing. What it says on standard error is added to the log.
    pub(crate) fn spawn(
        name: &'static str,
        binary: &Path,
        arguments: &[&str],
        log: PathBuf,
    ) -> Result<Self, DemoError> {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log);
        let file = file.map_err(DemoError::file(&log, "written"))?;
        let mut command = Command::new(binary);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file).kill_on_drop(true);
        // A group of its own: Ctrl-C reaches the demonstration, which then ends the others in order.
        #[cfg(unix)]
        command.process_group(0);
        let child =
            command.spawn().map_err(|source| DemoError::Start { name, binary: binary.to_owned(), source })?;
        Ok(Self { name, child, log, ready: Value::Null })
    }

    /// Waits for the line that says it is ready; at once when it was read already.
    pub(crate) async fn get_ready(&mut self) -> Result<(), DemoError> {
        // The output is there until the line was read.
        let Some(stdout) = self.child.stdout.take() else { return Ok(()) };
        let not_ready = |process: &Self, why: &str| DemoError::NotReady {
            name: process.name,
            why: why.to_owned(),
            log: process.last_words(),
        };
        let mut lines = BufReader::new(stdout).lines();
        match tokio::time::timeout(READY, ready_line(&mut lines)).await {
            Ok(Some(ready)) => self.ready = ready,
            Ok(None) => return Err(not_ready(self, "it ended")),
            Err(_) => return Err(not_ready(self, "it said nothing for 30 s")),
        }
        // Whatever else it prints must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(())
    }

    /// What it said when it was ready.
    pub(crate) fn ready(&self) -> &Value {
        &self.ready
    }

    /// A text of its ready line.
    pub(crate) fn said(&self, key: &str) -> String {
        self.ready[key].as_str().unwrap_or_default().to_owned()
    }

    /// An error when it is no longer there.
    pub(crate) fn check(&mut self) -> Result<(), DemoError> {
        match self.child.try_wait() {
            Ok(Some(status)) => Err(self.ended(status)),
            _ => Ok(()),
        }
    }

    fn ended(&self, status: ExitStatus) -> DemoError {
        DemoError::Ended { name: self.name, status, log: self.last_words() }
    }

    /// The most memory that it ever held, in bytes; 0 where the system does not tell.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = self
            .child
            .id()
            .and_then(|id| std::fs::read_to_string(format!("/proc/{id}/status")).ok())
            .unwrap_or_default();
        high_water(&status)
    }

    /// Processor time that it has used so far, in user and kernel mode; zero where the system does not tell.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = self
            .child
            .id()
            .and_then(|id| std::fs::read_to_string(format!("/proc/{id}/stat")).ok())
            .unwrap_or_default();
        ticks(&stat)
    }

    /// Kills it where it stands (SIGKILL) and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        let _ = self.child.kill().await;
    }

    /// Ends it in order; kills it when it takes too long.
    pub(crate) async fn end(mut self) {
        #[cfg(unix)]
        if let Some(id) =
            self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            // It may have ended already.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            if tokio::time::timeout(GRACE, self.child.wait()).await.is_ok() {
                return;
            }
        }
        let _ = self.child.kill().await;
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}

async fn ready_line(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<Value> {
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(value) =
            serde_json::from_str::<Value>(&line).ok().filter(|value| value["ready"].is_string())
        {
            return Some(value);
        }
    }
    None
}

/// `VmHWM` of `/proc/<pid>/status`, in bytes.
fn high_water(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}

/// `utime` and `stime` of `/proc/<pid>/stat`.
fn ticks(stat: &str) -> Duration {
    // Linux tells user programs ticks of a hundredth of a second, whatever the kernel's own are.
    const TICK: Duration = Duration::from_millis(10);
    // The name of the program may hold blanks and brackets; the fields after it do not.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u32>().ok());
    TICK.saturating_mul(ticks.sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        assert_eq!(high_water("Name:\tx\nVmHWM:\t   12345 kB\nVmRSS:\t 1 kB\n"), 12_345 * 1024);
        assert_eq!(high_water(""), 0);
    }

    #[test]
    fn processor_time_is_read_behind_the_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 9 9 20 0 4 0 1";
        assert_eq!(ticks(stat), Duration::from_secs(2));
        assert_eq!(ticks(""), Duration::ZERO);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_process_gets_ready_and_ends_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let script =
            r#"trap 'exit 0' TERM; echo noise; echo '{"ready":"x","url":"u"}'; while :; do sleep 0.05; done"#;
        let mut process =
            Process::start("shell", Path::new("/bin/sh"), &["-c", script], dir.path().join("log"))
                .await
                .unwrap();
        assert_eq!(process.said("url"), "u");
        assert!(process.check().is_ok());
        let id = process.child.id().unwrap();
        process.end().await;
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_process_that_ends_too_early_shows_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let script = "echo 'the disk is gone' >&2; exit 2";
        let started =
            Process::start("shell", Path::new("/bin/sh"), &["-c", script], dir.path().join("log")).await;
        let Err(error) = started else { panic!("it got ready") };
        assert!(error.to_string().contains("the disk is gone"), "{error}");
    }
}
