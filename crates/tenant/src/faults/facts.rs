//! What a rule may ask about a request.

use crate::ids::MailboxNo;
use crate::wire::{Request, unescaped};

/// What is known of a request.
#[derive(Debug)]
pub struct Facts<'a> {
    pub method: &'a str,
    /// Segments of the path, below the version.
    pub names: &'a [String],
    pub resource: &'static str,
    pub owner: Option<MailboxNo>,
    /// Whether it follows a `nextLink`.
    pub follows_page: bool,
    pub is_delta: bool,
    /// Whether it is no request of a client, but a notification of the tenant's.
    pub is_notification: bool,
    /// The token of a delta, as it stands in the link.
    pub token: Option<String>,
}

impl<'a> Facts<'a> {
    /// The facts of a request with a path of these segments.
    pub fn of(request: &'a Request, names: &'a [String], owner: Option<MailboxNo>) -> Self {
        let query = request.query.as_deref().unwrap_or_default();
        let value = |wanted: &str| {
            query.split('&').find_map(|part| {
                let (name, value) = part.split_once('=')?;
                unescaped(name, true).eq_ignore_ascii_case(wanted).then(|| unescaped(value, true))
            })
        };
        let is_delta = names.last().is_some_and(|last| last == "delta" || last == "microsoft.graph.delta");
        let skip = value("$skiptoken");
        let follows_page = skip.is_some() || (!is_delta && value("$skip").is_some());
        Self {
            method: &request.method,
            names,
            resource: resource(&request.path, names),
            owner,
            follows_page,
            is_delta,
            is_notification: false,
            token: value("$deltatoken").or(skip),
        }
    }

    /// The facts of a notification of a change.
    pub fn of_notification(resource: &'static str, owner: Option<MailboxNo>) -> Self {
        Self {
            method: "POST",
            names: &[],
            resource,
            owner,
            follows_page: false,
            is_delta: false,
            is_notification: true,
            token: None,
        }
    }

    /// The last segment.
    pub fn last(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }
}

/// What a request is about: the last collection in its path.
fn resource(path: &str, names: &[String]) -> &'static str {
    if path.ends_with("/oauth2/v2.0/token") || path.ends_with("/oauth2/token") {
        return "token";
    }
    if path.starts_with("/api/v2.0/") {
        return "uploads";
    }
    let found = names.iter().rev().find_map(|name| {
        Some(match name.as_str() {
            "messages" => "messages",
            "attachments" => "attachments",
            "mailFolders" | "childFolders" | "contactFolders" => "folders",
            "events" | "calendarView" | "instances" | "calendar" | "calendars" => "events",
            "contacts" => "contacts",
            "tasks" => "tasks",
            "lists" | "todo" => "lists",
            "subscriptions" => "subscriptions",
            "$batch" => "batch",
            "users" => "users",
            _ => return None,
        })
    });
    found.unwrap_or("")
}
