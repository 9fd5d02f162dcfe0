//! Both simulators filled with the invented company, and a connector that can be started, killed and started again:
//! for tests and benchmarks.

use crate::company::Company;
use crate::fleet::{Setup, Simulators, configure, spawn_connector, start_crm, store_path};
use crate::process::Process;
use crate::progress::{Progress, totals, unsettled, writes};
use crate::scope::scope;
use crate::settle::settle;
use crate::sides::Sides;
use crate::{DemoError, fill};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use tandem_audit::{Audit, CrmAccess, Report};
use tandem_model::Kind;
use tandem_store::KindCounts;

/// What a stage is made from.
#[derive(Debug, Clone)]
pub struct StageOptions {
    /// How many mailboxes are synchronised.
    pub mailboxes: usize,
    /// What the company is made from.
    pub seed: u64,
    /// Pause between two cycles of a mailbox, as the settings file has it: `1s`; `0s` is as often as possible.
    pub pause: &'static str,
}

impl Default for StageOptions {
    fn default() -> Self {
        Self { mailboxes: 6, seed: 1, pause: "1s" }
    }
}

/// Tenant and CRM as processes, filled; dropping it kills both.
pub struct Stage {
    binary: PathBuf,
    dir: PathBuf,
    setup: Setup,
    company: Company,
    sides: Sides,
    tenant: Process,
    crm: Option<Process>,
    config: PathBuf,
    requests_of_filling: u64,
    /// Opened when the connector is ready for the first time.
    progress: OnceLock<Progress>,
}

impl Stage {
    /// Starts tenant and CRM, fills them, and writes the connector's settings and credentials into `dir`, which
    /// exists and is empty. `binary` is the program that is all three.
    pub async fn set(binary: &Path, dir: &Path, options: &StageOptions) -> Result<Self, DemoError> {
        let setup = Setup { pause: options.pause, ..Setup::new(false, true) };
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        let company = Company::new(options.seed, options.mailboxes, today);
        let simulators = Simulators::start(binary, dir, &setup).await?;
        let sides = Sides::new(simulators.tenant_access(), simulators.crm_access())?;
        fill::fill(&company, &sides).await?;
        let config = configure(dir, &setup, &sides.tenant, &sides.crm_access, &company)?;
        let (tenant, crm) = simulators.into_parts();
        let mut stage = Self {
            binary: binary.to_owned(),
            dir: dir.to_owned(),
            setup,
            company,
            sides,
            tenant,
            crm: Some(crm),
            config,
            requests_of_filling: 0,
            progress: OnceLock::new(),
        };
        stage.requests_of_filling = stage.stats().await?["requests"].as_u64().unwrap_or(0);
        Ok(stage)
    }

    /// The connector's settings file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Where the connector keeps what it knows.
    pub fn store(&self) -> PathBuf {
        store_path(&self.dir)
    }

    /// The CRM's database.
    pub fn crm_database(&self) -> PathBuf {
        self.dir.join("crm.db")
    }

    /// Addresses of the synchronised mailboxes.
    pub fn mailboxes(&self) -> impl Iterator<Item = &str> {
        self.company.synchronised().map(|(_, colleague)| colleague.address.as_str())
    }

    /// Starts the connector and waits for nothing.
    pub fn start_connector(&self) -> Result<ConnectorProcess, DemoError> {
        Ok(ConnectorProcess { process: spawn_connector(&self.binary, &self.dir, &self.config)? })
    }

    /// Waits until every mailbox has completed two further cycles in which nobody wrote anything and nothing is open.
    /// Answers what is still open when patience ends.
    pub async fn converged(
        &mut self,
        connector: &mut ConnectorProcess,
        patience: Duration,
    ) -> Result<Option<String>, DemoError> {
        connector.get_ready().await?;
        self.progress()?;
        let expected = self.company.synchronised().count();
        let Self { tenant, crm, sides, progress, .. } = self;
        let Some(progress) = progress.get() else { return Ok(Some("the store is not open".to_owned())) };
        let settled = settle(progress, sides, expected, patience, |_| {
            tenant.check()?;
            crm.as_mut().map_or(Ok(()), Process::check)?;
            connector.process.check()
        });
        Ok(settled.await?.open)
    }

    /// What is not settled right now, in plain words; none when everything is. The connector must be ready.
    pub async fn unsettled(&self) -> Result<Option<String>, DemoError> {
        let status = self.progress()?.status().await?;
        Ok(unsettled(&status, self.company.synchronised().count()))
    }

    /// Links of all mailboxes by kind and state. The connector must have been ready once.
    pub async fn totals(&self) -> Result<BTreeMap<Kind, KindCounts>, DemoError> {
        Ok(totals(&self.progress()?.status().await?))
    }

    fn progress(&self) -> Result<&Progress, DemoError> {
        if let Some(progress) = self.progress.get() {
            return Ok(progress);
        }
        let opened = Progress::open(&self.store())?;
        Ok(self.progress.get_or_init(|| opened))
    }

    /// Both sides without ids and time stamps.
    pub async fn snapshot(&self) -> Result<Value, DemoError> {
        Ok(tandem_audit::snapshot(&self.sides.tenant.control, self.crm_access().clone()).await?)
    }

    /// The second opinion.
    pub async fn audit(&self) -> Result<Report, DemoError> {
        let now = Timestamp::now();
        let scope = scope(&self.company, &self.setup, now, now);
        Ok(Audit::run(&self.sides.tenant.control, self.crm_access().clone(), scope).await?)
    }

    /// The tenant's counters.
    pub async fn stats(&self) -> Result<Value, DemoError> {
        Ok(self.sides.control.call("GET", "/stats", None).await?)
    }

    /// Graph requests since the stage was set.
    pub async fn requests(&self) -> Result<u64, DemoError> {
        let requests = self.stats().await?["requests"].as_u64().unwrap_or(0);
        Ok(requests.saturating_sub(self.requests_of_filling))
    }

    /// Writes on both sides since the simulators began, filling included.
    pub async fn writes(&self) -> Result<u64, DemoError> {
        let writes = writes(&self.sides).await?;
        Ok(writes.tenant + writes.crm)
    }

    /// Mails that the tenant sent on behalf of organisers and attendees.
    pub async fn mails(&self) -> Result<Value, DemoError> {
        Ok(self.sides.control.call("GET", "/mails", None).await?)
    }

    /// Asks the tenant's control API.
    pub async fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, DemoError> {
        Ok(self.sides.control.call(method, path, body).await?)
    }

    /// Where the CRM is, and as whom an administrator asks it.
    pub fn crm_access(&self) -> &CrmAccess {
        &self.sides.crm_access
    }

    /// Kills the CRM where it stands.
    pub async fn kill_crm(&mut self) {
        if let Some(crm) = self.crm.take() {
            crm.kill().await;
        }
    }

    /// Starts the CRM again, at the same address on the same database.
    pub async fn restart_crm(&mut self) -> Result<(), DemoError> {
        self.kill_crm().await;
        let address = self.sides.crm_access.interface.split('/').nth(2).unwrap_or_default().to_owned();
        self.crm = Some(start_crm(&self.binary, &self.dir, &address).await?);
        Ok(())
    }

    /// Ends both in order.
    pub async fn strike(self) {
        self.tenant.end().await;
        if let Some(crm) = self.crm {
            crm.end().await;
        }
    }
}

/// A connector; dropping it kills it.
pub struct ConnectorProcess {
    process: Process,
}

impl ConnectorProcess {
    /// Waits until it says that it is ready; an error when it ends before that.
    pub async fn get_ready(&mut self) -> Result<(), DemoError> {
        self.process.get_ready().await
    }

    /// An error with its last words when it is no longer there.
    pub fn check(&mut self) -> Result<(), DemoError> {
        self.process.check()
    }

    /// The most memory that it ever held, in bytes; 0 where the system does not tell.
    pub fn peak_memory(&self) -> u64 {
        self.process.peak_memory()
    }

    /// Processor time that it has used so far, in user and kernel mode; zero where the system does not tell.
    pub fn processor_time(&self) -> Duration {
        self.process.processor_time()
    }

    /// Kills it where it stands (SIGKILL) and waits until it is gone.
    pub async fn kill(self) {
        self.process.kill().await;
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.process.end().await;
    }
}
