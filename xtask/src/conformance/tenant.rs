//! The tenant as a process.

use super::certificate::Authority;
use crate::machine;
use crate::steps::step;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How the program is built.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Build {
    /// Quickly.
    Debug,
    /// As other steps of the tests have built it already.
    Release,
}

impl Build {
    /// Builds the program and answers its path.
    pub(crate) fn program(self) -> Result<PathBuf, String> {
        let (profile, folder) = match self {
            Self::Debug => ("dev", "debug"),
            Self::Release => ("release", "release"),
        };
        step("build tandem", "cargo", &["build", "--quiet", "--package", "tandem", "--profile", profile])?;
        Ok(machine::target().join(folder).join("tandem"))
    }
}

/// A running tenant without people. Dropping it ends it.
pub(crate) struct Tenant {
    child: Child,
    /// The line that it printed when it was ready: URLs and the app's secret, as JSON.
    pub(crate) ready: String,
}

impl Tenant {
    /// Starts it on a free port of loopback, with TLS.
    ///
    /// # Errors
    /// Says that it cannot be started, or that it ended before it was ready.
    pub(crate) fn start(binary: &Path, authority: &Authority) -> Result<Self, String> {
        let mut command = Command::new(binary);
        command.args(["tenant", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--empty"]);
        command.args(authority.options()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| format!("cannot start {}: {error}", binary.display()))?;
        let mut ready = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output)
                .read_line(&mut ready)
                .map_err(|error| format!("cannot read what the tenant prints: {error}"))?;
        }
        let tenant = Self { child, ready: ready.trim().to_owned() };
        if tenant.ready.is_empty() {
            Err("the tenant ended before it was ready".to_owned())
        } else {
            Ok(tenant)
        }
    }

    /// Asks it to end (SIGTERM) and waits for it.
    ///
    /// # Errors
    /// Says that it did not end in order.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        let Some(id) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) else {
            return Err("the tenant has no process id".to_owned());
        };
        rustix::process::kill_process(id, rustix::process::Signal::TERM)
            .map_err(|error| format!("cannot end the tenant: {error}"))?;
        let status = self.child.wait().map_err(|error| format!("cannot wait for the tenant: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("the tenant ended with {status}")) }
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
