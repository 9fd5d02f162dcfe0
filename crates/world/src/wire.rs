//! The network: every request becomes a call of the tenant or of the CRM, after a while that chance decides.

use crate::fate::Fate;
use crate::sides::{NetFault, Sides};
use async_trait::async_trait;
use bytes::Bytes;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tandem_outside::{Clock, Limits, Transport, TransportError};
use tandem_tenant::{Content, Delivery, Request, Response};

/// Hosts of the two sides; they exist in simulations only.
pub const GRAPH: &str = "https://graph.sim";
/// Where CRM.interface is.
pub const CRM: &str = "https://crm.sim/CRMinterface/xml";

/// Requests that Graph lets an application have under way in a mailbox.
const AT_ONCE: u32 = 4;

/// One process's network. Without a fate it is that of the audience: quick, whole, and outside of time.
pub struct Wire {
    sides: Arc<Sides>,
    fate: Option<Arc<Fate>>,
    under_way: Mutex<BTreeMap<String, u32>>,
}

impl Wire {
    /// The network of a connector.
    pub fn of(sides: Arc<Sides>, fate: Arc<Fate>) -> Self {
        Self { sides, fate: Some(fate), under_way: Mutex::default() }
    }

    /// The network of the audience.
    pub fn quiet(sides: Arc<Sides>) -> Self {
        Self { sides, fate: None, under_way: Mutex::default() }
    }

    async fn pause(&self, from: u64, spread: usize) {
        if self.fate.is_some() {
            let more = u64::try_from(self.sides.dice.below(spread)).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(from + more)).await;
        }
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let url = request.uri().path().to_owned();
        let to_crm = request.uri().host() == Some("crm.sim");
        let fault = match &self.fate {
            Some(_) => self.sides.net_fault(to_crm, writes(&request, to_crm)),
            None => None,
        };
        if let Some(fault) = fault {
            self.sides.book.reach(name(fault));
            self.sides.book.line(|| format!("  net {} for {url}", name(fault)));
        }
        self.pause(1, 12).await;
        match fault {
            Some(NetFault::RequestLost) => std::future::pending::<()>().await,
            Some(NetFault::NoConnection) => {
                return Err(TransportError::Connect { url, why: "nobody listens".to_owned() });
            }
            Some(NetFault::RequestDelayed) => self.pause(2_000, 20_000).await,
            _ => {}
        }
        let _place = self.place(&request);
        let answer = if to_crm { self.ask_crm(request).await } else { self.ask_tenant(request).await };
        match fault {
            Some(NetFault::ReplyLost) => std::future::pending::<()>().await,
            Some(NetFault::ReplyBroken) => {
                return Err(TransportError::Broken { url, why: "the connection was reset".to_owned() });
            }
            Some(NetFault::ReplyDelayed) => self.pause(2_000, 20_000).await,
            _ => {}
        }
        self.pause(1, 8).await;
        answer
    }

    async fn ask_crm(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let asked = request.into_body();
        let (status, body) = self.sides.crm().answer(asked.clone()).await;
        if self.fate.is_some() {
            self.sides.book.line(|| format!("  crm {status} {} bytes", body.len()));
            self.sides.book.lines(|| commands(&asked));
        }
        respond(status, Vec::new(), "text/xml; charset=utf-8", Bytes::from(body), CRM)
    }

    async fn ask_tenant(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let (parts, body) = request.into_parts();
        let asked = Request {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()).into_owned()))
                .collect(),
            body,
        };
        let now = self.sides.time.now();
        let response = {
            let mut tenant = self.sides.tenant();
            let response = tenant.handle(&asked, now);
            if let Some(slot) = response.slot {
                tenant.keep(slot);
            }
            response
        };
        if self.fate.is_some() {
            let query = asked.query.as_deref().unwrap_or("");
            self.sides.book.line(|| {
                format!(
                    "  m365 {} {}{}{} -> {}",
                    asked.method,
                    asked.path,
                    mark(query),
                    short(query),
                    response.status
                )
            });
            if asked.method != "GET" && !asked.path.ends_with("/token") && !asked.body.is_empty() {
                self.sides.book.line(|| format!("      {}", cut(&String::from_utf8_lossy(&asked.body))));
            }
        }
        let _kept = Kept { sides: &self.sides, slot: response.slot };
        self.deliver(response, &asked.path).await
    }

    async fn deliver(&self, response: Response, path: &str) -> Result<http::Response<Bytes>, TransportError> {
        let broken =
            || TransportError::Broken { url: path.to_owned(), why: "the connection was reset".to_owned() };
        if self.fate.is_some() && !response.took.is_zero() {
            tokio::time::sleep(response.took).await;
        }
        match response.delivery {
            Delivery::Prompt => {}
            Delivery::Late(delay) => tokio::time::sleep(delay).await,
            Delivery::Cut(_) | Delivery::Broken => return Err(broken()),
            Delivery::Never | Delivery::Held(_) => std::future::pending::<()>().await,
        }
        let (status, headers) = (response.status, response.headers.clone());
        let (media, bytes) = response.into_bytes();
        respond(status, headers, media.as_deref().unwrap_or("application/json"), bytes, path)
    }

    /// Absences are events too, and are counted apart, as the guard counts each kind. To call an occurrence off changes
    /// its series, and no item goes.
    fn count_deletion(&self, request: &http::Request<Bytes>) {
        let path = request.uri().path();
        let deletes = request.method() == http::Method::DELETE || path.ends_with("/cancel");
        if let (true, Some((mailbox, _))) = (deletes, path.split_once("/events/")) {
            let event = self.event(path.trim_end_matches("/cancel"));
            if event["type"] == "occurrence" || event["type"] == "exception" {
                return;
            }
            let group =
                format!("{mailbox} {}", if event["showAs"] == "oof" { "absences" } else { "appointments" });
            let mut deletions = self.sides.deletions.lock().unwrap_or_else(PoisonError::into_inner);
            deletions.entry(group).or_default().insert(path.to_owned());
        }
    }

    /// An event as it is just now.
    fn event(&self, path: &str) -> serde_json::Value {
        let path = path.trim_start_matches("/v1.0").to_owned();
        let request = Request { method: "GET".to_owned(), path, ..Request::default() };
        match self.sides.tenant().control(&request, self.sides.time.now()).body {
            Content::Json(event) => event,
            _ => serde_json::Value::Null,
        }
    }

    /// Counts what is under way in a mailbox, and notes where it is more than Graph allows.
    fn place(&self, request: &http::Request<Bytes>) -> Option<Place<'_>> {
        self.fate.as_ref()?;
        let rest = request.uri().path().strip_prefix("/v1.0/users/")?;
        let mailbox = rest.split('/').next()?.to_owned();
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let count = under_way.entry(mailbox.clone()).or_default();
        *count += 1;
        if *count > AT_ONCE {
            self.sides.book.wrong(format!("quota: {count} requests at once in mailbox {mailbox}"));
        }
        Some(Place { wire: self, mailbox })
    }
}

/// A request that is under way.
struct Place<'w> {
    wire: &'w Wire,
    mailbox: String,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut under_way = self.wire.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.mailbox) {
            *count -= 1;
        }
    }
}

/// The tenant's places, given back when the answer is there or nobody waits for it any more.
struct Kept<'s> {
    sides: &'s Sides,
    slot: Option<tandem_tenant::SlotNo>,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            self.sides.tenant().finished(slot);
        }
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let Some(fate) = &self.fate else { return self.exchange(request).await };
        fate.effect().await;
        let url = request.uri().path().to_owned();
        self.count_deletion(&request);
        #[cfg(feature = "planted")]
        let (method, request) = {
            let method = request.method().clone();
            match crate::planted::request(self.sides.bug, request) {
                Ok(request) => (method, request),
                Err(answer) => return Ok(*answer),
            }
        };
        #[cfg(feature = "planted")]
        let path = url.clone();
        let answer = match tokio::time::timeout(limits.deadline, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(TransportError::Timeout { url, deadline: limits.deadline }),
        };
        fate.effect().await;
        #[cfg(feature = "planted")]
        let answer = answer.map(|mut answer| {
            crate::planted::answer(self.sides.bug, &method, &path, &mut answer);
            if self.sides.bug == "echo-by-timestamp" {
                self.sides.echoes.heed(&method, &path, self.sides.time.now(), &mut answer);
            }
            answer
        });
        answer
    }
}

fn respond(
    status: u16,
    headers: Vec<(&'static str, String)>,
    media: &str,
    body: Bytes,
    url: &str,
) -> Result<http::Response<Bytes>, TransportError> {
    let mut answer = http::Response::builder().status(status).header("content-type", media);
    for (name, value) in headers {
        answer = answer.header(name, value);
    }
    answer.body(body).map_err(|error| TransportError::Broken { url: url.to_owned(), why: error.to_string() })
}

/// Bytes as text. To ask first whether they are a text is several times faster than to read them leniently.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Whether a request changes something.
fn writes(request: &http::Request<Bytes>, to_crm: bool) -> bool {
    if to_crm {
        let body = text(request.body());
        return ["<Add>", "<Replace>", "<Delete>", "<Map>"].iter().any(|verb| body.contains(verb));
    }
    request.method() != http::Method::GET
        && !request.uri().path().ends_with("/$batch")
        && !request.uri().path().ends_with("/token")
}

/// Its stable name.
pub fn name(fault: NetFault) -> &'static str {
    match fault {
        NetFault::RequestLost => "net-request-lost",
        NetFault::NoConnection => "net-no-connection",
        NetFault::ReplyLost => "net-reply-lost",
        NetFault::ReplyBroken => "net-reply-broken",
        NetFault::RequestDelayed => "net-request-delayed",
        NetFault::ReplyDelayed => "net-reply-delayed",
    }
}

/// The commands of a request to the CRM that change something, for the trace.
fn commands(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let begins = |verb: &str| text.match_indices(&format!("<{verb}>")).map(|(at, _)| at).collect::<Vec<_>>();
    let mut starts: Vec<usize> = ["Add", "Replace", "Delete", "Map"].into_iter().flat_map(begins).collect();
    starts.sort_unstable();
    let commands = starts.into_iter().filter_map(|at| text.get(at..));
    commands.map(|command| format!("      {}", cut(command))).collect()
}

/// The beginning of a body.
fn cut(text: &str) -> String {
    text.chars().take(2000).map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

fn mark(query: &str) -> &'static str {
    if query.is_empty() { "" } else { "?" }
}

/// A query without what is long in it.
fn short(query: &str) -> &str {
    query.char_indices().nth(60).map_or(query, |(end, _)| &query[..end])
}
