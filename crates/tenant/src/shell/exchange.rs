//! Requests as they come over HTTP, and answers as they are to go: whole, late, cut short or never.

use super::LARGEST_BODY;
use super::clock_api;
use super::site::{Answer, Occupied, Site};
use crate::error::GraphError;
use crate::wire::{Delivery, Request, Response};
use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http_body::{Frame, SizeHint};
use jiff::{SignedDuration, Timestamp};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Answers for Graph and the token endpoint.
pub async fn graph(State(site): State<Arc<Site>>, request: axum::extract::Request) -> http::Response<Body> {
    match received(request).await {
        Ok(request) => deliver(&site, site.ask(|tenant, now| tenant.handle(&request, now))).await,
        Err(refusal) => refusal,
    }
}

/// Answers for the control API.
pub async fn control(State(site): State<Arc<Site>>, request: axum::extract::Request) -> http::Response<Body> {
    match received(request).await {
        Ok(request) => {
            let answer = match clock_api::answer(&site, &request) {
                Some(response) => Answer::Now(response),
                None => site.ask(|tenant, now| tenant.control(&request, now)),
            };
            deliver(&site, answer).await
        }
        Err(refusal) => refusal,
    }
}

/// A request as the tenant takes it.
async fn received(request: axum::extract::Request) -> Result<Request, http::Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_BODY).await.map_err(|_| {
        let error = GraphError::new(413, "RequestEntityTooLarge", "The request is too large.");
        let body = serde_json::json!({ "error": { "code": error.code, "message": error.message } });
        whole(Response::json(error.status, body), None)
    })?;
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.iter().map(header).collect(),
        body,
    })
}

/// Brings an answer to the client in the way that the tenant wants. A client that hangs up ends the wait.
async fn deliver(site: &Arc<Site>, answer: Answer) -> http::Response<Body> {
    let (response, occupied) = match answer {
        Answer::Now(response) => {
            let occupied = site.occupied(response.slot);
            (response, occupied)
        }
        Answer::Later(coming, slot) => {
            let occupied = site.occupied(slot);
            match unless_stopped(site, coming).await {
                Some(Ok(response)) => (response, occupied),
                _ => return cut(Response::empty(503), 0, occupied),
            }
        }
    };
    if site.clock.is_real() && !response.took.is_zero() {
        tokio::time::sleep(response.took).await;
    }
    match response.delivery {
        Delivery::Prompt => whole(response, occupied),
        Delivery::Late(delay) => {
            let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
            let at = site.clock.now().checked_add(delay).unwrap_or(Timestamp::MAX);
            let _appointment = site.appointment(at);
            match unless_stopped(site, site.clock.until(Some(at))).await {
                Some(()) => whole(response, occupied),
                None => cut(response, 0, occupied),
            }
        }
        Delivery::Cut(bytes) => cut(response, bytes, occupied),
        Delivery::Broken => cut(response, 0, occupied),
        // An answer that is held has been waited for above; it is not held again.
        Delivery::Never | Delivery::Held(_) => {
            let _: Option<()> = unless_stopped(site, std::future::pending()).await;
            cut(response, 0, occupied)
        }
    }
}

/// What a future gives, unless the site is closed before.
async fn unless_stopped<T>(site: &Site, future: impl Future<Output = T>) -> Option<T> {
    let mut stopped = site.stopped.clone();
    tokio::select! {
        biased;
        // An error means that the site is gone: then too it is time to stop.
        _ = stopped.wait_for(|stop| *stop) => None,
        value = future => Some(value),
    }
}

/// An answer that arrives.
fn whole(response: Response, occupied: Option<Occupied>) -> http::Response<Body> {
    on_the_wire(response, |bytes| {
        let promised = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let rest = (!bytes.is_empty()).then_some(bytes);
        // A client that has its answer may ask again at once, so the places are free before the last byte leaves.
        let occupied = occupied.filter(|_| rest.is_some());
        Body::new(Load { rest, left: promised, flushed: true, occupied })
    })
}

/// An answer whose connection breaks after so many bytes of the body; without any of them, not even the head leaves.
fn cut(response: Response, bytes: usize, occupied: Option<Occupied>) -> http::Response<Body> {
    on_the_wire(response, |whole| {
        // One byte is promised at least, so that there is something to miss.
        let promised = u64::try_from(whole.len()).unwrap_or(u64::MAX).max(1);
        let sent = whole.slice(..bytes.min(whole.len().saturating_sub(1)));
        let rest = (!sent.is_empty()).then_some(sent);
        Body::new(Load { rest, left: promised, flushed: bytes == 0, occupied })
    })
}

fn on_the_wire(response: Response, body: impl FnOnce(Bytes) -> Body) -> http::Response<Body> {
    let status =
        http::StatusCode::from_u16(response.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers.clone();
    let (media_type, bytes) = response.into_bytes();
    let mut answer = (status, body(bytes)).into_response();
    let map = answer.headers_mut();
    map.remove(CONTENT_TYPE);
    let media_type = media_type.as_deref().map(|text| {
        HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
    });
    if let Some(value) = media_type {
        map.insert(CONTENT_TYPE, value);
    }
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            map.insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// A body, which may promise more than it gives. Its request occupies its places until all was given, or it is gone.
#[derive(Debug)]
struct Load {
    rest: Option<Bytes>,
    /// Bytes that are promised still.
    left: u64,
    flushed: bool,
    occupied: Option<Occupied>,
}

impl HttpBody for Load {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.rest.take() {
            self.left = self.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if self.left == 0 {
                self.occupied = None;
            }
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.left == 0 {
            return Poll::Ready(None);
        }
        // The server writes what it has before it asks again; an error at once would swallow it.
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
