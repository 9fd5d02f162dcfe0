//! `$batch`: up to twenty requests in one ("Graph documentation: JSON batching").

use crate::transport::call::Call;
use crate::transport::refusal;
use crate::{GraphError, Mailbox};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// The most that one batch takes.
const MOST: usize = 20;

/// A repeatable request within a batch.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) what: String,
    pub(crate) method: Method,
    /// Relative to the version, as in `/users/…`.
    pub(crate) url: String,
    pub(crate) prefer: &'static str,
    pub(crate) body: Value,
}

/// What became of a part.
#[derive(Debug)]
pub(crate) enum Verdict {
    Done(Value),
    Failed(GraphError),
}

#[derive(Deserialize)]
struct Answers {
    responses: Vec<PartAnswer>,
}

#[derive(Deserialize)]
struct PartAnswer {
    id: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    body: Value,
}

impl Mailbox {
    /// Sends parts, in as few requests as they need, and gives what became of each, in their order. Each part is
    /// throttled by itself: those that are, are sent again within the client's limits.
    pub(crate) async fn batch(&self, parts: Vec<Part>) -> Result<Vec<Verdict>, GraphError> {
        let mut verdicts: BTreeMap<usize, Verdict> = BTreeMap::new();
        let mut open: Vec<usize> = (0..parts.len()).collect();
        let mut failed = 0;
        while !open.is_empty() {
            let mut again = Vec::new();
            let mut resume = Instant::now();
            for chunk in open.chunks(MOST) {
                for (index, verdict, after) in self.send_batch(&parts, chunk).await? {
                    if matches!(&verdict, Verdict::Failed(error) if is_passing(error)) {
                        again.push(index);
                        let wait = self.connection.wait(failed + 1, after);
                        resume = resume.max(Instant::now() + wait);
                    }
                    verdicts.insert(index, verdict);
                }
            }
            failed += 1;
            let limits = &self.connection.limits;
            let wait = resume.saturating_duration_since(Instant::now());
            if again.is_empty() || failed >= limits.tries || wait > limits.patience {
                break;
            }
            tokio::time::sleep(wait).await;
            open = again;
        }
        Ok(verdicts.into_values().collect())
    }

    async fn send_batch(
        &self,
        parts: &[Part],
        chunk: &[usize],
    ) -> Result<Vec<(usize, Verdict, Option<Duration>)>, GraphError> {
        let chosen = chunk.iter().filter_map(|index| Some((*index, parts.get(*index)?)));
        let requests: Vec<Value> = chosen
            .clone()
            .map(|(index, part)| {
                let mut request = json!({
                    "id": index.to_string(), "method": part.method.as_str(), "url": part.url,
                    "headers": { "Prefer": part.prefer },
                });
                if !part.body.is_null() {
                    request["body"] = part.body.clone();
                    request["headers"]["Content-Type"] = json!("application/json");
                }
                request
            })
            .collect();
        let url = self.connection.resource(&["$batch"], &[]);
        let mut call =
            Call::new(Method::POST, url, self.what("sending a batch")).body(json!({ "requests": requests }));
        // Outlook runs four parts of a batch at once: the batch takes the whole gate, so that nothing runs beside it.
        call.places = u32::MAX;
        let reply = self.send(call).await?;
        let mut answers: BTreeMap<String, PartAnswer> = reply
            .json::<Answers>()?
            .responses
            .into_iter()
            .map(|answer| (answer.id.clone(), answer))
            .collect();
        Ok(chosen
            .map(|(index, part)| match answers.remove(&index.to_string()) {
                Some(answer) => {
                    let (verdict, after) = self.part_verdict(part, answer);
                    (index, verdict, after)
                }
                None => {
                    let what = part.what.clone();
                    let missing =
                        GraphError::Unreadable { what, why: "the batch's answer leaves it out".into() };
                    (index, Verdict::Failed(missing), None)
                }
            })
            .collect())
    }

    fn part_verdict(&self, part: &Part, answer: PartAnswer) -> (Verdict, Option<Duration>) {
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_success() {
            return (Verdict::Done(answer.body), None);
        }
        let headers = headers(&answer.headers);
        let after = self.connection.retry_after(&headers);
        let at = refusal::answer(&part.what, status, &headers, &Bytes::from(answer.body.to_string()));
        let error = refusal::classify(at, after);
        self.connection.close(Some(&self.gate), &error, after);
        (Verdict::Failed(error), after)
    }
}

fn is_passing(error: &GraphError) -> bool {
    matches!(error, GraphError::Throttled { .. } | GraphError::Unavailable { .. })
}

fn headers(headers: &BTreeMap<String, Value>) -> HeaderMap {
    let pairs = headers.iter().filter_map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(&text).ok()?))
    });
    pairs.collect()
}
