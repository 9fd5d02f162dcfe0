//! What a request is about, as far as its path tells.

use super::route;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::tenant::Tenant;
use crate::wire::Request;

/// The path of a request, taken apart, and the mailbox in it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Segments below the version.
    pub segments: Result<Vec<String>, GraphError>,
    /// The user whom the path names.
    pub owner: Option<MailboxNo>,
    /// The same, if the request goes on into his mailbox.
    pub mailbox: Option<MailboxNo>,
}

impl Target {
    /// What a request is about.
    pub fn of(tenant: &Tenant, request: &Request) -> Self {
        let segments = route::segments(&request.path);
        let (owner, deeper) = match segments.as_deref() {
            Ok([users, user, rest @ ..]) if users == "users" => (tenant.find_user(user), !rest.is_empty()),
            _ => (None, false),
        };
        Self { segments, owner, mailbox: owner.filter(|_| deeper) }
    }

    /// The segments; none of a path that cannot be read.
    pub fn names(&self) -> &[String] {
        self.segments.as_deref().unwrap_or_default()
    }

    /// Whether the path ends with the name of a collection or a delta, not with an id or a property.
    pub fn is_list(&self) -> bool {
        const LISTS: [&str; 14] = [
            "messages",
            "events",
            "contacts",
            "tasks",
            "lists",
            "mailFolders",
            "childFolders",
            "contactFolders",
            "calendars",
            "calendarView",
            "instances",
            "attachments",
            "delta",
            "microsoft.graph.delta",
        ];
        self.names().last().is_some_and(|last| LISTS.contains(&last.as_str()))
    }
}
