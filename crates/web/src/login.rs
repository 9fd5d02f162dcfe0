//! Signing in and out.

use crate::gate::Arrival;
use crate::{Door, Language, Posted, Trouble, Web, Words, cookie};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

#[derive(Template)]
#[template(path = "login.html")]
struct Form<'a> {
    t: Words<'a>,
    product: &'a str,
    token: &'a str,
    to: &'a str,
    login: &'a str,
    wrong: bool,
}

/// The cookie that ties the form for signing in to a browser.
pub(crate) fn cookie<D: Door>(web: &Web<D>) -> String {
    format!("{}-login", web.product().cookie)
}

/// Where to sign in so that one comes back to the page that was asked for.
pub(crate) fn address(uri: &Uri) -> String {
    let wanted = uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    format!("/login?to={}", form_urlencoded::byte_serialize(wanted.as_bytes()).collect::<String>())
}

/// A path of ours; whatever might lead elsewhere becomes the front page.
fn local(to: &str) -> &str {
    let is_ours = to.starts_with('/') && !to[1..].starts_with(['/', '\\']) && !to.contains(char::is_control);
    if is_ours { to } else { "/" }
}

pub(crate) async fn show<D: Door>(web: Web<D>, arrival: Arrival) -> Result<Response, Trouble> {
    let to = arrival.query.iter().find(|(name, _)| name == "to").map_or("/", |(_, to)| to.as_str());
    form(&web, &arrival, "", local(to), false)
}

fn form<D: Door>(
    web: &Web<D>,
    arrival: &Arrival,
    login: &str,
    to: &str,
    wrong: bool,
) -> Result<Response, Trouble> {
    let known = arrival.token.clone().filter(|token| token.len() == 32);
    let token = known.unwrap_or_else(|| web.chance().id());
    let (t, product) = (web.texts().words(arrival.language), web.product().name);
    let content = Form { t, product, token: &token, to, login, wrong }.render()?;
    let status = if wrong { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let mut response = web.bare(status, t, t.say("login.title"), &content)?;
    set(&mut response, cookie::set(&cookie(web), &token, web.product().secure));
    Ok(response)
}

pub(crate) async fn enter<D: Door>(
    web: Web<D>,
    arrival: Arrival,
    posted: Posted,
) -> Result<Response, Trouble> {
    let (login, to) = (posted.text("login"), local(posted.text("to")));
    let now = web.clock().now();
    if let Err(closed) = web.throttle().begin(login, now) {
        tracing::warn!(login, "too many wrong passwords");
        return Err(Trouble::TooOften(closed.as_secs() + 1));
    }
    let admitted = web.door().admit(login, posted.get("password").unwrap_or_default()).await;
    let Some(visitor) = admitted.map_err(|error| Trouble::Failed(error.to_string()))? else {
        return form(&web, &arrival, login, to, true);
    };
    web.throttle().right(login);
    let id = web.sessions().begin(visitor, now, web.chance());
    let mut response = Redirect::to(to).into_response();
    set(&mut response, cookie::set(web.product().cookie, &id, web.product().secure));
    Ok(response)
}

pub(crate) async fn leave<D: Door>(web: Web<D>, Sent(headers): Sent) -> Response {
    if let Some(id) = cookie::read(&headers, web.product().cookie) {
        web.sessions().end(id);
    }
    let mut response = Redirect::to("/login").into_response();
    set(&mut response, cookie::clear(web.product().cookie, web.product().secure));
    response
}

pub(crate) async fn speak<D: Door>(web: Web<D>, Sent(headers): Sent, posted: Posted) -> Response {
    let language = Language::of_code(posted.text("language"));
    if let (Some(id), Some(language)) = (cookie::read(&headers, web.product().cookie), language) {
        web.sessions().speak(id, language);
    }
    Redirect::to(local(posted.text("to"))).into_response()
}

fn set(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The headers of a request.
pub(crate) struct Sent(HeaderMap);

impl<S: Sync> FromRequestParts<S> for Sent {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        Ok(Self(parts.headers.clone()))
    }
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let outside = || Trouble::Failed("this page is not behind the gate".to_owned());
        parts.extensions.get::<Self>().cloned().ok_or_else(outside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::TOKEN;

    #[test]
    fn after_signing_in_one_stays_here() {
        assert_eq!(local("/persons?q=a"), "/persons?q=a");
        for elsewhere in ["//evil.example", "/\\evil.example", "https://evil.example", "", "/\t/evil.example"]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere:?}");
        }
    }

    #[test]
    fn the_form_carries_the_token_where_the_gate_looks_for_it() {
        let texts = crate::Texts::default();
        let form = Form {
            t: texts.words(Language::English),
            product: "P",
            token: "abc",
            to: "/",
            login: "",
            wrong: false,
        };
        assert!(form.render().unwrap().contains(&format!("name=\"{TOKEN}\" value=\"abc\"")));
    }
}
