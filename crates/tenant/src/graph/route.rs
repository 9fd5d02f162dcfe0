//! Which path leads where.

use super::Call;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::wire::{Response, unescaped};

/// The segments of a path below the version; `name('key')` counts as two.
pub fn segments(path: &str) -> Result<Vec<String>, GraphError> {
    let Some(rest) = path.strip_prefix("/v1.0/") else {
        let what = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        return Err(GraphError::new(400, "BadRequest", format!("Invalid version: {what}")));
    };
    let mut segments = Vec::new();
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        let part = unescaped(part, false);
        match part.strip_suffix("')").and_then(|part| part.split_once("('")) {
            Some((name, key)) => segments.extend([name.to_owned(), key.to_owned()]),
            None => segments.push(part.strip_suffix("()").unwrap_or(&part).to_owned()),
        }
    }
    if segments.is_empty() {
        return Err(GraphError::absent("service document"));
    }
    Ok(segments)
}

/// Leads a request to what answers it.
pub fn dispatch(call: &mut Call<'_>, names: &[&str]) -> Result<Response, GraphError> {
    match (call.method.as_str(), names) {
        ("GET", ["users"]) => call.users(),
        ("GET", ["users", "$count"]) => call.count_users(),
        ("GET", ["users", "delta" | "microsoft.graph.delta"]) => call.users_delta(),
        ("GET", ["users", user]) => call.user(user),
        (_, ["users", user, rest @ ..]) => {
            let mailbox = call.tenant.find_user(user).ok_or_else(|| {
                GraphError::new(404, "ErrorInvalidUser", format!("The requested user '{user}' is invalid."))
            })?;
            call.tenant.reachable(mailbox, call.now)?;
            let of_directory = matches!(rest.first(), Some(&("photo" | "photos")));
            if !of_directory && !call.tenant.mailbox(mailbox).user.is_licensed() {
                return Err(GraphError::new(
                    404,
                    "MailboxNotEnabledForRESTAPI",
                    "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
                ));
            }
            in_mailbox(call, mailbox, rest)
        }
        // An absolute URL in a batch: libraries that forget to take the host away are refused by the service too.
        (_, [scheme, ..]) if scheme.ends_with(':') => {
            Err(GraphError::bad(format!("Resource not found for the segment '{scheme}'.")))
        }
        (_, ["subscriptions", rest @ ..]) => call.subscriptions_route(rest),
        (_, ["me", ..]) => {
            Err(GraphError::bad("/me request is only valid with delegated authentication flow."))
        }
        _ => Err(call.unsupported(names)),
    }
}

fn in_mailbox(call: &mut Call<'_>, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
    match names {
        ["mailFolders", rest @ ..] => call.folders_route(mailbox, rest),
        ["messages", rest @ ..] => match rest {
            [message, rest @ ..] if !is_action(message) => call.message_route(mailbox, message, rest),
            _ => call.messages_route(mailbox, None, rest),
        },
        ["calendar" | "calendars" | "calendarGroup" | "calendarGroups" | "events" | "calendarView", ..] => {
            call.calendar_route(mailbox, names)
        }
        ["contactFolders", rest @ ..] => call.contact_folders_route(mailbox, rest),
        ["contacts", rest @ ..] => call.contacts_route(mailbox, None, rest),
        ["sendMail" | "microsoft.graph.sendMail"] => Err(GraphError::absent("sending of mail")),
        ["todo", "lists", rest @ ..] => call.todo_route(mailbox, rest),
        ["mailboxSettings", rest @ ..] => call.settings_route(mailbox, rest),
        ["outlook", rest @ ..] => call.outlook_route(mailbox, rest),
        ["photo" | "photos", ..] => call.user_photo_route(mailbox, names),
        ["translateExchangeIds" | "microsoft.graph.translateExchangeIds"] if call.method == "POST" => {
            call.translate_ids(mailbox)
        }
        _ => Err(call.unsupported(names)),
    }
}

/// Whether a segment is a function or a count, not an id.
pub fn is_action(segment: &str) -> bool {
    matches!(segment, "delta" | "microsoft.graph.delta" | "$count")
}
