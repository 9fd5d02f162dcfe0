//! What is everybody's own in a meeting: how his calendar shows it, when he is reminded, under which categories it is.
//!
//! While the organiser's mailbox takes no part, an attendee's copy speaks for the meeting. It speaks of what the
//! organiser called, not of its owner's own: that he accepted tentatively does not make the meeting a tentative one.

use crate::series;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use tandem_model::Document;

const SHOW_AS: &str = "show_as";

/// Fields that each participant has for himself.
pub(crate) const FIELDS: [&str; 4] = [SHOW_AS, "reminder_minutes", "categories", "private"];

/// Whether a field is everybody's own.
pub(crate) fn is_personal(field: &str) -> bool {
    FIELDS.contains(&field)
}

/// What the owner of a silent copy has for himself stays there: the record says what it said.
pub(crate) fn keep(
    copy: &Document,
    record: &Document,
    becomes: &mut Document,
    to_crm: &mut BTreeSet<String>,
) {
    let own_series = without(copy, record).get(series::FIELD) == record.get(series::FIELD);
    for field in FIELDS.into_iter().chain(own_series.then_some(series::FIELD)) {
        becomes.set(field, record.get(field).clone());
        to_crm.remove(field);
    }
}

/// An attendee's copy with the record's values in what is personal.
pub(crate) fn without(copy: &Document, record: &Document) -> Document {
    let mut document = copy.clone();
    for field in FIELDS {
        document.set(field, record.get(field).clone());
    }
    if let Some(series) = copy.get(series::FIELD).as_object() {
        document.set(series::FIELD, Value::Object(impersonal_series(series, record)));
    }
    document
}

fn impersonal_series(series: &Map<String, Value>, record: &Document) -> Map<String, Value> {
    let mut series = series.clone();
    let known = record.get(series::FIELD).get(series::EXCEPTIONS);
    let exceptions = series.get_mut(series::EXCEPTIONS).and_then(Value::as_object_mut);
    for (date, exception) in exceptions.into_iter().flatten() {
        let Some(exception) = exception.as_object_mut() else { continue };
        let theirs = known.and_then(|all| all.get(date)).and_then(|one| one.get(SHOW_AS));
        match theirs.unwrap_or(record.get(SHOW_AS)) {
            Value::Null => drop(exception.remove(SHOW_AS)),
            value => drop(exception.insert(SHOW_AS.to_owned(), value.clone())),
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_attendees_copy_says_what_the_meeting_is_and_not_how_its_owner_has_it() {
        let copy = document(json!({
            "subject": "Plan", "show_as": "tentative", "reminder_minutes": 30, "categories": ["Mine"],
            "series": {"exceptions": {
                "2026-12-01": {"location": "late", "show_as": "tentative"},
                "2026-12-02": {"location": "new", "show_as": "tentative"},
            }},
        }));
        let record = document(json!({
            "subject": "Old plan", "show_as": "oof",
            "series": {"exceptions": {"2026-12-01": {"location": "late", "show_as": "free"}}},
        }));
        let expected = document(json!({
            "subject": "Plan", "show_as": "oof",
            "series": {"exceptions": {
                "2026-12-01": {"location": "late", "show_as": "free"},
                "2026-12-02": {"location": "new", "show_as": "oof"},
            }},
        }));
        assert_eq!(without(&copy, &record), expected);
    }
}
