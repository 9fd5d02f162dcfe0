//! Users.

use crate::calendar::Zone;
use crate::crowd::Crowd;
use crate::error::GraphError;
use crate::mailbox::User;
use crate::tenant::Tenant;
use crate::wire::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// All users.
pub fn list(tenant: &Tenant) -> Response {
    let users: Vec<Value> = tenant.mailboxes.iter().map(|mailbox| shown(&mailbox.user)).collect();
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
    };
    let no = tenant.add_user(user, now);
    Ok(Response::json(201, shown(&tenant.mailbox(no).user)))
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
