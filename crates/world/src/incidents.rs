//! What goes wrong on purpose, and on which seeds.
//!
//! Faults are spread by number and not by chance: each history has five of the list, and the lists of neighbouring
//! seeds follow one another, so that among any few dozen seeds every fault is ordered.

use crate::dice::Dice;
use crate::hands::{Hands, address};
use crate::sides::{CommitFault, NetFault, Pending, Sides};
use crate::stage::PEOPLE;
use serde_json::{Value, json};
use std::sync::PoisonError;

/// Faults of the history's own, besides those of the tenant's catalogue.
pub const OWN: [&str; 18] = [
    "net-request-lost",
    "net-no-connection",
    "net-reply-lost",
    "net-reply-broken",
    "net-request-delayed",
    "net-reply-delayed",
    "commit-not-done",
    "commit-done-unheard",
    "commit-late",
    "commit-disk-full",
    "crash",
    "two-workers",
    "clock-jumps-ahead",
    "clock-jumps-back",
    "crm-restart",
    "mailbox-disabled",
    "settings-changed",
    "mass-deletion",
];

/// Faults of every history.
pub const EACH: usize = 5;

/// Names of the tenant's catalogue, in its order.
pub fn catalogue(hands: &Hands) -> Vec<String> {
    let shown = hands.outlook("GET", "/faults", &Value::Null).unwrap_or_default();
    let all = shown["catalogue"].as_array().cloned().unwrap_or_default();
    all.iter().filter_map(|fault| fault["name"].as_str().map(str::to_owned)).collect()
}

/// How often each fault of the catalogue was played.
pub fn played(hands: &Hands) -> Vec<(String, u64)> {
    let shown = hands.outlook("GET", "/faults", &Value::Null).unwrap_or_default();
    let all = shown["catalogue"].as_array().cloned().unwrap_or_default();
    let one = |fault: &Value| Some((fault["name"].as_str()?.to_owned(), fault["played"].as_u64()?));
    all.iter().filter_map(one).collect()
}

/// The faults of a seed.
pub fn of_seed(seed: u64, catalogue: &[String]) -> Vec<String> {
    let all: Vec<String> =
        OWN.iter().map(|name| (*name).to_owned()).chain(catalogue.iter().cloned()).collect();
    let first = usize::try_from(seed % u64::try_from(all.len().max(1)).unwrap_or(1)).unwrap_or(0);
    // Neighbours in the list are of one sort; a stride mixes the sorts.
    (0..EACH).filter_map(|number| all.get((first + number * 13) % all.len().max(1)).cloned()).collect()
}

/// Orders a fault of the network, of the database or of the catalogue. Answers whether it was one of these.
pub fn order(sides: &Sides, hands: &Hands, name: &str, dice: &Dice) -> bool {
    if let Some(fault) = net_fault(name) {
        let writes = matches!(fault, NetFault::ReplyLost | NetFault::ReplyBroken | NetFault::RequestDelayed);
        let to_crm = Some(dice.once_in(2));
        let after = u64::try_from(dice.below(if writes { 3 } else { 30 })).unwrap_or(0);
        let pending = Pending { fault, after, to_crm, writes };
        sides.net.lock().unwrap_or_else(PoisonError::into_inner).push(pending);
        return true;
    }
    if let Some(fault) = commit_fault(name) {
        let after = u64::try_from(dice.below(12)).unwrap_or(0);
        let pending = Pending { fault, after, to_crm: None, writes: true };
        sides.commits.lock().unwrap_or_else(PoisonError::into_inner).push(pending);
        return true;
    }
    if OWN.contains(&name) {
        return false;
    }
    let mailbox = address(dice.below(PEOPLE.len()));
    let event =
        ["mailbox-renamed", "moved-on-premises", "licence-removed", "mailbox-returns", "slow-permissions"];
    if event.contains(&name) || ["touched", "notifications-missed", "subscriptions-removed"].contains(&name) {
        let body = json!({ "mailbox": mailbox });
        hands.outlook("POST", &format!("/faults/{name}/play"), &body);
        return true;
    }
    let nth = match name {
        "not-found-after-move" | "repeated-transaction" | "sync-state-lost" | "token-expired-mid-page" => 1,
        _ => 1 + dice.below(20),
    };
    let mut rule = json!({"fault": name, "nth": nth, "count": 1 + dice.below(2)});
    if dice.once_in(3)
        && matches!(name, "gateway-timeout-with-effect" | "reply-lost" | "truncated" | "timeout")
    {
        rule["method"] = json!(["POST", "PATCH", "DELETE"][dice.below(3)]);
        rule["nth"] = json!(1);
    }
    hands.outlook("POST", "/faults", &rule);
    true
}

fn net_fault(name: &str) -> Option<NetFault> {
    let all = [
        NetFault::RequestLost,
        NetFault::NoConnection,
        NetFault::ReplyLost,
        NetFault::ReplyBroken,
        NetFault::RequestDelayed,
        NetFault::ReplyDelayed,
    ];
    all.into_iter().find(|fault| crate::wire::name(*fault) == name)
}

fn commit_fault(name: &str) -> Option<CommitFault> {
    let all = [CommitFault::NotDone, CommitFault::DoneUnheard, CommitFault::Late, CommitFault::Full];
    all.into_iter().find(|fault| crate::ledger::name(*fault) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_fault_is_ordered_alike_often_and_five_strike_each_seed() {
        let catalogue: Vec<String> = (0..36).map(|number| format!("fault-{number}")).collect();
        let all = catalogue.len() + OWN.len();
        let mut ordered: BTreeMap<String, usize> = BTreeMap::new();
        for seed in 900..900 + u64::try_from(all).unwrap_or(0) {
            let faults = of_seed(seed, &catalogue);
            assert_eq!(faults.len(), EACH);
            for name in faults {
                *ordered.entry(name).or_default() += 1;
            }
        }
        assert_eq!(ordered.len(), all);
        assert!(ordered.values().all(|times| *times == EACH), "{ordered:?}");
    }
}
