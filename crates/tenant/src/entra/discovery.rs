//! What libraries ask before they ask for a token: where the endpoints are, and which keys sign.

use super::Directory;
use super::key::SigningKey;
use super::refusal::Refusal;
use crate::tenant::Tenant;
use crate::wire::{Request, Response, pairs};
use serde_json::{Value, json};

/// Hosts under which Entra is known everywhere.
const KNOWN: [&str; 4] =
    ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];

/// The discovery document, as the Microsoft identity platform has it.
pub fn configuration(tenant: &Tenant, directory: &Directory, v2: bool) -> Response {
    let base = format!("{}/{}", tenant.graph_url, directory.path());
    let oauth = if v2 { format!("{base}/oauth2/v2.0") } else { format!("{base}/oauth2") };
    let keys = if v2 { "discovery/v2.0/keys" } else { "discovery/keys" };
    let issuer = if v2 {
        format!("{}/{}/v2.0", tenant.graph_url, directory.issuer())
    } else {
        format!("https://sts.windows.net/{}/", directory.issuer())
    };
    let host = host(&tenant.graph_url);
    let mut document = json!({
        "token_endpoint": format!("{oauth}/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{keys}"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{}/oidc/userinfo", tenant.graph_url),
        "authorization_endpoint": format!("{oauth}/authorize"),
        "device_authorization_endpoint": format!("{oauth}/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{oauth}/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name",
            "msgraph_host", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name",
            "tid", "ver", "at_hash", "c_hash", "email",
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": host,
        "cloud_graph_host_name": host,
        "msgraph_host": host,
        "rbac_url": "https://pas.windows.net",
    });
    if matches!(directory.path(), "common" | "organizations") {
        document["tenant_region_scope"] = Value::Null;
    } else {
        document["tenant_region_scope"] = json!("EU");
    }
    Response::json(200, document)
}

/// The keys that sign tokens (RFC 7517).
pub fn keys(tenant: &Tenant, directory: &Directory, v2: bool) -> Result<Response, Refusal> {
    let mut key = SigningKey::of(tenant.signs_as)?.jwk();
    if v2 {
        key["issuer"] = json!(format!("{}/{}/v2.0", tenant.graph_url, directory.issuer()));
    }
    Ok(Response::json(200, json!({ "keys": [key] })))
}

/// Instance discovery: whether a login host is one of Entra's, and under which other names it goes.
pub fn instance(tenant: &Tenant, request: &Request) -> Result<Response, Refusal> {
    let query = pairs(request.query.as_deref().unwrap_or_default());
    let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (Some(version), Some(endpoint)) = (given("api-version"), given("authorization_endpoint")) else {
        return Err(Refusal::request(50050, "The request is malformed."));
    };
    let own = host(&tenant.graph_url);
    // Some libraries name the host without its port.
    let bare = own.rsplit_once(':').map_or(own, |(bare, _)| bare);
    let named = host(endpoint);
    let rest = endpoint.split_once("://").map_or("", |(_, rest)| rest);
    let directory = rest.split('/').nth(1).unwrap_or("common");
    if ![own, bare].contains(&named) && !KNOWN.contains(&named) {
        return Err(Refusal::instance());
    }
    let infix = if endpoint.contains("/oauth2/v2.0/") { "/v2.0" } else { "" };
    let mut body = json!({
        "tenant_discovery_endpoint":
            format!("{}/{directory}{infix}/.well-known/openid-configuration", tenant.graph_url),
        "api-version": version,
    });
    if version == "1.1" {
        body["metadata"] = json!([
            { "preferred_network": own, "preferred_cache": own, "aliases": [own, bare] },
            { "preferred_network": KNOWN[0], "preferred_cache": KNOWN[1], "aliases": KNOWN },
        ]);
    }
    Ok(Response::json(200, body))
}

/// Host and port of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}
