//! Entra: applications, their tokens, and what libraries want to know before they ask for one.

pub mod apps;
mod assertion;
mod bearer;
pub mod certificate;
mod discovery;
mod jwt;
mod key;
mod refusal;
mod token;

pub(crate) use bearer::{Bearers, Caller, caller};
pub(crate) use key::Seal;

use crate::tenant::Tenant;
use crate::wire::{Request, Response, unescaped};
use jiff::Timestamp;
use refusal::Refusal;

/// Names of no directory in particular.
const ANY: [&str; 3] = ["common", "organizations", "consumers"];

/// Answers what is Entra's; `None` if the path is not.
pub(crate) fn answer(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Option<Response> {
    let path: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    let (directory, rest) = path.split_first()?;
    let directory = unescaped(directory, false);
    let answer = match (rest, &*directory) {
        (["oauth2", "v2.0", "token"], _) => token::answer(tenant, request, &directory, true, now),
        (["oauth2", "token"], _) => token::answer(tenant, request, &directory, false, now),
        (["v2.0", ".well-known", "openid-configuration"], _) => {
            tenant.discoverable(&directory).map(|found| discovery::configuration(tenant, &found, true))
        }
        ([".well-known", "openid-configuration"], _) => {
            tenant.discoverable(&directory).map(|found| discovery::configuration(tenant, &found, false))
        }
        (["discovery", "v2.0", "keys"], _) => {
            tenant.discoverable(&directory).and_then(|found| discovery::keys(tenant, &found, true))
        }
        (["discovery", "keys"], _) => {
            tenant.discoverable(&directory).and_then(|found| discovery::keys(tenant, &found, false))
        }
        (["discovery", "instance"], "common") => discovery::instance(tenant, request),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refusal| refusal.response(tenant, now)))
}

/// A token of the identity platform of some claims, signed with the key that is published.
pub(crate) fn sign(tenant: &Tenant, claims: &serde_json::Value) -> Option<String> {
    let key = key::SigningKey::of(tenant.signs_as).ok()?;
    jwt::sign(claims, key.as_ref(), Seal::Signature).ok()
}

/// The directory that a path names.
#[derive(Debug)]
struct Directory {
    /// As the client wrote it.
    name: String,
    /// Its id; `None` for a name that stands for any directory.
    id: Option<String>,
}

impl Directory {
    /// Its part of a path: the id if there is one, whatever name was asked for.
    fn path(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }

    /// Its part of an issuer; clients of any directory fill in the one that they get.
    fn issuer(&self) -> &str {
        self.id.as_deref().unwrap_or("{tenantid}")
    }

    /// Whether an assertion is meant for this directory: its token endpoints or its issuers, here or at Microsoft.
    fn is_audience(&self, tenant: &Tenant, audience: &str) -> bool {
        if audience == format!("https://sts.windows.net/{}/", self.path()) {
            return true;
        }
        let hosts = [tenant.graph_url.as_str(), "https://login.microsoftonline.com"];
        let Some(rest) = hosts.iter().find_map(|host| audience.strip_prefix(host)?.strip_prefix('/')) else {
            return false;
        };
        let (directory, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let is_named = tenant.directory(directory).is_ok_and(|named| named.id == self.id);
        is_named && matches!(rest, "oauth2/v2.0/token" | "oauth2/token" | "v2.0" | "v2.0/")
    }
}

impl Tenant {
    /// The directory of a name that is this tenant's.
    fn directory(&self, name: &str) -> Result<Directory, Refusal> {
        let found = self.discoverable(name)?;
        if found.id.is_none() {
            let text = "No tenant-identifying information found in either the request or implied by any provided credentials.";
            return Err(Refusal::request(50059, text));
        }
        Ok(found)
    }

    /// The directory of a name that is this tenant's or any's.
    fn discoverable(&self, name: &str) -> Result<Directory, Refusal> {
        if ANY.contains(&name) {
            return Ok(Directory { name: name.to_owned(), id: None });
        }
        if !name.eq_ignore_ascii_case(&self.tenant_id) && !self.has_domain(name) {
            let text = format!(
                "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
            );
            return Err(Refusal::request(90002, text));
        }
        Ok(Directory { name: name.to_owned(), id: Some(self.tenant_id.clone()) })
    }

    /// Whether a domain name belongs to one of the users.
    fn has_domain(&self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        self.mailboxes.iter().any(|mailbox| {
            mailbox.user.mail.split_once('@').is_some_and(|(_, own)| own.to_lowercase() == domain)
        })
    }
}
