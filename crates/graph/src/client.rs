//! The client of one tenant.

use crate::transport::Connection;
use crate::transport::call::Call;
use crate::{App, GraphError, Mailbox, User, paging};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tandem_model::{EmailAddress, MailboxId};
use tandem_outside::{Chance, Clock, Transport};
use url::Url;

/// What the client needs from outside.
#[derive(Clone)]
pub struct Outside {
    /// Sends requests.
    pub transport: Arc<dyn Transport>,
    /// Tells when a token expires.
    pub clock: Arc<dyn Clock>,
    /// Makes request ids and spreads retries.
    pub chance: Arc<dyn Chance>,
}

/// Where the services are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    /// Base of the Microsoft identity platform, as in `https://login.microsoftonline.com`.
    pub login: Url,
    /// Base of Microsoft Graph without the version, as in `https://graph.microsoft.com`.
    pub graph: Url,
}

/// What the client may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientLimits {
    /// One request, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// Requests at once for one mailbox; Graph allows an application 4.
    pub per_mailbox: usize,
    /// Requests at once for all mailboxes together; none without a limit.
    pub app_wide: Option<usize>,
    /// How often a request is sent at most, the first time included.
    pub tries: u32,
    /// The longest wait that is sat out within a call; beyond it the call fails and says how long to wait.
    pub patience: Duration,
    /// Largest answer that is read, in bytes; attachments have limits of their own.
    pub max_body: usize,
    /// Messages on a page of changes; they come with their text.
    pub messages_per_page: u32,
    /// Other items on a page.
    pub items_per_page: u32,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            per_mailbox: 4,
            app_wide: None,
            tries: 4,
            patience: Duration::from_secs(60),
            max_body: 64 << 20,
            messages_per_page: 50,
            items_per_page: 100,
        }
    }
}

/// The client of Microsoft Graph for one tenant. Cloning is cheap, and clones share the token and all limits.
#[derive(Clone)]
pub struct Graph {
    connection: Arc<Connection>,
}

impl Graph {
    /// A client; nothing is sent yet.
    pub fn new(outside: Outside, cloud: Cloud, app: App, limits: ClientLimits) -> Self {
        Self { connection: Arc::new(Connection::new(outside, cloud, app, limits)) }
    }

    /// Everybody in the directory who has an address: the candidates for synchronisation, whether or not they have a
    /// mailbox of their own in Exchange Online.
    pub async fn users(&self) -> Result<Vec<User>, GraphError> {
        let query = [("$select", "id,displayName,mail,userPrincipalName,proxyAddresses"), ("$top", "999")];
        let call =
            Call::get(self.connection.resource(&["users"], &query), "reading the users of the directory");
        let users: Vec<UserWire> = paging::all(&self.connection, None, call).await?;
        Ok(users.into_iter().filter_map(UserWire::user).collect())
    }

    /// A mailbox; nothing is sent yet.
    pub fn mailbox(&self, id: &MailboxId) -> Mailbox {
        Mailbox::new(self.connection.clone(), id)
    }

    /// How many requests were sent to Graph so far; those to Entra are not counted, a batch counts as one.
    pub fn requests(&self) -> u64 {
        self.connection.sent()
    }
}

/// Graph `user`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserWire {
    id: String,
    display_name: Option<String>,
    mail: Option<String>,
    proxy_addresses: Option<Vec<String>>,
}

impl UserWire {
    /// The person; nobody without an address. Of the proxy addresses, `SMTP:` is the primary one and `smtp:` a
    /// further one; X.500, SIP and others are no addresses for mail.
    fn user(self) -> Option<User> {
        let proxies = self.proxy_addresses.unwrap_or_default();
        let smtp = |proxy: &String| {
            let (kind, address) = proxy.split_once(':')?;
            kind.eq_ignore_ascii_case("smtp").then(|| EmailAddress::new(address))
        };
        let primary = || proxies.iter().find(|proxy| proxy.starts_with("SMTP:")).and_then(smtp);
        let mail = self.mail.as_deref().filter(|mail| !mail.trim().is_empty()).map(EmailAddress::new);
        let mail = mail.or_else(primary)?;
        let mut addresses: BTreeSet<EmailAddress> = proxies.iter().filter_map(smtp).collect();
        addresses.insert(mail.clone());
        Some(User {
            id: MailboxId::new(self.id),
            mail,
            addresses,
            name: self.display_name.unwrap_or_default(),
        })
    }
}
