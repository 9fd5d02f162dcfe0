//! Three-way merge, field by field.
//!
//! Each side is compared with what *it* held at the last agreement, so that a side which cannot hold everything does
//! not look as if it had deleted the rest. The result is one document in Microsoft 365's terms, and for each side the
//! fields in which it has to be written.

use crate::policy::{is_set, owned_by_m365};
use crate::{BaseView, Direction, Reason};
use serde_json::Value;
use std::collections::BTreeSet;
use tandem_model::{Document, Kind};

/// Who wins a field that both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precedence {
    /// Microsoft 365: the organiser's copy, the newer edit, or a tie.
    M365,
    /// The CRM: the newer edit, or its own rule says so.
    Crm,
}

/// What both sides shall hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merge {
    /// The content.
    pub document: Document,
    /// Fields that the CRM has to be told.
    pub to_crm: BTreeSet<String>,
    /// Fields that Microsoft 365 has to be told.
    pub to_m365: BTreeSet<String>,
    /// What was found.
    pub reasons: Vec<Reason>,
}

/// Merges. Without a base both sides had the item independently: equal fields stay, empty ones are filled, and where
/// they differ `precedence` decides.
pub fn merge(
    kind: Kind,
    base: Option<BaseView<'_>>,
    m365: &Document,
    crm: &Document,
    direction: Direction,
    precedence: Precedence,
) -> Merge {
    match base {
        Some(base) => merge_changes(kind, base, m365, crm, direction, precedence),
        None => adopt(kind, m365, crm, direction, precedence),
    }
}

fn merge_changes(
    kind: Kind,
    base: BaseView<'_>,
    m365: &Document,
    crm: &Document,
    direction: Direction,
    precedence: Precedence,
) -> Merge {
    let in_m365 = m365.differences(base.m365);
    let in_crm = crm.differences(base.crm);
    let mut result = Merge { document: m365.clone(), ..Merge::default() };
    let (mut restored_crm, mut restored_m365) = (BTreeSet::new(), BTreeSet::new());
    for field in in_m365.union(&in_crm) {
        let (m365_changed, crm_changed) = (in_m365.contains(field), in_crm.contains(field));
        let crm_may = direction.to_m365() && !owned_by_m365(kind, field);
        let m365_may = direction.to_crm();
        if m365.get(field) == crm.get(field) {
            continue; // both sides came to the same value by themselves
        }
        match (m365_changed && m365_may, crm_changed && crm_may) {
            (true, true) if is_set(field) => {
                let value = with_changes(m365.get(field), base.crm.get(field), crm.get(field));
                mark(&mut result, field, value, m365, crm);
            }
            (true, true) => {
                let (winner, loser) = match precedence {
                    Precedence::M365 => ("Microsoft 365", crm.get(field)),
                    Precedence::Crm => ("the CRM", m365.get(field)),
                };
                result.reasons.push(Reason::Conflict { field: field.clone(), winner, loser: loser.clone() });
                let value =
                    if precedence == Precedence::Crm { crm.get(field) } else { m365.get(field) }.clone();
                mark(&mut result, field, value, m365, crm);
            }
            (true, false) => {
                result.to_crm.insert(field.clone());
            }
            (false, true) => {
                let value = if is_set(field) {
                    with_changes(m365.get(field), base.crm.get(field), crm.get(field))
                } else {
                    crm.get(field).clone()
                };
                mark(&mut result, field, value, m365, crm);
            }
            // A change on the side that does not lead: it gets the leading side's value back.
            (false, false) if crm_changed && m365_may => {
                result.to_crm.insert(field.clone());
                restored_crm.insert(field.clone());
            }
            (false, false) if m365_changed && crm_may => {
                mark(&mut result, field, base.m365.get(field).clone(), m365, crm);
                result.to_crm.remove(field);
                restored_m365.insert(field.clone());
            }
            (false, false) => {}
        }
    }
    let told: BTreeSet<String> = in_m365.intersection(&result.to_crm).cloned().collect();
    if !told.is_empty() {
        result.reasons.push(Reason::ChangedInM365 { fields: told });
    }
    let asked: BTreeSet<String> = in_crm.intersection(&result.to_m365).cloned().collect();
    if !asked.is_empty() {
        result.reasons.push(Reason::ChangedInCrm { fields: asked });
    }
    if !restored_crm.is_empty() {
        result.reasons.push(Reason::Restored { fields: restored_crm, side: "the CRM" });
    }
    if !restored_m365.is_empty() {
        result.reasons.push(Reason::Restored { fields: restored_m365, side: "Microsoft 365" });
    }
    result
}

fn adopt(kind: Kind, m365: &Document, crm: &Document, direction: Direction, precedence: Precedence) -> Merge {
    let mut result = Merge { document: m365.clone(), ..Merge::default() };
    let fields = m365.differences(crm);
    for field in &fields {
        let crm_may = direction.to_m365() && !owned_by_m365(kind, field) && !crm.get(field).is_null();
        let m365_may = direction.to_crm() && !m365.get(field).is_null();
        match (m365_may, crm_may) {
            (true, true) if precedence == Precedence::Crm => {
                mark(&mut result, field, crm.get(field).clone(), m365, crm);
            }
            (true, _) => {
                result.to_crm.insert(field.clone());
            }
            (false, true) => mark(&mut result, field, crm.get(field).clone(), m365, crm),
            (false, false) => {}
        }
    }
    let changed = result.to_crm.union(&result.to_m365).cloned().collect();
    result.reasons.push(Reason::Adopted { fields: changed });
    result
}

/// Sets a field of the result and notes which sides do not hold that value yet.
fn mark(result: &mut Merge, field: &str, value: Value, m365: &Document, crm: &Document) {
    if m365.get(field) != &value {
        result.to_m365.insert(field.to_owned());
    }
    if crm.get(field) != &value {
        result.to_crm.insert(field.to_owned());
    }
    result.document.set(field, value);
}

/// Applies what changed from `before` to `after` to another list: what was added is added, what was removed is removed.
fn with_changes(list: &Value, before: &Value, after: &Value) -> Value {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (mut list, before, after) = (items(list), items(before), items(after));
    list.retain(|item| !before.contains(item) || after.contains(item));
    for item in after {
        if !before.contains(&item) && !list.contains(&item) {
            list.push(item);
        }
    }
    // Sets are ordered lists in a document; sorting by their text gives every writer the same order.
    list.sort_by_cached_key(Value::to_string);
    Value::Array(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    fn fields(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn changes_of_different_fields_both_travel() {
        let base = document(json!({"subject": "Call", "location": "Graz"}));
        let m365 = document(json!({"subject": "Phone call", "location": "Graz"}));
        let crm = document(json!({"subject": "Call", "location": "Linz"}));
        let view = BaseView { m365: &base, crm: &base };
        let merged = merge(Kind::Appointment, Some(view), &m365, &crm, Direction::Both, Precedence::M365);
        assert_eq!(merged.document, document(json!({"subject": "Phone call", "location": "Linz"})));
        assert_eq!(merged.to_crm, fields(&["subject"]));
        assert_eq!(merged.to_m365, fields(&["location"]));
    }

    #[test]
    fn the_losing_value_of_a_conflict_is_kept() {
        let base = document(json!({"subject": "a"}));
        let (m365, crm) = (document(json!({"subject": "b"})), document(json!({"subject": "c"})));
        let view = BaseView { m365: &base, crm: &base };
        let merged = merge(Kind::Task, Some(view), &m365, &crm, Direction::Both, Precedence::Crm);
        assert_eq!(merged.document, crm);
        assert_eq!(merged.to_m365, fields(&["subject"]));
        assert!(merged.to_crm.is_empty());
        assert!(merged.reasons.contains(&Reason::Conflict {
            field: "subject".into(),
            winner: "the CRM",
            loser: json!("b")
        }));
    }

    #[test]
    fn what_a_side_cannot_hold_is_not_deleted_on_the_other() {
        let m365_base = document(json!({"attendees": ["ann", "unknown"]}));
        let crm_base = document(json!({"attendees": ["ann"]}));
        let crm = document(json!({"attendees": ["ann", "bob"]}));
        let view = BaseView { m365: &m365_base, crm: &crm_base };
        let merged =
            merge(Kind::Appointment, Some(view), &m365_base, &crm, Direction::Both, Precedence::M365);
        assert_eq!(merged.document.get("attendees"), &json!(["ann", "bob", "unknown"]));
        assert_eq!(merged.to_m365, fields(&["attendees"]));
    }

    #[test]
    fn the_side_that_does_not_lead_gets_its_value_back() {
        let base = document(json!({"subject": "Holiday"}));
        let m365 = document(json!({"subject": "Not here"}));
        let view = BaseView { m365: &base, crm: &base };
        let merged = merge(Kind::Absence, Some(view), &m365, &base, Direction::ToM365, Precedence::Crm);
        assert_eq!(merged.document, base);
        assert_eq!(merged.to_m365, fields(&["subject"]));
        assert!(merged.to_crm.is_empty());
    }
}
