//! The token endpoint: client credentials ("Microsoft identity platform: OAuth 2.0 client credentials flow").

use super::apps::App;
use super::key::SigningKey;
use super::refusal::Refusal;
use super::{Directory, assertion, jwt};
use crate::tenant::Tenant;
use crate::wire::{Request, Response, pairs, unescaped};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};

/// How long a token lives, in seconds.
const LIFETIME: i64 = 3599;

/// How long before it is asked for a token begins to hold, in seconds: Entra allows for clocks that go wrong.
const BACKDATED: i64 = 300;

/// Application id of Microsoft Graph, which may stand for its address.
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Answers a request to a token endpoint; `v2` tells which.
pub fn answer(
    tenant: &mut Tenant,
    request: &Request,
    directory: &str,
    v2: bool,
    now: Timestamp,
) -> Result<Response, Refusal> {
    if request.method != "POST" {
        let text = format!("The endpoint only accepts POST requests. Received a {} request.", request.method);
        return Err(Refusal::request(900_561, text));
    }
    let form = Form::of(request);
    let directory = tenant.directory(directory)?;
    let grant = grant(tenant, &form, &directory, v2, now)?;
    let uti = URL_SAFE_NO_PAD
        .encode([tenant.sequence.bits().to_be_bytes(), tenant.sequence.bits().to_be_bytes()].concat());
    let token = grant.token(tenant, uti, now)?;
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "ext_expires_in": LIFETIME,
        "access_token": token,
    });
    if !v2 {
        // The older endpoint writes numbers as texts and names the resource.
        let until = now.as_second() + LIFETIME;
        body = json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME.to_string(),
            "ext_expires_in": LIFETIME.to_string(),
            "expires_on": until.to_string(),
            "not_before": (now.as_second() - BACKDATED).to_string(),
            "resource": grant.audience,
            "access_token": body["access_token"],
        });
    }
    let mut response = Response::json(200, body);
    response.headers.push(("cache-control", "no-store, no-cache".to_owned()));
    Ok(response)
}

/// The form of a request, with the credentials that HTTP Basic may carry instead (RFC 6749, section 2.3.1).
struct Form(Vec<(String, String)>);

impl Form {
    fn of(request: &Request) -> Self {
        let mut form = pairs(&String::from_utf8_lossy(&request.body));
        let basic = request.header("authorization").and_then(|header| {
            let (kind, text) = header.split_once(' ')?;
            let text = kind.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(text.trim()).ok())??;
            let text = String::from_utf8(text).ok()?;
            let (id, secret) = text.split_once(':')?;
            Some((unescaped(id, true), unescaped(secret, true)))
        });
        if let Some((id, secret)) = basic {
            form.push(("client_id".to_owned(), id));
            form.push(("client_secret".to_owned(), secret));
        }
        Self(form)
    }

    fn field(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.field(name).ok_or_else(|| Refusal::missing(name))
    }
}

/// What a token is made of.
struct Grant {
    audience: String,
    app_id: String,
    object_id: String,
    display_name: String,
    /// How the client showed who it is: `1` a secret, `2` a certificate.
    shown_by: &'static str,
    roles: Vec<String>,
}

fn grant(
    tenant: &Tenant,
    form: &Form,
    directory: &Directory,
    v2: bool,
    now: Timestamp,
) -> Result<Grant, Refusal> {
    let kind = form.required("grant_type")?;
    if kind != "client_credentials" {
        return Err(Refusal::grant(kind));
    }
    let client = form.required("client_id")?;
    let app = tenant.apps.find(client).ok_or_else(|| {
        Refusal::unauthorized(
            700_016,
            format!(
                "Application with identifier '{client}' was not found in the directory '{}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
                directory.name
            ),
        )
    })?;
    let audience =
        if v2 { from_scope(form.required("scope")?)? } else { form.required("resource")?.to_owned() };
    if !is_known(tenant, &audience) {
        return Err(Refusal::resource(&audience, &directory.name));
    }
    let shown_by = prove(tenant, app, form, directory, now)?;
    if !app.enabled {
        let text = format!("Application '{}'({}) is disabled.", app.app_id, app.display_name);
        return Err(Refusal::unauthorized(7_000_112, text));
    }
    let roles = if is_graph(tenant, &audience) { app.roles(now) } else { Default::default() };
    Ok(Grant {
        audience,
        app_id: app.app_id.clone(),
        object_id: app.object_id.clone(),
        display_name: app.display_name.clone(),
        shown_by,
        roles: roles.into_iter().map(str::to_owned).collect(),
    })
}

/// The resource of a scope, which must ask for all that was granted.
fn from_scope(scope: &str) -> Result<String, Refusal> {
    let mut scopes = scope.split_whitespace();
    let (first, more) = (scopes.next().unwrap_or_default(), scopes.next());
    if more.is_some() && scope.contains("/.default") {
        let text = format!(
            "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(Refusal::scope(70011, text));
    }
    match first.strip_suffix("/.default") {
        Some(resource) if more.is_none() && !resource.is_empty() => Ok(resource.to_owned()),
        _ => Err(Refusal::scope(
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        )),
    }
}

/// Whether a resource is Graph: under its names in any cloud, or where this tenant is served.
pub fn is_graph(tenant: &Tenant, audience: &str) -> bool {
    let audience = audience.trim_end_matches('/');
    let names = [
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
        GRAPH_ID,
        &tenant.graph_url,
    ];
    names.iter().any(|name| name.eq_ignore_ascii_case(audience))
}

/// Whether the tenant has a resource. Exchange Online is there too, so that a token for the wrong one can be had.
fn is_known(tenant: &Tenant, audience: &str) -> bool {
    let other = ["https://outlook.office365.com", "https://outlook.office.com"];
    is_graph(tenant, audience) || other.contains(&audience.trim_end_matches('/'))
}

/// Checks that the client is the application, and says by what it showed it.
fn prove(
    tenant: &Tenant,
    app: &App,
    form: &Form,
    directory: &Directory,
    now: Timestamp,
) -> Result<&'static str, Refusal> {
    if let Some(text) = form.field("client_assertion") {
        if form.required("client_assertion_type")? != assertion::TYPE {
            return Err(Refusal::request(90023, "Unsupported 'client_assertion_type' value."));
        }
        let is_audience = |audience: &str| directory.is_audience(tenant, audience);
        return assertion::check(app, text, is_audience, now).map(|()| "2");
    }
    let given = form.field("client_secret").ok_or_else(|| {
        Refusal::client(
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        )
    })?;
    let same = app.secrets.iter().filter(|secret| jwt::same(secret.value.as_bytes(), given.as_bytes()));
    let ends: Vec<Option<Timestamp>> = same.map(|secret| secret.ends).collect();
    if ends.is_empty() {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
            app.app_id
        );
        return Err(Refusal::client(7_000_215, text));
    }
    if ends.iter().all(|ends| ends.is_some_and(|ends| ends <= now)) {
        let text = format!(
            "The provided client secret keys for app '{}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
            app.app_id
        );
        return Err(Refusal::client(7_000_222, text));
    }
    Ok("1")
}

impl Grant {
    /// The token ("Access token claims reference"; version 1.0, which is what Graph takes).
    fn token(&self, tenant: &Tenant, uti: String, now: Timestamp) -> Result<String, Refusal> {
        let from = now.as_second() - BACKDATED;
        let issuer = format!("https://sts.windows.net/{}/", tenant.tenant_id);
        let mut claims = json!({
            "aud": self.audience,
            "iss": issuer,
            "iat": from,
            "nbf": from,
            "exp": now.as_second() + LIFETIME,
            "app_displayname": self.display_name,
            "appid": self.app_id,
            "appidacr": self.shown_by,
            "idp": issuer,
            "idtyp": "app",
            "oid": self.object_id,
            // Opaque to clients. Here it tells tokens of before a reset.
            "rh": format!("1.{}", tenant.era),
            "sub": self.object_id,
            "tid": tenant.tenant_id,
            "uti": uti,
            "ver": "1.0",
        });
        // Without consent there is a token all the same, but it has no roles.
        if !self.roles.is_empty() {
            claims["roles"] = Value::from(self.roles.clone());
        }
        Ok(jwt::sign(&claims, SigningKey::of(tenant.signs_as)?.as_ref(), tenant.seal)?)
    }
}
