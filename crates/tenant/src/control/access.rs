//! Who may reach which mailbox, as an administrator of Exchange Online sees to it.

use super::apps::{absent, found, read};
use super::unknown;
use crate::access::{AccessPolicy, AccessRight, Members, Permission, PermissionDelay, RbacGrant, Term};
use crate::error::GraphError;
use crate::tenant::Tenant;
use crate::wire::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest delay of a change, in seconds: a week.
const LONGEST: u64 = 7 * 24 * 3600;

/// How long a change takes to act: a number of seconds, `"real"`, or what the tenant's behaviour says.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub enum Delay {
    /// Not said.
    #[default]
    Usual,
    /// Seconds.
    Seconds(u64),
    /// A word.
    Named(String),
}

impl Delay {
    /// When a change of now acts.
    pub fn moment(&self, tenant: &mut Tenant, now: Timestamp) -> Result<Timestamp, GraphError> {
        let delay = match self {
            Self::Usual => tenant.settings.behaviour.permission_delay.draw(tenant.sequence.bits()),
            Self::Seconds(seconds) if *seconds <= LONGEST => SignedDuration::from_secs(seconds.cast_signed()),
            Self::Named(name) if name == "real" => PermissionDelay::Real.draw(tenant.sequence.bits()),
            Self::Seconds(_) | Self::Named(_) => {
                return Err(GraphError::bad(format!(
                    "'after' is a number of seconds up to {LONGEST}, or \"real\" for the delay of the real service."
                )));
            }
        };
        Ok(now.saturating_add(delay).unwrap_or(now))
    }
}

/// A role to assign.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewGrant {
    role: String,
    mailboxes: Option<Vec<String>>,
    #[serde(default)]
    after: Delay,
}

/// A policy to make.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPolicy {
    app_id: String,
    access_right: AccessRight,
    mailboxes: Vec<String>,
    #[serde(default)]
    after: Delay,
}

/// When a removal acts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Removal {
    after: Delay,
}

/// The roles that Exchange can assign to applications; there is none for tasks.
const ASSIGNABLE: [&str; 9] = [
    "Calendars.Read",
    "Calendars.ReadWrite",
    "Contacts.Read",
    "Contacts.ReadWrite",
    "Mail.Read",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
];

/// Answers what begins with `/apps/{id}/rbac`.
pub fn rbac(
    tenant: &mut Tenant,
    request: &Request,
    app: &str,
    names: &[&str],
    now: Timestamp,
) -> Result<Response, GraphError> {
    let grants = &found(tenant, app)?.rbac;
    match (request.method.as_str(), names) {
        ("GET", []) => Ok(Response::json(200, grants.iter().map(shown_grant).collect())),
        ("POST", []) => grant(tenant, app, read(request)?, now),
        ("DELETE", [id]) => {
            let at = removal(request)?.after.moment(tenant, now)?;
            let app = tenant.apps.find_mut(app).ok_or_else(|| absent(app))?;
            let held = app.rbac.iter_mut().find(|grant| grant.id == *id);
            held.ok_or_else(|| no_rule(id))?.term.end(at);
            app.rbac.retain(|grant| !grant.term.is_over(now));
            tenant.access.expect(at, now);
            Ok(Response::empty(204))
        }
        _ => Err(unknown(request)),
    }
}

fn grant(tenant: &mut Tenant, app: &str, wanted: NewGrant, now: Timestamp) -> Result<Response, GraphError> {
    // Exchange calls them "Application Mail.Read" and so on.
    let role = wanted.role.strip_prefix("Application ").unwrap_or(&wanted.role);
    if !ASSIGNABLE.contains(&role) {
        return Err(GraphError::bad(format!(
            "Exchange has no role '{role}' for applications; it has {}.",
            ASSIGNABLE.join(", ")
        )));
    }
    let at = wanted.after.moment(tenant, now)?;
    let grant = RbacGrant {
        id: tenant.sequence.guid(),
        role: role.to_owned(),
        members: wanted.mailboxes.map(|names| Members::of(names.iter().map(String::as_str))),
        term: Term::from(at),
    };
    let answer = shown_grant(&grant);
    tenant.apps.find_mut(app).ok_or_else(|| absent(app))?.rbac.push(grant);
    tenant.access.expect(at, now);
    Ok(Response::json(201, answer))
}

/// Answers what begins with `/access-policies`.
pub fn policies(
    tenant: &mut Tenant,
    request: &Request,
    names: &[&str],
    now: Timestamp,
) -> Result<Response, GraphError> {
    match (request.method.as_str(), names) {
        ("GET", []) => Ok(Response::json(200, tenant.access.policies.iter().map(shown_policy).collect())),
        ("POST", []) => {
            let wanted: NewPolicy = read(request)?;
            let at = wanted.after.moment(tenant, now)?;
            let policy = AccessPolicy {
                id: tenant.sequence.guid(),
                app_id: found(tenant, &wanted.app_id)?.app_id.clone(),
                right: wanted.access_right,
                members: Members::of(wanted.mailboxes.iter().map(String::as_str)),
                term: Term::from(at),
            };
            let answer = shown_policy(&policy);
            tenant.access.policies.push(policy);
            tenant.access.expect(at, now);
            Ok(Response::json(201, answer))
        }
        ("DELETE", [id]) => {
            let at = removal(request)?.after.moment(tenant, now)?;
            let held = tenant.access.policies.iter_mut().find(|policy| policy.id == *id);
            held.ok_or_else(|| no_rule(id))?.term.end(at);
            tenant.access.policies.retain(|policy| !policy.term.is_over(now));
            tenant.access.expect(at, now);
            Ok(Response::empty(204))
        }
        _ => Err(unknown(request)),
    }
}

/// The permissions that requests need.
pub fn permissions() -> Response {
    let shown = |row: &Permission| {
        json!({
            "method": row.method,
            "path": row.path,
            "roles": row.roles.names().collect::<Vec<_>>(),
            "workload": row.workload,
        })
    };
    Response::json(200, Permission::all().iter().map(shown).collect())
}

fn removal(request: &Request) -> Result<Removal, GraphError> {
    if request.body.is_empty() { Ok(Removal::default()) } else { read(request) }
}

fn no_rule(id: &str) -> GraphError {
    GraphError::new(404, "RuleNotFound", format!("There is no rule '{id}'."))
}

/// An assignment as the control API shows it.
pub fn shown_grant(grant: &RbacGrant) -> Value {
    let members = grant.members.as_ref().map(|members| members.names().collect::<Vec<_>>());
    let mut shown = json!({ "id": grant.id, "role": grant.role, "mailboxes": members });
    show_term(&mut shown, grant.term);
    shown
}

fn shown_policy(policy: &AccessPolicy) -> Value {
    let mut shown = json!({
        "id": policy.id,
        "appId": policy.app_id,
        "accessRight": policy.right,
        "mailboxes": policy.members.names().collect::<Vec<_>>(),
    });
    show_term(&mut shown, policy.term);
    shown
}

fn show_term(shown: &mut Value, term: Term) {
    shown["from"] = json!(term.from.to_string());
    shown["until"] = json!(term.until.map(|until| until.to_string()));
}
