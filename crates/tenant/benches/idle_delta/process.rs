//! Processes of this program.

use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A process that said one line of JSON and ends when nobody talks to it any more.
pub struct Process {
    child: Child,
    /// The line.
    pub told: Value,
}

impl Process {
    /// Starts this program in another part.
    pub async fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let output = child.stdout.take().expect("its output");
        let line = BufReader::new(output).lines().next_line().await.expect("a line").expect("a line");
        Self { child, told: serde_json::from_str(&line).expect("JSON") }
    }

    /// Processor time so far. Linux counts it in hundredths of a second.
    pub fn processor_time(&self) -> Duration {
        let id = self.child.id().expect("a living process");
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("/proc");
        let (_, fields) = stat.rsplit_once(')').expect("fields");
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u64>().expect("ticks"))
            .sum();
        Duration::from_millis(10 * ticks)
    }

    /// Closes its input and waits for its end.
    pub async fn end(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().await.expect("its end");
    }
}

/// Memory of this process that is in use, in bytes.
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}
