//! The check of the token that comes with each request to Graph.

use super::jwt::Token;
use super::key::SigningKey;
use super::token::is_graph;
use crate::access::Roles;
use crate::error::GraphError;
use crate::tenant::Tenant;
use crate::wire::Request;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many verified tokens are remembered. A client has one; a thousand are more than any tenant sees at once.
const REMEMBERED: usize = 1024;

/// Who asks.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The application.
    pub app_id: Arc<str>,
    /// The permissions in its token.
    pub roles: Roles,
}

/// A token whose signature held.
#[derive(Debug, Clone)]
struct Verified {
    caller: Caller,
    from: i64,
    until: i64,
}

/// Tokens whose signatures held, so that each is computed once and not at each request.
#[derive(Debug, Default)]
pub struct Bearers(BTreeMap<Box<str>, Verified>);

impl Bearers {
    /// Forgets all tokens.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    fn remember(&mut self, token: &str, verified: Verified, now: i64) {
        if self.0.len() >= REMEMBERED {
            self.0.retain(|_, held| held.until > now);
        }
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(token.into(), verified);
    }
}

/// Who asks; refuses a request without a living token of this tenant for Graph.
pub(crate) fn caller(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Result<Caller, GraphError> {
    let refuse = |text: &str| GraphError::new(401, "InvalidAuthenticationToken", text);
    let header = request.header("authorization").and_then(|header| header.split_once(' '));
    let token = match header {
        Some((kind, token)) if kind.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(refuse("Access token is empty.")),
    };
    let now = now.as_second();
    let verified = match tenant.bearers.0.get(token) {
        Some(verified) => verified.clone(),
        None => {
            let verified = verify(tenant, token).map_err(refuse)?;
            tenant.bearers.remember(token, verified.clone(), now);
            verified
        }
    };
    if verified.until <= now {
        return Err(refuse("Lifetime validation failed, the token is expired."));
    }
    if verified.from > now {
        return Err(refuse("Lifetime validation failed, the token is not yet valid."));
    }
    Ok(verified.caller)
}

fn verify(tenant: &Tenant, text: &str) -> Result<Verified, &'static str> {
    let token = Token::read(text).ok_or("CompactToken parsing failed: the token is no JSON web token.")?;
    let key = SigningKey::of(tenant.signs_as).map_err(|_| "Signing key is invalid.")?;
    let is_ours = token.header.get("alg").and_then(serde_json::Value::as_str) == Some("RS256");
    if !is_ours || !key.recognises(tenant.seal, token.signed, &token.signature) {
        return Err("Access token validation failure. Invalid signature.");
    }
    if token.text("rh") != Some(&format!("1.{}", tenant.era)) {
        return Err("Access token validation failure. The application was removed.");
    }
    if !token.text("aud").is_some_and(|audience| is_graph(tenant, audience)) {
        return Err("Access token validation failure. Invalid audience.");
    }
    let named = token.claims.get("roles").and_then(serde_json::Value::as_array);
    let roles = named.into_iter().flatten().filter_map(serde_json::Value::as_str);
    Ok(Verified {
        caller: Caller { app_id: token.text("appid").unwrap_or_default().into(), roles: roles.collect() },
        from: token.seconds("nbf").unwrap_or(i64::MAX),
        until: token.seconds("exp").unwrap_or(0),
    })
}
