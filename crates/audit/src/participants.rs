//! Whether an activity names the people that the item names.

use crate::Record;
use crate::records::CrmWorld;
use crate::text::squeeze;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// `{"emailAddress": {"address"}}` in lower case; none without a usable address.
pub(crate) fn address(recipient: &Value) -> Option<String> {
    let address = recipient["emailAddress"]["address"].as_str()?.trim().to_lowercase();
    address.contains('@').then_some(address)
}

/// The people of an activity against those of the item.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// Named by the item, not by the activity.
    pub(crate) missing: BTreeSet<String>,
    /// Named by the activity, not by the item.
    pub(crate) extra: BTreeSet<String>,
}

/// Names of recipients that come without a usable address.
pub(crate) fn nameless<'a>(recipients: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    recipients
        .filter(|recipient| address(recipient).is_none())
        .flat_map(|recipient| ["name", "address"].map(|part| &recipient["emailAddress"][part]))
        .filter_map(Value::as_str)
        .map(|name| squeeze(name).to_lowercase())
        .collect()
}

/// Compares. Somebody is named by an activity as participant, as the person or rep at which it stands, or, when the
/// CRM does not know him, in its list of missing participants. `allowed`, addresses and (in lower
/// case) names of people without one, may be named without being expected.
pub(crate) fn coverage(
    world: &CrmWorld,
    activity: &Record,
    expected: &BTreeSet<String>,
    allowed: &BTreeSet<String>,
) -> Coverage {
    let participants: Vec<(String, BTreeSet<String>)> = world
        .participants_of(activity)
        .iter()
        .map(|participant| (participant.get("Name").to_owned(), world.addresses(participant)))
        .collect();
    let mut named: BTreeSet<String> =
        participants.iter().flat_map(|(_, addresses)| addresses.clone()).collect();
    named.extend(world.addresses(activity));
    let listed = activity.get("MissingParticipants").to_lowercase();
    let missing = expected
        .iter()
        .filter(|address| !named.contains(*address) && !listed.contains(address.as_str()))
        .cloned()
        .collect();
    let extra = participants
        .into_iter()
        .filter(|(_, addresses)| addresses.is_disjoint(expected) && addresses.is_disjoint(allowed))
        .filter(|(name, addresses)| !addresses.is_empty() || !allowed.contains(&squeeze(name).to_lowercase()))
        .map(|(name, addresses)| addresses.into_iter().next().unwrap_or(name))
        .collect();
    Coverage { missing, extra }
}

/// Each participant's field, by the address among `expected` that he has.
pub(crate) fn by_address(
    world: &CrmWorld,
    activity: &Record,
    expected: &BTreeSet<String>,
    field: &str,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for participant in world.participants_of(activity) {
        let addresses = world.addresses(participant);
        if let Some(address) = expected.iter().find(|address| addresses.contains(*address)) {
            values.insert(address.clone(), participant.get(field).to_owned());
        }
    }
    values
}
