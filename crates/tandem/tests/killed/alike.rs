//! Whether two runs ended alike.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What an e-mail or a meeting of somebody else's organiser takes from whichever mailbox brought it first: who that
/// was, and what only his copy says. Two undisturbed runs differ in these, too.
const OF_THE_FIRST: [&str; 16] = [
    "RepID",
    "Rep",
    "ContactBy",
    "ContactByID",
    "Person",
    "Company",
    "ReminderDur",
    "ReminderUnit",
    "ShowAs",
    "Private",
    "Categories",
    "Date",
    "Time",
    "EndDate",
    "EndTime",
    "TimeZone",
];

/// Where two snapshots differ, in a few lines for each place.
pub fn differences(reference: &Value, found: &Value) -> Vec<String> {
    let mut places = Vec::new();
    compare("", &settled(reference), &settled(found), &mut places);
    places
}

/// The snapshot without what the race between mailboxes decides.
fn settled(snapshot: &Value) -> Value {
    let mut snapshot = snapshot.clone();
    let reps = snapshot["crm"]["reps"].as_array().cloned().unwrap_or_default();
    let ours: BTreeSet<&str> = reps
        .iter()
        .filter(|rep| rep["ConnectorEnabled"] == "true")
        .filter_map(|rep| rep["RepID"].as_str())
        .collect();
    for record in snapshot["crm"]["activities"].as_array_mut().into_iter().flatten() {
        if is_shared(record, &ours) {
            let begin = begin(record);
            let Some(fields) = record.as_object_mut() else { continue };
            fields.retain(|name, _| !OF_THE_FIRST.contains(&name.as_str()));
            fields.insert("begin".to_owned(), begin);
        }
    }
    snapshot
}

/// Whether several of our mailboxes hold it and none of them leads.
fn is_shared(record: &Value, ours: &BTreeSet<&str>) -> bool {
    let participants = record["participants"].as_array().into_iter().flatten();
    let in_step: Vec<&Value> =
        participants.filter(|one| one["RepID"].as_str().is_some_and(|rep| ours.contains(rep))).collect();
    in_step.len() > 1
        && (record["Contact"] == "E-Mail" || !in_step.iter().any(|one| one["Role"] == "organizer"))
}

/// The instant at which it begins, for the zone is the first one's.
fn begin(record: &Value) -> Value {
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    let local = format!("{}T{}", text("Date"), text("Time")).parse::<jiff::civil::DateTime>();
    let instant = local.ok().and_then(|local| local.in_tz(text("TimeZone")).ok());
    instant.map_or_else(|| Value::from(text("Date")), |zoned| Value::from(zoned.timestamp().to_string()))
}

fn compare(path: &str, left: &Value, right: &Value, places: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            for key in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
                let of = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&format!("{path}/{key}"), &of(left), &of(right), places);
            }
        }
        (Value::Array(left), Value::Array(right)) => compare_lists(path, left, right, places),
        _ if left == right => {}
        _ => places.push(format!("{path}: {left} became {right}")),
    }
}

/// Lists are bags; what has a counterpart of the same name is compared with it field by field.
fn compare_lists(path: &str, left: &[Value], right: &[Value], places: &mut Vec<String>) {
    let mut more: Vec<&Value> = right.iter().collect();
    let mut missing: Vec<&Value> = Vec::new();
    for one in left {
        match more.iter().position(|other| *other == one) {
            Some(at) => drop(more.swap_remove(at)),
            None => missing.push(one),
        }
    }
    for one in missing {
        match more.iter().position(|other| name(one).is_some() && name(other) == name(one)) {
            Some(at) => {
                let other = more.swap_remove(at);
                compare(&format!("{path}/{}", name(one).unwrap_or_default()), one, other, places);
            }
            None => places.push(format!("{path}: missing {one}")),
        }
    }
    places.extend(more.into_iter().map(|one| format!("{path}: too much {one}")));
}

/// What people call it.
fn name(value: &Value) -> Option<String> {
    let keys = ["Subject", "subject", "title", "displayName", "Email", "Name"];
    keys.iter().find_map(|key| value[*key].as_str()).map(str::to_owned)
}
