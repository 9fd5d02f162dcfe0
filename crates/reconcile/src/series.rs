//! A series that both sides changed, occurrence by occurrence.

use crate::BaseView;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::Document;

/// The field of a document that holds the series.
pub(crate) const FIELD: &str = "series";

const CANCELLED: &str = "cancelled";
pub(crate) const EXCEPTIONS: &str = "exceptions";

/// What Microsoft 365 and what the CRM shall hold when each of them changed other occurrences. None when they
/// contradict each other, or when the rule was changed, for then a date no longer names the same occurrence.
pub(crate) fn merge(base: BaseView<'_>, m365: &Document, crm: &Document) -> Option<(Value, Value)> {
    let (mine, theirs) = (m365.get(FIELD).as_object()?, crm.get(FIELD).as_object()?);
    let from_m365 = changes(base.m365.get(FIELD).as_object()?, mine)?;
    let from_crm = changes(base.crm.get(FIELD).as_object()?, theirs)?;
    let contradict =
        |(date, value): (&String, &Value)| from_crm.get(date).is_some_and(|other| other != value);
    if from_m365.iter().any(contradict) {
        return None;
    }
    Some((with(mine, &from_crm), with(theirs, &from_m365)))
}

/// Whether Microsoft 365 changed nothing of a series but what occurrences say, while somebody changed the series itself in the
/// CRM: Exchange hands that down to them, and it does not beat what somebody meant. Asked where [`merge`] finds no middle.
pub(crate) fn is_handed_down(base: BaseView<'_>, m365: &Document, crm: &Document) -> bool {
    differ_only_in_what_is_handed_down(base.m365, m365) && !differ_only_in_what_is_handed_down(base.crm, crm)
}

/// What the two sides of a pair that an older connector left are taken to have agreed on: each side's own rule, where it
/// is the same one, and of the departures those that the record has, where Microsoft 365 has one on that date too.
/// Whatever else one side has is its own change, for older connectors are known to lose exceptions; where both have
/// another one on a date, the record's is taken for the worn one. None when the rules differ.
pub(crate) fn agreed(m365: &Value, crm: &Value) -> Option<(Value, Value)> {
    let (mine, theirs) = (m365.as_object()?, crm.as_object()?);
    if !is_same_rule(mine, theirs) {
        return None;
    }
    let departures: BTreeSet<String> = dates(mine).collect();
    let common: BTreeMap<String, Value> = dates(theirs)
        .filter(|date| departures.contains(date))
        .map(|date| (date.clone(), occurrence(theirs, &date)))
        .collect();
    Some((with(&rule(mine), &common), with(&rule(theirs), &common)))
}

/// The occurrences that would take place again though Microsoft 365 holds them as cancelled, with what they would be. None of
/// them can: within its series, one that was cancelled does not come back, also when the same rule is written anew
/// (seen live: OfficeDev/ews-managed-api issue 235). With another rule all are laid out anew.
pub(crate) fn taking_place_again(m365: &Document, wanted: &Document) -> BTreeMap<String, Value> {
    let (Some(held), Some(to)) = (m365.get(FIELD).as_object(), wanted.get(FIELD).as_object()) else {
        return BTreeMap::new();
    };
    if !is_same_rule(held, to) {
        return BTreeMap::new();
    }
    let cancelled = dates(held).filter(|date| occurrence(held, date) == json!(false));
    let again = cancelled.map(|date| (occurrence(to, &date), date));
    again.filter(|(is, _)| *is != json!(false)).map(|(is, date)| (date, is)).collect()
}

/// A series in which nothing takes place on these dates.
pub(crate) fn without_dates<'a>(series: &Value, dates: impl Iterator<Item = &'a String>) -> Value {
    match series.as_object() {
        Some(series) => with(series, &dates.map(|date| (date.clone(), json!(false))).collect()),
        None => series.clone(),
    }
}

/// A series without the names of its zones: two systems call one by different names.
pub(crate) fn without_zones(series: &Value) -> Value {
    match series {
        Value::Object(fields) => {
            let rest = fields.iter().filter(|(name, _)| *name != "zone");
            Value::Object(rest.map(|(name, value)| (name.clone(), without_zones(value))).collect())
        }
        other => other.clone(),
    }
}

/// Whether a series begins on another day than before.
pub(crate) fn begins_anew(before: &Document, after: &Document) -> bool {
    let start = |document: &Document| document.get(FIELD).get("start").cloned();
    start(before).is_some() && start(after).is_some() && start(before) != start(after)
}

/// Whether two series repeat in the same way. Two systems call a zone by different names.
fn is_same_rule(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    ["pattern", "start", "end"].iter().all(|name| one.get(*name) == other.get(*name))
}

/// Whether two series are the same but for the texts of occurrences that depart from both anyway.
pub(crate) fn differ_only_in_texts(one: &Document, other: &Document) -> bool {
    are_same_but_for(one, other, |_, name| name == "text")
}

/// What Exchange hands down from a series to its occurrences, where they say nothing else.
const HANDED_DOWN: [&str; 4] = ["location", "show_as", "subject", "text"];

/// Whether two series are the same but for what Exchange hands down from a series to its occurrences.
pub(crate) fn differ_only_in_what_is_handed_down(one: &Document, other: &Document) -> bool {
    are_same_but_for(one, other, |_, _| true)
}

/// Whether nothing became of a series in Outlook but what Exchange handed down to its occurrences: those that were called what
/// it was called are called what it is called now.
pub(crate) fn only_handed_down(before: &Document, now: &Document) -> bool {
    are_same_but_for(before, now, |date, name| repeats(before, date, name) && repeats(now, date, name))
}

/// Whether nothing became of a series in the CRM but that its occurrences are called what it is called itself. The CRM keeps with an
/// occurrence what that was called when it departed, and a copy tells the CRM what Exchange handed down to it since: nobody
/// can tell that from somebody who enters it there, and nobody enters it there.
pub(crate) fn only_repeats(before: &Document, now: &Document) -> bool {
    are_same_but_for(before, now, |date, name| repeats(now, date, name))
}

/// Whether an occurrence says in a field what its series says.
fn repeats(document: &Document, date: &str, name: &str) -> bool {
    let occurrence = document.get(FIELD).get(EXCEPTIONS).and_then(|all| all.get(date));
    occurrence.is_some_and(|it| it.get(name) == Some(document.get(name)))
}

/// Whether two series are the same but for some of what is handed down, chosen by date and field.
fn are_same_but_for(one: &Document, other: &Document, left_out: impl Fn(&str, &str) -> bool) -> bool {
    trimmed(one, &left_out) == trimmed(other, &left_out)
}

/// A series whose occurrences lack what is left out, by their dates and its name.
fn trimmed(document: &Document, left_out: impl Fn(&str, &str) -> bool) -> Value {
    let mut series = document.get(FIELD).clone();
    let exceptions = series.get_mut(EXCEPTIONS).and_then(Value::as_object_mut);
    for (date, occurrence) in exceptions.into_iter().flatten() {
        let Some(occurrence) = occurrence.as_object_mut() else { continue };
        occurrence.retain(|name, _| !(HANDED_DOWN.contains(&name.as_str()) && left_out(date, name)));
    }
    series
}

/// The occurrences that became something else, by their original date; none when the rule did.
fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Option<BTreeMap<String, Value>> {
    if rule(before) != rule(after) {
        return None;
    }
    let dates: BTreeSet<String> = dates(before).chain(dates(after)).collect();
    let now = dates.into_iter().map(|date| (occurrence(before, &date), occurrence(after, &date), date));
    Some(now.filter(|(was, is, _)| was != is).map(|(_, is, date)| (date, is)).collect())
}

/// A series without what departs from its rule.
fn rule(series: &Map<String, Value>) -> Map<String, Value> {
    let mut rule = series.clone();
    rule.retain(|name, _| name != CANCELLED && name != EXCEPTIONS);
    rule
}

/// The dates on which a series departs from its rule.
fn dates(series: &Map<String, Value>) -> impl Iterator<Item = String> {
    let cancelled = series.get(CANCELLED).and_then(Value::as_array).into_iter().flatten();
    let exceptions = series.get(EXCEPTIONS).and_then(Value::as_object).into_iter().flatten();
    cancelled
        .filter_map(|date| Some(date.as_str()?.to_owned()))
        .chain(exceptions.map(|(date, _)| date.clone()))
}

/// What takes place on a date: `false` when nothing does, null when it is as the rule says.
fn occurrence(series: &Map<String, Value>, date: &str) -> Value {
    let cancelled = series.get(CANCELLED).and_then(Value::as_array);
    if cancelled.is_some_and(|dates| dates.iter().any(|other| other == date)) {
        return json!(false);
    }
    series.get(EXCEPTIONS).and_then(|all| all.get(date)).cloned().unwrap_or_default()
}

/// A series with further changes.
fn with(series: &Map<String, Value>, changes: &BTreeMap<String, Value>) -> Value {
    let mut departures: BTreeMap<String, Value> =
        dates(series).map(|date| (date.clone(), occurrence(series, &date))).collect();
    departures.extend(changes.clone());
    let (mut cancelled, mut exceptions) = (Vec::new(), Map::new());
    for (date, occurrence) in departures {
        match occurrence {
            Value::Null => {}
            Value::Bool(_) => cancelled.push(Value::String(date)),
            occurrence => _ = exceptions.insert(date, occurrence),
        }
    }
    let mut series = series.clone();
    // What is empty is left out of documents.
    series.retain(|name, _| name != CANCELLED && name != EXCEPTIONS);
    if !cancelled.is_empty() {
        series.insert(CANCELLED.to_owned(), Value::Array(cancelled));
    }
    if !exceptions.is_empty() {
        series.insert(EXCEPTIONS.to_owned(), Value::Object(exceptions));
    }
    Value::Object(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(series: Value) -> Document {
        serde_json::from_value(json!({ "series": series })).unwrap()
    }

    fn merged(base: Value, m365: Value, crm: Value) -> Option<(Value, Value)> {
        let base = document(base);
        merge(BaseView { m365: &base, crm: &base }, &document(m365), &document(crm))
    }

    #[test]
    fn different_occurrences_both_survive() {
        let base = json!({"pattern": "daily", "cancelled": ["2026-12-01"]});
        let m365 = json!({"pattern": "daily", "cancelled": ["2026-12-01", "2026-12-04"]});
        let crm = json!({"pattern": "daily", "exceptions": {"2026-12-02": {"subject": "late"}}});
        let both = json!({"pattern": "daily", "cancelled": ["2026-12-04"], "exceptions": {"2026-12-02": {"subject": "late"}}});
        assert_eq!(merged(base, m365, crm), Some((both.clone(), both)));
    }

    #[test]
    fn one_occurrence_changed_in_two_ways_is_a_conflict() {
        let m365 = json!({"pattern": "daily", "cancelled": ["2026-12-02"]});
        let crm = json!({"pattern": "daily", "exceptions": {"2026-12-02": {"subject": "late"}}});
        assert_eq!(merged(json!({"pattern": "daily"}), m365, crm), None);
    }

    #[test]
    fn what_occurrences_say_does_not_beat_another_rule() {
        let with_text =
            |text| json!({"pattern": "daily", "exceptions": {"2026-12-02": {"when": "late", "text": text}}});
        let (base, text) = (document(with_text("old")), document(with_text("new")));
        let (rule, view) = (document(json!({"pattern": "weekly"})), BaseView { m365: &base, crm: &base });
        assert!(is_handed_down(view, &text, &rule));
        assert!(!is_handed_down(view, &rule, &text), "in the CRM nothing is handed down");
        assert!(!is_handed_down(view, &rule, &document(json!({"pattern": "monthly"}))));
    }

    #[test]
    fn a_zone_under_another_name_makes_no_other_series() {
        let of = |zone: &str, hour: u8| {
            let late =
                json!({"when": {"timed": {"start": format!("2026-12-02T{hour}:00:00Z"), "zone": zone}}});
            json!({"pattern": "daily", "zone": zone, "exceptions": {"2026-12-02": late}})
        };
        let [vienna, berlin] = ["Europe/Vienna", "Europe/Berlin"].map(|zone| without_zones(&of(zone, 17)));
        assert_eq!(vienna, berlin);
        assert_ne!(vienna, without_zones(&of("Europe/Vienna", 18)));
    }

    #[test]
    fn what_an_occurrence_repeats_of_its_series_says_nothing_new() {
        let of = |subject, occurrence| {
            let exceptions = json!({"2026-12-02": {"when": "late", "subject": occurrence}});
            let mut document = document(json!({"pattern": "daily", "exceptions": exceptions}));
            document.set("subject", json!(subject));
            document
        };
        assert!(only_repeats(&of("B", "A"), &of("B", "B")), "told as Exchange handed it down");
        assert!(
            !only_handed_down(&of("B", "A"), &of("B", "B")),
            "somebody took back in Outlook what it was called"
        );
        assert!(only_repeats(&of("A", "A"), &of("B", "B")));
        assert!(only_handed_down(&of("A", "A"), &of("B", "B")));
        assert!(!only_handed_down(&of("A", "A"), &of("A", "own")));
        assert!(!only_repeats(&of("A", "A"), &of("A", "own")));
        assert!(!only_repeats(
            &of("A", "A"),
            &document(json!({"pattern": "daily", "cancelled": ["2026-12-02"]}))
        ));
    }

    #[test]
    fn another_rule_is_a_conflict() {
        let m365 = json!({"pattern": "weekly"});
        let crm = json!({"pattern": "daily", "cancelled": ["2026-12-02"]});
        assert_eq!(merged(json!({"pattern": "daily"}), m365, crm), None);
    }
}
