//! Client assertions: a certificate instead of a secret ("Microsoft identity platform: certificate credentials").

use super::apps::App;
use super::certificate::{Certificate, Padding};
use super::jwt::Token;
use super::refusal::Refusal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

/// The only kind of assertion that Entra takes.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far the clocks of client and service may differ, as token validation of Microsoft's libraries allows.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Checks that an assertion is an application's own.
pub fn check(
    app: &App,
    assertion: &str,
    is_audience: impl Fn(&str) -> bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let malformed = |why: &str| Refusal::client(50027, format!("JWT token is invalid or malformed. {why}"));
    let token = Token::read(assertion).ok_or_else(|| malformed("It is not in JWS compact format."))?;
    let padding = match token.header.get("alg").and_then(serde_json::Value::as_str) {
        Some("RS256") => Padding::Pkcs1,
        Some("PS256") => Padding::Pss,
        _ => return Err(malformed("Its algorithm is neither RS256 nor PS256.")),
    };
    let claim = |name: &str| {
        token.text(name).ok_or_else(|| malformed(&format!("The required claim '{name}' is missing.")))
    };
    let (issuer, subject, audience) = (claim("iss")?, claim("sub")?, claim("aud")?);
    claim("jti")?;
    let expires = token.seconds("exp").ok_or_else(|| malformed("The required claim 'exp' is missing."))?;
    if issuer != subject {
        return Err(Refusal::client(50048, "Subject mismatches Issuer claim in the client assertion."));
    }
    if !subject.eq_ignore_ascii_case(&app.app_id) {
        return Err(Refusal::client(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    if !is_audience(audience) {
        return Err(Refusal::client(700_023, "Client assertion audience claim does not match Realm issuer."));
    }
    signed(app, &token, padding, now)?;
    in_time(token.seconds("nbf"), expires, now)
}

fn signed(app: &App, token: &Token<'_>, padding: Padding, now: Timestamp) -> Result<(), Refusal> {
    let named = |name: &str| {
        let text = token.header.get(name).and_then(serde_json::Value::as_str)?;
        // Padding has no place here (RFC 7515, section 2), but msal for Python writes it, and Entra takes it.
        Some(text.trim_end_matches('='))
    };
    let (by_sha1, by_sha256) = (named("x5t"), named("x5t#S256"));
    let refused = |reason: &str| {
        let thumbprint = URL_SAFE_NO_PAD.decode(by_sha256.or(by_sha1).unwrap_or_default());
        let thumbprint: String =
            thumbprint.unwrap_or_default().iter().map(|byte| format!("{byte:02X}")).collect();
        Refusal::client(
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '{}'.]",
                app.app_id
            ),
        )
    };
    let is_named = |certificate: &&Certificate| {
        let (sha1, sha256) = certificate.header_thumbprints();
        by_sha1.is_some_and(|named| named == sha1) || by_sha256.is_some_and(|named| named == sha256)
    };
    let certificate =
        app.certificates.iter().find(is_named).ok_or_else(|| refused("The key was not found."))?;
    if now < certificate.starts || now >= certificate.ends {
        return Err(refused("The key used is expired."));
    }
    if !certificate.verifies(padding, token.signed, &token.signature) {
        return Err(refused("The key was found, but use of the key to verify the signature failed."));
    }
    Ok(())
}

fn in_time(from: Option<i64>, until: i64, now: Timestamp) -> Result<(), Refusal> {
    let (early, late) = (now.saturating_sub(SKEW), now.saturating_add(SKEW));
    let second = |moment: Result<Timestamp, _>| moment.map_or(now, |moment: Timestamp| moment).as_second();
    if until > second(early) && from.is_none_or(|from| from <= second(late)) {
        return Ok(());
    }
    let shown = |seconds: i64| Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    Err(Refusal::client(
        700_024,
        format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {}, expiry time of assertion {}.",
            shown(from.unwrap_or(0)),
            shown(until)
        ),
    ))
}
