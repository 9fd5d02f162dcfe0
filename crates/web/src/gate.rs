//! The gate before every page: who is it, may he, and does the form come from one of our pages?

use crate::form::TOKEN;
use crate::visit::query;
use crate::{
    Access, Door, Language, Posted, Trouble, Visit, Visitor as _, Web, cookie, headers, login, origin,
};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use subtle::ConstantTimeEq;

/// What the gate before one page needs to know.
pub(crate) struct Passage<D: Door> {
    pub web: Web<D>,
    pub access: Access,
    /// The largest body that is read, in bytes.
    pub limit: usize,
}

impl<D: Door> Clone for Passage<D> {
    fn clone(&self) -> Self {
        Self { web: self.web.clone(), access: self.access, limit: self.limit }
    }
}

/// Somebody who need not be signed in.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub language: Language,
    pub query: Vec<(String, String)>,
    /// Proves that a form for signing in was shown by us to this browser.
    pub token: Option<String>,
}

pub(crate) async fn pass<D: Door>(
    State(passage): State<Passage<D>>,
    request: Request,
    next: Next,
) -> Response {
    let web = &passage.web;
    let (mut parts, body) = request.into_parts();
    let mut visit = None;
    let entered = match enter(&passage, &mut parts, body, &mut visit).await {
        Ok(()) => next.run(Request::from_parts(parts, Body::empty())).await,
        Err(Refusal::SignIn(address)) => Redirect::to(&address).into_response(),
        Err(Refusal::Trouble(trouble, accepted)) => {
            let mut response = trouble.into_response();
            response.extensions_mut().insert(accepted);
            response
        }
    };
    let mut response = entered;
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        if let Trouble::Failed(text) = &trouble {
            tracing::error!(text, "a page failed");
        }
        let accepted = response.extensions_mut().remove::<Language>();
        let language = visit.as_ref().map(|visit: &Visit<D::Visitor>| visit.language);
        response = web.trouble(&trouble, language.or(accepted).unwrap_or_default(), visit.as_ref());
    }
    headers::protect(response.headers_mut());
    response
}

enum Refusal {
    SignIn(String),
    Trouble(Trouble, Language),
}

/// Leaves in the request what the handler may take: a visit or an arrival, and the form.
async fn enter<D: Door>(
    passage: &Passage<D>,
    parts: &mut Parts,
    body: Body,
    visit: &mut Option<Visit<D::Visitor>>,
) -> Result<(), Refusal> {
    let web = &passage.web;
    let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = accepted.and_then(Language::accepted).unwrap_or_default();
    let refuse = |trouble| Refusal::Trouble(trouble, accepted);
    let token = if passage.access == Access::Open {
        let token = cookie::read(&parts.headers, &login::cookie(web)).map(str::to_owned);
        let arrival = Arrival { language: accepted, query: query(&parts.uri), token: token.clone() };
        parts.extensions.insert(arrival);
        token
    } else {
        let found = recognise(web, parts, accepted).await.map_err(refuse)?;
        let Some(found) = found else {
            return Err(match parts.method {
                Method::GET | Method::HEAD => Refusal::SignIn(login::address(&parts.uri)),
                _ => refuse(Trouble::SignedOut),
            });
        };
        let found = visit.insert(found);
        if passage.access == Access::Administrator && !found.visitor.is_administrator() {
            let text = web.words(found).say("error.administrators").to_owned();
            return Err(refuse(Trouble::Forbidden(text)));
        }
        parts.extensions.insert(found.clone());
        Some(found.token().to_owned())
    };
    if parts.method == Method::POST {
        let posted = form(&parts.headers, body, passage.limit, token.as_deref()).await.map_err(refuse)?;
        parts.extensions.insert(posted);
    }
    Ok(())
}

/// The visit of a request whose cookie names a session; its visitor as he is now.
async fn recognise<D: Door>(
    web: &Web<D>,
    parts: &Parts,
    accepted: Language,
) -> Result<Option<Visit<D::Visitor>>, Trouble> {
    let Some(id) = cookie::read(&parts.headers, web.product().cookie) else { return Ok(None) };
    let Some(session) = web.sessions().find(id, web.clock().now()) else { return Ok(None) };
    let renewed = web.door().renew(&session.visitor).await;
    let Some(visitor) = renewed.map_err(|error| Trouble::Failed(error.to_string()))? else {
        web.sessions().end(id);
        return Ok(None);
    };
    let language = session.language.or(visitor.language()).unwrap_or(accepted);
    Ok(Some(Visit::new(visitor, language, session.token, &parts.uri)))
}

/// The form of a request, when it comes from a page of ours that was shown in the same session.
async fn form(headers: &HeaderMap, body: Body, limit: usize, token: Option<&str>) -> Result<Posted, Trouble> {
    if origin::is_foreign(headers) {
        return Err(Trouble::ForeignForm);
    }
    let body = to_bytes(body, limit).await.map_err(|_| Trouble::TooLarge(limit))?;
    let posted = Posted::read(headers, body).await?;
    let sent = posted.get(TOKEN).unwrap_or_default();
    let ours = token.filter(|token| !token.is_empty());
    let same = ours.is_some_and(|ours| bool::from(ours.as_bytes().ct_eq(sent.as_bytes())));
    if same { Ok(posted) } else { Err(Trouble::ForeignForm) }
}
