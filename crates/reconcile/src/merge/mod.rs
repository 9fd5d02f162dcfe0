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
mod tests;
