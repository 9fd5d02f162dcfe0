//! Requests and answers over HTTP.

use super::CrmError;
use crate::language::{self, Action, Query, Record, Request, Response};
use crate::session::{CLIENT_TYPE, NONCE_BYTES, Secret, Session, TokenKey};
use crate::sync::wire::{self, Addressing, Reply};
use crate::sync::{Answer, Command, Status, SyncRequest};
use crate::xml::{ReadError, clean};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tandem_outside::{Chance, Clock, Limits, Transport};
use url::Url;

/// Largest answer that is read: 64 MiB.
const LARGEST_ANSWER: usize = 64 << 20;

/// How many characters of a web server's complaint are repeated.
const SHOWN: usize = 200;

/// Where the interface is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address; ends in `/CRMinterface/xml` in the guide's example.
    pub url: Url,
}

impl Endpoint {
    /// The address as it may be shown: without user, password and query.
    fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        // Both fail only for addresses that cannot have them.
        let _ = (url.set_username(""), url.set_password(None));
        url.to_string()
    }
}

/// The user as whom the connector logs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Master {
    /// Login.
    pub user: String,
    /// Password.
    pub password: Secret,
}

/// A client of one interface. Cheap to clone; all clones share the connections of the transport.
#[derive(Clone)]
pub struct CrmClient {
    transport: Arc<dyn Transport>,
    chance: Arc<dyn Chance>,
    endpoint: Endpoint,
    master: Master,
    /// Id of the connector's installation; none in ordinary sessions.
    client_id: Option<String>,
    limits: Limits,
    /// With what tokens are made; none where the password is sent.
    tokens: Option<Tokens>,
}

/// What it takes to make tokens.
#[derive(Clone)]
struct Tokens {
    key: TokenKey,
    clock: Arc<dyn Clock>,
}

impl CrmClient {
    /// A client that logs in as the master user and acts for reps. `client_id` names this installation of the
    /// connector; `timeout` is for a whole request and its answer.
    pub fn new(
        transport: Arc<dyn Transport>,
        chance: Arc<dyn Chance>,
        endpoint: Endpoint,
        master: Master,
        client_id: String,
        timeout: Duration,
    ) -> Self {
        let limits = Limits { deadline: timeout, max_body: LARGEST_ANSWER };
        Self { transport, chance, endpoint, master, client_id: Some(client_id), limits, tokens: None }
    }

    /// A client with ordinary sessions: `user` acts with his own rights and for nobody else.
    pub fn admin(
        transport: Arc<dyn Transport>,
        chance: Arc<dyn Chance>,
        endpoint: Endpoint,
        user: Master,
        timeout: Duration,
    ) -> Self {
        let limits = Limits { deadline: timeout, max_body: LARGEST_ANSWER };
        Self { transport, chance, endpoint, master: user, client_id: None, limits, tokens: None }
    }

    /// The same client, but what it sends are tokens and never the password: one for each request, made by `clock`. Takes
    /// the time of a slow key derivation, once.
    pub fn with_tokens(self, clock: Arc<dyn Clock>) -> Self {
        let key = TokenKey::derive(&self.master.user, &self.master.password);
        Self { tokens: Some(Tokens { key, clock }), ..self }
    }

    /// Sends the commands of one rep, who is named by login or e-mail address, and gives exactly one answer for each,
    /// in their order. Nothing is split or sent twice.
    pub async fn sync(&self, principal: &str, commands: Vec<Command>) -> Result<Vec<Answer>, CrmError> {
        let request = SyncRequest { session: self.session_for(principal), commands };
        let addressing = Addressing { session_id: self.chance.id(), target: self.endpoint.shown() };
        let outgoing = wire::write_request(&request, &addressing);
        let answer = self.send(outgoing.body).await?;
        let reply = wire::read_response(answer.body(), &outgoing.envelope);
        if let Ok(Reply::Refused(status)) = reply {
            return Err(self.refused(principal, *status));
        }
        self.check_http(&answer)?;
        match reply.map_err(|source| self.unreadable(source))? {
            Reply::Answers(response) => Ok(response.answers),
            Reply::Refused(status) => Err(self.refused(principal, *status)),
        }
    }

    /// Sends a request in the XML language. An error is one of the request as a whole; that a command failed stands
    /// in its result.
    pub async fn execute(&self, request: &Request) -> Result<Response, CrmError> {
        let answer = self.send(language::write_request(request)?).await?;
        let response = language::read_response(answer.body());
        if let Ok(Response { refusal: Some(refusal), .. }) = &response {
            let who = request.session.principal.as_ref().unwrap_or(&self.master.user);
            return Err(CrmError::Refused {
                url: self.endpoint.shown(),
                who: who.clone(),
                code: refusal.code.parse().unwrap_or(0),
                reason: refusal.code.parse::<u16>().is_err().then(|| refusal.code.clone()),
                text: self.presentable(&refusal.text),
            });
        }
        self.check_http(&answer)?;
        let response = response.map_err(|source| self.unreadable(source))?;
        let may_break = request.transaction
            || request.commands.iter().any(|command| matches!(command.action, Action::Break(_)));
        let answered = response.results.len();
        if answered > request.commands.len() || (answered < request.commands.len() && !may_break) {
            let why = format!("{} commands, but {} results", request.commands.len(), response.results.len());
            return Err(self.unreadable(ReadError::document(crate::xml::Problem::Mismatch(why))));
        }
        Ok(response)
    }

    /// A request of the client's own user in an ordinary session.
    pub fn request(&self, actions: impl IntoIterator<Item = Action>) -> Request {
        Request::new(self.session(), actions)
    }

    /// Everything that a query finds, fetched in pages of `page` records in an ordinary session. The query should
    /// have no `maxrecords` and `skip` of its own; `what` says in an error what was being done (`list the reps`).
    pub async fn records(
        &self,
        query: &Query,
        page: u32,
        what: &'static str,
    ) -> Result<Vec<Record>, CrmError> {
        let mut records: Vec<Record> = Vec::new();
        loop {
            let mut query = query.clone();
            query.table.max_records = Some(page);
            query.table.skip = u32::try_from(records.len()).unwrap_or(u32::MAX);
            let mut response = self.execute(&self.request([Action::Query(query)])).await?;
            let Some(returned) = response.results.pop() else { return Ok(records) };
            if let Some(error) = returned.error() {
                return Err(self.failed(what, &error.code, &error.text));
            }
            let found = returned.records.len();
            let repeats = returned.records.first().is_some_and(|first| {
                first.id.is_some() && records.first().is_some_and(|known| known.id == first.id)
            });
            if repeats {
                let why = "the same page came twice: the server does not know the attribute skip".to_owned();
                return Err(self.unreadable(ReadError::document(crate::xml::Problem::Mismatch(why))));
            }
            records.extend(returned.records);
            if found < usize::try_from(page).unwrap_or(usize::MAX) || found == 0 {
                return Ok(records);
            }
        }
    }

    /// A session in which the client acts for a rep.
    pub(super) fn session_for(&self, principal: &str) -> Session {
        Session {
            client: self.client_id.as_ref().map(|_| CLIENT_TYPE.to_owned()),
            principal: self.client_id.as_ref().map(|_| principal.to_owned()),
            client_id: self.client_id.clone(),
            ..self.session()
        }
    }

    /// A command failed whose answer the client itself depends on.
    pub(super) fn failed(&self, what: &'static str, code: &str, text: &str) -> CrmError {
        CrmError::Command {
            url: self.endpoint.shown(),
            what,
            code: code.to_owned(),
            text: self.presentable(text),
        }
    }

    fn session(&self) -> Session {
        let user = self.master.user.clone();
        match &self.tokens {
            Some(tokens) => {
                let token = tokens.key.token(&user, tokens.clock.now(), self.nonce());
                Session { token: Some(token), ..Session::default() }
            }
            None => Session { user, password: self.master.password.clone(), ..Session::default() },
        }
    }

    fn nonce(&self) -> [u8; NONCE_BYTES] {
        let bits = u128::from(self.chance.bits()) << 64 | u128::from(self.chance.bits());
        bits.to_be_bytes()
    }

    async fn send(&self, body: Vec<u8>) -> Result<http::Response<Bytes>, CrmError> {
        let request = http::Request::post(self.endpoint.url.as_str())
            .header(http::header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .header(http::header::ACCEPT, "text/xml")
            .body(Bytes::from(body))
            .map_err(|error| CrmError::Address { url: self.endpoint.shown(), why: error.to_string() })?;
        let sent = request.body().len();
        let answer = self.transport.send(request, self.limits).await?;
        tracing::debug!(
            sent,
            received = answer.body().len(),
            status = answer.status().as_u16(),
            "request to the CRM"
        );
        Ok(answer)
    }

    fn check_http(&self, answer: &http::Response<Bytes>) -> Result<(), CrmError> {
        if answer.status().is_success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&answer.body()[..answer.body().len().min(4 * SHOWN)]);
        Err(CrmError::Http {
            url: self.endpoint.shown(),
            status: answer.status().as_u16(),
            text: self.presentable(&text),
        })
    }

    fn refused(&self, principal: &str, status: Status) -> CrmError {
        CrmError::Refused {
            url: self.endpoint.shown(),
            who: principal.to_owned(),
            code: status.code.0,
            reason: status.reason,
            text: self.presentable(status.text.as_deref().unwrap_or("no reason given")),
        }
    }

    fn unreadable(&self, source: ReadError) -> CrmError {
        CrmError::Answer { url: self.endpoint.shown(), source }
    }

    /// What the other side said, fit for a log: one line, not long, and never with the password that it was sent.
    fn presentable(&self, text: &str) -> String {
        let mut text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let password = self.master.password.reveal();
        if !password.is_empty() {
            text = text.replace(password, "…");
        }
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}
