//! How a user is shown.

use crate::graph::{Call, render};
use crate::mailbox::User;
use crate::mailbox::patch::as_map;
use serde_json::{Map, Value, json};

/// The product that licenses a mailbox (Office 365 E3), and the plan of Exchange Online in it.
const SKU: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
const EXCHANGE: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";

impl Call<'_> {
    /// The JSON of `user`.
    pub(in crate::graph) fn user_json(&self, user: &User) -> Map<String, Value> {
        let details = user.details.as_deref().cloned().unwrap_or_default();
        let mut map = as_map(&details);
        map.remove("licensed");
        let (given, surname) = user.display_name.split_once(' ').unwrap_or((&user.display_name, ""));
        let derived = [("givenName", given), ("surname", surname)];
        for (name, value) in derived.iter().filter(|(_, value)| !value.is_empty()) {
            if map.get(*name).is_none_or(Value::is_null) {
                map.insert((*name).to_owned(), json!(value));
            }
        }
        let licences =
            if details.licensed { json!([{ "disabledPlans": [], "skuId": SKU }]) } else { json!([]) };
        let plans = if details.licensed {
            json!([{
                "assignedDateTime": "2026-01-01T00:00:00Z",
                "capabilityStatus": "Enabled",
                "service": "exchange",
                "servicePlanId": EXCHANGE,
            }])
        } else {
            json!([])
        };
        let alias = user.mail.split('@').next().unwrap_or_default();
        map.extend(render::object(json!({
            "id": user.id,
            "assignedLicenses": licences,
            "assignedPlans": plans,
            "displayName": user.display_name,
            "mail": user.mail,
            "mailNickname": alias,
            "onPremisesSyncEnabled": null,
            "proxyAddresses": user.proxy_addresses,
            "showInAddressList": null,
            "userPrincipalName": user.user_principal_name,
        })));
        map
    }
}
