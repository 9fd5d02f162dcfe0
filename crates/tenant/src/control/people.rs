//! Users.

use crate::calendar::Zone;
use crate::crowd::Crowd;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::User;
use crate::mailbox::patch::{as_map, read};
use crate::mailbox::user::{Gone, UserDetails};
use crate::tenant::Tenant;
use crate::wire::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// All users.
pub fn list(tenant: &Tenant) -> Response {
    let there = tenant.mailboxes.iter().map(|mailbox| &mailbox.user).filter(|user| user.gone.is_none());
    let users: Vec<Value> = there.map(shown).collect();
    Response::json(200, Value::Array(users))
}

/// A user as the control API shows him.
pub fn shown(user: &User) -> Value {
    json!({
        "id": user.id,
        "mail": user.mail,
        "userPrincipalName": user.user_principal_name,
        "displayName": user.display_name,
        "timeZone": user.zone.name(),
        "proxyAddresses": user.proxy_addresses,
    })
}

/// Adds a user.
pub fn add(tenant: &mut Tenant, body: &Map<String, Value>, now: Timestamp) -> Result<Response, GraphError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mail = text("mail")
        .or(text("userPrincipalName"))
        .ok_or_else(|| GraphError::bad("A user needs a 'mail' or a 'userPrincipalName'."))?;
    if !mail.contains('@') {
        return Err(GraphError::bad(format!("'{mail}' is no mail address.")));
    }
    let zone = text("timeZone").unwrap_or("UTC");
    let zone = Zone::named(zone).ok_or_else(|| GraphError::bad(format!("'{zone}' is no time zone.")))?;
    let id: Box<str> = text("id").map_or_else(|| tenant.sequence.guid().into(), Box::from);
    let name = text("userPrincipalName").unwrap_or(mail);
    for taken in [mail, name, &id] {
        if tenant.find_user(taken).is_some() {
            return Err(GraphError::new(409, "UserExists", format!("There is a user '{taken}' already.")));
        }
    }
    let given = body.get("proxyAddresses").and_then(Value::as_array);
    let mut proxies: Vec<Box<str>> = given
        .map(|list| list.iter().filter_map(|one| one.as_str().map(Box::from)).collect())
        .unwrap_or_default();
    if !proxies.iter().any(|proxy| proxy.starts_with("SMTP:")) {
        proxies.insert(0, format!("SMTP:{mail}").into());
    }
    let user = User {
        id,
        mail: mail.into(),
        user_principal_name: name.into(),
        display_name: text("displayName").unwrap_or(mail).into(),
        zone,
        proxy_addresses: proxies,
        details: details(None, body)?,
        gone: None,
    };
    let no = tenant.add_user(user, now);
    Ok(Response::json(201, shown(&tenant.mailbox(no).user)))
}

/// What the directory knows besides, from the members of a body that are Graph's.
fn details(
    known: Option<&UserDetails>,
    body: &Map<String, Value>,
) -> Result<Option<Box<UserDetails>>, GraphError> {
    let mut members = as_map(&known.cloned().unwrap_or_default());
    members.retain(|name, _| !body.get(name).is_some_and(Value::is_null));
    let names: Vec<String> = as_map(&UserDetails::default()).keys().cloned().collect();
    for (name, value) in body.iter().filter(|(name, value)| names.contains(name) && !value.is_null()) {
        members.insert(name.clone(), value.clone());
    }
    let details: UserDetails = read("user", members)?;
    Ok((details != UserDetails::default()).then(|| Box::new(details)))
}

/// Changes a user: his names, his addresses, and what the directory knows of him.
pub fn change(tenant: &mut Tenant, no: MailboxNo, body: &Map<String, Value>) -> Result<Response, GraphError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    for name in ["mail", "userPrincipalName"] {
        let taken = text(name).and_then(|name| tenant.find_user(name)).is_some_and(|other| other != no);
        if taken {
            return Err(GraphError::new(409, "UserExists", format!("The {name} belongs to another user.")));
        }
    }
    let mut user = tenant.mailbox(no).user.clone();
    if let Some(zone) = text("timeZone") {
        user.zone = Zone::named(zone).ok_or_else(|| GraphError::bad(format!("'{zone}' is no time zone.")))?;
    }
    if let Some(mail) = text("mail") {
        // The old address stays a secondary one, as Exchange keeps it.
        for proxy in &mut user.proxy_addresses {
            if let Some(address) = proxy.strip_prefix("SMTP:") {
                *proxy = format!("smtp:{address}").into();
            }
        }
        user.proxy_addresses.insert(0, format!("SMTP:{mail}").into());
        user.mail = mail.into();
    }
    if let Some(list) = body.get("proxyAddresses").and_then(Value::as_array) {
        user.proxy_addresses = list.iter().filter_map(|one| one.as_str().map(Box::from)).collect();
    }
    if let Some(name) = text("userPrincipalName") {
        user.user_principal_name = name.into();
    }
    if let Some(name) = text("displayName") {
        user.display_name = name.into();
    }
    user.details = details(user.details.as_deref(), body)?;
    tenant.change_user(no, |known| *known = user);
    Ok(Response::json(200, shown(&tenant.mailbox(no).user)))
}

/// Deletes a user: so that he can be restored, or for good.
pub fn remove(tenant: &mut Tenant, no: MailboxNo, for_good: bool) -> Response {
    let gone = if for_good { Gone::ForGood } else { Gone::Restorable };
    tenant.change_user(no, |user| user.gone = Some(gone));
    Response::empty(204)
}

/// Adds many mailboxes with small items; the answer lists the ids of their users.
pub fn populate(
    tenant: &mut Tenant,
    body: Map<String, Value>,
    now: Timestamp,
) -> Result<Response, GraphError> {
    let crowd: Crowd = serde_json::from_value(Value::Object(body))
        .map_err(|error| GraphError::bad(format!("The body is no order to populate: {error}.")))?;
    let users = tenant.populate(&crowd, now)?;
    Ok(Response::json(201, json!({ "users": users })))
}
