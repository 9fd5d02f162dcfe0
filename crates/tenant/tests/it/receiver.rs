//! A receiver of notifications: a server on a free port that echoes, or does what its path says.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// Longest wait for a notification; only a broken test waits for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A living receiver.
pub struct Receiver {
    url: String,
    taken: UnboundedReceiver<(String, Value)>,
    server: JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (send, taken) = unbounded_channel();
        let router = Router::new().fallback(answer).with_state(send);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, taken, server }
    }

    /// The URL of a path: `/echo` is one that behaves.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The next notification: the path it came to, and what it says.
    pub async fn next(&mut self) -> (String, Value) {
        tokio::time::timeout(PATIENCE, self.taken.recv()).await.unwrap().unwrap()
    }

    /// The next change that is told, which must come alone.
    pub async fn change(&mut self) -> Value {
        let (_, mut body) = self.next().await;
        assert_eq!(body["value"].as_array().unwrap().len(), 1, "{body}");
        body["value"][0].take()
    }

    /// Whether nothing has come so far.
    pub fn is_idle(&mut self) -> bool {
        self.taken.try_recv().is_err()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(taken): State<UnboundedSender<(String, Value)>>, uri: Uri, body: Bytes) -> Response {
    let query = uri.query().unwrap_or_default();
    let Some((_, raw)) = query.split_once("validationToken=") else {
        let body = serde_json::from_slice(&body).unwrap();
        taken.send((uri.path().to_owned(), body)).unwrap();
        return StatusCode::ACCEPTED.into_response();
    };
    let token = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "validationToken");
    let token = token.unwrap().1.into_owned();
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    match uri.path() {
        "/encoded" => (plain, raw.to_owned()).into_response(),
        "/html" => ([(header::CONTENT_TYPE, "text/html")], token).into_response(),
        "/forbidden" => StatusCode::FORBIDDEN.into_response(),
        _ => (plain, token).into_response(),
    }
}
