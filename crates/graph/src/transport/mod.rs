//! Sending: the token, the mailbox's gate, waits and repeats.

pub(crate) mod address;
mod backoff;
pub(crate) mod call;
pub(crate) mod gate;
pub(crate) mod refusal;

use crate::token::Tokens;
use crate::{App, ClientLimits, Cloud, GraphError, Outside};
pub(crate) use backoff::pause;
use bytes::Bytes;
use call::{Call, Reply};
use gate::Gate;
use http::{HeaderValue, StatusCode, header};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tandem_model::MailboxId;
use tandem_outside::{Limits, TransportError};
use tokio::sync::Semaphore;

/// What all handles of one client share.
pub(crate) struct Connection {
    outside: Outside,
    cloud: Cloud,
    pub(crate) limits: ClientLimits,
    tokens: Tokens,
    gates: Mutex<BTreeMap<MailboxId, Arc<Gate>>>,
    everybody: Option<Semaphore>,
    sent: AtomicU64,
    no_task_keys: AtomicBool,
    constants: Mutex<BTreeMap<(MailboxId, Constant), (String, String)>>,
}

/// Places that every mailbox has, whose ids never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Constant {
    DefaultTaskList,
    DefaultContactFolder,
    Inbox,
}

/// What one try led to.
enum Outcome {
    Done(Reply),
    /// The token was refused.
    Unauthorized(GraphError),
    /// It may be tried again, after the wait that the server named.
    Again(GraphError, Option<Duration>),
    Failed(GraphError),
}

impl Connection {
    pub(crate) fn new(outside: Outside, cloud: Cloud, app: App, limits: ClientLimits) -> Self {
        Self {
            tokens: Tokens::new(outside.clone(), &cloud, app, limits),
            everybody: limits.app_wide.map(|places| Semaphore::new(places.max(1))),
            outside,
            cloud,
            limits,
            gates: Mutex::default(),
            sent: AtomicU64::new(0),
            no_task_keys: AtomicBool::new(false),
            constants: Mutex::default(),
        }
    }

    /// Requests sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether the tenant is not known to refuse our key on tasks.
    pub(crate) fn keeps_task_keys(&self) -> bool {
        !self.no_task_keys.load(Ordering::Relaxed)
    }

    /// Remembers that it refuses it.
    pub(crate) fn give_up_task_keys(&self) {
        self.no_task_keys.store(true, Ordering::Relaxed);
    }

    /// Id and name of a constant place of a mailbox, once it was looked up.
    pub(crate) fn constant(&self, mailbox: &MailboxId, place: Constant) -> Option<(String, String)> {
        let constants = self.constants.lock().unwrap_or_else(PoisonError::into_inner);
        constants.get(&(mailbox.clone(), place)).cloned()
    }

    /// Remembers id and name of a constant place of a mailbox.
    pub(crate) fn note_constant(&self, mailbox: &MailboxId, place: Constant, id: &str, name: &str) {
        let mut constants = self.constants.lock().unwrap_or_else(PoisonError::into_inner);
        constants.insert((mailbox.clone(), place), (id.to_owned(), name.to_owned()));
    }

    /// Forgets a constant place, for the mailbox that it was in is gone.
    pub(crate) fn forget_constant(&self, mailbox: &MailboxId, place: Constant) {
        let mut constants = self.constants.lock().unwrap_or_else(PoisonError::into_inner);
        constants.remove(&(mailbox.clone(), place));
    }

    /// The gate that all handles of a mailbox share.
    pub(crate) fn gate(&self, mailbox: &MailboxId) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(mailbox.clone()).or_insert_with(|| Arc::new(Gate::new(self.limits.per_mailbox))).clone()
    }

    /// The URL of a resource.
    pub(crate) fn resource(&self, segments: &[&str], query: &[(&str, &str)]) -> String {
        address::resource(&self.cloud.graph, segments, query)
    }

    /// The path of a resource behind the version, and the query, as requests within a batch name it.
    pub(crate) fn relative(&self, segments: &[&str], query: &[(&str, &str)]) -> String {
        let whole = self.resource(segments, query);
        let version = self.resource(&[], &[]);
        whole.strip_prefix(&version).unwrap_or_else(|| address::path(&whole)).to_owned()
    }

    /// A link that an answer gave, checked.
    pub(crate) fn link(&self, link: &str, what: &str) -> Result<String, GraphError> {
        address::link(&self.cloud.graph, link, what)
    }

    /// Sends a request until it has an answer, within the limits.
    pub(crate) async fn send(&self, gate: Option<&Gate>, call: Call) -> Result<Reply, GraphError> {
        let mut failed = 0;
        let mut token_was_refused = false;
        loop {
            self.wait_for_opening(gate, &call).await?;
            match self.try_once(gate, &call).await? {
                Outcome::Done(reply) => return Ok(reply),
                Outcome::Failed(error) => return Err(error),
                Outcome::Unauthorized(error) if token_was_refused => return Err(error),
                Outcome::Unauthorized(_) => token_was_refused = true,
                Outcome::Again(error, after) => {
                    failed += 1;
                    let wait = self.wait(failed, after);
                    self.close(gate, &error, after);
                    if failed >= self.limits.tries || wait > self.limits.patience {
                        return Err(error);
                    }
                    tracing::debug!(what = %call.what, %error, wait_ms = wait.as_millis(), "trying again");
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// The wait before the next try: what the server named, or a pause that grows.
    pub(crate) fn wait(&self, failed: u32, after: Option<Duration>) -> Duration {
        after.unwrap_or_else(|| backoff::pause(failed, self.outside.chance.bits()))
    }

    /// Keeps the whole mailbox out for as long as the server wants: the limit is the mailbox's, not the request's.
    pub(crate) fn close(&self, gate: Option<&Gate>, error: &GraphError, after: Option<Duration>) {
        if let (Some(gate), Some(after), GraphError::Throttled { at, .. }) = (gate, after, error) {
            gate.close(after, at);
        }
    }

    pub(crate) fn retry_after(&self, headers: &http::HeaderMap) -> Option<Duration> {
        refusal::retry_after(headers, self.outside.clock.now())
    }

    async fn wait_for_opening(&self, gate: Option<&Gate>, call: &Call) -> Result<(), GraphError> {
        while let Some(closed) = gate.and_then(Gate::closed) {
            let rest = closed.rest();
            if rest > self.limits.patience {
                let at = crate::Answer { what: call.what.clone(), ..closed.at };
                return Err(GraphError::Throttled { at, after: Some(rest) });
            }
            tokio::time::sleep(rest).await;
        }
        Ok(())
    }

    async fn try_once(&self, gate: Option<&Gate>, call: &Call) -> Result<Outcome, GraphError> {
        let _place = match gate {
            Some(gate) => gate.enter(call.places).await,
            None => None,
        };
        let _share = match &self.everybody {
            Some(everybody) => everybody.acquire().await.ok(),
            None => None,
        };
        let token = self.tokens.get().await?;
        let request = self.request(call, &token.bearer)?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let limits =
            Limits { deadline: self.limits.timeout, max_body: call.max_body.unwrap_or(self.limits.max_body) };
        let began = tokio::time::Instant::now();
        let answer = self.outside.transport.send(request, limits).await;
        tracing::debug!(
            method = %call.method,
            path = address::path(&call.url),
            status = answer.as_ref().map(|answer| answer.status().as_u16()).ok(),
            request_id = answer.as_ref().ok().and_then(request_id),
            ms = began.elapsed().as_millis(),
            "graph"
        );
        let outcome = match answer {
            Ok(answer) => self.judge(call, answer),
            Err(error) => without_answer(call, error),
        };
        if matches!(outcome, Outcome::Unauthorized(_)) {
            self.tokens.refuse(&token).await;
        }
        Ok(outcome)
    }

    fn request(&self, call: &Call, bearer: &HeaderValue) -> Result<http::Request<Bytes>, GraphError> {
        let mut request = http::Request::builder()
            .method(call.method.clone())
            .uri(&*call.url)
            .header(header::AUTHORIZATION, bearer)
            .header(header::ACCEPT, "application/json")
            .header("client-request-id", guid(&self.outside.chance.id()));
        if !call.prefer.is_empty() {
            request = request.header("prefer", call.prefer.join(", "));
        }
        if let Some(etag) = &call.etag {
            request = request.header(header::IF_MATCH, etag.as_str());
        }
        let body = match &call.body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        request
            .body(body)
            .map_err(|error| GraphError::NotWritable { what: call.what.clone(), why: error.to_string() })
    }

    fn judge(&self, call: &Call, answer: http::Response<Bytes>) -> Outcome {
        let (parts, body) = answer.into_parts();
        let (status, headers) = (parts.status, parts.headers);
        if status.is_success() {
            return Outcome::Done(Reply { body, what: call.what.clone() });
        }
        let after = self.retry_after(&headers);
        let error = refusal::classify(refusal::answer(&call.what, status, &headers, &body), after);
        match error {
            GraphError::Denied { .. } if status == StatusCode::UNAUTHORIZED => Outcome::Unauthorized(error),
            GraphError::Throttled { .. } => Outcome::Again(error, after),
            // With Retry-After the service says that it did nothing; without, nobody knows what a gateway cut off.
            GraphError::Unavailable { .. } if call.repeatable || after.is_some() => {
                Outcome::Again(error, after)
            }
            GraphError::Unavailable { at, .. } => Outcome::Failed(GraphError::Ambiguous {
                what: call.what.clone(),
                why: format!("HTTP {} {}, request-id {}", at.status, at.code, at.request_id),
            }),
            _ => Outcome::Failed(error),
        }
    }
}

fn without_answer(call: &Call, source: TransportError) -> Outcome {
    let what = call.what.clone();
    match source {
        TransportError::Refused { .. } => Outcome::Failed(GraphError::Unreachable { what, source }),
        TransportError::Connect { .. } => Outcome::Again(GraphError::Unreachable { what, source }, None),
        // A larger answer does not shrink by asking again; the caller knows another way.
        TransportError::TooLarge { .. } if call.repeatable => {
            Outcome::Failed(GraphError::Unreachable { what, source })
        }
        _ if call.repeatable => Outcome::Again(GraphError::Unreachable { what, source }, None),
        _ => Outcome::Failed(GraphError::Ambiguous { what, why: source.to_string() }),
    }
}

fn request_id(answer: &http::Response<Bytes>) -> Option<&str> {
    answer.headers().get("request-id")?.to_str().ok()
}

/// Writes 32 hexadecimal digits as a GUID, the only form that Graph keeps as `client-request-id`.
fn guid(digits: &str) -> String {
    match (digits.get(..8), digits.get(8..12), digits.get(12..16), digits.get(16..20), digits.get(20..)) {
        (Some(a), Some(b), Some(c), Some(d), Some(e)) => format!("{a}-{b}-{c}-{d}-{e}"),
        _ => digits.to_owned(),
    }
}
