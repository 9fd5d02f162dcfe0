//! Who may do what in which mailbox, for applications without a signed-in user.
//!
//! Three things act together: consent in Entra (roles in the token, for the whole tenant), RBAC for Applications
//! (roles of Exchange, for some mailboxes, a union with consent) and application access policies (a restriction of
//! consent). All of it is decided from the time of the request: a change that acts later needs no one to wake up.

mod permissions;
mod roles;
mod scope;
mod term;

pub use permissions::Permission;
pub use roles::Roles;
pub use scope::{AccessPolicy, AccessRight, Members, RbacGrant};
pub use term::{PermissionDelay, Term};

use crate::entra::Caller;
use crate::error::GraphError;
use crate::graph::Target;
use crate::ids::MailboxNo;
use crate::tenant::Tenant;
use crate::wire::{Request, pairs};
use jiff::Timestamp;
use permissions::Workload;
use scope::policies_allow;
use std::collections::BTreeSet;

/// Refuses a request for which its caller has no permission.
pub(crate) fn check(
    tenant: &Tenant,
    caller: &Caller,
    target: &Target,
    request: &Request,
    now: Timestamp,
) -> Result<(), GraphError> {
    let names = target.names();
    if request.method == "POST" && names == ["subscriptions"] {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let resource = body.get("resource").and_then(serde_json::Value::as_str).unwrap_or_default();
        return check_reading(tenant, caller, resource, now);
    }
    let Some(needed) = Permission::of(&request.method, names) else { return Ok(()) };
    decide(tenant, caller, needed, &request.method, target.owner, now)?;
    match names {
        // The settings of a mailbox can be read as a property of its user, with the same permission.
        [users, user] if needed.workload == Workload::Directory && selects(request, "mailboxSettings") => {
            let settings = [users.as_str(), user, "mailboxSettings"];
            let needed = Permission::of("GET", &settings).unwrap_or(needed);
            decide(tenant, caller, needed, &request.method, target.owner, now)
        }
        _ => Ok(()),
    }
}

/// Whether a request selects a property.
fn selects(request: &Request, property: &str) -> bool {
    let query = pairs(request.query.as_deref().unwrap_or_default());
    let mut selected =
        query.iter().filter(|(name, _)| name.trim_start_matches('$').eq_ignore_ascii_case("select"));
    selected.any(|(_, names)| names.split(',').any(|name| name.trim().eq_ignore_ascii_case(property)))
}

/// Refuses a caller that may not read a resource, which is what a subscription to it needs. A resource that cannot be
/// understood is refused elsewhere.
pub(crate) fn check_reading(
    tenant: &Tenant,
    caller: &Caller,
    resource: &str,
    now: Timestamp,
) -> Result<(), GraphError> {
    let path = resource.split('?').next().unwrap_or_default().trim_start_matches('/');
    let read = Request { method: "GET".to_owned(), path: format!("/v1.0/{path}"), ..Request::default() };
    check(tenant, caller, &Target::of(tenant, &read), &read, now)
}

/// Whether an application may still read a resource, by what it was granted until now.
pub(crate) fn still_reads(tenant: &Tenant, app_id: &str, resource: &str, now: Timestamp) -> bool {
    let Some(app) = tenant.apps.find(app_id).filter(|app| app.enabled) else { return false };
    let caller = Caller { app_id: app_id.into(), roles: app.roles(now).into_iter().collect() };
    check_reading(tenant, &caller, resource, now).is_ok()
}

fn decide(
    tenant: &Tenant,
    caller: &Caller,
    needed: &Permission,
    method: &str,
    owner: Option<MailboxNo>,
    now: Timestamp,
) -> Result<(), GraphError> {
    let consented = caller.roles.meets(needed.roles);
    match needed.workload {
        Workload::Directory if consented => Ok(()),
        Workload::Directory => Err(GraphError::new(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )),
        Workload::Todo if consented => Ok(()),
        // Reads are refused in another way than writes, as live clients see.
        Workload::Todo if method == "GET" => Err(GraphError::new(401, "UnknownError", "")),
        Workload::Todo => Err(denied()),
        Workload::Outlook => in_exchange(tenant, caller, needed.roles, consented, owner, now),
    }
}

fn in_exchange(
    tenant: &Tenant,
    caller: &Caller,
    needed: Roles,
    consented: bool,
    owner: Option<MailboxNo>,
    now: Timestamp,
) -> Result<(), GraphError> {
    let Some(owner) = owner else {
        // Whose mailbox it is decides only where there is one; without consent nobody learns whether there is.
        return if consented { Ok(()) } else { Err(denied()) };
    };
    let user = &tenant.mailbox(owner).user;
    if consented && policies_allow(&tenant.access.policies, &caller.app_id, user, now) {
        return Ok(());
    }
    let app = tenant.apps.find(&caller.app_id);
    if app.is_some_and(|app| app.rbac.iter().any(|grant| grant.allows(needed, user, now))) {
        return Ok(());
    }
    if consented {
        return Err(GraphError::new(403, "ErrorAccessDenied", "Access to OData is disabled."));
    }
    Err(denied())
}

fn denied() -> GraphError {
    GraphError::new(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
}

/// What restricts applications, and when permissions change.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// Application access policies.
    pub(crate) policies: Vec<AccessPolicy>,
    /// Moments to come at which a permission or a policy begins or ceases to act.
    moments: BTreeSet<Timestamp>,
}

impl Access {
    /// Notes that something begins or ceases to act at a moment.
    pub(crate) fn expect(&mut self, at: Timestamp, now: Timestamp) {
        if at > now {
            self.moments.insert(at);
        }
    }

    /// Forgets the moments that have come. They need nothing done: what is asked afterwards is decided anew.
    pub(crate) fn pass(&mut self, now: Timestamp) {
        while self.moments.first().is_some_and(|at| *at <= now) {
            self.moments.pop_first();
        }
    }

    /// The next moment.
    pub(crate) fn earliest(&self) -> Option<Timestamp> {
        self.moments.first().copied()
    }
}
