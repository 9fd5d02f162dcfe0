//! Microsoft Graph v1.0, as far as a mailbox goes.

mod arrival;
mod attachments;
mod attend;
mod batch;
mod body;
mod calendar_view;
mod calendars;
mod contacts;
mod delta;
mod event_actions;
mod event_messages;
mod events;
mod extensions;
mod filter;
mod folders;
mod hanging;
mod messages;
mod mime;
mod page;
mod photos;
mod query;
pub mod render;
mod route;
mod schedule;
mod schema;
mod search;
mod settings;
mod subscriptions;
pub mod sync_state;
mod target;
mod task_parts;
mod tasks;
mod trace;
mod translate;
mod users;

pub(crate) use arrival::NewMessage;
pub(crate) use attachments::{UploadSessions, answer_upload, message_item};
pub(crate) use attend::handle;
pub(crate) use batch::Batch;
pub(crate) use events::require as require_times;
pub(crate) use extensions::json as extensions_json;
pub(crate) use query::Query;
pub(crate) use route::segments;
pub(crate) use target::Target;
pub(crate) use trace::Trace;

use crate::entra::Caller;
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::mailbox::content::{Stamp, seconds};
use crate::tenant::Tenant;
use crate::wire::{Content, Request, Response};
use jiff::Timestamp;
use query::Prefer;
use serde_json::{Map, Value};

/// One request on its way through the tenant.
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a mut Tenant,
    /// Who asks.
    pub(crate) caller: Caller,
    pub(crate) now: Timestamp,
    pub(crate) method: String,
    /// Path with its version, for links.
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) prefer: Prefer,
    pub(crate) if_match: Option<String>,
    /// Whether `ConsistencyLevel: eventual` stands in the request, which advanced queries of the directory need.
    pub(crate) eventual: bool,
    pub(crate) content_type: String,
    /// `Content-Range`; empty without one.
    pub(crate) content_range: String,
    pub(crate) body: bytes::Bytes,
}

/// Answers a request that was let in.
fn answer(
    tenant: &mut Tenant,
    caller: &Caller,
    target: &Target,
    request: &Request,
    now: Timestamp,
) -> Result<Response, GraphError> {
    let segments = target.segments.clone()?;
    let prefer = Prefer::of(request)?;
    let is_eventual = |value: &str| value.eq_ignore_ascii_case("eventual");
    let header_says_eventual = request.header("consistencylevel").is_some_and(is_eventual);
    let query = Query::parse(request.query.as_deref())?;
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let Some(resource) = schema::Resource::at(&names).filter(|_| request.method == "GET") {
        resource.check(&query)?;
        resource.check_order(&query)?;
    }
    let query_says_eventual = query.value("ConsistencyLevel").is_some_and(is_eventual);
    let applied = prefer.applied.join(", ");
    let mut call = Call {
        tenant,
        caller: caller.clone(),
        now,
        method: request.method.clone(),
        path: request.path.clone(),
        query,
        prefer,
        if_match: request.header("if-match").map(str::to_owned),
        eventual: query_says_eventual || header_says_eventual,
        content_type: request.header("content-type").unwrap_or_default().to_ascii_lowercase(),
        content_range: request.header("content-range").unwrap_or_default().to_owned(),
        body: request.body.clone(),
    };
    let mut response = route::dispatch(&mut call, &names)?;
    if !applied.is_empty() {
        response.headers.push(("preference-applied", applied));
    }
    Ok(response)
}

impl<'a> Call<'a> {
    /// What the owner of a mailbox does by himself: no preferences but ids that stay.
    pub(crate) fn of_user(tenant: &'a mut Tenant, request: &Request, now: Timestamp) -> Self {
        Self {
            tenant,
            caller: Caller::default(),
            now,
            method: request.method.clone(),
            path: request.path.clone(),
            query: Query::default(),
            prefer: Prefer { immutable: true, ..Prefer::default() },
            if_match: None,
            eventual: false,
            content_type: String::new(),
            content_range: String::new(),
            body: request.body.clone(),
        }
    }
}

impl Call<'_> {
    /// The JSON object of the body.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, GraphError> {
        if self.body.is_empty() {
            return Err(GraphError::bad("Empty Payload. JSON content expected."));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(GraphError::bad("The request body must be a JSON object.")),
            Err(error) => Err(GraphError::bad(format!("Unable to read JSON request payload: {error}."))),
        }
    }

    /// The JSON object of the body; an empty one when there is none.
    fn optional_object(&self) -> Result<Map<String, Value>, GraphError> {
        if self.body.is_empty() { Ok(Map::new()) } else { self.object() }
    }

    /// The id of an Outlook item: the immutable one if the client prefers it.
    fn id(&self, kind: Kind, mailbox: MailboxNo, item: ItemNo, moves: u32) -> String {
        let moves = (!self.prefer.immutable).then_some(moves);
        self.tenant.ids.encode(ItemId { kind, mailbox, item, day: 0, moves })
    }

    /// The item that an id of one kind names in a mailbox.
    pub(crate) fn item(&self, mailbox: MailboxNo, kind: Kind, id: &str) -> Result<ItemId, GraphError> {
        let item = self.tenant.ids.decode(id).ok_or_else(GraphError::malformed_id)?;
        if item.mailbox != mailbox || item.kind != kind {
            return Err(GraphError::not_found());
        }
        Ok(item)
    }

    /// Refuses a write on a version that is no longer the present one.
    fn check_version(&self, stamp: &Stamp) -> Result<(), GraphError> {
        match self.if_match.as_deref().map(str::trim) {
            None | Some("*") => Ok(()),
            Some(etag) if etag == stamp.etag() || etag.trim_matches('"') == stamp.change_key() => Ok(()),
            Some(_) => Err(GraphError::new(
                412,
                "ErrorIrresolvableConflict",
                "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
            )),
        }
    }

    /// What is answered to an unknown path or method.
    fn unsupported(&self, names: &[&str]) -> GraphError {
        GraphError::absent(format!("{} /{}", self.method, names.join("/")))
    }

    /// The metadata link of a collection or an item.
    fn context(&self, name: &str) -> Value {
        Value::String(format!("{}/v1.0/$metadata#{name}", self.tenant.graph_url))
    }

    /// One item as an answer.
    fn single(&self, status: u16, context: &str, item: Map<String, Value>) -> Response {
        let mut item = self.projected(item);
        item.insert("@odata.context".to_owned(), self.context(&format!("{context}/$entity")));
        let mut response = Response::json(status, Value::Object(item));
        if let Some(etag) = response.as_json().get("@odata.etag").and_then(Value::as_str) {
            response.headers.push(("etag", etag.to_owned()));
        }
        response
    }
}

/// Bytes as an answer.
fn raw(media_type: &str, bytes: bytes::Bytes) -> Response {
    Response { body: Content::Bytes { media_type: media_type.to_owned(), bytes }, ..Response::empty(200) }
}

/// The date that Graph writes for `createdDateTime` of mail.
fn time(instant: Timestamp) -> Value {
    Value::String(seconds(instant))
}
