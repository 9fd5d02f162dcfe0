//! App registrations, as an administrator of Entra sees to them.

use super::access::Delay;
use super::{body, unknown};
use crate::entra::apps::{App, Secret};
use crate::entra::certificate::Certificate;
use crate::error::GraphError;
use crate::ids::Sequence;
use crate::tenant::Tenant;
use crate::wire::{Request, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// A registration, or a change of one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Change {
    app_id: Option<String>,
    display_name: Option<String>,
    account_enabled: Option<bool>,
    roles: Option<Vec<String>>,
    after: Delay,
}

/// A secret, or a change of one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct SecretChange {
    display_name: Option<String>,
    secret_text: Option<String>,
    end_date_time: Option<Timestamp>,
}

/// A certificate to register.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCertificate {
    certificate: String,
}

/// Answers what begins with `/apps`.
pub fn route(
    tenant: &mut Tenant,
    request: &Request,
    names: &[&str],
    now: Timestamp,
) -> Result<Response, GraphError> {
    match (request.method.as_str(), names) {
        ("GET", []) => {
            let apps: Vec<Value> = tenant.apps.list.iter().map(|app| shown(app, now)).collect();
            Ok(Response::json(200, Value::Array(apps)))
        }
        ("POST", []) => register(tenant, read(request)?, now),
        (_, [app, "rbac", rest @ ..]) => super::access::rbac(tenant, request, app, rest, now),
        ("GET", [app]) => Ok(Response::json(200, shown(found(tenant, app)?, now))),
        ("PATCH", [app]) => change(tenant, app, read(request)?, now),
        ("DELETE", [app]) => {
            let id = found(tenant, app)?.app_id.clone();
            tenant.apps.list.retain(|app| app.app_id != id);
            Ok(Response::empty(204))
        }
        (_, [app, "secrets", rest @ ..]) => secrets(tenant, request, app, rest),
        (_, [app, "certificates", rest @ ..]) => certificates(tenant, request, app, rest),
        _ => Err(unknown(request)),
    }
}

fn register(tenant: &mut Tenant, wanted: Change, now: Timestamp) -> Result<Response, GraphError> {
    let id = wanted.app_id.clone().unwrap_or_else(|| tenant.sequence.guid());
    if tenant.apps.find(&id).is_some() {
        return Err(GraphError::new(409, "AppExists", format!("There is an application '{id}' already.")));
    }
    let name = wanted.display_name.clone().unwrap_or_else(|| "Application".to_owned());
    let app = App::new(id.clone(), name, &mut tenant.sequence);
    tenant.apps.list.push(app);
    let mut response = change(tenant, &id, Change { app_id: None, ..wanted }, now)?;
    response.status = 201;
    Ok(response)
}

fn change(tenant: &mut Tenant, app: &str, wanted: Change, now: Timestamp) -> Result<Response, GraphError> {
    if wanted.app_id.is_some() {
        return Err(GraphError::bad("The id of an application cannot be changed."));
    }
    let at = wanted.after.moment(tenant, now)?;
    let app = tenant.apps.find_mut(app).ok_or_else(|| absent(app))?;
    app.display_name = wanted.display_name.unwrap_or(std::mem::take(&mut app.display_name));
    app.enabled = wanted.account_enabled.unwrap_or(app.enabled);
    if let Some(roles) = wanted.roles {
        app.consent_to(&roles, at, now);
        tenant.access.expect(at, now);
    }
    Ok(Response::json(200, shown(app, now)))
}

fn secrets(
    tenant: &mut Tenant,
    request: &Request,
    app: &str,
    names: &[&str],
) -> Result<Response, GraphError> {
    let Tenant { apps, sequence, .. } = tenant;
    let app = apps.find_mut(app).ok_or_else(|| absent(app))?;
    match (request.method.as_str(), names) {
        ("POST", []) => {
            let wanted: SecretChange = read(request)?;
            let secret = Secret {
                key_id: sequence.guid(),
                display_name: wanted.display_name,
                value: wanted.secret_text.unwrap_or_else(|| Secret::made(sequence)),
                ends: wanted.end_date_time,
            };
            let mut answer = shown_secret(&secret);
            // As in the portal, the value is told once.
            answer["secretText"] = json!(secret.value);
            app.secrets.push(secret);
            Ok(Response::json(201, answer))
        }
        ("PATCH", [key]) => {
            let wanted: SecretChange = read(request)?;
            if wanted.secret_text.is_some() {
                return Err(GraphError::bad("The value of a secret cannot be changed; add another one."));
            }
            let secret = app.secrets.iter_mut().find(|secret| secret.key_id == *key);
            let secret = secret.ok_or_else(|| no_key(key))?;
            secret.display_name = wanted.display_name.or(secret.display_name.take());
            secret.ends = wanted.end_date_time.or(secret.ends);
            Ok(Response::json(200, shown_secret(secret)))
        }
        ("DELETE", [key]) => {
            let before = app.secrets.len();
            app.secrets.retain(|secret| secret.key_id != *key);
            gone(before != app.secrets.len(), key)
        }
        _ => Err(unknown(request)),
    }
}

fn certificates(
    tenant: &mut Tenant,
    request: &Request,
    app: &str,
    names: &[&str],
) -> Result<Response, GraphError> {
    let Tenant { apps, sequence, .. } = tenant;
    let app = apps.find_mut(app).ok_or_else(|| absent(app))?;
    match (request.method.as_str(), names) {
        ("POST", []) => {
            let wanted: NewCertificate = read(request)?;
            let certificate = read_certificate(&wanted.certificate, sequence)?;
            let answer = shown_certificate(&certificate);
            app.certificates.push(certificate);
            Ok(Response::json(201, answer))
        }
        ("DELETE", [key]) => {
            let before = app.certificates.len();
            app.certificates.retain(|certificate| certificate.key_id != *key);
            gone(before != app.certificates.len(), key)
        }
        _ => Err(unknown(request)),
    }
}

fn read_certificate(text: &str, sequence: &mut Sequence) -> Result<Certificate, GraphError> {
    Certificate::read(text, sequence.guid())
        .map_err(|error| GraphError::bad(format!("'certificate' cannot be registered: {error}.")))
}

/// An application by its id.
pub fn found<'a>(tenant: &'a Tenant, app: &str) -> Result<&'a App, GraphError> {
    tenant.apps.find(app).ok_or_else(|| absent(app))
}

/// 404 of an application.
pub fn absent(app: &str) -> GraphError {
    GraphError::new(404, "AppNotFound", format!("There is no application '{app}'."))
}

fn no_key(key: &str) -> GraphError {
    GraphError::new(404, "KeyNotFound", format!("The application has no credential '{key}'."))
}

fn gone(was_there: bool, key: &str) -> Result<Response, GraphError> {
    if was_there { Ok(Response::empty(204)) } else { Err(no_key(key)) }
}

/// The body as what it is to be.
pub fn read<T: for<'de> Deserialize<'de>>(request: &Request) -> Result<T, GraphError> {
    serde_json::from_value(Value::Object(body(request)?))
        .map_err(|error| GraphError::bad(format!("The body cannot be read: {error}.")))
}

fn shown(app: &App, now: Timestamp) -> Value {
    json!({
        "appId": app.app_id,
        "objectId": app.object_id,
        "displayName": app.display_name,
        "accountEnabled": app.enabled,
        "roles": app.roles(now),
        "secrets": app.secrets.iter().map(shown_secret).collect::<Vec<_>>(),
        "certificates": app.certificates.iter().map(shown_certificate).collect::<Vec<_>>(),
        "rbac": app.rbac.iter().map(super::access::shown_grant).collect::<Vec<_>>(),
    })
}

fn shown_secret(secret: &Secret) -> Value {
    json!({
        "keyId": secret.key_id,
        "displayName": secret.display_name,
        "hint": secret.value.chars().take(3).collect::<String>(),
        "endDateTime": secret.ends.map(|ends| ends.to_string()),
    })
}

fn shown_certificate(certificate: &Certificate) -> Value {
    let (sha1, sha256) = certificate.header_thumbprints();
    json!({
        "keyId": certificate.key_id,
        "thumbprint": certificate.thumbprint(),
        "x5t": sha1,
        "x5t#S256": sha256,
        "startDateTime": certificate.starts.to_string(),
        "endDateTime": certificate.ends.to_string(),
    })
}
