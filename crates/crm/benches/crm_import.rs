//! What CRM.interface bears: requests a second of the embedded CRM, and what the language costs by item.
//!
//! The CRM has its database on disk and answers over loopback; four connections ask at a time. An import request holds ten
//! records, the package of a connector, of which half are new and half are changed; a query answers fifty companies with
//! their persons. The codec is measured by itself: bytes on the wire and allocations for writing and reading an item.
//!
//! `cargo bench --package tandem-crm --bench crm_import [-- --seconds N]`

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a program for contributors, which stops at the first surprise and has no readers but people"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tandem_crm::{Options, Password, Running, start};
use tandem_crm_interface::client::{CrmClient, Endpoint, Master};
use tandem_crm_interface::language::{
    Action, Condition, FieldInput, FieldRef, Operator, Query, RecordInput, Table, read_request, write_request,
};
use tandem_crm_interface::session::{Secret, Session};
use tandem_crm_interface::sync::wire::{self, Addressing};
use tandem_crm_interface::sync::{Command, SyncRequest};
use tandem_measure::{Goal, Line, Summary};
use tandem_model::{Importance, Item, Task, TaskStatus};
use tandem_outside::{Network, SystemChance};

/// Connections that ask at the same time.
const CONNECTIONS: usize = 4;
/// Items in a connector's package.
const PACKAGE: u64 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at = arguments.iter().position(|word| word == "--seconds");
    let seconds = at.and_then(|at| arguments.get(at + 1)).map_or(3, |text| text.parse().expect("a number"));
    let mut summary = Summary::default();
    codec(&mut summary);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    runtime.block_on(server(&mut summary, Duration::from_secs(seconds)));
    summary.write().expect("the summary");
    println!("{summary}");
}

fn record(number: u64) -> RecordInput {
    let name = format!("Company {number}");
    RecordInput::new(
        "Company",
        [
            FieldInput::matchup("Company", name),
            FieldInput::new("Street", format!("Hauptstraße {number}")),
            FieldInput::new("City", "Graz"),
            FieldInput::new("Phone", format!("+43 316 {number}")),
        ],
    )
}

fn task(number: u64) -> Task {
    Task {
        subject: format!("Ring back {number}"),
        text: "About the offer of last week & what became of it".into(),
        status: TaskStatus::default(),
        importance: Importance::default(),
        start: None,
        due: "2026-12-01".parse().ok(),
        completed: None,
        reminder: None,
        categories: BTreeSet::from(["Customers".to_owned()]),
    }
}

/// Bytes and allocations by item, of both halves of the language.
fn codec(summary: &mut Summary) {
    let session = || Session { user: "OCSU".into(), password: Secret::new("x"), ..Session::default() };
    let import = Action::Import((0..PACKAGE).map(record).collect());
    let request = tandem_crm_interface::language::Request::new(session(), [import]);
    measure(
        summary,
        ("record", [200.0, 5.0, 40.0]),
        || write_request(&request).expect("a request"),
        |bytes| drop(read_request(bytes).expect("a request")),
    );
    let add = |number| Command::Add {
        key: format!("AAMkAD{number}="),
        item: Item::Task(task(number)),
        published: false,
    };
    let request = SyncRequest { session: session(), commands: (0..PACKAGE).map(add).collect() };
    let addressing =
        Addressing { session_id: "1".into(), target: "http://localhost/CRMinterface/xml".into() };
    measure(
        summary,
        ("task", [500.0, 10.0, 80.0]),
        || wire::write_request(&request, &addressing).body,
        |bytes| drop(wire::read_request(bytes).expect("a message")),
    );
}

/// `item` is its name and the goals: bytes, allocations to write, allocations to read.
fn measure(
    summary: &mut Summary,
    (item, goals): (&str, [f64; 3]),
    write: impl Fn() -> Vec<u8>,
    read: impl Fn(&[u8]),
) {
    let bytes = write();
    let written = allocation_counter::measure(|| drop(write()));
    let was_read = allocation_counter::measure(|| read(&bytes));
    let by_item = |number: u64| number as f64 / PACKAGE as f64;
    let name = |what: &str| format!("crm-import, {what} of a {item}");
    let values = [
        ("bytes", "bytes/item", by_item(bytes.len() as u64)),
        ("allocations to write", "1/item", by_item(written.count_total)),
        ("allocations to read", "1/item", by_item(was_read.count_total)),
    ];
    for ((what, unit, value), goal) in values.into_iter().zip(goals) {
        summary.add(Line::new(name(what), unit, value).goal(Goal::AtMost(goal)));
    }
}

async fn server(summary: &mut Summary, time: Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    let password = Secret::new("0123456789".repeat(4));
    let options = Options {
        db: Some(folder.path().join("crm.db")),
        password: Some(Password(password.clone())),
        ..Options::default()
    };
    let crm = start(options).await.expect("a CRM");
    let client = client(&crm, password);
    fill(&client).await;

    let next = AtomicU64::new(0);
    let imports = rate(&client, time, || {
        let first = next.fetch_add(PACKAGE / 2, Ordering::Relaxed);
        Action::Import((first..first + PACKAGE).map(|number| record(number + 1_000)).collect())
    })
    .await;
    summary.add(Line::new("crm-import", "requests/s", imports).goal(Goal::AtLeast(200.0)));
    let queries = rate(&client, time, query).await;
    summary.add(
        Line::new("crm-import, queries of fifty companies", "requests/s", queries).goal(Goal::AtLeast(100.0)),
    );
    crm.shutdown().await;
}

fn client(crm: &Running, password: Secret) -> CrmClient {
    let endpoint = Endpoint { url: crm.interface().parse().expect("an address") };
    let user = Master { user: "OCSU".into(), password };
    let network = Arc::new(Network::new().expect("a network"));
    CrmClient::admin(network, Arc::new(SystemChance), endpoint, user, Duration::from_secs(30))
}

/// Fifty companies with two persons each.
async fn fill(client: &CrmClient) {
    let person = |name: &str| RecordInput::new("Person", [FieldInput::new("LastName", name)]);
    let companies =
        (0..50).map(|number| RecordInput { linked: vec![person("Arbor"), person("Berg")], ..record(number) });
    run(client, Action::Insert(companies.collect())).await;
}

fn query() -> Action {
    let mut table = Table::new("Company");
    table.max_records = Some(50);
    table.linked.push(Table::new("Person"));
    let fields = [("Company", "Company"), ("Company", "City"), ("Person", "LastName")];
    let query = Query {
        table,
        condition: Some(Condition::compare("Company", "City", Operator::Equal, "Graz")),
        fields: fields.map(|(table, field)| FieldRef::new(table, field)).into(),
        sort: Vec::new(),
    };
    Action::Query(query)
}

async fn run(client: &CrmClient, action: Action) {
    let response = client.execute(&client.request([action])).await.expect("an answer");
    assert_eq!(response.results[0].error(), None);
}

/// Requests a second over all connections.
async fn rate(client: &CrmClient, time: Duration, action: impl Fn() -> Action) -> f64 {
    let (begun, done) = (Instant::now(), AtomicU64::new(0));
    let one = async || {
        while begun.elapsed() < time {
            run(client, action()).await;
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let [a, b, c, d] = [(); CONNECTIONS].map(|()| one());
    tokio::join!(a, b, c, d);
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}
