//! The token endpoint of Entra, and the check of what it hands out.

mod jwt;

use crate::error::GraphError;
use crate::tenant::Tenant;
use crate::wire::{Request, Response, pairs, unescaped};
use jiff::Timestamp;
use serde_json::json;

/// How long a token lives, in seconds.
const LIFETIME: i64 = 3599;

/// The application permissions that the registered application was granted.
const ROLES: [&str; 6] = [
    "Calendars.ReadWrite",
    "Contacts.ReadWrite",
    "Mail.ReadWrite",
    "MailboxSettings.Read",
    "Tasks.ReadWrite.All",
    "User.Read.All",
];

/// A refusal of the token endpoint.
struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

/// Answers `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) fn token(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Response {
    match grant(tenant, request, now) {
        Ok(token) => Response::json(
            200,
            json!({
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "ext_expires_in": LIFETIME,
                "access_token": token,
            }),
        ),
        Err(refusal) => refused(tenant, &refusal, now),
    }
}

fn grant(tenant: &Tenant, request: &Request, now: Timestamp) -> Result<String, Refusal> {
    let directory =
        unescaped(request.path.trim_start_matches('/').split('/').next().unwrap_or_default(), false);
    if !directory.eq_ignore_ascii_case(&tenant.tenant_id) && !tenant.has_domain(&directory) {
        return Err(Refusal {
            status: 400,
            error: "invalid_request",
            code: 90002,
            text: format!(
                "Tenant '{directory}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
            ),
        });
    }
    let form = pairs(&String::from_utf8_lossy(&request.body));
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    };
    let required = |name: &str| field(name).ok_or_else(|| missing(name));
    let kind = required("grant_type")?;
    if kind != "client_credentials" {
        return Err(Refusal {
            status: 400,
            error: "unsupported_grant_type",
            code: 70003,
            text: format!("The app requested an unsupported grant type '{kind}'."),
        });
    }
    let client = required("client_id")?;
    if !client.eq_ignore_ascii_case(&tenant.client_id) {
        return Err(Refusal {
            status: 400,
            error: "unauthorized_client",
            code: 700_016,
            text: format!(
                "Application with identifier '{client}' was not found in the directory '{directory}'."
            ),
        });
    }
    let scope = required("scope")?;
    if !scope.ends_with("/.default") || scope.contains(' ') {
        return Err(Refusal {
            status: 400,
            error: "invalid_scope",
            code: 1_002_012,
            text: format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        });
    }
    if field("client_assertion").is_some() {
        return Err(Refusal {
            status: 401,
            error: "invalid_client",
            code: 700_027,
            text: "The certificate with which the client assertion is signed is not registered on the application.".to_owned(),
        });
    }
    let secret = field("client_secret").ok_or_else(|| Refusal {
        status: 401,
        error: "invalid_client",
        code: 7_000_216,
        text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.".to_owned(),
    })?;
    if !jwt::same(secret.as_bytes(), tenant.client_secret.as_bytes()) {
        return Err(Refusal {
            status: 401,
            error: "invalid_client",
            code: 7_000_215,
            text: format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
            ),
        });
    }
    let audience = scope.trim_end_matches("/.default");
    let (from, until) = (now.as_second(), now.as_second() + LIFETIME);
    let claims = json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{}/", tenant.tenant_id),
        "iat": from,
        "nbf": from,
        "exp": until,
        "appid": tenant.client_id,
        "idtyp": "app",
        "roles": ROLES,
        "tid": tenant.tenant_id,
        "era": tenant.era,
        "ver": "1.0",
    });
    Ok(jwt::sign(&claims, &tenant.client_secret))
}

fn missing(name: &str) -> Refusal {
    Refusal {
        status: 400,
        error: "invalid_request",
        code: 900_144,
        text: format!("The request body must contain the following parameter: '{name}'."),
    }
}

fn refused(tenant: &mut Tenant, refusal: &Refusal, now: Timestamp) -> Response {
    let (trace, correlation) = (tenant.sequence.guid(), tenant.sequence.guid());
    let at = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let text = format!(
        "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}",
        refusal.code, refusal.text
    );
    Response::json(
        refusal.status,
        json!({
            "error": refusal.error,
            "error_description": text,
            "error_codes": [refusal.code],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", refusal.code),
        }),
    )
}

/// The id of the application that asks; a request to Graph without a living token of this tenant is refused.
pub(crate) fn authorised(tenant: &Tenant, request: &Request, now: Timestamp) -> Result<String, GraphError> {
    let refuse = |text: &str| Err(GraphError::new(401, "InvalidAuthenticationToken", text));
    let Some(header) = request.header("authorization") else {
        return refuse("Access token is empty.");
    };
    let Some(token) = header.split_once(' ').filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")) else {
        return refuse("Access token is empty.");
    };
    let Some(claims) = jwt::open(token.1.trim(), &tenant.client_secret) else {
        return refuse("Access token validation failure. Invalid signature.");
    };
    let number = |name: &str| claims.get(name).and_then(serde_json::Value::as_i64).unwrap_or(0);
    if number("era").cast_unsigned() != tenant.era {
        return refuse("Access token validation failure. The application was removed.");
    }
    if number("exp") <= now.as_second() {
        return refuse("Lifetime validation failed, the token is expired.");
    }
    Ok(claims.get("appid").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
}

impl Tenant {
    /// Whether a domain name belongs to one of the users.
    fn has_domain(&self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        self.mailboxes.iter().any(|mailbox| {
            mailbox.user.mail.split_once('@').is_some_and(|(_, own)| own.to_lowercase() == domain)
        })
    }
}
