//! A transport that plays Graph and Entra by a script, and a client in front of it.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tandem_graph::{App, ClientLimits, Cloud, Graph, Mailbox, Outside, Secret};
use tandem_model::MailboxId;
use tandem_outside::{Chance, Clock, Limits, Transport, TransportError};
use url::Url;

pub const BASE: &str = "https://graph.microsoft.com";
pub const SECRET: &str = "s3cr3t~value";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    /// Path behind the host, decoded.
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub url: String,
    pub text: String,
}

impl Sent {
    pub fn is_token(&self) -> bool {
        self.path.ends_with("/oauth2/v2.0/token")
    }
}

/// What comes back.
#[derive(Clone)]
pub struct Played {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub fails: Option<TransportError>,
}

pub fn ok(body: Value) -> Played {
    status(200, body)
}

pub fn status(status: u16, body: Value) -> Played {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Played { status, headers: vec![("request-id", "req-1".into())], body, fails: None }
}

pub fn refusal(code: u16, name: &str) -> Played {
    status(code, json!({"error": {"code": name, "message": "no", "innerError": {"request-id": "inner-1"}}}))
}

pub fn fails(error: TransportError) -> Played {
    Played { fails: Some(error), ..status(0, Value::Null) }
}

pub fn timeout() -> Played {
    fails(TransportError::Timeout { url: "x".into(), deadline: Duration::from_secs(60) })
}

impl Played {
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Play = dyn Fn(&Sent) -> Played + Send + Sync;

pub struct Script {
    play: Box<Play>,
    log: Mutex<Vec<Sent>>,
    pub takes: Duration,
    running: AtomicUsize,
    most: AtomicUsize,
    pub clock: Arc<HandClock>,
}

/// A clock that is set by hand.
pub struct HandClock(Mutex<Timestamp>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl HandClock {
    pub fn forward(&self, seconds: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }
}

/// Counts up.
struct Counting(Mutex<u64>);

impl Chance for Counting {
    fn bits(&self) -> u64 {
        let mut next = self.0.lock().unwrap();
        *next += 1;
        *next
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        self.running.fetch_sub(1, Ordering::SeqCst);
        let sent = read(&request);
        self.log.lock().unwrap().push(sent.clone());
        let played = (self.play)(&sent);
        if let Some(error) = played.fails {
            return Err(error);
        }
        if played.body.len() > limits.max_body {
            return Err(TransportError::TooLarge { url: sent.path, limit: limits.max_body });
        }
        let mut response = http::Response::builder().status(played.status);
        for (name, value) in &played.headers {
            response = response.header(*name, value);
        }
        Ok(response.body(Bytes::from(played.body)).unwrap())
    }
}

fn read(request: &http::Request<Bytes>) -> Sent {
    let url = Url::parse(&request.uri().to_string()).unwrap();
    let text = String::from_utf8(request.body().to_vec()).unwrap();
    let decode = |text: &str| {
        url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned()
    };
    Sent {
        method: request.method().to_string(),
        path: decode(url.path()),
        query: url.query_pairs().into_owned().collect(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: serde_json::from_str(&text).unwrap_or_default(),
        url: url.to_string(),
        text,
    }
}

impl Script {
    /// All requests to Graph so far.
    pub fn graph(&self) -> Vec<Sent> {
        self.log.lock().unwrap().iter().filter(|sent| !sent.is_token()).cloned().collect()
    }

    /// All requests for a token so far.
    pub fn tokens(&self) -> Vec<Sent> {
        self.log.lock().unwrap().iter().filter(|sent| sent.is_token()).cloned().collect()
    }

    /// `METHOD path` of all requests to Graph.
    pub fn lines(&self) -> Vec<String> {
        let short = |sent: Sent| format!("{} {}", sent.method, sent.path.replacen("/v1.0/users/ann", "", 1));
        self.graph().into_iter().map(short).collect()
    }

    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

/// A script that answers everything, tokens included.
pub fn raw(
    takes: Duration,
    limits: ClientLimits,
    play: impl Fn(&Sent) -> Played + Send + Sync + 'static,
) -> (Graph, Arc<Script>) {
    let script = Arc::new(Script {
        play: Box::new(play),
        log: Mutex::default(),
        takes,
        running: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        clock: Arc::new(HandClock(Mutex::new("2026-06-01T08:00:00Z".parse().unwrap()))),
    });
    let outside = Outside {
        transport: script.clone(),
        clock: script.clock.clone(),
        chance: Arc::new(Counting(Mutex::default())),
    };
    let cloud = Cloud {
        login: Url::parse("https://login.microsoftonline.com").unwrap(),
        graph: Url::parse(BASE).unwrap(),
    };
    let app = App { tenant_id: "tenant-1".into(), client_id: "client-1".into(), secret: Secret::new(SECRET) };
    (Graph::new(outside, cloud, app, limits), script)
}

/// A script that answers Graph's part; tokens are granted.
pub fn graph(play: impl Fn(&Sent) -> Played + Send + Sync + 'static) -> (Graph, Arc<Script>) {
    raw(
        Duration::ZERO,
        ClientLimits::default(),
        move |sent| if sent.is_token() { granted("t") } else { play(sent) },
    )
}

/// The mailbox `ann` in front of a script.
pub fn mailbox(play: impl Fn(&Sent) -> Played + Send + Sync + 'static) -> (Mailbox, Arc<Script>) {
    let (graph, script) = graph(play);
    (graph.mailbox(&MailboxId::new("ann")), script)
}

/// Plays these answers one after the other.
pub fn in_turn(answers: Vec<Played>) -> impl Fn(&Sent) -> Played + Send + Sync + 'static {
    let next = AtomicUsize::new(0);
    move |sent| {
        let turn = next.fetch_add(1, Ordering::SeqCst);
        answers
            .get(turn)
            .unwrap_or_else(|| panic!("no answer left for {} {}", sent.method, sent.path))
            .clone()
    }
}

pub fn granted(token: &str) -> Played {
    ok(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token}))
}
