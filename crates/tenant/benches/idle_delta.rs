//! What a large simulated tenant weighs, and how fast it answers that nothing happened.
//!
//! The tenant is a process of its own, as is its floor: a bare HTTP server that answers the same bytes from memory.
//! The load comes from a third process on the same machine, over connections that stay open: delta links of all
//! mailboxes in turn, twenty to a `$batch`, and one by one.
//!
//! `cargo bench --package tandem-tenant --bench idle_delta [-- --mailboxes N] [--items N] [--seconds N]`

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a program for contributors, which stops at the first surprise and has no readers but people"
)]

#[path = "idle_delta/client.rs"]
mod client;
#[path = "idle_delta/load.rs"]
mod load;
#[path = "idle_delta/process.rs"]
mod process;
#[path = "idle_delta/servers.rs"]
mod servers;

use load::{Plan, Run};
use process::Process;
use serde_json::Value;
use std::time::Duration;
use tandem_measure::{Goal, Line, Summary};

/// Idle delta requests a second that the tenant must bear, the inner ones of a batch counted singly.
const GOAL: f64 = 10_000.0;
/// What an empty mailbox may weigh.
const EMPTY_MAILBOX: f64 = 20.0 * 1024.0;
/// What the filled tenant may weigh.
const FILLED: f64 = 4.0 * 1024.0 * 1024.0 * 1024.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--empty", mailboxes] => runtime.block_on(servers::empty(number(mailboxes))),
        ["--tenant", mailboxes, items] => runtime.block_on(servers::tenant(number(mailboxes), number(items))),
        ["--floor", batch, single] => runtime.block_on(servers::floor(batch, single)),
        _ => {
            let option = |name: &str, default: u32| {
                let at = words.iter().position(|word| *word == name);
                at.and_then(|at| words.get(at + 1)).map_or(default, |text| number(text))
            };
            let (mailboxes, items) = (option("--mailboxes", 10_000), option("--items", 100));
            let time = Duration::from_secs(u64::from(option("--seconds", 5)));
            runtime.block_on(measure(mailboxes, items, time));
        }
    }
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or_else(|_| panic!("'{text}' is no number"))
}

async fn measure(mailboxes: u32, items: u32, time: Duration) {
    let empty = Process::start(&["--empty", &mailboxes.to_string()]).await;
    let per_mailbox = empty.told["bytes"].as_f64().expect("bytes") / f64::from(mailboxes);
    println!("an empty mailbox: {:.1} KiB (over {mailboxes} mailboxes)", per_mailbox / 1024.0);
    empty.end().await;

    let tenant = Process::start(&["--tenant", &mailboxes.to_string(), &items.to_string()]).await;
    let weight = tenant.told["bytes"].as_f64().expect("bytes");
    println!(
        "{mailboxes} mailboxes of {items} items: {:.2} GiB, filled in {:.1} s",
        weight / f64::from(1 << 30),
        tenant.told["seconds"].as_f64().expect("seconds")
    );
    let plan = Plan::draw_up(&tenant.told).await;
    let ours = Both::of(&tenant, &plan, time).await;
    tenant.end().await;

    let folder = tempfile::tempdir().expect("a folder");
    let [batch, single] = ["batch", "single"].map(|name| folder.path().join(name).display().to_string());
    std::fs::write(&batch, &plan.batch_answer).expect("the answer");
    std::fs::write(&single, &plan.single_answer).expect("the answer");
    let floor = Process::start(&["--floor", &batch, &single]).await;
    let floors = Both::of(&floor, &plan, time).await;
    floor.end().await;

    println!("the tenant, in batches of 20: {}", ours.batched);
    println!("the tenant, one by one:       {}", ours.single);
    println!("the floor, in batches of 20:  {}", floors.batched);
    println!("the floor, one by one:        {}", floors.single);
    let mut summary = Summary::default();
    let (rate, floor) = (ours.batched.rate(), floors.batched.rate());
    summary
        .add(Line::new("tenant-idle-delta", "requests/s", rate).rate_beside(floor).goal(Goal::AtLeast(GOAL)));
    summary.add(Line::new("tenant-empty-mailbox", "bytes", per_mailbox).goal(Goal::AtMost(EMPTY_MAILBOX)));
    summary.add(Line::new("tenant-filled", "bytes", weight).goal(Goal::AtMost(FILLED)));
    summary.write().expect("the summary");
    println!("{summary}");
}

/// What a server bore.
struct Both {
    batched: Run,
    single: Run,
}

impl Both {
    async fn of(server: &Process, plan: &Plan, time: Duration) -> Self {
        let address = server.told["address"].as_str().expect("an address").to_owned();
        // The first seconds belong to neither: caches fill, threads wake.
        plan.run_batches(&address, server, time / 5).await;
        let batched = plan.run_batches(&address, server, time).await;
        let single = plan.run_singles(&address, server, time).await;
        Self { batched, single }
    }
}

/// A member of a JSON object that must be a text.
fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text '{name}' in {value}")).to_owned()
}
