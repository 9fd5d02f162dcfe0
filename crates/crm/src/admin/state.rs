//! The rules in force: what of the system folder is loaded, and how the switches stand.

use crate::crm::Crm;
use serde_json::{Value, json};
use tandem_groupware::Switch;

pub(super) fn of(crm: &Crm) -> Value {
    let (files, rules) = (crm.system.files(), crm.system.rules());
    let values = rules.switches.list();
    let switches = Switch::ALL.iter().zip(values).map(|(switch, (_, _, value))| {
        let Switch { key, label, page, group, help, default } = switch;
        json!({ "key": key, "label": label, "page": page, "group": group, "help": help.trim(), "default": default, "value": value })
    });
    let without_effect = tandem_groupware::AcceptedOnly::ALL
        .iter()
        .map(|switch| json!({ "label": switch.label, "reason": switch.reason }));
    let other_groups = rules.other_groups.iter().map(|group| {
        let keys = group.keys.iter().map(|(name, value)| json!({ "name": name, "value": value }));
        json!({
            "name": group.name,
            "line": group.line,
            "keys": keys.collect::<Vec<_>>(),
            "reason": group.reason,
        })
    });
    let (attendees, reps) = crm.known.counters();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "files": files,
        "switches": switches.collect::<Vec<_>>(),
        "without_effect": without_effect.collect::<Vec<_>>(),
        "other_groups": other_groups.collect::<Vec<_>>(),
        "remarks": rules.forms.remarks,
        "caches": { "attendees": attendees, "reps": reps },
    })
}
