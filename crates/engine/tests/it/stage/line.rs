//! The connector's network, which can be told to misbehave once.

use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tandem_outside::{Limits, Network, Transport, TransportError};
use tokio::sync::oneshot;

/// The real network on loopback.
pub struct Line {
    network: Network,
    refused: Mutex<Option<Refusal>>,
    held: Mutex<Option<Hold>>,
    circle: Mutex<Option<Circle>>,
    unheard: Mutex<Option<String>>,
    /// An id that a request may have in its path, and what the tenant knows it as.
    alias: Mutex<Option<(String, String)>>,
    /// Methods and paths of all requests so far.
    asked: Mutex<Vec<String>>,
    /// Requests that have no answer yet.
    under_way: AtomicUsize,
    /// Writes that are still heard of; after that nothing gets through any more.
    dies: Mutex<Option<usize>>,
}

/// Answers that lead in a circle.
struct Circle {
    at: String,
    /// Requests that were led in it.
    led: usize,
}

/// A request that is answered with an error instead of being sent.
struct Refusal {
    at: String,
    status: u16,
    code: &'static str,
    /// Only a request that comes back to a known position.
    returns: bool,
}

/// A request that waits.
struct Hold {
    at: String,
    arrived: oneshot::Sender<()>,
    go_on: oneshot::Receiver<()>,
}

impl Line {
    pub fn new() -> Self {
        Self {
            network: Network::new().unwrap(),
            refused: Mutex::default(),
            held: Mutex::default(),
            circle: Mutex::default(),
            unheard: Mutex::default(),
            alias: Mutex::default(),
            asked: Mutex::default(),
            under_way: AtomicUsize::new(0),
            dies: Mutex::default(),
        }
    }

    /// The next request that comes back to a known position, and whose path contains `at`, hears that the position
    /// has expired.
    pub fn expire_position(&self, at: &str) {
        self.refuse(Refusal { at: at.to_owned(), status: 410, code: "SyncStateNotFound", returns: true });
    }

    /// The next request whose path contains `at` hears that it is wrong, as with content that Graph cannot render.
    pub fn reject(&self, at: &str) {
        self.refuse(Refusal { at: at.to_owned(), status: 400, code: "ErrorInvalidRequest", returns: false });
    }

    /// The next request whose path contains `at` hears that the application may not.
    pub fn deny(&self, at: &str) {
        self.refuse(Refusal { at: at.to_owned(), status: 403, code: "ErrorAccessDenied", returns: false });
    }

    /// From now on a request whose path contains `at` gets nothing but a link to itself.
    pub fn lead_in_a_circle(&self, at: &str) {
        *self.circle.lock().unwrap() = Some(Circle { at: at.to_owned(), led: 0 });
    }

    /// Answers lead on again. Says how many did not.
    pub fn lead_on(&self) -> usize {
        self.circle.lock().unwrap().take().map_or(0, |circle| circle.led)
    }

    /// From now on nobody hears the answer to a request whose path contains `at`; nothing, and all is heard again.
    pub fn hears_nothing_of(&self, at: Option<&str>) {
        *self.unheard.lock().unwrap() = at.map(str::to_owned);
    }

    /// From now on an item can be read by its id of Exchange Web Services too, in the form in which Graph takes that. The
    /// tenant derives no id from another; Exchange's are the same bytes.
    pub fn reads_by_ews_id(&self, ews: &str, id: &str) {
        let taken = ews.replace('/', "-").replace('+', "_");
        *self.alias.lock().unwrap() = Some((taken, id.to_owned()));
    }

    fn unaliased(&self, request: http::Request<Bytes>) -> http::Request<Bytes> {
        let alias = self.alias.lock().unwrap();
        let (mut head, body) = request.into_parts();
        if let Some((from, to)) = alias.as_ref() {
            head.uri = head.uri.to_string().replace(from, to).parse().unwrap();
        }
        http::Request::from_parts(head, body)
    }

    /// How many requests there were that end like this, as in `GET /v1.0/users`.
    pub fn asked(&self, end: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|request| request.ends_with(end)).count()
    }

    /// Whether no request is under way.
    pub fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) == 0
    }

    /// The given write from now on, counted from 1, is done, but nobody hears of it, and nothing is sent after it;
    /// nothing, and the line is mended.
    pub fn dies_at_write(&self, number: Option<usize>) {
        *self.dies.lock().unwrap() = number;
    }

    /// Whether a request is lost: `Some(true)` when it is sent, and nobody hears of it.
    fn dead(&self, method: &http::Method) -> Option<bool> {
        let mut dies = self.dies.lock().unwrap();
        match *dies {
            Some(0) => Some(false),
            Some(left) if method != http::Method::GET => {
                *dies = Some(left - 1);
                (left == 1).then_some(true)
            }
            _ => None,
        }
    }

    fn circle(&self, uri: &http::Uri) -> Option<http::Response<Bytes>> {
        let mut circle = self.circle.lock().unwrap();
        let circle = circle.as_mut().filter(|circle| uri.path().contains(&circle.at))?;
        circle.led += 1;
        assert!(circle.led < 1_000, "the connector goes round and round");
        let page = serde_json::json!({"value": [], "@odata.nextLink": uri.to_string()});
        Some(http::Response::new(Bytes::from(page.to_string())))
    }

    fn refuse(&self, refusal: Refusal) {
        *self.refused.lock().unwrap() = Some(refusal);
    }

    /// Whether the refusal was met.
    pub fn has_refused(&self) -> bool {
        self.refused.lock().unwrap().is_none()
    }

    /// Holds the next request that contains `at`, as in `POST /v1.0/users`. Answers what tells of its arrival, and what
    /// lets it go on.
    pub fn hold(&self, at: &str) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((arrived, arrival), (release, go_on)) = (oneshot::channel(), oneshot::channel());
        *self.held.lock().unwrap() = Some(Hold { at: at.to_owned(), arrived, go_on });
        (arrival, release)
    }
}

/// A request that is counted until it ends, however it does.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn taken<T>(slot: &Mutex<Option<T>>, fits: impl Fn(&T) -> bool) -> Option<T> {
    let mut slot = slot.lock().unwrap();
    if slot.as_ref().is_some_and(fits) { slot.take() } else { None }
}

#[async_trait]
impl Transport for Line {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let request = self.unaliased(request);
        let path = request.uri().path().to_owned();
        let asked = format!("{} {path}", request.method());
        self.asked.lock().unwrap().push(asked.clone());
        let _under_way = UnderWay::new(&self.under_way);
        if let Some(hold) = taken(&self.held, |hold| asked.contains(&hold.at)) {
            hold.arrived.send(()).unwrap();
            hold.go_on.await.unwrap();
        }
        let returns = request.uri().query().is_some_and(|query| query.to_lowercase().contains("deltatoken"));
        let fits = |refusal: &Refusal| path.contains(&refusal.at) && (returns || !refusal.returns);
        if let Some(Refusal { status, code, .. }) = taken(&self.refused, fits) {
            let body = format!(r#"{{"error":{{"code":"{code}","message":"refused by the scenario"}}}}"#);
            let answer = http::Response::builder().status(status).header("content-type", "application/json");
            return Ok(answer.body(Bytes::from(body)).unwrap());
        }
        if let Some(answer) = self.circle(request.uri()) {
            return Ok(answer);
        }
        let broken = |url: String| Err(TransportError::Broken { url, why: "the line is cut".to_owned() });
        let dead = self.dead(request.method());
        if dead == Some(false) {
            return broken(path);
        }
        let answer = self.network.send(request, limits).await;
        if dead == Some(true) {
            return broken(path);
        }
        if self.unheard.lock().unwrap().as_ref().is_some_and(|at| path.contains(at)) {
            return broken(path);
        }
        answer
    }
}
