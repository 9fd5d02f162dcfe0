//! Many histories, on all cores.

use crate::history::{Cuts, play};
use crate::stage::Ground;
use crate::{History, WorldError, incidents};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Which histories to play.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Seed of the first.
    pub seed: u64,
    /// How many.
    pub runs: u64,
    /// Threads that play.
    pub threads: usize,
    /// No further history is begun after this time.
    pub limit: Option<Duration>,
    /// No further history is begun after the first that goes wrong.
    pub until_wrong: bool,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// In which history.
    pub seed: u64,
    /// What is wrong.
    pub what: String,
}

/// What many histories came to.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Histories played.
    pub histories: u64,
    /// What does not hold, by seed.
    pub violations: Vec<Violation>,
    /// How often each fault of the catalogue and of the simulation's own was met.
    pub faults: BTreeMap<String, u64>,
    /// How often each transition was made: into which state a link went and why, after how many rounds everything was at
    /// rest, commits that were fenced, losers that are in the journal.
    pub transitions: BTreeMap<String, u64>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Summary {
    /// As `tandem world --json` prints it.
    pub fn json(&self) -> Value {
        let violation = |one: &Violation| json!({"seed": one.seed, "what": one.what, "replay": format!("tandem world --seed {}", one.seed)});
        json!({
            "histories": self.histories,
            "violations": self.violations.iter().map(violation).collect::<Vec<_>>(),
            "faults_reached": self.faults,
            "transitions_reached": self.transitions,
            "seconds": self.seconds,
        })
    }

    /// In so many histories every fault is met at least so often.
    const COVERED: (u64, u64) = (5_000, 20);

    /// Notes faults that were met too seldom; says nothing of few histories.
    fn examine_coverage(&mut self, seed: u64) {
        let (histories, times) = Self::COVERED;
        let least = self.histories / histories * times;
        for (name, met) in self.faults.iter().filter(|(_, met)| **met < least) {
            let what = format!("coverage: {name} was met {met} times, not {least}");
            self.violations.push(Violation { seed, what });
        }
    }

    fn add(&mut self, history: History) {
        self.histories += 1;
        for (name, times) in history.reached {
            let transition = ["rest-", "into-"].iter().any(|begin| name.starts_with(begin))
                || ["fenced", "loser-in-journal"].contains(&&*name);
            let counts = if transition { &mut self.transitions } else { &mut self.faults };
            *counts.entry(name).or_default() += times;
        }
        let seed = history.seed;
        self.violations.extend(history.violations.into_iter().map(|what| Violation { seed, what }));
    }
}

/// Plays histories; the summary does not depend on the number of threads.
pub fn run(order: Order) -> Result<Summary, WorldError> {
    let begun = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let summary = Arc::new(Mutex::new(Summary::default()));
    let mut threads = Vec::new();
    for _ in 0..order.threads.max(1) {
        let (next, summary) = (Arc::clone(&next), Arc::clone(&summary));
        let work = move || -> Result<(), WorldError> {
            let mut player = Player::new()?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= order.runs || order.limit.is_some_and(|limit| begun.elapsed() > limit) {
                    return Ok(());
                }
                let history = player.play(order.seed.wrapping_add(number), false, &Cuts::default())?;
                let mut summary = summary.lock().unwrap_or_else(PoisonError::into_inner);
                summary.add(history);
                if order.until_wrong && !summary.violations.is_empty() {
                    next.store(order.runs, Ordering::Relaxed);
                }
            }
        };
        threads.push(std::thread::Builder::new().name("world".to_owned()).spawn(work)?);
    }
    for thread in threads {
        let ended = thread.join().map_err(|_| WorldError::Stage("a thread ended in a panic".to_owned()))?;
        ended?;
    }
    let mut summary = std::mem::take(&mut *summary.lock().unwrap_or_else(PoisonError::into_inner));
    summary.examine_coverage(order.seed);
    summary.violations.sort_by(|a, b| (a.seed, &a.what).cmp(&(b.seed, &b.what)));
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(summary)
}

/// One thread's stage.
pub struct Player {
    ground: Ground,
    bug: &'static str,
}

impl Player {
    /// Builds the stage.
    pub fn new() -> Result<Self, WorldError> {
        let ground = runtime()?.block_on(Ground::build())?;
        Ok(Self { ground, bug: "" })
    }

    /// A stage on which a bug is planted.
    #[cfg(feature = "planted")]
    pub fn planted(bug: &'static str) -> Result<Self, WorldError> {
        Ok(Self { bug, ..Self::new()? })
    }

    /// The first of so many seeds whose history goes wrong because of the bug, and what is wrong.
    #[cfg(feature = "planted")]
    pub fn hunt(&mut self, seeds: u64) -> Result<Option<(u64, String)>, WorldError> {
        for seed in 1..=seeds {
            let history = self.play(seed, false, &Cuts::default())?;
            let Some(what) = history.violations.into_iter().next() else { continue };
            // What goes wrong without the bug, too, finds nothing.
            let bug = std::mem::take(&mut self.bug);
            let without = self.play(seed, false, &Cuts::default())?;
            self.bug = bug;
            if without.violations.is_empty() {
                return Ok(Some((seed, what)));
            }
        }
        Ok(None)
    }

    /// Plays one history.
    pub fn play(&mut self, seed: u64, traced: bool, cuts: &Cuts) -> Result<History, WorldError> {
        // A runtime of its own, so that nothing of the history before goes on in this one.
        runtime()?.block_on(play(&mut self.ground, seed, traced, cuts, self.bug))
    }

    /// The least that still goes wrong as the whole history does: acts and faults are left out one by one.
    pub fn shrink(&mut self, seed: u64) -> Result<(Cuts, History), WorldError> {
        let mut cuts = Cuts::default();
        let mut worst = self.play(seed, true, &cuts)?;
        let sort = |history: &History| -> BTreeSet<String> {
            history.violations.iter().filter_map(|what| what.split(':').next().map(str::to_owned)).collect()
        };
        let wanted = sort(&worst);
        if wanted.is_empty() {
            return Ok((cuts, worst));
        }
        for fault in 0..incidents::EACH {
            let mut tried = cuts.clone();
            tried.faults.insert(fault);
            let history = self.play(seed, true, &tried)?;
            if !sort(&history).is_disjoint(&wanted) {
                (cuts, worst) = (tried, history);
            }
        }
        for act in (0..crate::history::ACTS).rev() {
            let mut tried = cuts.clone();
            tried.acts.insert(act);
            let history = self.play(seed, true, &tried)?;
            if !sort(&history).is_disjoint(&wanted) {
                (cuts, worst) = (tried, history);
            }
        }
        Ok((cuts, worst))
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, WorldError> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?)
}
