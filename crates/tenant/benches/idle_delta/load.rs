//! The load: delta links of all mailboxes, in turn.

use crate::client::{Connection, request};
use crate::process::Process;
use crate::text;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Connections that are busy at a time. The tenant lets an answer take some milliseconds, as the service does, in which
/// others are answered: what counts is how many it bears, not how long one waits.
const CONNECTIONS: usize = 64;
/// Requests of a batch.
const BATCH: usize = 20;

/// What is asked, as bytes, and what is answered.
pub struct Plan {
    batches: Arc<Vec<Vec<u8>>>,
    singles: Arc<Vec<Vec<u8>>>,
    /// The answer to one of the batches.
    pub batch_answer: Vec<u8>,
    /// The answer to one of the single requests.
    pub single_answer: Vec<u8>,
}

impl Plan {
    /// Reads every inbox to its end and keeps the links.
    pub async fn draw_up(told: &Value) -> Self {
        let mut connection = Connection::open(&text(told, "address")).await;
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
            text(told, "client"),
            text(told, "secret").replace('~', "%7E")
        );
        let path = format!("/{}/oauth2/v2.0/token", text(told, "tenant"));
        let answer = connection
            .exchange(&request("POST", &path, "", "application/x-www-form-urlencoded", &form))
            .await;
        let token = text(&serde_json::from_slice(answer).expect("JSON"), "access_token");
        let users = told["users"].as_array().expect("users");
        let mut links = Vec::with_capacity(users.len());
        for twenty in users.chunks(BATCH) {
            let urls = twenty.iter().map(|user| {
                let user = user.as_str().expect("an id");
                format!("/users/{user}/mailFolders/inbox/messages/delta?$select=subject&$top=1000")
            });
            let answer = connection.exchange(&batch(&token, urls)).await;
            let answer: Value = serde_json::from_slice(answer).expect("JSON");
            for inner in answer["responses"].as_array().expect("responses") {
                let link = text(&inner["body"], "@odata.deltaLink");
                let (_, path) = link.split_once("/v1.0").expect("a link");
                links.push(path.to_owned());
            }
        }
        let batches: Vec<_> =
            links.chunks(BATCH).map(|twenty| batch(&token, twenty.iter().cloned())).collect();
        let singles: Vec<_> = links
            .iter()
            .map(|path| request("GET", &format!("/v1.0{path}"), &token, "application/json", ""))
            .collect();
        let batch_answer = connection.exchange(&batches[0]).await.to_vec();
        let single_answer = connection.exchange(&singles[0]).await.to_vec();
        assert_idle(&batch_answer);
        Self { batches: Arc::new(batches), singles: Arc::new(singles), batch_answer, single_answer }
    }

    /// Sends batches for a time.
    pub async fn run_batches(&self, address: &str, server: &Process, time: Duration) -> Run {
        run(address, server, &self.batches, BATCH, time).await
    }

    /// Sends single requests for a time.
    pub async fn run_singles(&self, address: &str, server: &Process, time: Duration) -> Run {
        run(address, server, &self.singles, 1, time).await
    }
}

fn batch(token: &str, urls: impl Iterator<Item = String>) -> Vec<u8> {
    let requests: Vec<Value> = urls
        .enumerate()
        .map(|(number, url)| {
            let headers = json!({ "Prefer": "IdType=\"ImmutableId\"" });
            json!({ "id": number.to_string(), "method": "GET", "url": url, "headers": headers })
        })
        .collect();
    request("POST", "/v1.0/$batch", token, "application/json", &json!({ "requests": requests }).to_string())
}

/// Refuses an answer to a batch in which something happened or went wrong.
fn assert_idle(answer: &[u8]) {
    let answer: Value = serde_json::from_slice(answer).expect("JSON");
    for inner in answer["responses"].as_array().expect("responses") {
        let idle = inner["status"] == 200
            && inner["body"]["value"] == json!([])
            && inner["body"]["@odata.deltaLink"].is_string();
        assert!(idle, "{inner}");
    }
}

/// What came of a load.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    requests: usize,
    wall: Duration,
    /// Processor time of the server.
    cpu: Duration,
}

impl Run {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.cpu.as_secs_f64() * 1e6 / self.requests as f64;
        write!(f, "{:>9.0} requests/s; {each:.1} µs of the server's processor time each", self.rate())
    }
}

/// Sends all requests in turn, again and again, and counts; each stands for `weight` requests.
async fn run(
    address: &str,
    server: &Process,
    requests: &Arc<Vec<Vec<u8>>>,
    weight: usize,
    time: Duration,
) -> Run {
    let next = Arc::new(AtomicUsize::new(0));
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        open.push(Connection::open(address).await);
    }
    let (begun, used) = (Instant::now(), server.processor_time());
    let mut workers = JoinSet::new();
    for mut connection in open {
        let (next, requests) = (next.clone(), requests.clone());
        workers.spawn(async move {
            let (mut done, mut length) = (0, None);
            while begun.elapsed() < time {
                let at = next.fetch_add(1, Ordering::Relaxed) % requests.len();
                let answer = connection.exchange(&requests[at]).await;
                // A whole look at each answer would cost more than the answer: one that tells of a change or of an
                // error is longer or shorter by far.
                let length = *length.get_or_insert(answer.len());
                assert!(answer.len().abs_diff(length) <= length / 5, "{}", String::from_utf8_lossy(answer));
                done += weight;
            }
            done
        });
    }
    let requests = workers.join_all().await.into_iter().sum();
    Run { requests, wall: begun.elapsed(), cpu: server.processor_time() - used }
}
