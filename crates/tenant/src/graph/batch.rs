//! `$batch`: up to twenty requests in one.

use super::attend::attend_part;
use super::trace::Trace;
use crate::error::GraphError;
use crate::limits::Visit;
use crate::tenant::Tenant;
use crate::wire::{Content, Delivery, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many requests one batch may hold.
const LARGEST: usize = 20;

/// A batch that is being answered, in the order that its dependencies allow. One of its requests may have to wait for
/// the outcome of something that the tenant sends: then the batch waits with it.
#[derive(Debug)]
pub(crate) struct Batch {
    rest: VecDeque<Part>,
    statuses: BTreeMap<String, u16>,
    answers: Vec<Value>,
    /// The batch as it came, without its body.
    outer: Request,
    /// The request that waits: its id in the batch, and the ids under which it is known.
    waiting: Option<(String, Trace)>,
    /// What the rest will use.
    visit: Visit,
}

impl Batch {
    /// Answers a request that is a batch.
    pub(super) fn answer(
        tenant: &mut Tenant,
        visit: &mut Visit,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, GraphError> {
        if request.method != "POST" {
            return Err(GraphError::new(405, "BadRequest", "A batch is sent by POST."));
        }
        let body: Value = serde_json::from_slice(&request.body)
            .map_err(|error| GraphError::bad(format!("Unable to read JSON request payload: {error}.")))?;
        let parts = parts(&body)?;
        tenant.stats.batches += 1;
        let batch = Self {
            rest: parts.into(),
            statuses: BTreeMap::new(),
            answers: Vec::new(),
            outer: Request { body: bytes::Bytes::new(), ..request.clone() },
            waiting: None,
            visit: visit.anew(),
        };
        Ok(batch.go_on(tenant, visit, now))
    }

    /// Goes on with the answer to the request that waited.
    pub fn resume(
        mut self,
        tenant: &mut Tenant,
        answer: Result<Response, GraphError>,
        now: Timestamp,
    ) -> Response {
        if let Some((id, trace)) = self.waiting.take() {
            let response = trace.shape(answer, now);
            if let Delivery::Held(number) = response.delivery {
                self.waiting = Some((id, trace));
                tenant.outbox.suspend(number, self);
                return response;
            }
            self.note(id, response);
        }
        let mut visit = self.visit.anew();
        let mut response = self.go_on(tenant, &mut visit, now);
        visit.end(tenant, &mut response, now);
        response
    }

    fn go_on(mut self, tenant: &mut Tenant, visit: &mut Visit, now: Timestamp) -> Response {
        while let Some(part) = self.rest.pop_front() {
            let failed = |id: &String| self.statuses.get(id).is_none_or(|status| *status >= 400);
            let trace;
            let response = if part.depends_on.iter().any(failed) {
                let error =
                    GraphError::new(424, "FailedDependency", "A request that this one depends on failed.");
                trace = Trace::of(tenant, &self.outer);
                trace.shape(Err(error), now)
            } else {
                let request = inner(&part);
                trace = Trace::inside(tenant, &request, &self.outer);
                attend_part(tenant, visit, &trace, &request, now)
            };
            if let Delivery::Held(number) = response.delivery {
                self.waiting = Some((part.id, trace));
                tenant.outbox.suspend(number, self);
                return response;
            }
            self.note(part.id, response);
        }
        Response::json(200, json!({ "responses": self.answers }))
    }

    fn note(&mut self, id: String, response: Response) {
        self.statuses.insert(id.clone(), response.status);
        self.answers.push(shown(&id, response));
    }
}

/// One request of a batch.
#[derive(Debug)]
struct Part {
    id: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: bytes::Bytes,
    depends_on: Vec<String>,
}

fn parts(body: &Value) -> Result<Vec<Part>, GraphError> {
    let Some(list) = body.get("requests").and_then(Value::as_array) else {
        return Err(GraphError::bad("Invalid batch payload format: 'requests' is missing."));
    };
    if list.len() > LARGEST {
        return Err(GraphError::bad(format!(
            "Number of batch request steps exceeds the maximum value of {LARGEST}."
        )));
    }
    let mut known = BTreeSet::new();
    let mut parts = Vec::with_capacity(list.len());
    for value in list {
        let part = part(value)?;
        if let Some(unknown) = part.depends_on.iter().find(|id| !known.contains(*id)) {
            return Err(GraphError::bad(format!(
                "Request '{}' depends on '{unknown}', which does not come before it.",
                part.id
            )));
        }
        if !known.insert(part.id.clone()) {
            return Err(GraphError::bad(format!("Duplicate request id '{}' in the batch.", part.id)));
        }
        parts.push(part);
    }
    Ok(parts)
}

fn part(value: &Value) -> Result<Part, GraphError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let required = |name: &str| {
        text(name)
            .ok_or_else(|| GraphError::bad(format!("Invalid batch payload format: '{name}' is missing.")))
    };
    let header =
        |(name, value): (&String, &Value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned()));
    let headers: Vec<(String, String)> = value
        .get("headers")
        .and_then(Value::as_object)
        .map(|map| map.iter().filter_map(header).collect())
        .unwrap_or_default();
    let body = match value.get("body") {
        None | Some(Value::Null) => bytes::Bytes::new(),
        Some(Value::String(text)) => STANDARD.decode(text).unwrap_or_default().into(),
        Some(other) => other.to_string().into(),
    };
    let depends_on = value.get("dependsOn").and_then(Value::as_array);
    Ok(Part {
        id: required("id")?,
        method: required("method")?.to_ascii_uppercase(),
        url: required("url")?,
        headers,
        body,
        depends_on: depends_on
            .map(|ids| ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect())
            .unwrap_or_default(),
    })
}

/// A request of a batch as it would come alone.
fn inner(part: &Part) -> Request {
    let url = part.url.trim_start_matches('/');
    let url = url.strip_prefix("v1.0/").unwrap_or(url);
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    Request {
        method: part.method.clone(),
        path: format!("/v1.0/{path}"),
        query: query.map(str::to_owned),
        headers: part.headers.clone(),
        body: part.body.clone(),
    }
}

fn shown(id: &str, response: Response) -> Value {
    let mut map = Map::new();
    map.insert("id".to_owned(), json!(id));
    map.insert("status".to_owned(), json!(response.status));
    let mut headers: Map<String, Value> =
        response.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    match response.body {
        Content::Empty => {}
        Content::Json(value) => {
            headers.insert("Content-Type".to_owned(), json!("application/json"));
            map.insert("body".to_owned(), value);
        }
        Content::Bytes { media_type, bytes } => {
            headers.insert("Content-Type".to_owned(), json!(media_type));
            map.insert("body".to_owned(), json!(STANDARD.encode(bytes)));
        }
    }
    map.insert("headers".to_owned(), Value::Object(headers));
    Value::Object(map)
}
