//! The tenant, as its control API shows it.

use crate::AuditError;
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tandem_outside::{Limits, Network, Transport};

const SIDE: &str = "tenant";
const LIMITS: Limits = Limits { deadline: Duration::from_secs(60), max_body: 1 << 30 };

/// A client of the simulated tenant's control API.
#[derive(Clone)]
pub struct ControlApi {
    base: String,
    transport: Arc<dyn Transport>,
}

/// A mailbox with all that it holds, as Graph JSON.
#[derive(Debug, Clone, Default)]
pub struct MailboxDump {
    /// The user.
    pub user: Value,
    /// Mail folders: id, path, wellKnownName.
    pub folders: Vec<Value>,
    /// Messages with `folderPath` and digests of their attachments.
    pub messages: Vec<Value>,
    /// Single events and masters with their exceptions.
    pub events: Vec<Value>,
    /// Tasks of all lists.
    pub tasks: Vec<Value>,
    /// Contacts of all folders.
    pub contacts: Vec<Value>,
    owner: BTreeSet<String>,
}

impl MailboxDump {
    /// Reads what the control API answers.
    pub fn read(answer: Value) -> Result<Self, serde_json::Error> {
        // Taken out and not read anew: a dump is large.
        let mut parts = match answer {
            Value::Object(parts) => parts,
            other => serde_json::from_value(other)?,
        };
        let mut list = |name: &str| match parts.remove(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => serde_json::from_value(other),
        };
        let mut dump = Self {
            folders: list("folders")?,
            messages: list("messages")?,
            events: list("events")?,
            tasks: list("tasks")?,
            contacts: list("contacts")?,
            user: Value::Null,
            owner: BTreeSet::new(),
        };
        dump.user = parts.remove("user").unwrap_or_default();
        dump.owner = dump.read_owner();
        Ok(dump)
    }

    /// All addresses of the user, in lower case.
    pub fn owner(&self) -> &BTreeSet<String> {
        &self.owner
    }

    fn read_owner(&self) -> BTreeSet<String> {
        let named =
            [&self.user["mail"], &self.user["userPrincipalName"]].into_iter().filter_map(Value::as_str);
        let proxies = self.user["proxyAddresses"].as_array().into_iter().flatten().filter_map(Value::as_str);
        named.chain(proxies).map(address_of).filter(|address| address.contains('@')).collect()
    }
}

/// A proxy address reads `SMTP:a@b` (the primary one) or `smtp:a@b`.
fn address_of(text: &str) -> String {
    let text = text.trim().to_lowercase();
    text.strip_prefix("smtp:").unwrap_or(&text).to_owned()
}

impl ControlApi {
    /// A client for the control API at `base`, over the real network.
    pub fn new(base: &str) -> Result<Self, AuditError> {
        Ok(Self::over(base, Arc::new(Network::new()?)))
    }

    /// A client for the control API at `base`, over a network of the caller's.
    pub fn over(base: &str, transport: Arc<dyn Transport>) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), transport }
    }

    /// The users.
    pub async fn users(&self) -> Result<Vec<Value>, AuditError> {
        let users = self.call("GET", "/users", None).await?;
        Ok(users.as_array().cloned().unwrap_or_default())
    }

    /// Everything that one mailbox holds; `user` is an id or an address.
    pub async fn dump(&self, user: &str) -> Result<MailboxDump, AuditError> {
        let path = format!("/users/{user}/dump");
        let value = self.call("GET", &path, None).await?;
        MailboxDump::read(value).map_err(|source| AuditError::Json { request: path, source })
    }

    /// Any call; answers null when the answer is empty.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, AuditError> {
        let request = format!("{method} {path}");
        let url = format!("{}{path}", self.base);
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let message = http::Request::builder()
            .method(method)
            .uri(&url)
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(bytes)
            .map_err(|error| AuditError::Address { side: SIDE, url: url.clone(), why: error.to_string() })?;
        let answer = self
            .transport
            .send(message, LIMITS)
            .await
            .map_err(|source| AuditError::Away { side: SIDE, source })?;
        if !answer.status().is_success() {
            return Err(refused(SIDE, request, &answer));
        }
        if answer.body().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(answer.body()).map_err(|source| AuditError::Json { request, source })
    }
}

pub(crate) fn refused(side: &'static str, request: String, answer: &http::Response<Bytes>) -> AuditError {
    let text = String::from_utf8_lossy(answer.body()).chars().take(300).collect();
    AuditError::Refused { side, request, status: answer.status().as_u16(), text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn proxy_addresses_lose_their_prefix() {
        let dump = MailboxDump {
            user: json!({"mail": "Ann@X.example", "proxyAddresses": ["SMTP:ann@x.example", "smtp:a.b@x.example", "X500:/o=x"]}),
            ..MailboxDump::default()
        };
        assert_eq!(dump.read_owner().into_iter().collect::<Vec<_>>(), ["a.b@x.example", "ann@x.example"]);
    }
}
