//! Three-way merge, field by field.
//!
//! Each side is compared with what *it* held at the last agreement, so that a side which cannot hold everything does
//! not look as if it had deleted the rest. The result is a document for each side, and the fields in which it has to be
//! written.

mod cancelled;
mod moved_series;
mod without_base;

use crate::policy::{WHEN, Ways, is_origin, is_overlay, is_set, owned_by_m365};
use crate::{BaseView, Reason, entries, series};
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

impl Precedence {
    /// Of a value of Microsoft 365 and one of the CRM: whose wins, that value, and the other one.
    fn of(self, m365: Value, crm: Value) -> (&'static str, Value, Value) {
        match self {
            Precedence::M365 => ("Microsoft 365", m365, crm),
            Precedence::Crm => ("the CRM", crm, m365),
        }
    }
}

/// What each side shall hold. They differ where one side cannot hold what the other has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merge {
    /// What Microsoft 365 shall hold.
    pub document: Document,
    /// What the CRM shall hold.
    pub crm_document: Document,
    /// Fields that the CRM has to be told.
    pub to_crm: BTreeSet<String>,
    /// Fields that Microsoft 365 has to be told.
    pub to_m365: BTreeSet<String>,
    /// What was found.
    pub reasons: Vec<Reason>,
}

/// Merges. Without a base both sides had the item independently: equal fields stay, empty ones are filled, and where
/// they differ `precedence` decides.
pub fn merge<'w>(
    kind: Kind,
    base: Option<BaseView<'_>>,
    m365: &Document,
    crm: &Document,
    ways: impl Into<Ways<'w>>,
    precedence: Precedence,
) -> Merge {
    let ways = ways.into();
    match base {
        Some(base) => merge_changes(kind, base, m365, crm, ways, precedence),
        None => without_base::adopt(kind, m365, crm, ways, precedence),
    }
}

fn merge_changes(
    kind: Kind,
    base: BaseView<'_>,
    m365: &Document,
    crm: &Document,
    ways: Ways<'_>,
    precedence: Precedence,
) -> Merge {
    let in_m365 = m365.differences(base.m365);
    let in_crm = crm.differences(base.crm);
    let mut result = Merge::of(m365, crm);
    let whole = moved_series::comes_whole(kind, base, m365, crm, ways);
    let series_apart = moved_series::are_apart(kind, base);
    if series_apart {
        moved_series::settle_apart(&mut result, base, m365, crm, ways, precedence);
    }
    let (mut restored_crm, mut restored_m365) = (BTreeSet::new(), BTreeSet::new());
    // Who called a meeting is said when it is added. A silent copy names its own owner, which is no news for anybody.
    let settled = |field: &String| series_apart && moved_series::binds(field);
    for field in in_m365.union(&in_crm).filter(|field| !is_origin(field) && !settled(field)) {
        let crm_may = ways.to_m365(field) && !owned_by_m365(kind, field);
        let m365_may = ways.to_crm(field);
        let (mine, theirs) = (m365.get(field), crm.get(field));
        if mine == theirs {
            continue; // both sides came to the same value by themselves
        }
        let (m365_changed, crm_changed) = (in_m365.contains(field), in_crm.contains(field));
        let apart = is_apart(field, base);
        if whole && moved_series::binds(field) {
            let (winner, value, loser) = precedence.of(mine.clone(), theirs.clone());
            let changed = if precedence == Precedence::M365 { crm_changed } else { m365_changed };
            if changed {
                result.reasons.push(Reason::Conflict { field: field.clone(), winner, loser });
            }
            result.tell_m365(field, value.clone(), m365);
            result.tell_crm(field, value, crm);
            continue;
        }
        match (m365_changed && m365_may, crm_changed && crm_may) {
            // Answers belong to the attendees: what one side learned is added to what the other knows.
            (true, _) if is_overlay(field) => {
                result.tell_crm(field, entries::overlaid(theirs, base.m365.get(field), mine), crm);
            }
            _ if is_overlay(field) => {}
            (from_m365, from_crm) if is_set(field) && (from_m365 || from_crm) => {
                let (before_m365, before_crm) = (base.m365.get(field), base.crm.get(field));
                // An entry that both changed in different ways is a conflict of its own, the others are not.
                let contested = match (from_m365, from_crm) {
                    (true, true) => entries::contested([before_m365, mine], [before_crm, theirs]),
                    _ => Vec::new(),
                };
                let (mut for_m365, mut for_crm) = (mine.clone(), theirs.clone());
                for (ours, others) in contested {
                    let (winner, entry, loser) = precedence.of(ours, others);
                    for_m365 = entries::with(&for_m365, &entry);
                    for_crm = entries::with(&for_crm, &entry);
                    result.reasons.push(Reason::Conflict { field: field.clone(), winner, loser });
                }
                if from_crm {
                    let changed = entries::with_changes(&for_m365, before_crm, &for_crm);
                    result.tell_m365(field, changed, m365);
                }
                if from_m365 {
                    let changed = entries::with_changes(&for_crm, before_m365, &for_m365);
                    result.tell_crm(field, changed, crm);
                }
            }
            (true, true) => {
                let is_series = field == series::FIELD;
                let both = is_series.then(|| series::merge(base, m365, crm)).flatten();
                if let Some((for_m365, for_crm)) = both {
                    result.tell_m365(field, for_m365, m365);
                    result.tell_crm(field, for_crm, crm);
                    continue;
                }
                let handed_down = is_series && series::is_handed_down(base, m365, crm);
                let precedence = if handed_down { Precedence::Crm } else { precedence };
                let (winner, value, loser) = precedence.of(mine.clone(), theirs.clone());
                if handed_down {
                    result.note_overwritten(field, winner, &loser);
                } else {
                    result.reasons.push(Reason::Conflict { field: field.clone(), winner, loser });
                }
                result.tell_m365(field, value.clone(), m365);
                result.tell_crm(field, value, crm);
            }
            (true, false) => {
                if apart || crm_changed {
                    result.note_overwritten(field, "Microsoft 365", theirs);
                }
                result.tell_crm(field, mine.clone(), crm);
            }
            (false, true) => {
                if apart || m365_changed {
                    result.note_overwritten(field, "the CRM", mine);
                }
                result.tell_m365(field, theirs.clone(), m365);
            }
            // A change on the side that does not lead: it gets the leading side's value back.
            (false, false) if crm_changed && m365_may => {
                result.note_overwritten(field, "Microsoft 365", theirs);
                result.tell_crm(field, mine.clone(), crm);
                restored_crm.insert(field.clone());
            }
            (false, false) if m365_changed && crm_may => {
                result.restore_m365(field, base.m365.get(field), m365);
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

impl Merge {
    fn of(m365: &Document, crm: &Document) -> Self {
        Self { document: m365.clone(), crm_document: crm.clone(), ..Self::default() }
    }

    /// A value goes that nobody saw when the other one was written: both sides had agreed to differ, as on a text that
    /// nobody may be mailed about, or had agreed on nothing yet, or it was entered on the side that does not lead.
    fn note_overwritten(&mut self, field: &str, winner: &'static str, loser: &Value) {
        if !loser.is_null() {
            let (field, loser) = (field.to_owned(), loser.clone());
            self.reasons.push(Reason::Overwrote { field, winner, loser });
        }
    }

    /// The CRM is told all in which its record departs from what it shall hold, where it may be told.
    pub(crate) fn tell_in_full(&mut self, record: &Document, ways: Ways<'_>) {
        for field in self.crm_document.differences(record) {
            if !ways.to_crm(&field) {
                self.crm_document.set(&field, record.get(&field).clone());
            } else if self.to_crm.insert(field.clone()) && !is_overlay(&field) {
                self.note_overwritten(&field, "Microsoft 365", record.get(&field));
            }
        }
    }

    /// Microsoft 365 does not lead, and gets back what was agreed on.
    fn restore_m365(&mut self, field: &str, agreed: &Value, holds: &Document) {
        if holds.get(field) != agreed {
            self.note_overwritten(field, "the CRM", holds.get(field));
            self.tell_m365(field, agreed.clone(), holds);
        }
    }

    fn tell_m365(&mut self, field: &str, value: Value, holds: &Document) {
        if holds.get(field) != &value {
            self.to_m365.insert(field.to_owned());
            self.document.set(field, value);
        }
    }

    fn tell_crm(&mut self, field: &str, value: Value, holds: &Document) {
        if holds.get(field) != &value {
            self.to_crm.insert(field.to_owned());
            self.crm_document.set(field, value);
        }
    }
}

/// Whether two values of `when` begin and end at the same instants. Two systems call a zone by different names: it is the
/// same moment all the same.
pub fn is_same_moment(one: &Value, other: &Value) -> bool {
    let moments = |when: &Value| {
        let timed = when.get("timed")?;
        Some((timed.get("start")?.clone(), timed.get("end")?.clone()))
    };
    moments(one).is_some() && moments(one) == moments(other)
}

/// Whether both sides had agreed to differ.
fn is_apart(field: &str, base: BaseView<'_>) -> bool {
    let (m365, crm) = (base.m365.get(field), base.crm.get(field));
    m365 != crm
        && !(field == WHEN && is_same_moment(m365, crm))
        && !(field == series::FIELD && series::without_zones(m365) == series::without_zones(crm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Direction;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    fn fields(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_moment_that_two_systems_say_in_different_zones_is_no_value_that_goes() {
        let timed = |start: &str, zone: &str| {
            document(
                json!({"when": {"timed": {"start": start, "end": "2026-12-01T12:00:00Z", "zone": zone}}}),
            )
        };
        let (berlin, vienna) = ("Europe/Berlin", "Europe/Vienna");
        let (m365, crm) = (timed("2026-12-01T10:00:00Z", berlin), timed("2026-12-01T10:00:00Z", vienna));
        let moved = timed("2026-12-01T11:00:00Z", berlin);
        let merged = |crm: &Document| {
            let base = BaseView { m365: &m365, crm };
            merge(Kind::Appointment, Some(base), &moved, crm, Direction::Both, Precedence::M365)
        };
        assert_eq!(merged(&crm).reasons, [Reason::ChangedInM365 { fields: fields(&["when"]) }]);
        let elsewhen = timed("2026-12-01T09:00:00Z", vienna);
        assert!(matches!(merged(&elsewhen).reasons[0], Reason::Overwrote { .. }));
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
    fn a_value_that_one_side_kept_to_itself_is_told_of_when_it_goes() {
        let base = (document(json!({"text": "old"})), document(json!({"text": "the CRM's own"})));
        let m365 = document(json!({"text": "new"}));
        let view = BaseView { m365: &base.0, crm: &base.1 };
        let merged = merge(Kind::Appointment, Some(view), &m365, &base.1, Direction::Both, Precedence::M365);
        assert_eq!(merged.to_crm, fields(&["text"]));
        let (field, loser) = ("text".to_owned(), json!("the CRM's own"));
        assert!(merged.reasons.contains(&Reason::Overwrote { field, winner: "Microsoft 365", loser }));
    }

    #[test]
    fn a_value_that_the_side_which_does_not_lead_changed_meanwhile_is_told_of_when_it_goes() {
        let base = document(json!({"text": "old"}));
        let (m365, crm) = (document(json!({"text": "new"})), document(json!({"text": "the CRM's own"})));
        let view = BaseView { m365: &base, crm: &base };
        for (direction, winner, loser) in
            [(Direction::ToCrm, "Microsoft 365", "the CRM's own"), (Direction::ToM365, "the CRM", "new")]
        {
            let merged = merge(Kind::Appointment, Some(view), &m365, &crm, direction, Precedence::M365);
            assert_eq!(merged.document, merged.crm_document);
            let (field, loser) = ("text".to_owned(), json!(loser));
            let told = Reason::Overwrote { field, winner, loser };
            assert!(merged.reasons.contains(&told), "{:?}", merged.reasons);
        }
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
    fn an_entry_that_both_changed_is_not_exchanged() {
        let bob = |role: &str| document(json!({"attendees": [{"address": "bob@x.example", "role": role}]}));
        let [base, m365, crm] = ["required", "optional", "resource"].map(bob);
        let view = BaseView { m365: &base, crm: &base };
        let merged = merge(Kind::Appointment, Some(view), &m365, &crm, Direction::Both, Precedence::M365);
        assert_eq!((&merged.document, &merged.crm_document), (&m365, &m365));
        let loser = crm.get("attendees")[0].clone();
        let told = Reason::Conflict { field: "attendees".into(), winner: "Microsoft 365", loser };
        assert!(merged.reasons.contains(&told), "{:?}", merged.reasons);
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
        assert!(merged.to_crm.is_empty(), "the CRM has bob already");

        let m365 = document(json!({"attendees": ["eve", "unknown"]}));
        let merged =
            merge(Kind::Appointment, Some(view), &m365, &crm_base, Direction::Both, Precedence::M365);
        assert_eq!(
            merged.crm_document.get("attendees"),
            &json!(["eve"]),
            "ann was removed, eve added, nobody else"
        );
    }

    #[test]
    fn attendees_are_the_same_by_their_address_whatever_their_name() {
        let named = |name: &str| {
            document(json!({"attendees": [{"address": "ann@x", "name": name, "role": "required"}]}))
        };
        let (m365_base, crm_base) = (named("Ann"), named("Dr. Ann Example"));
        let view = BaseView { m365: &m365_base, crm: &crm_base };
        let crm = document(json!({}));
        let merged =
            merge(Kind::Appointment, Some(view), &m365_base, &crm, Direction::Both, Precedence::M365);
        assert_eq!(merged.document.get("attendees"), &Value::Null, "removed in the CRM, so removed");
    }

    #[test]
    fn answers_that_only_one_side_knows_stay() {
        let base = document(json!({"responses": {"ann": "accepted"}}));
        let crm = document(json!({"responses": {"ann": "accepted", "bob": "declined"}}));
        let view = BaseView { m365: &base, crm: &base };
        let merged = merge(Kind::Appointment, Some(view), &base, &crm, Direction::Both, Precedence::M365);
        assert!(merged.to_crm.is_empty() && merged.to_m365.is_empty());
        let m365 = document(json!({"responses": {"ann": "declined"}}));
        let merged = merge(Kind::Appointment, Some(view), &m365, &crm, Direction::Both, Precedence::M365);
        assert_eq!(merged.crm_document.get("responses"), &json!({"ann": "declined", "bob": "declined"}));
    }

    #[test]
    fn what_loses_when_both_sides_had_it_independently_is_kept_too() {
        let (m365, crm) = (document(json!({"subject": "a"})), document(json!({"subject": "b", "text": "c"})));
        let merged = merge(Kind::Task, None, &m365, &crm, Direction::Both, Precedence::M365);
        assert_eq!(merged.crm_document, document(json!({"subject": "a", "text": "c"})));
        let told = Reason::Conflict { field: "subject".into(), winner: "Microsoft 365", loser: json!("b") };
        assert!(merged.reasons.contains(&told), "{:?}", merged.reasons);
    }

    #[test]
    fn a_field_can_travel_one_way_within_an_item_that_travels_both() {
        let base = document(json!({"subject": "a", "location": "Graz"}));
        let crm = document(json!({"subject": "b", "location": "Linz"}));
        let one_way = BTreeMap::from([("location".to_owned(), Direction::ToCrm)]);
        let view = BaseView { m365: &base, crm: &base };
        let ways = Ways::of(Direction::Both, &one_way);
        let merged = merge(Kind::Appointment, Some(view), &base, &crm, ways, Precedence::Crm);
        assert_eq!(merged.to_m365, fields(&["subject"]));
        assert_eq!(merged.crm_document.get("location"), "Graz", "it gets Microsoft 365's value back");
        let adopted = merge(Kind::Appointment, None, &base, &crm, ways, Precedence::Crm);
        assert_eq!(adopted.document, document(json!({"subject": "b", "location": "Graz"})));
        assert_eq!(adopted.crm_document.get("location"), "Graz");
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
