//! How Entra says no ("Microsoft Entra authentication and authorization error codes").

use super::key::KeyError;
use crate::tenant::Tenant;
use crate::wire::Response;
use jiff::Timestamp;
use serde_json::json;

/// A refusal of one of Entra's endpoints.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

impl Refusal {
    fn new(status: u16, error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { status, error, code, text: text.into() }
    }

    /// A request that is wrong in itself.
    pub fn request(code: u32, text: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", code, text)
    }

    /// A client that did not show that it is who it says.
    pub fn client(code: u32, text: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", code, text)
    }

    /// A client that may not.
    pub fn unauthorized(code: u32, text: impl Into<String>) -> Self {
        Self::new(400, "unauthorized_client", code, text)
    }

    /// A scope that is none.
    pub fn scope(code: u32, text: impl Into<String>) -> Self {
        Self::new(400, "invalid_scope", code, text)
    }

    /// 500011: nobody knows the resource.
    pub fn resource(resource: &str, tenant: &str) -> Self {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
        );
        Self::new(400, "invalid_resource", 500_011, text)
    }

    /// 70003: another grant than client credentials.
    pub fn grant(kind: &str) -> Self {
        let text = format!("The app requested an unsupported grant type '{kind}'.");
        Self::new(400, "unsupported_grant_type", 70003, text)
    }

    /// 900144: a parameter is missing.
    pub fn missing(name: &str) -> Self {
        Self::request(900_144, format!("The request body must contain the following parameter: '{name}'."))
    }

    /// 50049: no instance of Entra that is known here.
    pub fn instance() -> Self {
        Self::new(400, "invalid_instance", 50049, "Unknown or invalid instance.")
    }

    /// The answer, with ids to ask support for.
    pub fn response(&self, tenant: &mut Tenant, now: Timestamp) -> Response {
        let (trace, correlation) = (tenant.sequence.guid(), tenant.sequence.guid());
        let at = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let text = format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}",
            self.code, self.text
        );
        Response::json(
            self.status,
            json!({
                "error": self.error,
                "error_description": text,
                "error_codes": [self.code],
                "timestamp": at,
                "trace_id": trace,
                "correlation_id": correlation,
                "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
            }),
        )
    }
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        Self::new(500, "server_error", 50000, error.to_string())
    }
}
