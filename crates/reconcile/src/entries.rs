//! Lists in which each side may add, remove and change entries by itself.

use serde_json::Value;

/// Applies what changed from `before` to `after` to another list: what was added is added, what was removed is
/// removed, what was changed takes the place of its namesake.
pub(crate) fn with_changes(list: &Value, before: &Value, after: &Value) -> Value {
    let (mut list, before, after) = (entries(list), entries(before), entries(after));
    list.retain(|entry| find(&before, entry).is_none() || find(&after, entry).is_some());
    for entry in after {
        let was = find(&before, &entry);
        match list.iter_mut().find(|other| identity(other) == identity(&entry)) {
            Some(slot) if was.is_some_and(|was| *was != entry) => *slot = entry,
            Some(_) => {}
            None if was.is_none() => list.push(entry),
            None => {}
        }
    }
    sorted(list)
}

/// Lays the entries that changed from `before` to `after` over another map.
pub(crate) fn overlaid(map: &Value, before: &Value, after: &Value) -> Value {
    let named = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (mut map, before, after) = (named(map), named(before), named(after));
    for (key, value) in &after {
        if before.get(key) != Some(value) {
            map.insert(key.clone(), value.clone());
        }
    }
    map.retain(|key, _| after.contains_key(key) || !before.contains_key(key));
    Value::Object(map)
}

/// The entries that both sides added or changed, each in another way: Microsoft 365's and the CRM's. Each side is
/// given as what it held and what it holds.
pub(crate) fn contested(m365: [&Value; 2], crm: [&Value; 2]) -> Vec<(Value, Value)> {
    let ([before_m365, after_m365], [before_crm, after_crm]) = (m365.map(entries), crm.map(entries));
    let changed = |before: &[Value], entry: &Value| find(before, entry) != Some(entry);
    let ours = after_m365.into_iter().filter(|entry| changed(&before_m365, entry));
    let pairs = ours.filter_map(|entry| Some((find(&after_crm, &entry)?.clone(), entry)));
    pairs
        .filter(|(theirs, ours)| content(theirs) != content(ours) && changed(&before_crm, theirs))
        .map(|(theirs, ours)| (ours, theirs))
        .collect()
}

/// The list with an entry in the place of its namesake.
pub(crate) fn with(list: &Value, entry: &Value) -> Value {
    let place = |other: Value| if identity(&other) == identity(entry) { entry.clone() } else { other };
    sorted(entries(list).into_iter().map(place).collect())
}

fn entries(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}

fn find<'a>(entries: &'a [Value], entry: &Value) -> Option<&'a Value> {
    entries.iter().find(|other| identity(other) == identity(entry))
}

/// An entry without the name that is shown: of one person each side may show its own.
fn content(entry: &Value) -> Value {
    let mut entry = entry.clone();
    if let Some(fields) = entry.as_object_mut() {
        fields.remove("name");
    }
    entry
}

/// Sets are ordered lists in a document; sorting by their text gives every writer the same order. One without entries is no
/// field at all.
fn sorted(mut entries: Vec<Value>) -> Value {
    if entries.is_empty() {
        return Value::Null;
    }
    entries.sort_by_cached_key(Value::to_string);
    Value::Array(entries)
}

/// What makes two entries of a list the same: an attendee's address, else the entry itself.
fn identity(entry: &Value) -> &Value {
    entry
        .get("address")
        .filter(|address| address.as_str().is_some_and(|text| !text.is_empty()))
        .unwrap_or(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_both_changed_in_different_ways_is_contested() {
        let bob = |role: &str| json!([{"address": "bob@x.example", "name": "Bob", "role": role}]);
        let entry = |list: Value| list[0].clone();
        let [before, ours, theirs] = [bob("required"), bob("optional"), bob("resource")];
        let both = contested([&before, &ours], [&before, &theirs]);
        assert_eq!(both, [(entry(ours.clone()), entry(theirs.clone()))]);
        assert_eq!(contested([&before, &ours], [&before, &before]), []);
        assert_eq!(contested([&before, &ours], [&before, &ours]), []);
        let renamed = json!([{"address": "bob@x.example", "name": "Robert", "role": "optional"}]);
        assert_eq!(contested([&before, &ours], [&before, &renamed]), [], "a name alone is no contradiction");
    }
}
