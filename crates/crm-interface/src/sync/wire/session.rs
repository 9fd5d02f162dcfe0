//! The session in a message's header.
//!
//! User and password travel as SyncML's basic authentication (`syncml:auth-basic`: base64 of `user:password`), the
//! user in `Source/LocName` too. The values that make a master session have no place in SyncML: they are attributes
//! of an element of ours in the header's `Meta`, under the names that `forms.xml` uses.

use super::message::{meta, text};
use super::names::{
    PAYLOAD_NAMESPACE, SESSION, SESSION_CLIENT, SESSION_CLIENT_ID, SESSION_LANGUAGE, SESSION_PRINCIPAL,
};
use super::{META_NAMESPACE, ReadError};
use crate::session::{Secret, Session, language};
use crate::xml::{Element, Problem, Writer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BASIC: &str = "syncml:auth-basic";
/// Ours: SyncML has no name for an authentication by a token of the interface.
const TOKEN: &str = "x-mm:auth-token";

pub(super) fn write(w: &mut Writer, session: &Session) {
    let (kind, credentials) = match &session.token {
        Some(token) => (TOKEN, token.reveal().to_owned()),
        None => (BASIC, format!("{}:{}", session.user, session.password.reveal())),
    };
    w.start("Cred").start("Meta");
    meta(w, "Format", "b64");
    w.start("Type").attribute("xmlns", META_NAMESPACE).text(kind).end().end();
    w.start("Data").base64(credentials.as_bytes()).end().end();
    w.start("Meta").start(SESSION).attribute("xmlns", PAYLOAD_NAMESPACE);
    w.attribute_if(SESSION_CLIENT, session.client.as_ref())
        .attribute_if(SESSION_PRINCIPAL, session.principal.as_ref())
        .attribute_if(SESSION_CLIENT_ID, session.client_id.as_ref())
        .attribute_if(SESSION_LANGUAGE, session.language.as_ref());
    w.end().end();
}

/// Reads the session. A message without credentials is read as one of nobody, whom the server will refuse.
pub(super) fn read(header: &Element<'_>) -> Result<Session, ReadError> {
    let login = match header.child("Cred") {
        Some(credentials) => read_credentials(credentials, header)?,
        None => Session::default(),
    };
    let ours = header.child("Meta").and_then(|meta| meta.child(SESSION));
    let value = |name| ours.and_then(|ours| ours.attribute(name)).map(str::to_owned);
    Ok(Session {
        client: value(SESSION_CLIENT),
        principal: value(SESSION_PRINCIPAL),
        client_id: value(SESSION_CLIENT_ID),
        language: value(SESSION_LANGUAGE).as_deref().and_then(language),
        ..login
    })
}

/// Errors never repeat what was found here.
fn read_credentials(cred: &Element<'_>, header: &Element<'_>) -> Result<Session, ReadError> {
    let hidden =
        |expected| cred.error(Problem::Invalid { found: "what the message holds".to_owned(), expected });
    let kind = cred.child("Meta").map_or("", |meta| text(meta, "Type"));
    if ![BASIC, TOKEN].contains(&kind.trim()) {
        return Err(cred
            .invalid(kind, "syncml:auth-basic or x-mm:auth-token, the ways to log in that are understood"));
    }
    let data = cred.require("Data")?.text();
    let decoded = STANDARD.decode(data.trim()).map_err(|_| hidden("base64"))?;
    let decoded = String::from_utf8(decoded).map_err(|_| hidden("UTF-8 in base64"))?;
    if kind.trim() == TOKEN {
        return Ok(Session { token: Some(Secret::new(decoded)), ..Session::default() });
    }
    // A login may hold a colon; the header names it in full.
    let named = header.child("Source").map_or("", |source| text(source, "LocName"));
    let split = decoded
        .strip_prefix(named)
        .and_then(|rest| rest.strip_prefix(':'))
        .filter(|_| !named.is_empty())
        .map(|password| (named, password))
        .or_else(|| decoded.split_once(':'));
    let (user, password) = split.ok_or_else(|| hidden("user:password in base64"))?;
    Ok(Session { user: user.to_owned(), password: Secret::new(password), ..Session::default() })
}
