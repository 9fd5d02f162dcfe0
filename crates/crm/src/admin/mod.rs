//! What an administrator asks the CRM besides its records: the rules in force, and whether everything is set up. JSON
//! over HTTP, with the login and password of a user (basic authentication, RFC 7617).

pub(crate) mod catalogs;
pub(crate) mod checklist;
mod state;

use crate::crm::Crm;
use crate::storage::{Author, StorageError};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use base64::Engine as _;
use serde::Serialize;
use serde_json::json;
use tandem_crm_interface::session::Secret;

/// The addresses under which an administrator asks.
pub(crate) fn routes() -> Router<Crm> {
    Router::new()
        .route("/CRMinterface/state", get(state))
        .route("/CRMinterface/checklist", get(checklist))
        .route("/CRMinterface/catalogs", post(catalogs))
        .route("/CRMinterface/validate/{file}", post(validate))
        .route("/CRMinterface/switches/{key}", put(switch))
}

async fn state(State(crm): State<Crm>, headers: HeaderMap) -> Response {
    match admitted(&crm, &headers).await {
        Ok(_) => answer(Ok(state::of(&crm))),
        Err(refusal) => refusal,
    }
}

async fn checklist(State(crm): State<Crm>, headers: HeaderMap) -> Response {
    match admitted(&crm, &headers).await {
        Ok(_) => answer(checklist::of(&crm).await),
        Err(refusal) => refusal,
    }
}

/// Adds the catalog entries that are missing (setup guide, part B, step 1).
async fn catalogs(State(crm): State<Crm>, headers: HeaderMap) -> Response {
    match admitted(&crm, &headers).await {
        Ok(_) => {
            let added = crm.storage.write(Author::system(), catalogs::add_missing).await;
            answer(added.map(|added| json!({ "added": added })))
        }
        Err(refusal) => refusal,
    }
}

/// Judges a text before it is saved as `forms.xml` or `settings.xml`.
async fn validate(
    State(crm): State<Crm>,
    Path(file): Path<String>,
    headers: HeaderMap,
    text: String,
) -> Response {
    if let Err(refusal) = admitted(&crm, &headers).await {
        return refusal;
    }
    match crm.system.judge(&file, &text) {
        Some(Ok(remarks)) => json_of(&json!({ "ok": true, "remarks": remarks })),
        Some(Err(error)) => json_of(&json!({ "ok": false, "line": error.line, "reason": error.reason })),
        None => {
            let text = format!("there is no file \"{file}\"; known are forms.xml and settings.xml");
            (StatusCode::NOT_FOUND, json_of(&json!({ "error": text }))).into_response()
        }
    }
}

/// Sets a switch of the groupware page in `settings.xml`.
async fn switch(
    State(crm): State<Crm>,
    Path(key): Path<String>,
    headers: HeaderMap,
    text: String,
) -> Response {
    let user = match admitted(&crm, &headers).await {
        Ok(user) => user,
        Err(refusal) => return refusal,
    };
    let value = match text.trim() {
        "true" => true,
        "false" => false,
        other => {
            let text = format!("a switch is true or false, not \"{other}\"");
            return (StatusCode::BAD_REQUEST, json_of(&json!({ "error": text }))).into_response();
        }
    };
    let system = crm.system.clone();
    let switches = [(key.clone(), value)];
    match tokio::task::spawn_blocking(move || system.set_switches(&switches, None, &user)).await {
        Ok(Ok(())) => json_of(&json!({ "key": key, "value": value })),
        Ok(Err(error)) => {
            (StatusCode::CONFLICT, json_of(&json!({ "error": error.to_string() }))).into_response()
        }
        Err(error) => answer::<()>(Err(StorageError::Interrupted(error.to_string()))),
    }
}

/// Lets in who knows a login's password, also where CRM.interface takes tokens only, and answers who it is; else the
/// refusal.
async fn admitted(crm: &Crm, headers: &HeaderMap) -> Result<String, Response> {
    // Browsers send credentials along whoever asks, and say whether another site does (Fetch Metadata, W3C).
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if site.is_some_and(|site| !["same-origin", "none"].contains(&site)) {
        return Err(refusal("another site may not ask"));
    }
    let Some((user, password)) = credentials(headers) else {
        return Err(refusal("name a login and its password"));
    };
    match crm.passwords.check(&user, &password).await {
        Ok(true) => Ok(user),
        Ok(false) => Err(refusal("user or password is wrong")),
        Err(error) => Err(answer::<()>(Err(error))),
    }
}

fn credentials(headers: &HeaderMap) -> Option<(String, Secret)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let decoded = String::from_utf8(decoded).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), Secret::new(password)))
}

fn refusal(text: &str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"CRM.interface\", charset=\"UTF-8\"")];
    (StatusCode::UNAUTHORIZED, challenge, json_of(&json!({ "error": text }))).into_response()
}

fn answer<T: Serialize>(result: Result<T, StorageError>) -> Response {
    match result {
        Ok(value) => json_of(&value),
        Err(error) => {
            tracing::error!(%error, "an administrator's question failed");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            (status, json_of(&json!({ "error": error.to_string() }))).into_response()
        }
    }
}

fn json_of(value: &impl Serialize) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    match serde_json::to_vec(value) {
        Ok(body) => (headers, body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
