//! `$batch`: up to twenty requests in one.

use super::attend::attend_part;
use super::trace::Trace;
use crate::error::GraphError;
use crate::limits::Visit;
use crate::tenant::Tenant;
use crate::wire::{Content, Delivery, Request, Response};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many requests one batch may hold.
const LARGEST: usize = 20;

/// Base64 with or without padding.
const LOOSE: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

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
        if tenant.settings.behaviour.batch_disorder {
            // "Individual responses might appear in a different order than the requests."
            for at in (1..self.answers.len()).rev() {
                let other = usize::try_from(tenant.sequence.bits() % (at as u64 + 1)).unwrap_or(0);
                self.answers.swap(at, other);
            }
        }
        Response::json(200, json!({ "responses": self.answers }))
    }

    fn note(&mut self, id: String, response: Response) {
        self.statuses.insert(id.to_lowercase(), response.status);
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
    /// Ids in lower case: they are compared so.
    depends_on: Vec<String>,
}

fn parts(body: &Value) -> Result<Vec<Part>, GraphError> {
    let Some(list) = body.get("requests").and_then(Value::as_array) else {
        return Err(GraphError::bad("Invalid batch payload format: 'requests' is missing."));
    };
    if list.is_empty() {
        return Err(GraphError::bad("Invalid batch payload format: 'requests' is empty."));
    }
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
                "Invalid dependency for request Id: {}. '{unknown}' does not come before it.",
                part.id
            )));
        }
        if !known.insert(part.id.to_lowercase()) {
            return Err(GraphError::bad(format!(
                "Request Id: {} has been used before in the batch.",
                part.id
            )));
        }
        parts.push(part);
    }
    check_sequence(&parts)?;
    Ok(parts)
}

/// Either none depends on another, or each on the one before it.
fn check_sequence(parts: &[Part]) -> Result<(), GraphError> {
    let parallel = parts.iter().all(|part| part.depends_on.is_empty());
    let sequential =
        parts.windows(2).all(|pair| pair[1].depends_on.iter().any(|id| *id == pair[0].id.to_lowercase()));
    if parallel || sequential {
        return Ok(());
    }
    Err(GraphError::bad("Batch should be either fully sequential or fully parallel."))
}

fn part(value: &Value) -> Result<Part, GraphError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let required = |name: &str| {
        text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| GraphError::bad(format!("Invalid batch payload format: '{name}' is missing.")))
    };
    let header =
        |(name, value): (&String, &Value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned()));
    let headers: Vec<(String, String)> = value
        .get("headers")
        .and_then(Value::as_object)
        .map(|map| map.iter().filter_map(header).collect())
        .unwrap_or_default();
    let (id, method, url) = (required("id")?, required("method")?.to_ascii_uppercase(), required("url")?);
    let body = value.get("body").filter(|body| !body.is_null());
    let media_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    let writes = ["POST", "PATCH", "PUT"].contains(&method.as_str());
    if (writes || body.is_some()) && (media_type.is_none() || body.is_none()) {
        return Err(GraphError::bad(format!(
            "Write request id : {id} does not contain Content-Type header or body."
        )));
    }
    if url.trim_start_matches('/').to_ascii_lowercase().starts_with("$batch") {
        return Err(GraphError::bad(format!("Request Id: {id} is a batch itself, which is not supported.")));
    }
    let body = match body {
        None => bytes::Bytes::new(),
        Some(Value::String(text)) => decoded(text, media_type.unwrap_or_default())
            .ok_or_else(|| GraphError::bad(format!("The body of request Id: {id} is not base64.")))?,
        Some(other) => other.to_string().into(),
    };
    let depends_on = value.get("dependsOn").and_then(Value::as_array);
    let depends_on =
        depends_on.map(|ids| ids.iter().filter_map(|id| id.as_str().map(str::to_lowercase)).collect());
    Ok(Part { id, method, url, headers, body, depends_on: depends_on.unwrap_or_default() })
}

/// The bytes of a body that is a text: base64, in either alphabet; or the text itself where the type is plain text, as
/// for messages in MIME, which are base64 already.
fn decoded(text: &str, media_type: &str) -> Option<bytes::Bytes> {
    if media_type.to_ascii_lowercase().starts_with("text/plain") {
        return Some(text.to_owned().into());
    }
    [alphabet::STANDARD, alphabet::URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, LOOSE).decode(text.trim()).ok())
        .map(Into::into)
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
        response.headers.iter().map(|(name, value)| (titled(name), json!(value))).collect();
    match response.body {
        Content::Empty => {}
        Content::Json(value) => {
            headers.insert("Content-Type".to_owned(), json!("application/json"));
            map.insert("body".to_owned(), value);
        }
        Content::Bytes { media_type, bytes } => {
            headers.insert("Content-Type".to_owned(), json!(media_type));
            let text = base64::engine::general_purpose::STANDARD.encode(bytes);
            map.insert("body".to_owned(), json!(text));
        }
    }
    map.insert("headers".to_owned(), Value::Object(headers));
    Value::Object(map)
}

/// `retry-after` as `Retry-After`, as the headers of a batch's parts are written.
fn titled(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    words.collect::<Vec<_>>().join("-")
}
