//! The connector is killed in its first synchronisation, and ends as if nothing had happened.
//!
//! `TANDEM_KILL_RUNS` is the number of runs that are killed once (default 2), `TANDEM_KILLS` the number of kills in the
//! runs that are killed again and again, one on SQLite and one on PostgreSQL (default 5), `TANDEM_KILL_SEED` decides the
//! moments (default: the time).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

#[path = "killed/alike.rs"]
mod alike;
#[cfg(unix)]
#[path = "killed/postgresql.rs"]
mod postgresql;
mod stage;

use serde_json::Value;
use stage::{PATIENCE, answers_soon, count, set};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tandem_demo::{ConnectorProcess, Stage, StageOptions};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// A small company, whose cycles follow each other at once.
const COMPANY: StageOptions = StageOptions { mailboxes: 6, seed: 7, pause: "0s" };

/// What a run ends with.
struct End {
    snapshot: Value,
    mails: BTreeMap<String, usize>,
    /// From the start of the connector until nothing was open any more.
    first_sync: Duration,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_first_synchronisation_ends_like_an_undisturbed_one() {
    let seed = seed();
    let (runs, kills) = (count("TANDEM_KILL_RUNS", 2), count("TANDEM_KILLS", 5));
    println!("TANDEM_KILL_SEED={seed} TANDEM_KILL_RUNS={runs} TANDEM_KILLS={kills}");
    let reference = Arc::new(run(Vec::new()).await);
    let whole = reference.first_sync;
    println!("undisturbed: first synchronisation in {:.2} s", whole.as_secs_f64());

    let mut dice = Dice(seed);
    // The one that is killed often is the longest, so it begins.
    let mut plans = vec![(0..kills).map(|_| dice.below(whole / 6)).collect::<Vec<Duration>>()];
    plans.extend((0..runs).map(|_| vec![dice.below(whole)]));

    // Most of a run is the wait for requests that may still arrive.
    let places = Arc::new(Semaphore::new(4));
    let mut running = JoinSet::new();
    for (number, moments) in plans.into_iter().enumerate() {
        let (places, reference) = (Arc::clone(&places), Arc::clone(&reference));
        running.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let begun = Instant::now();
            let told = told(&moments);
            let end = run(moments).await;
            println!("run {number}, killed {told}: {:.1} s", begun.elapsed().as_secs_f64());
            let name = format!("run {number}, killed {told} (TANDEM_KILL_SEED={seed})");
            let differences = alike::differences(&reference.snapshot, &end.snapshot);
            assert!(differences.is_empty(), "{name} ended otherwise:\n{}", differences.join("\n"));
            assert_eq!(reference.mails, end.mails, "{name}: not the same mails were sent");
        });
    }
    let mut failed = Vec::new();
    while let Some(ended) = running.join_next().await {
        failed.extend(ended.err().map(|error| error.to_string()));
    }
    assert!(failed.is_empty(), "{} of {} runs failed:\n{}", failed.len(), runs + 1, failed.join("\n"));
}

/// The one that was given, or the time.
fn seed() -> u64 {
    std::env::var("TANDEM_KILL_SEED").map_or_else(
        |_| jiff::Timestamp::now().as_millisecond().cast_unsigned(),
        |text| text.parse().expect("TANDEM_KILL_SEED"),
    )
}

fn told(moments: &[Duration]) -> String {
    match moments {
        [] => "never".to_owned(),
        [one] => format!("after {} ms", one.as_millis()),
        many => format!("{} times", many.len()),
    }
}

/// A first synchronisation; the connector is killed after each of these times since its (re)start.
async fn run(moments: Vec<Duration>) -> End {
    let name = told(&moments);
    let dir = tempfile::tempdir().unwrap();
    let mut stage = set(dir.path(), &COMPANY).await;
    answers_soon(&stage);
    let begun = Instant::now();
    let mut connector = stage.start_connector().unwrap();
    for moment in moments {
        tokio::time::sleep(moment).await;
        connector.check().unwrap();
        connector.kill().await;
        connector = stage.start_connector().unwrap();
    }
    connector.get_ready().await.unwrap();
    while stage.unsettled().await.unwrap().is_some() && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let first_sync = begun.elapsed();
    let end = end(&name, &mut stage, &mut connector, first_sync).await;
    connector.end().await;
    stage.strike().await;
    end
}

async fn end(name: &str, stage: &mut Stage, connector: &mut ConnectorProcess, first_sync: Duration) -> End {
    let open = stage.converged(connector, PATIENCE / 3).await.unwrap();
    assert!(
        open.is_none(),
        "killed {name} and not settled: {open:?}; the last it did:\n{}",
        last_deeds(&stage.store())
    );
    let audit = stage.audit().await.unwrap();
    assert_eq!(audit.totals().duplicates, 0, "{audit}");
    assert_eq!((audit.totals().m365_only, audit.totals().crm_only), (0, 0), "{audit}");
    assert!(audit.totals().paired > 100, "there was hardly anything to do: {audit}");
    let mails = stage.mails().await.unwrap();
    End { snapshot: stage.snapshot().await.unwrap(), mails: counted(&mails), first_sync }
}

/// The end of the journal, for those who look for the reason.
fn last_deeds(store: &std::path::Path) -> String {
    let store =
        rusqlite::Connection::open_with_flags(store, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let query = "SELECT kind || ' ' || coalesce(record, '-') || ' in ' || mailbox || ', ' || code || ': ' || text \
                 FROM journal ORDER BY seq DESC LIMIT 24";
    let mut lines = store.prepare(query).unwrap();
    let lines = lines.query_map([], |row| row.get::<_, String>(0)).unwrap();
    lines.filter_map(Result::ok).collect::<Vec<_>>().join("\n")
}

/// How often each mail was sent, without ids and times.
fn counted(mails: &Value) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for mail in mails.as_array().into_iter().flatten() {
        let name = [&mail["kind"], &mail["from"], &mail["to"], &mail["subject"], &mail["originalDate"]];
        *counts.entry(name.map(Value::to_string).join(" ")).or_default() += 1;
    }
    counts
}

/// `SplitMix64`: the same moments for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(z % micros)
    }
}
