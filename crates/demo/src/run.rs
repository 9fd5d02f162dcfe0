//! The whole demonstration.

use crate::company::Company;
use crate::corpus::Corpus;
use crate::display::{Display, summary, table};
use crate::fleet::{Setup, Simulators, settings_path, start_connector, store_path};
use crate::life::Life;
use crate::outcome::Outcome;
use crate::process::Process;
use crate::progress::{Progress, cycles, have_cycled, requests, totals, writes};
use crate::scope::scope;
use crate::settle::{LOOK, settle};
use crate::sides::Sides;
use crate::{DemoError, DemoOptions, fill};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tandem_audit::Audit;

/// Edits of one round of life.
const ROUND: usize = 40;
/// Longest wait for the sides to agree.
const PATIENCE: Duration = Duration::from_secs(150);

/// Runs the demonstration to its end, or, when it is live, until `stop` says so.
///
/// # Errors
/// What keeps it from an outcome; nothing is left running in any case.
pub async fn run(options: DemoOptions, stop: impl Future<Output = ()>) -> Result<Outcome, DemoError> {
    tokio::pin!(stop);
    let begun = Instant::now();
    if let Some(corpus) = options.corpus.as_deref().filter(|corpus| !corpus.is_dir()) {
        return Err(DemoError::Corpus(corpus.to_owned()));
    }
    let display = Display::new(options.json);
    let folder = Folder::new(options.dir.as_deref())?;
    let setup = Setup::new(options.corpus.is_some(), options.once);
    let mailboxes = usize::try_from(options.mailboxes).unwrap_or(usize::MAX);
    display.now("inventing a company");
    let company = Company::new(options.seed, mailboxes, TimeZone::UTC.to_datetime(Timestamp::now()).date());
    let mut stage = tokio::select! {
        biased;
        () = &mut stop => return Err(DemoError::Interrupted),
        stage = Stage::set(&options, &folder, setup, &company, &display) => stage?,
    };
    let played = tokio::select! {
        biased;
        () = stop => Err(DemoError::Interrupted),
        played = stage.play(&options, begun) => played,
    };
    let ended = match played {
        // The live demonstration has no other end.
        Err(DemoError::Interrupted) if !options.once => Ok(Outcome { live: true, ..Outcome::default() }),
        other => other,
    };
    display.done();
    stage.strike().await;
    ended
}

/// Everything that plays.
struct Stage<'a> {
    company: &'a Company,
    display: &'a Display,
    setup: Setup,
    sides: Sides,
    simulators: Simulators,
    connector: Process,
    /// The connector's settings file.
    config: PathBuf,
    corpus: Option<Corpus>,
    progress: Progress,
    /// Requests that were not the connector's.
    own_requests: u64,
}

impl<'a> Stage<'a> {
    async fn set(
        options: &DemoOptions,
        folder: &Folder,
        setup: Setup,
        company: &'a Company,
        display: &'a Display,
    ) -> Result<Stage<'a>, DemoError> {
        display.now("starting tenant and CRM");
        let dir = folder.path();
        let simulators = Simulators::start(&options.binary, dir, &setup).await?;
        for line in simulators.ready_lines() {
            display.line(&line.to_string());
        }
        let sides = Sides::new(simulators.tenant_access(), simulators.crm_access())?;
        display.now("filling both sides");
        let begun = Instant::now();
        fill::fill(company, &sides).await?;
        let corpus = match &options.corpus {
            Some(dir) => Some(Corpus::fill(company, &sides, dir).await?),
            None => None,
        };
        display.line(&format!(
            "{} mailboxes, {} customers, {} persons, filled in {:.1} s",
            company.synchronised().count(),
            company.customers.len(),
            company.persons.len(),
            begun.elapsed().as_secs_f64()
        ));
        let own_requests = requests(&sides).await?;
        display.now("starting the connector");
        let connector =
            start_connector(&options.binary, dir, &setup, &sides.tenant, &sides.crm_access, company).await?;
        display.line(&connector.ready().to_string());
        let progress = Progress::open(&store_path(dir))?;
        let config = settings_path(dir);
        Ok(Stage {
            company,
            display,
            setup,
            sides,
            simulators,
            connector,
            config,
            corpus,
            progress,
            own_requests,
        })
    }

    async fn play(&mut self, options: &DemoOptions, begun: Instant) -> Result<Outcome, DemoError> {
        let first = self.converge("first synchronisation").await?;
        if !options.once {
            return self.live().await;
        }
        let imported_until = Timestamp::now();
        let mut life = Life::new(self.company, &self.sides);
        self.display.now("a working day: edits on both sides");
        for _ in 0..ROUND {
            if let Some(deed) = life.step().await? {
                self.display.line(&format!("> {deed}"));
            }
        }
        let second = self.converge("synchronisation of the edits").await?;
        let idle_writes = self.idle().await?;
        self.outcome(begun, imported_until, first.or(second), idle_writes).await
    }

    /// Waits until every mailbox has completed two further cycles in which nobody wrote anything and nothing is open.
    /// Answers what is still open when patience ends.
    async fn converge(&mut self, what: &str) -> Result<Option<String>, DemoError> {
        self.display.now(what);
        let expected = self.company.synchronised().count();
        let Self { progress, sides, connector, simulators, display, .. } = &mut *self;
        let settled = settle(progress, sides, expected, PATIENCE, |now| {
            connector.check()?;
            simulators.check()?;
            display.tick(&format!("{what}: {}", summary(now)));
            Ok(())
        });
        let settled = settled.await?;
        let seconds = settled.took.as_secs_f64();
        self.display.line(&match &settled.open {
            None => format!("{what}: done after {seconds:.1} s ({})", summary(&settled.totals)),
            Some(open) => format!("{what}: not settled after {seconds:.0} s: {open}"),
        });
        Ok(settled.open)
    }

    /// Writes on either side while every mailbox completes two further cycles.
    async fn idle(&mut self) -> Result<u64, DemoError> {
        self.display.now("two further cycles of every mailbox");
        let (begun, before) = (Instant::now(), writes(&self.sides).await?);
        let since = cycles(&self.progress.status().await?);
        while !have_cycled(&self.progress.status().await?, &since, 3) && begun.elapsed() < PATIENCE {
            self.check()?;
            tokio::time::sleep(LOOK).await;
        }
        Ok(writes(&self.sides).await?.since(before))
    }

    async fn outcome(
        &mut self,
        begun: Instant,
        imported_until: Timestamp,
        unsettled: Option<String>,
        idle_writes: u64,
    ) -> Result<Outcome, DemoError> {
        self.display.now("the second opinion");
        let scope = scope(self.company, &self.setup, Timestamp::now(), imported_until);
        let requests = requests(&self.sides).await?.saturating_sub(self.own_requests);
        let audit = Audit::run(&self.sides.tenant.control, self.sides.crm_access.clone(), scope).await?;
        let corpus = match &self.corpus {
            Some(corpus) => Some(corpus.account(self.progress.store()).await?),
            None => None,
        };
        let outcome = Outcome {
            kinds: totals(&self.progress.status().await?),
            corpus,
            idle_writes,
            requests,
            seconds: begun.elapsed().as_secs_f64(),
            peak_rss_bytes: self.connector.peak_memory(),
            unsettled,
            live: false,
            audit,
        };
        self.display.lines(&table(&outcome.kinds));
        self.display.lines(outcome.audit.to_string().trim_end());
        if idle_writes > 0 {
            self.display.line(&format!("{idle_writes} writes though nobody edited anything"));
        }
        Ok(outcome)
    }

    /// Life goes on until somebody ends the demonstration.
    async fn live(&mut self) -> Result<Outcome, DemoError> {
        self.display.line("Both sides are in step. Their people go on working; Ctrl-C ends it.");
        let config = self.config.display();
        self.display.line(&format!("Look on with: tandem status --config {config}"));
        self.display.line(&format!("The CRM's pages: {}", self.simulators.pages()));
        let (company, sides) = (self.company, self.sides.clone());
        let mut life = Life::new(company, &sides);
        let mut seen = self.progress.newest_line().await?;
        for round in 0_u64.. {
            self.check()?;
            if let Some(deed) = life.step().await? {
                self.display.line(&format!("> {deed}"));
            }
            for _ in 0..6 {
                tokio::time::sleep(Duration::from_millis(500)).await;
                seen = self.show_journal(seen).await?;
            }
            if round % 10 == 9 {
                self.display.lines(&table(&totals(&self.progress.status().await?)));
            }
        }
        Ok(Outcome { live: true, ..Outcome::default() })
    }

    async fn show_journal(&self, seen: i64) -> Result<i64, DemoError> {
        let mut newest = seen;
        for (number, text) in self.progress.lines_after(seen).await? {
            if !text.is_empty() {
                self.display.line(&format!("  {text}"));
            }
            newest = newest.max(number);
        }
        Ok(newest)
    }

    fn check(&mut self) -> Result<(), DemoError> {
        self.connector.check()?;
        self.simulators.check()
    }

    /// Ends all three, the connector first.
    async fn strike(self) {
        self.connector.end().await;
        self.simulators.end().await;
    }
}

/// The folder of databases, settings and logs.
enum Folder {
    Kept(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Folder {
    fn new(dir: Option<&Path>) -> Result<Self, DemoError> {
        match dir {
            Some(dir) => {
                std::fs::create_dir_all(dir).map_err(DemoError::file(dir, "made"))?;
                let dir = std::fs::canonicalize(dir).map_err(DemoError::file(dir, "read"))?;
                if ["crm.db", "tandem.db"].iter().any(|file| dir.join(file).exists()) {
                    return Err(DemoError::Used(dir));
                }
                Ok(Folder::Kept(dir))
            }
            None => {
                let made = tempfile::Builder::new().prefix("tandem-demo-").tempdir();
                Ok(Folder::Temporary(made.map_err(DemoError::file(std::env::temp_dir(), "written"))?))
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Folder::Kept(path) => path,
            Folder::Temporary(dir) => dir.path(),
        }
    }
}
