//! A subscription as it is asked for, before its receivers have proved that they listen.

use super::resource::{Resource, Scope};
use super::rich::Certificate;
use super::watch::ChangeKind;
use super::{Subscription, SubscriptionId};
use crate::error::GraphError;
use crate::graph::Call;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Shorter lives are prolonged to this (`api-reference/v1.0/resources/subscription.md`).
const SHORTEST: i64 = 45;
/// Longest life of a subscription to users, in minutes.
const LONGEST_OF_USERS: i64 = 41_760;
/// Longest life of a subscription with resource data, in minutes.
const LONGEST_OF_RICH: i64 = 1_440;
/// Longest `clientState` and `encryptionCertificateId`.
const LONGEST_TEXT: usize = 128;

/// The body of a creation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Payload {
    change_type: Option<Box<str>>,
    notification_url: Option<Box<str>>,
    lifecycle_notification_url: Option<Box<str>>,
    resource: Option<Box<str>>,
    expiration_date_time: Option<Timestamp>,
    client_state: Option<Box<str>>,
    latest_supported_tls_version: Option<Box<str>>,
    include_resource_data: Option<bool>,
    encryption_certificate: Option<Box<str>>,
    encryption_certificate_id: Option<Box<str>>,
    notification_url_app_id: Option<Box<str>>,
}

/// Which changes are told.
#[derive(Debug, Clone)]
pub struct ChangeTypes {
    /// As they were written.
    pub text: Box<str>,
    kinds: Vec<ChangeKind>,
}

impl ChangeTypes {
    fn read(text: &str, scope: Scope) -> Result<Self, GraphError> {
        let read = |name: &str| {
            let kind = ChangeKind::named(name.trim());
            // A new user is told as an update (`concepts/includes/change-notifications-supported-resources-expanded.md`).
            let kind = kind.filter(|kind| !matches!((kind, scope), (ChangeKind::Created, Scope::Users(_))));
            kind.ok_or_else(|| refused(format!("Invalid 'changeType' attribute: '{text}'.")))
        };
        let mut kinds = text.split(',').map(read).collect::<Result<Vec<_>, _>>()?;
        kinds.sort_unstable();
        kinds.dedup();
        Ok(Self { text: text.into(), kinds })
    }

    /// Whether a kind of change is told.
    pub fn include(&self, kind: ChangeKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether the same changes are told.
    pub fn same(&self, other: &Self) -> bool {
        self.kinds == other.kinds
    }
}

/// A subscription that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub app: Box<str>,
    pub resource: Resource,
    pub changes: ChangeTypes,
    pub notification_url: Arc<str>,
    pub lifecycle_url: Option<Arc<str>>,
    client_state: Option<Box<str>>,
    tls: Box<str>,
    url_app: Option<Box<str>>,
    expires: Timestamp,
    certificate: Option<Certificate>,
    immutable: bool,
}

impl Draft {
    /// Reads the body of a creation.
    pub fn read(call: &Call<'_>, app: &str) -> Result<Self, GraphError> {
        let mut body = call.object()?;
        body.retain(|name, value| !name.contains('@') && !value.is_null());
        let payload: Payload = serde_json::from_value(Value::Object(body)).map_err(|_| {
            refused("Could not process subscription creation payload. Are all property names spelled and camelCased properly? Also are the datetimes in a valid ISO format?")
        })?;
        let required =
            |name: &str| refused(format!("{name} is a required property for subscription creation"));
        let text = payload.resource.as_deref().ok_or_else(|| required("resource"))?;
        let url = payload.notification_url.as_deref().ok_or_else(|| required("notificationUrl"))?;
        let changes = payload.change_type.as_deref().ok_or_else(|| required("changeType"))?;
        let expires = payload.expiration_date_time.ok_or_else(|| required("expirationDateTime"))?;
        let rich = payload.include_resource_data == Some(true);
        let resource = Resource::read(call, text, rich)?;
        let certificate =
            certificate(rich, payload.encryption_certificate, payload.encryption_certificate_id)?;
        if payload.client_state.as_ref().is_some_and(|state| state.chars().count() > LONGEST_TEXT) {
            return Err(refused(format!("clientState must not exceed {LONGEST_TEXT} characters.")));
        }
        let tls = payload.latest_supported_tls_version.unwrap_or_else(|| "v1_2".into());
        if !["v1_0", "v1_1", "v1_2", "v1_3"].contains(&&*tls) {
            return Err(refused(format!("Invalid 'latestSupportedTlsVersion' attribute: '{tls}'.")));
        }
        let lifecycle_url = payload.lifecycle_notification_url.as_deref();
        Ok(Self {
            app: app.into(),
            changes: ChangeTypes::read(changes, resource.scope)?,
            notification_url: endpoint("notificationUrl", url)?,
            lifecycle_url: lifecycle_url.map(|url| endpoint("lifecycleNotificationUrl", url)).transpose()?,
            client_state: payload.client_state,
            tls,
            url_app: payload.notification_url_app_id,
            expires: expiry(call, resource.scope, certificate.is_some(), expires)?,
            certificate,
            immutable: call.prefer.immutable,
            resource,
        })
    }

    /// The subscription, begun.
    pub fn begun(self, id: SubscriptionId) -> Subscription {
        Subscription {
            id,
            resource: self.resource,
            changes: self.changes,
            app: self.app,
            notification_url: self.notification_url,
            lifecycle_url: self.lifecycle_url,
            client_state: self.client_state,
            tls: self.tls,
            url_app: self.url_app,
            expires: self.expires,
            certificate: self.certificate,
            immutable: self.immutable,
            matching: None,
            challenge: None,
        }
    }
}

/// A change of a subscription: a longer life, another certificate.
#[derive(Debug)]
pub(crate) struct Renewal {
    /// Until when it shall live.
    pub expires: Option<Timestamp>,
    /// For whom contents are encrypted from now on.
    pub certificate: Option<Certificate>,
}

impl Renewal {
    /// Reads the body of an update of a subscription.
    pub fn read(call: &Call<'_>, subscription: &Subscription) -> Result<Self, GraphError> {
        let mut body = call.object()?;
        body.retain(|name, _| !name.contains('@'));
        if body.contains_key("lifecycleNotificationUrl") {
            return Err(refused(
                "lifecycleNotificationUrl cannot be added or changed; delete the subscription and create it anew.",
            ));
        }
        let mut take = |name: &str| match body.remove(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            None | Some(Value::Null) => Ok(None),
            Some(_) => Err(refused(format!("'{name}' must be a text."))),
        };
        let expires = take("expirationDateTime")?;
        let (text, id) = (take("encryptionCertificate")?, take("encryptionCertificateId")?);
        if let Some(other) = body.keys().next() {
            return Err(refused(format!("'{other}' is not an updatable property of a subscription.")));
        }
        let rich = subscription.certificate.is_some();
        let certificate = match (text, id) {
            (None, None) => None,
            _ if !rich => return Err(refused("The subscription includes no resource data to encrypt.")),
            (text, id) => certificate(true, text.map(Into::into), id.map(Into::into))?,
        };
        let expires = expires.map(|text| {
            let at =
                text.parse().map_err(|_| refused(format!("'{text}' is no valid expirationDateTime.")))?;
            expiry(call, subscription.resource.scope, rich, at)
        });
        Ok(Self { expires: expires.transpose()?, certificate })
    }
}

fn certificate(
    rich: bool,
    text: Option<Box<str>>,
    id: Option<Box<str>>,
) -> Result<Option<Certificate>, GraphError> {
    if !rich {
        return Ok(None);
    }
    let (Some(text), Some(id)) = (text, id) else {
        return Err(refused(
            "encryptionCertificate and encryptionCertificateId are required when includeResourceData is true.",
        ));
    };
    if id.chars().count() > LONGEST_TEXT {
        return Err(refused(format!("encryptionCertificateId must not exceed {LONGEST_TEXT} characters.")));
    }
    let certificate = Certificate::read(&text, &id);
    Ok(Some(certificate.map_err(|why| refused(format!("Certificate validation error: {why}")))?))
}

/// A URL that notifications may be sent to: one of HTTPS, or of plain HTTP on this machine.
fn endpoint(name: &str, text: &str) -> Result<Arc<str>, GraphError> {
    let url = url::Url::parse(text).map_err(|error| refused(format!("The '{name}' is no URL: {error}.")))?;
    let here = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && here) {
        return Ok(text.into());
    }
    Err(refused(format!("The '{name}' must make use of the HTTPS protocol.")))
}

/// Until when a subscription lives that shall live until `wanted`.
fn expiry(call: &Call<'_>, scope: Scope, rich: bool, wanted: Timestamp) -> Result<Timestamp, GraphError> {
    let now = call.now;
    if wanted <= now {
        return Err(refused("expirationDateTime must be a moment in the future."));
    }
    let longest = match scope {
        Scope::Users(_) => LONGEST_OF_USERS,
        _ if rich => LONGEST_OF_RICH,
        _ => call.tenant.settings.behaviour.subscription_minutes,
    };
    if wanted.duration_since(now) > SignedDuration::from_mins(longest) {
        let message = format!("Subscription expiration can only be {longest} minutes in the future.");
        return Err(GraphError::new(400, "ExtensionError", message));
    }
    Ok(wanted.max(now.checked_add(SHORTEST.minutes()).unwrap_or(now)))
}

fn refused(message: impl std::fmt::Display) -> GraphError {
    GraphError::new(400, "InvalidRequest", message)
}
