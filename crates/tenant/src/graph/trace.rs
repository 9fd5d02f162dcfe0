//! The ids under which a request is told apart, and the shape of errors, which name them.

use crate::error::GraphError;
use crate::tenant::Tenant;
use crate::wire::{Request, Response, http_date};
use jiff::Timestamp;
use serde_json::json;

/// Under which ids a request is known.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// The service's own.
    request_id: String,
    /// The client's, or the service's if it has none.
    client_id: String,
}

impl Trace {
    /// The ids of a request that came now.
    pub fn of(tenant: &mut Tenant, request: &Request) -> Self {
        Self::inside(tenant, request, request)
    }

    /// The ids of a request that came now inside another.
    pub fn inside(tenant: &mut Tenant, request: &Request, outer: &Request) -> Self {
        let request_id = tenant.sequence.guid();
        let client_id = request.header("client-request-id").or(outer.header("client-request-id"));
        let client_id = client_id.unwrap_or(&request_id).to_owned();
        Self { request_id, client_id }
    }

    /// The answer, its error in Graph's shape.
    pub fn shape(&self, outcome: Result<Response, GraphError>, now: Timestamp) -> Response {
        outcome.unwrap_or_else(|error| failure(&error, &self.request_id, &self.client_id, now))
    }

    /// Adds the headers that every answer has.
    pub fn sign(&self, response: &mut Response, now: Timestamp) {
        response.headers.push(("request-id", self.request_id.clone()));
        response.headers.push(("client-request-id", self.client_id.clone()));
        // The server that answered may have had another time.
        if response.headers.iter().all(|(name, _)| *name != "date") {
            response.headers.push(("date", http_date(now)));
        }
    }

    /// The answer that was held, ready to go.
    pub fn finish(&self, outcome: Result<Response, GraphError>, now: Timestamp) -> Response {
        let mut response = self.shape(outcome, now);
        self.sign(&mut response, now);
        response
    }
}

/// An error in Graph's JSON shape.
fn failure(error: &GraphError, request_id: &str, client_id: &str, now: Timestamp) -> Response {
    let inner = json!({
        "date": now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        "request-id": request_id,
        "client-request-id": client_id,
    });
    let body = json!({ "error": { "code": error.code, "message": error.message, "innerError": inner } });
    let mut response = Response::json(error.status, body);
    if let Some(seconds) = error.retry_after {
        response.headers.push(("retry-after", seconds.to_string()));
    }
    response.headers.extend(error.location.as_ref().map(|location| ("location", location.to_string())));
    if error.status == 401 {
        let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"";
        response.headers.push(("www-authenticate", challenge.to_owned()));
    }
    response
}
