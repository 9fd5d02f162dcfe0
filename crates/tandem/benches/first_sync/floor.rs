//! The floor: a bare client that sends what it was given and writes rows.

use super::recording::{Access, Recording};
use super::script::{MARK, Script, Step, json_text, script};
use super::{Cost, set};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tandem_outside::{Limits, Network, Transport};
use tokio::sync::SetOnce;

/// First argument of the process that is the floor.
pub const MODE: &str = "--floor";
/// As the connector's defaults are.
const MAILBOXES_AT_ONCE: usize = 8;
const REQUESTS_AT_ONCE: usize = 4;
const LIMITS: Limits = Limits { deadline: Duration::from_secs(60), max_body: 256 << 20 };

/// Sets a stage, runs the floor on it as a process, and looks whether the work was done.
pub async fn measure(dir: &Path, recording: &Recording, mailboxes: usize) -> (Cost, Script) {
    let stage = set(dir, mailboxes).await;
    let script = script(recording, &Access::of(stage.config()));
    let path = dir.join("script.json");
    std::fs::write(&path, serde_json::to_vec(&script).expect("JSON")).expect("the script");
    let output = tokio::process::Command::new(std::env::current_exe().expect("this program"))
        .arg(MODE)
        .args([&path, &recording.store, &dir.join("floor.db")])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .expect("the floor")
        .wait_with_output()
        .await
        .expect("the floor");
    assert!(output.status.success(), "the floor failed");
    let told: Value = serde_json::from_slice(&output.stdout).expect("the floor's report");
    // The same second opinion as for the connector: a floor that does half of the work would be none.
    let audit = stage.audit().await.expect("the audit").totals();
    assert!(
        audit.paired > 0 && audit.m365_only + audit.crm_only + audit.duplicates == 0,
        "not the same work: {audit:?}"
    );
    println!("floor: {told}; {audit:?}");
    stage.strike().await;
    let seconds = |name: &str| Duration::from_secs_f64(told[name].as_f64().unwrap_or_default());
    let cost =
        Cost { wall: seconds("wall"), cpu: seconds("cpu"), memory: told["memory"].as_u64().unwrap_or(0) };
    (cost, script)
}

/// The process that is the floor.
pub async fn run(script: &Path, rows: &Path, target: &Path) {
    let script: Script = serde_json::from_slice(&std::fs::read(script).expect("the script")).expect("JSON");
    let steps = || script.lanes.iter().flatten().chain(&script.general);
    let (steps, commits) = (steps().count(), steps().filter(|step| step.commits).count());
    let client = Arc::new(Client {
        network: Network::new().expect("a network"),
        values: (0..script.values).map(|_| SetOnce::new()).collect(),
        refused: AtomicUsize::new(0),
        ledger: Ledger::open(rows, target, commits),
    });
    let (begun, used) = (Instant::now(), processor_time());
    for step in &script.general {
        client.play(step).await;
    }
    let lanes = stream::iter(script.lanes).map(|lane| tokio::spawn(Arc::clone(&client).play_all(lane)));
    let ended: Vec<_> = lanes.buffer_unordered(MAILBOXES_AT_ONCE).collect().await;
    ended.into_iter().for_each(|lane| lane.expect("a mailbox"));
    client.ledger.finish();
    let report = json!({
        "wall": begun.elapsed().as_secs_f64(),
        "cpu": (processor_time() - used).as_secs_f64(),
        "memory": peak_memory(),
        "steps": steps,
        "refused": client.refused.load(Ordering::Relaxed),
    });
    println!("{report}");
}

struct Client {
    network: Network,
    values: Vec<SetOnce<String>>,
    refused: AtomicUsize,
    ledger: Arc<Ledger>,
}

impl Client {
    /// Sends the requests of one mailbox in their order, some at a time.
    async fn play_all(self: Arc<Self>, steps: Vec<Step>) {
        let play = |step: Step| {
            let client = Arc::clone(&self);
            async move { client.play(&step).await }
        };
        stream::iter(steps).map(play).buffered(REQUESTS_AT_ONCE).count().await;
    }

    async fn play(&self, step: &Step) {
        let answer = self.admitted(self.request(step).await).await;
        if !answer.status().is_success() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            if std::env::var_os("TANDEM_BENCH_SHOW").is_some() {
                let body = String::from_utf8_lossy(answer.body()).chars().take(300).collect::<String>();
                eprintln!("{} {}: {} {body}", step.method, step.url, answer.status());
            }
        }
        if !step.gives.is_empty() {
            let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            for (number, pointer) in &step.gives {
                let _ = self.values[*number].set(json_text(&body, pointer).unwrap_or_default());
            }
        }
        if !step.commits {
            return;
        }
        let ledger = Arc::clone(&self.ledger);
        tokio::task::spawn_blocking(move || ledger.write()).await.expect("rows");
    }

    async fn request(&self, step: &Step) -> http::Request<Bytes> {
        let mut request =
            http::Request::builder().method(step.method.as_str()).uri(self.filled(&step.url).await);
        for (name, value) in &step.headers {
            request = request.header(name, self.filled(value).await);
        }
        request.body(Bytes::from(self.filled(&step.body).await)).expect("a request")
    }

    /// The answer, once there was a place: beside a batch, whose parts count too, four requests can be too many. A floor
    /// may come again sooner than `Retry-After` says.
    async fn admitted(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let begun = Instant::now();
        loop {
            let answer = self.network.send(request.clone(), LIMITS).await.expect("an answer");
            if answer.status() != http::StatusCode::TOO_MANY_REQUESTS || begun.elapsed() > LIMITS.deadline {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The text with values from earlier answers, which are waited for.
    async fn filled(&self, text: &str) -> String {
        if !text.contains(MARK) {
            return text.to_owned();
        }
        let mut filled = String::with_capacity(text.len());
        for (index, part) in text.split(MARK).enumerate() {
            if index % 2 == 0 {
                filled.push_str(part);
            } else {
                let number: usize = part.parse().expect("a number");
                let value = tokio::time::timeout(LIMITS.deadline, self.values[number].wait()).await;
                filled.push_str(value.unwrap_or_else(|_| panic!("value {number} never came: {text:.1500}")));
            }
        }
        filled
    }
}

/// How a row is inserted, and what it holds.
type Row = (String, Vec<Cell>);

/// The rows of the connector's store, written in as many transactions as there are packages to the CRM.
struct Ledger {
    open: Mutex<(Connection, Vec<Row>)>,
    share: usize,
}

impl Ledger {
    /// Reads the rows and makes the same tables and indexes in a new file, which is written as durably.
    fn open(rows: &Path, target: &Path, commits: usize) -> Arc<Self> {
        let source = Connection::open(rows).expect("the store");
        let connection = Connection::open(target).expect("a database");
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = FALSE;",
            )
            .expect("pragmas");
        let mut kept = Vec::new();
        let mut schema = source
            .prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
            .expect("schema");
        let parts: Vec<(String, String, String)> = schema
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .expect("schema")
            .map(|row| row.expect("schema"))
            .collect();
        for (sort, name, sql) in parts {
            connection.execute_batch(&sql).expect("schema");
            if sort != "table" {
                continue;
            }
            let mut all = source.prepare(&format!("SELECT * FROM {name}")).expect("a table");
            let columns = all.column_count();
            let marks = vec!["?"; columns].join(", ");
            let insert = format!("INSERT INTO {name} VALUES ({marks})");
            let mut found = all.query([]).expect("rows");
            while let Some(row) = found.next().expect("a row") {
                let cells = (0..columns).map(|column| row.get(column).expect("a cell")).collect();
                kept.push((insert.clone(), cells));
            }
        }
        let share = kept.len().div_ceil(commits.max(1));
        Arc::new(Self { open: Mutex::new((connection, kept)), share })
    }

    fn write(&self) {
        self.write_rows(self.share);
    }

    fn finish(&self) {
        self.write_rows(usize::MAX);
    }

    fn write_rows(&self, count: usize) {
        let mut open = self.open.lock().expect("lock");
        let (connection, rows) = &mut *open;
        let from = rows.len().saturating_sub(count);
        if from == rows.len() {
            return;
        }
        let transaction = connection.transaction().expect("a transaction");
        for (insert, cells) in rows.drain(from..) {
            let mut statement = transaction.prepare_cached(&insert).expect("a statement");
            statement.execute(rusqlite::params_from_iter(cells)).expect("a row");
        }
        transaction.commit().expect("a commit");
    }
}

fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// `VmHWM` in bytes; the script is part of it, so it is told and not compared.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}
