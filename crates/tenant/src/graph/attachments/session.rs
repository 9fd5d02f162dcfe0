//! Upload sessions: large files, brought in parts. Outlook's have a URL elsewhere, which carries its own token; those
//! of To Do lie on the Graph host and ask for the usual one.

use super::LARGEST;
use crate::entra::Caller;
use crate::error::GraphError;
use crate::graph::attend::let_in;
use crate::graph::hanging::Carrier;
use crate::graph::{Call, Target, Trace};
use crate::ids::{Kind, MailboxNo};
use crate::limits::Visit;
use crate::mailbox::attachment::{Attachment, AttachmentContent};
use crate::mailbox::content::ticks;
use crate::tenant::Tenant;
use crate::wire::{Request, Response, pairs, unescaped};
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Largest attachment of an Outlook item.
const OUTLOOK: usize = 150 * 1024 * 1024;

/// Largest attachment of a task.
const TODO: usize = 25 * 1024 * 1024;

/// Largest part for a task; for Outlook it is advice only.
const TODO_PART: usize = 4 * 1024 * 1024;

/// How long a session lives, in hours. Microsoft names no duration; what counts is `expirationDateTime`.
const HOURS: i64 = 2;

/// The sessions that are open.
#[derive(Debug, Default)]
pub(crate) struct UploadSessions {
    next: u64,
    open: BTreeMap<u64, UploadSession>,
}

/// A file that is on its way.
#[derive(Debug)]
struct UploadSession {
    token: String,
    /// Who opened it.
    caller: Caller,
    mailbox: MailboxNo,
    on: Carrier,
    /// The path of the item, in which the attachment will be found.
    item: String,
    file: File,
    received: Vec<u8>,
    expires: Timestamp,
}

/// What was announced.
#[derive(Debug)]
struct File {
    name: Box<str>,
    size: usize,
    content_type: Option<Box<str>>,
    is_inline: bool,
    content_id: Option<Box<str>>,
}

impl UploadSessions {
    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }

    fn find(&mut self, number: u64, now: Timestamp) -> Result<&mut UploadSession, GraphError> {
        if self.open.get(&number).is_some_and(|session| session.expires <= now) {
            self.open.remove(&number);
        }
        self.open.get_mut(&number).ok_or_else(|| {
            GraphError::new(
                404,
                "ErrorItemNotFound",
                "The upload session was not found: it has expired, was cancelled, or its file is complete.",
            )
        })
    }
}

impl UploadSession {
    fn is_task(&self) -> bool {
        matches!(self.on, Carrier::Task { .. })
    }

    /// What is still expected.
    fn shown(&self) -> Map<String, Value> {
        let mut map = Map::new();
        let next = self.received.len().to_string();
        map.insert("expirationDateTime".to_owned(), json!(ticks(self.expires)));
        map.insert(
            "nextExpectedRanges".to_owned(),
            json!([if next == "0" { "0-".to_owned() } else { next }]),
        );
        map
    }

    /// Takes the next part.
    fn take(&mut self, request: &Request) -> Result<(), GraphError> {
        let header = request.header("content-range").unwrap_or_default();
        let (from, to, total) = range(header).ok_or_else(|| {
            GraphError::bad(format!(
                "The Content-Range header '{header}' does not read 'bytes {{start}}-{{end}}/{{total}}'."
            ))
        })?;
        if total != self.file.size || to >= total {
            return Err(GraphError::bad(format!(
                "The Content-Range '{header}' does not fit the size {} of the file.",
                self.file.size
            )));
        }
        if request.body.len() != to + 1 - from {
            return Err(GraphError::bad(format!(
                "The Content-Range '{header}' names {} bytes, but {} came.",
                to + 1 - from,
                request.body.len()
            )));
        }
        if self.is_task() && request.body.len() > TODO_PART {
            return Err(GraphError::new(413, "RequestEntityTooLarge", "A part may not be larger than 4 MB."));
        }
        if from != self.received.len() {
            return Err(GraphError::new(
                416,
                "ErrorInvalidRange",
                format!("The bytes from {} on are expected; parts must come in order.", self.received.len()),
            ));
        }
        self.received.extend_from_slice(&request.body);
        Ok(())
    }
}

/// `bytes {start}-{end}/{total}`.
fn range(header: &str) -> Option<(usize, usize, usize)> {
    let (range, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (from, to) = range.trim().split_once('-')?;
    let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some((from, to, total.trim().parse().ok()?))
}

impl Call<'_> {
    /// `createUploadSession` of an item's attachments.
    pub(super) fn create_upload_session(
        &mut self,
        mailbox: MailboxNo,
        on: Carrier,
    ) -> Result<Response, GraphError> {
        self.tenant.attachments(mailbox, on)?;
        let is_task = matches!(on, Carrier::Task { .. });
        let file = announced(&self.object()?, is_task)?;
        // The path up to the item is that of this request.
        let path = self.path.trim_end_matches('/');
        let item = path.rsplit_once("/attachments/").map_or(path, |(item, _)| item).to_owned();
        let token = format!("{:016x}{:016x}", self.tenant.sequence.bits(), self.tenant.sequence.bits());
        let expires = self.now.checked_add(HOURS.hours()).unwrap_or(self.now);
        let uploads = &mut self.tenant.uploads;
        uploads.next += 1;
        let number = uploads.next;
        let url = if is_task {
            format!("{}{item}/attachmentSessions/{number}", self.tenant.graph_url)
        } else {
            let item = outlook_item(self.tenant, mailbox, &item);
            format!("{}{item}/AttachmentSessions('{number}')?authtoken={token}", self.tenant.outlook_url())
        };
        let caller = self.caller.clone();
        let session = UploadSession { token, caller, mailbox, on, item, file, received: Vec::new(), expires };
        let mut shown = session.shown();
        self.tenant.uploads.open.insert(number, session);
        shown.insert("uploadUrl".to_owned(), json!(url));
        shown.insert("@odata.context".to_owned(), self.context("microsoft.graph.uploadSession"));
        Ok(Response::json(if is_task { 200 } else { 201 }, Value::Object(shown)))
    }

    /// `attachmentSessions` of a task.
    pub(in crate::graph) fn task_session_route(
        &mut self,
        mailbox: MailboxNo,
        on: Carrier,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let number = names.first().and_then(|id| id.parse().ok()).unwrap_or(0);
        let session = self.tenant.uploads.find(number, self.now)?;
        if session.mailbox != mailbox || session.on != on {
            return Err(GraphError::not_found());
        }
        let request = Request {
            method: self.method.clone(),
            headers: vec![("content-range".to_owned(), self.content_range.clone())],
            body: self.body.clone(),
            ..Request::default()
        };
        match (self.method.as_str(), names) {
            ("GET" | "DELETE", [_]) | ("PUT", [_, "content"]) => {
                self.tenant.step_upload(number, &request, self.now)
            }
            _ => Err(self.unsupported(names)),
        }
    }
}

/// The file that a body announces.
fn announced(body: &Map<String, Value>, is_task: bool) -> Result<File, GraphError> {
    let name = if is_task { "attachmentInfo" } else { "AttachmentItem" };
    let item = body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let item = item.ok_or_else(|| GraphError::bad(format!("The parameter '{name}' is required.")))?;
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    if !text("attachmentType").is_some_and(|kind| kind.eq_ignore_ascii_case("file")) {
        return Err(GraphError::invalid(
            "Only attachments of the attachmentType 'file' can be uploaded in parts.",
        ));
    }
    let name = text("name").ok_or_else(|| GraphError::invalid("The property 'name' is required."))?;
    let size = item.get("size").and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
    let size = size.ok_or_else(|| GraphError::invalid("The property 'size' is required."))?;
    if !is_task && size < LARGEST {
        return Err(GraphError::new(
            400,
            "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
            format!("Attachments of less than {LARGEST} bytes are added by a single POST."),
        ));
    }
    let limit = if is_task { TODO } else { OUTLOOK };
    if size > limit || size == 0 {
        return Err(GraphError::new(
            413,
            "ErrorAttachmentSizeLimitExceeded",
            format!("The attachment is empty, or larger than {limit} bytes."),
        ));
    }
    Ok(File {
        name: name.into(),
        size,
        content_type: text("contentType").map(Box::from),
        is_inline: item.get("isInline").and_then(Value::as_bool).unwrap_or(false),
        content_id: text("contentId").map(Box::from),
    })
}

/// The path of an item as Outlook's own host has it.
fn outlook_item(tenant: &Tenant, mailbox: MailboxNo, path: &str) -> String {
    let user = &tenant.mailbox(mailbox).user.id;
    let (kind, id) = path.rsplit_once('/').unwrap_or(("", path));
    let kind = if kind.ends_with("events") { "Events" } else { "Messages" };
    format!("/api/v2.0/Users('{user}@{}')/{kind}('{id}')", tenant.tenant_id)
}

/// Answers a request to the upload URL of an Outlook item. It counts for the application that opened the session, in
/// the mailbox of the item, as any other request of it does.
pub(crate) fn answer(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Response {
    let trace = Trace::of(tenant, request);
    let mut response = match authorised(tenant, request, now) {
        Ok((number, caller, mailbox)) => {
            let owner = Some(mailbox);
            let target = Target { owner, mailbox: owner, ..Target::of(tenant, request) };
            let mut visit = Visit::of(tenant, caller);
            let mut response = let_in(tenant, &mut visit, &trace, request, &target, now, |tenant, _, now| {
                tenant.reachable(mailbox, now)?;
                tenant.step_upload(number, request, now)
            });
            visit.end(tenant, &mut response, now);
            response
        }
        Err(error) => trace.shape(Err(error), now),
    };
    trace.sign(&mut response, now);
    response
}

/// The session of a request, who opened it, and its mailbox.
fn authorised(
    tenant: &mut Tenant,
    request: &Request,
    now: Timestamp,
) -> Result<(u64, Caller, MailboxNo), GraphError> {
    if request.header("authorization").is_some() && tenant.outlook_url() != tenant.graph_url {
        // The URL is authorised by itself; a token of Graph is meant for somebody else.
        return Err(GraphError::new(
            401,
            "InvalidAudience",
            "The audience claim value is invalid for this resource.",
        ));
    }
    let path = unescaped(&request.path, false);
    let number = path.strip_suffix("')").and_then(|path| path.rsplit_once("AttachmentSessions('"));
    let number = number.and_then(|(_, number)| number.parse().ok()).unwrap_or(0);
    let session = tenant.uploads.find(number, now)?;
    let query = pairs(request.query.as_deref().unwrap_or_default());
    let token = query.iter().find(|(name, _)| name == "authtoken").map(|(_, value)| value.as_str());
    if token != Some(session.token.as_str()) {
        return Err(GraphError::new(
            401,
            "InvalidAuthenticationToken",
            "The token of the upload URL is not valid.",
        ));
    }
    Ok((number, session.caller.clone(), session.mailbox))
}

impl Tenant {
    /// One request of an upload session, which is known to be open.
    fn step_upload(
        &mut self,
        number: u64,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, GraphError> {
        match request.method.as_str() {
            "GET" => {
                let session = self.uploads.find(number, now)?;
                Ok(Response::json(200, Value::Object(session.shown())))
            }
            "DELETE" => {
                self.uploads.open.remove(&number);
                Ok(Response::empty(204))
            }
            "PUT" => {
                let session = self.uploads.find(number, now)?;
                session.take(request)?;
                if session.received.len() < session.file.size {
                    return Ok(Response::json(200, Value::Object(session.shown())));
                }
                self.finish_upload(number, now)
            }
            method => Err(GraphError::new(
                405,
                "ErrorInvalidRequest",
                format!("An upload session takes PUT, GET and DELETE, not {method}."),
            )),
        }
    }

    /// Makes an attachment of what came.
    fn finish_upload(&mut self, number: u64, now: Timestamp) -> Result<Response, GraphError> {
        let Some(session) = self.uploads.open.remove(&number) else { return Err(GraphError::not_found()) };
        let (mailbox, on, is_task) = (session.mailbox, session.on, session.is_task());
        let no = self.sequence.item();
        let attachment = Attachment {
            no,
            content: AttachmentContent::File(session.received.into()),
            name: session.file.name,
            content_type: session.file.content_type,
            is_inline: session.file.is_inline,
            content_id: session.file.content_id,
            modified: now,
        };
        self.attach(mailbox, on, attachment, now)?;
        let id = crate::ids::ItemId { kind: Kind::Attachment, mailbox, item: no, day: 0, moves: Some(0) };
        let id = self.ids.encode(id);
        let place = if is_task {
            format!("{}{}/attachments/{id}", self.graph_url, session.item)
        } else {
            let item = outlook_item(self, mailbox, &session.item);
            format!("{}{item}/Attachments('{id}')", self.outlook_url())
        };
        let mut response = Response::empty(201);
        response.headers.push(("location", place));
        Ok(response)
    }
}
