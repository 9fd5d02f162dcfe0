//! Which mailboxes an application may reach in Exchange Online, beside what Entra consents to.

use super::roles::Roles;
use super::term::Term;
use crate::mailbox::User;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A set of mailboxes, by any of their names, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members(BTreeSet<String>);

impl Members {
    /// The mailboxes of some ids or addresses.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(str::to_lowercase).collect())
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn has(&self, user: &User) -> bool {
        let named = |name: &str| self.0.contains(&name.to_lowercase());
        let proxy = |proxy: &str| named(proxy.split_once(':').map_or(proxy, |(_, address)| address));
        named(&user.id)
            || named(&user.mail)
            || named(&user.user_principal_name)
            || user.proxy_addresses.iter().any(|address| proxy(address))
    }
}

/// A role that Exchange assigns to an application, for some mailboxes ("Role Based Access Control for Applications").
/// It adds to what Entra consents to, and never shows in a token.
#[derive(Debug, Clone)]
pub struct RbacGrant {
    /// Id of the assignment.
    pub id: String,
    /// The permission, as Graph names it.
    pub role: String,
    /// The mailboxes in its scope; `None` for all.
    pub members: Option<Members>,
    /// While it acts.
    pub term: Term,
}

impl RbacGrant {
    /// Whether it allows any of some permissions in a mailbox.
    pub fn allows(&self, wanted: Roles, user: &User, now: Timestamp) -> bool {
        self.term.holds(now)
            && Roles::named(&self.role).meets(wanted)
            && self.members.as_ref().is_none_or(|members| members.has(user))
    }
}

/// What an application access policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessRight {
    /// The application may reach these mailboxes only.
    RestrictAccess,
    /// The application may not reach these mailboxes.
    DenyAccess,
}

/// An application access policy ("Limiting application permissions to specific Exchange Online mailboxes"): it
/// restricts what Entra consented to.
#[derive(Debug, Clone)]
pub struct AccessPolicy {
    /// Id of the policy.
    pub id: String,
    /// The application.
    pub app_id: String,
    /// What it does.
    pub right: AccessRight,
    /// The members of its group.
    pub members: Members,
    /// While it acts.
    pub term: Term,
}

/// Whether an application's policies leave a mailbox open. A denial counts more than a permission, and without
/// policies all mailboxes are open ("New-ApplicationAccessPolicy").
pub fn policies_allow(policies: &[AccessPolicy], app_id: &str, user: &User, now: Timestamp) -> bool {
    let acting =
        policies.iter().filter(|policy| policy.term.holds(now) && policy.app_id.eq_ignore_ascii_case(app_id));
    let (mut restricted, mut listed) = (false, false);
    for policy in acting {
        let member = policy.members.has(user);
        match policy.right {
            AccessRight::DenyAccess if member => return false,
            AccessRight::DenyAccess => {}
            AccessRight::RestrictAccess => {
                restricted = true;
                listed |= member;
            }
        }
    }
    listed || !restricted
}
