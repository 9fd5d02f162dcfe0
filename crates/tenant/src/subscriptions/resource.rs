//! What is subscribed to: `users/{id}/mailFolders('inbox')/messages?$select=subject`, and its kin.

use super::watch::{Changed, News};
use crate::error::GraphError;
use crate::graph::{Call, Query, segments};
use crate::ids::{ItemNo, MailboxNo};

/// A resource, as it was written and as it is understood.
#[derive(Debug, Clone)]
pub struct Resource {
    /// As it was written.
    pub text: Box<str>,
    /// Which items.
    pub scope: Scope,
    /// `$select` and `$filter`.
    pub query: Query,
}

/// Which items are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Messages of a mailbox, or of one of its folders.
    Messages(MailboxNo, Option<ItemNo>),
    /// Events of a mailbox.
    Events(MailboxNo),
    /// Contacts of a mailbox, or of one of its folders.
    Contacts(MailboxNo, Option<ItemNo>),
    /// Users of the directory, or one of them.
    Users(Option<MailboxNo>),
}

impl Scope {
    /// Whether a change happened to what is watched.
    pub fn covers(self, news: &News) -> bool {
        match (self, &news.item) {
            (Self::Messages(_, folder), Changed::Message { folder: at, .. })
            | (Self::Contacts(_, folder), Changed::Contact { folder: at, .. }) => {
                folder.is_none_or(|folder| folder == *at)
            }
            (Self::Events(_), Changed::Event { .. }) => true,
            (Self::Users(user), Changed::User(changed)) => user.is_none_or(|user| user == *changed),
            _ => false,
        }
    }

    /// What it is about, in the words of fault rules.
    pub fn resource(self) -> &'static str {
        match self {
            Self::Messages(..) => "messages",
            Self::Events(_) => "events",
            Self::Contacts(..) => "contacts",
            Self::Users(_) => "users",
        }
    }

    /// The name of Graph's type, and that of its collection.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Messages(..) => ("Message", "Messages"),
            Self::Events(_) => ("Event", "Events"),
            Self::Contacts(..) => ("Contact", "Contacts"),
            Self::Users(_) => ("User", "Users"),
        }
    }
}

impl Resource {
    /// Understands a resource; `rich` when its contents are to come with notifications.
    pub fn read(call: &Call<'_>, text: &str, rich: bool) -> Result<Self, GraphError> {
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        let names = segments(&format!("/v1.0/{}", path.trim_start_matches('/')));
        let names = names.map_err(|_| invalid(text))?;
        let query = Query::parse(query)?;
        let scope = scope(call, text, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
        check(scope, &query, rich)?;
        Ok(Self { text: text.into(), scope, query })
    }
}

fn scope(call: &Call<'_>, text: &str, names: &[&str]) -> Result<Scope, GraphError> {
    let user = |name: &str| {
        call.tenant.find_user(name).ok_or_else(|| {
            GraphError::new(404, "ErrorInvalidUser", format!("The requested user '{name}' is invalid."))
        })
    };
    let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if lower.first() == Some(&"me") {
        return Err(GraphError::bad("/me request is only valid with delegated authentication flow."));
    }
    match (lower.as_slice(), names) {
        (["users"], _) => Ok(Scope::Users(None)),
        (["users", _], [_, name]) => Ok(Scope::Users(Some(user(name)?))),
        (["users", _, "messages"], [_, name, _]) => Ok(Scope::Messages(user(name)?, None)),
        (["users", _, "mailfolders", _, "messages"], [_, name, _, folder, _]) => {
            let mailbox = user(name)?;
            Ok(Scope::Messages(mailbox, Some(call.folder_number(mailbox, folder)?)))
        }
        (["users", _, "events"] | ["users", _, "calendar", "events"], [_, name, ..]) => {
            Ok(Scope::Events(user(name)?))
        }
        (["users", _, "contacts"], [_, name, _]) => Ok(Scope::Contacts(user(name)?, None)),
        (["users", _, "contactfolders", _, "contacts"], [_, name, _, folder, _]) => {
            let mailbox = user(name)?;
            Ok(Scope::Contacts(mailbox, Some(call.contact_folder_number(mailbox, folder)?)))
        }
        _ => Err(invalid(text)),
    }
}

/// What the service says of a resource that cannot be subscribed to. Tasks of To Do are among them: only a signed-in
/// user can watch those (`api-reference/v1.0/api/subscription-post-subscriptions.md`, permissions).
fn invalid(text: &str) -> GraphError {
    GraphError::new(
        400,
        "ExtensionError",
        format!(
            "Operation: Create; Exception: [Status Code: BadRequest; Reason: Invalid resource specified in payload: '{text}']"
        ),
    )
}

/// Which query options a resource may have (`concepts/outlook-change-notifications-overview.md`).
fn check(scope: Scope, query: &Query, rich: bool) -> Result<(), GraphError> {
    let refuse = |why: &str| Err(GraphError::new(400, "InvalidRequest", why));
    if matches!(scope, Scope::Users(_)) && (rich || query.select.is_some() || query.filter.is_some()) {
        return refuse("Subscriptions to users neither include resource data nor take query options.");
    }
    let allowed = ["$select", "$filter", "$expand"];
    if let Some((name, _)) =
        query.all.iter().find(|(name, _)| !allowed.contains(&name.to_ascii_lowercase().as_str()))
    {
        return refuse(&format!(
            "The query option '{name}' is not supported in the resource of a subscription."
        ));
    }
    if query.expand.iter().any(|one| !one.name.eq_ignore_ascii_case("singleValueExtendedProperties")) {
        return refuse("Only extended properties can be expanded in the resource of a subscription.");
    }
    if !rich {
        return Ok(());
    }
    if query.select.is_none() {
        return refuse("Subscriptions with resource data must name the properties to include by $select.");
    }
    if query.selects("body") || query.selects("uniqueBody") {
        return refuse("body and uniqueBody cannot be included in notifications.");
    }
    Ok(())
}
