//! Both sides, as users and administrators reach them.

use crate::DemoError;
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tandem_audit::{ControlApi, CrmAccess, CrmSession};
use tandem_outside::{Limits, Network, Transport};

const LIMITS: Limits = Limits { deadline: Duration::from_secs(60), max_body: 64 << 20 };

/// How the tenant is reached.
#[derive(Clone)]
pub(crate) struct TenantAccess {
    pub(crate) graph: String,
    pub(crate) login: String,
    pub(crate) control: String,
    pub(crate) tenant_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// Both sides.
#[derive(Clone)]
pub(crate) struct Sides {
    pub(crate) control: ControlApi,
    pub(crate) crm: CrmSession,
    pub(crate) crm_access: CrmAccess,
    pub(crate) tenant: TenantAccess,
    transport: Arc<dyn Transport>,
}

impl Sides {
    pub(crate) fn new(tenant: TenantAccess, crm: CrmAccess) -> Result<Self, DemoError> {
        Ok(Self {
            control: ControlApi::new(&tenant.control)?,
            crm: CrmSession::new(crm.clone())?,
            crm_access: crm,
            tenant,
            transport: Arc::new(Network::new().map_err(tandem_audit::AuditError::from)?),
        })
    }

    /// A token of the app registration, to look up what the control API does not show.
    pub(crate) async fn token(&self) -> Result<String, DemoError> {
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.tenant.login.trim_end_matches('/'),
            self.tenant.tenant_id
        );
        let encode = |text: &str| {
            text.bytes()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() {
                        char::from(byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                })
                .collect::<String>()
        };
        let body = format!(
            "grant_type=client_credentials&scope={}&client_id={}&client_secret={}",
            encode("https://graph.microsoft.com/.default"),
            encode(&self.tenant.client_id),
            encode(&self.tenant.client_secret)
        );
        let request = http::Request::post(&url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(body));
        let answer = self.json("a token", request).await?;
        Ok(answer["access_token"].as_str().unwrap_or_default().to_owned())
    }

    /// The first occurrences of a series.
    pub(crate) async fn instances(
        &self,
        token: &str,
        user: &str,
        master: &str,
        window: (String, String),
    ) -> Result<Vec<Value>, DemoError> {
        let graph = self.tenant.graph.trim_end_matches('/');
        let url = format!(
            "{graph}/v1.0/users/{user}/events/{master}/instances?startDateTime={}&endDateTime={}&$top=50",
            window.0, window.1
        );
        let request = http::Request::get(&url)
            .header("authorization", format!("Bearer {token}"))
            .header("prefer", "IdType=\"ImmutableId\"")
            .body(Bytes::new());
        let answer = self.json("the occurrences of a series", request).await?;
        let mut instances = answer["value"].as_array().cloned().unwrap_or_default();
        instances
            .sort_by_key(|instance| instance["start"]["dateTime"].as_str().unwrap_or_default().to_owned());
        Ok(instances)
    }

    async fn json(
        &self,
        what: &str,
        request: Result<http::Request<Bytes>, http::Error>,
    ) -> Result<Value, DemoError> {
        let failed = |why: String| DemoError::Graph { request: what.to_owned(), why };
        let request = request.map_err(|error| failed(error.to_string()))?;
        let answer = self.transport.send(request, LIMITS).await.map_err(|error| failed(error.to_string()))?;
        if !answer.status().is_success() {
            let text: String = String::from_utf8_lossy(answer.body()).chars().take(300).collect();
            return Err(failed(format!("HTTP {}: {text}", answer.status().as_u16())));
        }
        serde_json::from_slice(answer.body()).map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tenant_that_is_away_is_named_without_its_secret() {
        let text = "http://127.0.0.1:1".to_owned();
        let tenant = TenantAccess {
            graph: text.clone(),
            login: text.clone(),
            control: text.clone(),
            tenant_id: "t".into(),
            client_id: "c".into(),
            client_secret: "hush".into(),
        };
        let crm = CrmAccess { interface: text, user: "u".into(), password: "hush".into() };
        let error = Sides::new(tenant, crm).unwrap().token().await.unwrap_err().to_string();
        assert!(error.contains("127.0.0.1:1") && !error.contains("hush"), "{error}");
    }
}
