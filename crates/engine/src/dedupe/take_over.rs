//! What the one that stays takes over from the others.

use serde_json::Value;
use std::collections::BTreeSet;
use tandem_model::Document;

/// Whoever takes part is not touched: that would be news for people.
const PEOPLE: [&str; 3] = ["attendees", "organizer", "responses"];

/// Lists that take further entries, and how many they hold.
const LISTS: [(&str, usize); 4] =
    [("categories", usize::MAX), ("emails", 3), ("business_phones", 2), ("home_phones", 2)];

/// What the one that stays holds afterwards: its own values, where it has none those of the others in their order, and
/// of lists the entries of all, as far as there is room. Values that lose stand in the journal.
pub(super) fn completed<'d>(keep: &Document, others: impl Iterator<Item = &'d Document>) -> Document {
    let mut after = keep.clone();
    for other in others {
        for field in other.fields().filter(|field| !PEOPLE.contains(field)) {
            if after.get(field).is_null() {
                after.set(field, other.get(field).clone());
            } else if let Some((_, room)) = LISTS.iter().find(|(list, _)| *list == field) {
                let both = joined(after.get(field), other.get(field), *room);
                after.set(field, both);
            }
        }
    }
    after
}

fn joined(ours: &Value, theirs: &Value, room: usize) -> Value {
    let entries = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let mut all = entries(ours);
    for entry in entries(theirs) {
        if !all.contains(&entry) && all.len() < room {
            all.push(entry);
        }
    }
    Value::Array(all)
}

/// The fields of `wanted` that are to be written over what is held.
pub(super) fn missing(wanted: &Document, held: &Document, fields: &BTreeSet<String>) -> BTreeSet<String> {
    fields.iter().filter(|field| held.get(field) != wanted.get(field)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_it_lacks_comes_and_lists_grow_to_their_room() {
        let document = |value: Value| serde_json::from_value::<Document>(value).unwrap();
        let keep = document(json!({"notes": "ours", "emails": ["a@x.example"], "attendees": ["k"]}));
        let other = document(json!({
            "notes": "theirs", "company": "Kunde", "emails": ["b@x.example", "a@x.example", "c@x.example", "d@x.example"],
            "attendees": ["l"], "responses": {"l": "none"},
        }));
        let after = completed(&keep, [&other].into_iter());
        assert_eq!(
            after,
            document(json!({
                "notes": "ours", "company": "Kunde", "emails": ["a@x.example", "b@x.example", "c@x.example"],
                "attendees": ["k"],
            }))
        );
    }
}
