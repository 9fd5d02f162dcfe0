//! The connector's network, which can be told to misbehave once.

use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Mutex;
use tandem_outside::{Limits, Network, Transport, TransportError};
use tokio::sync::oneshot;

/// The real network on loopback.
pub struct Line {
    network: Network,
    refused: Mutex<Option<Refusal>>,
    held: Mutex<Option<Hold>>,
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
        Self { network: Network::new().unwrap(), refused: Mutex::default(), held: Mutex::default() }
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

    fn refuse(&self, refusal: Refusal) {
        *self.refused.lock().unwrap() = Some(refusal);
    }

    /// Whether the refusal was met.
    pub fn has_refused(&self) -> bool {
        self.refused.lock().unwrap().is_none()
    }

    /// Holds the next request whose path contains `at`. Answers what tells of its arrival, and what lets it go on.
    pub fn hold(&self, at: &str) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((arrived, arrival), (release, go_on)) = (oneshot::channel(), oneshot::channel());
        *self.held.lock().unwrap() = Some(Hold { at: at.to_owned(), arrived, go_on });
        (arrival, release)
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
        let path = request.uri().path().to_owned();
        if let Some(hold) = taken(&self.held, |hold| path.contains(&hold.at)) {
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
        self.network.send(request, limits).await
    }
}
