//! A series that was moved: when it takes place and how it repeats belong together.

use super::{Merge, Precedence, is_same_moment};
use crate::policy::{WHEN, Ways};
use crate::{BaseView, Reason, series};
use tandem_model::{Document, Kind};

/// What says when a series takes place.
const FIELDS: [&str; 2] = [WHEN, series::FIELD];

/// Whether both fields of a series come from whoever wins: one side moved it to begin on another day, and the other changed one of
/// the two meanwhile. The day of one rule and the hours of another make a series that nobody entered.
pub(super) fn comes_whole(
    kind: Kind,
    base: BaseView<'_>,
    m365: &Document,
    crm: &Document,
    ways: Ways<'_>,
) -> bool {
    let both_ways = FIELDS.iter().all(|field| ways.to_crm(field) && ways.to_m365(field));
    let moved = (series::begins_anew(base.m365, m365), series::begins_anew(base.crm, crm));
    let (before, after) = match moved {
        (true, false) => (base.crm, crm),
        (false, true) => (base.m365, m365),
        _ => return false,
    };
    let changed = |field: &&str| before.get(field) != after.get(field);
    let handed_down = !changed(&WHEN) && series::is_handed_down(base, m365, crm);
    kind == Kind::Appointment && both_ways && FIELDS.iter().any(changed) && !handed_down
}

/// Whether a field says when a series takes place.
pub(super) fn binds(field: &str) -> bool {
    FIELDS.contains(&field)
}

/// Whether both sides had agreed on series that begin on different days, as where one was moved in the CRM and its attendees
/// may not be mailed. Whichever then gets one of the two fields of the other side has to get both.
pub(super) fn are_apart(kind: Kind, base: BaseView<'_>) -> bool {
    kind == Kind::Appointment
        && series::begins_anew(base.m365, base.crm)
        && !is_same_moment(base.m365.get(WHEN), base.crm.get(WHEN))
}

/// Brings series that are apart together, when somebody changes when one of them takes place. What Exchange hands down to
/// occurrences is no such change.
pub(super) fn settle_apart(
    merge: &mut Merge,
    base: BaseView<'_>,
    m365: &Document,
    crm: &Document,
    ways: Ways<'_>,
    precedence: Precedence,
) {
    let in_m365 =
        base.m365.get(WHEN) != m365.get(WHEN) || !series::differ_only_in_what_is_handed_down(base.m365, m365);
    let changed_in_crm = |field: &str| base.crm.get(field) != crm.get(field);
    let in_crm = FIELDS.into_iter().any(changed_in_crm);
    let (to_crm, to_m365) =
        (FIELDS.into_iter().all(|f| ways.to_crm(f)), FIELDS.into_iter().all(|f| ways.to_m365(f)));
    let winner = match (in_m365 && to_crm, in_crm && to_m365) {
        (true, true) => precedence,
        (true, false) => Precedence::M365,
        (false, true) => Precedence::Crm,
        // A change on the side that does not lead: it is as it was.
        (false, false) if in_crm && to_crm => Precedence::M365,
        (false, false) => {
            if in_m365 && to_m365 {
                FIELDS.into_iter().for_each(|field| merge.restore_m365(field, base.m365.get(field), m365));
            }
            return;
        }
    };
    for field in FIELDS {
        let (name, value, loser) = winner.of(m365.get(field).clone(), crm.get(field).clone());
        if value == loser {
            continue;
        }
        let lost_edit = match winner {
            Precedence::M365 => to_m365 && changed_in_crm(field),
            Precedence::Crm => to_crm && in_m365 && base.m365.get(field) != m365.get(field),
        };
        if lost_edit {
            merge.reasons.push(Reason::Conflict { field: field.to_owned(), winner: name, loser });
        } else {
            merge.note_overwritten(field, name, &loser);
        }
        match winner {
            Precedence::M365 => merge.tell_crm(field, value, crm),
            Precedence::Crm => merge.tell_m365(field, value, m365),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{BaseView, Direction, Merge, Precedence, Reason, merge};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;
    use tandem_model::{Document, Kind};

    fn series(start: &str, hour: u8, exceptions: &Value) -> Document {
        let at = |hour: u8| format!("{start}T{hour:02}:00:00Z");
        let when = json!({"timed": {"start": at(hour), "end": at(hour + 1), "zone": "UTC"}});
        let rule = json!({"pattern": {"weekly": {"interval": 1}}, "start": start, "exceptions": exceptions});
        serde_json::from_value(json!({"when": when, "series": rule})).unwrap()
    }

    fn merged(m365: &Document, crm: &Document, precedence: Precedence) -> Merge {
        let base = series("2026-12-01", 9, &Value::Null);
        let view = BaseView { m365: &base, crm: &base };
        merge(Kind::Appointment, Some(view), m365, crm, Direction::Both, precedence)
    }

    #[test]
    fn the_day_of_one_side_and_the_rule_of_the_other_make_no_series() {
        let moved = series("2026-12-03", 14, &Value::Null);
        let one_off = series("2026-12-01", 9, &json!({"2026-12-08": {"subject": "late"}}));
        let lost = |merged: &Merge| -> BTreeMap<String, Value> {
            let conflicts = merged.reasons.iter().filter_map(|reason| match reason {
                Reason::Conflict { field, loser, .. } => Some((field.clone(), loser.clone())),
                _ => None,
            });
            conflicts.collect()
        };
        let won = merged(&moved, &one_off, Precedence::Crm);
        assert_eq!((&won.document, &won.crm_document), (&one_off, &one_off));
        let fields = ["when", "series"].map(|field| (field.to_owned(), moved.get(field).clone()));
        assert_eq!(lost(&won), BTreeMap::from(fields));
        let won = merged(&moved, &one_off, Precedence::M365);
        assert_eq!((&won.document, &won.crm_document), (&moved, &moved));
        assert_eq!(lost(&won), BTreeMap::from([("series".to_owned(), one_off.get("series").clone())]));
        let later = series("2026-12-01", 16, &Value::Null);
        let won = merged(&moved, &later, Precedence::Crm);
        assert_eq!((&won.document, &won.crm_document), (&later, &later));
    }

    fn overwrote(merged: &Merge) -> Vec<&str> {
        let lost = merged.reasons.iter().filter_map(|reason| match reason {
            Reason::Overwrote { field, .. } | Reason::Conflict { field, .. } => Some(field.as_str()),
            _ => None,
        });
        lost.collect()
    }

    #[test]
    fn of_series_that_are_apart_one_side_gets_the_other_whole() {
        let (m365, crm) = (series("2026-12-01", 9, &Value::Null), series("2026-12-03", 14, &Value::Null));
        let view = BaseView { m365: &m365, crm: &crm };
        let merged = |m365: &Document, crm: &Document, direction: Direction| {
            merge(Kind::Appointment, Some(view), m365, crm, direction, Precedence::M365)
        };
        let one_off = series("2026-12-01", 9, &json!({"2026-12-08": {"when": "late"}}));
        let told = merged(&one_off, &crm, Direction::Both);
        assert_eq!((&told.document, &told.crm_document), (&one_off, &one_off));
        assert_eq!(overwrote(&told), ["when", "series"]);
        let later = series("2026-12-03", 16, &Value::Null);
        let told = merged(&m365, &later, Direction::Both);
        assert_eq!((&told.document, &told.crm_document), (&later, &later));
        assert_eq!(overwrote(&told), ["when", "series"]);
        let told = merged(&one_off, &later, Direction::Both);
        assert_eq!((&told.document, &told.crm_document), (&one_off, &one_off));
        assert_eq!(overwrote(&told), ["when", "series"]);
        // The side that does not lead gets its own back.
        let told = merged(&one_off, &crm, Direction::ToM365);
        assert_eq!((&told.document, &told.crm_document), (&m365, &crm));
        let told = merged(&m365, &later, Direction::ToCrm);
        assert_eq!((&told.document, &told.crm_document), (&m365, &m365));
    }

    #[test]
    fn what_is_handed_down_does_not_bring_together_what_is_apart() {
        let one_off = |text: &str| json!({"2026-12-08": {"when": "late", "text": text}});
        let (m365, crm) = (series("2026-12-01", 9, &one_off("old")), series("2026-12-03", 14, &Value::Null));
        let view = BaseView { m365: &m365, crm: &crm };
        let merged = |m365: &Document, crm: &Document| {
            merge(Kind::Appointment, Some(view), m365, crm, Direction::Both, Precedence::M365)
        };
        let renamed = series("2026-12-01", 9, &one_off("new"));
        let told = merged(&renamed, &crm);
        assert!(told.to_crm.is_empty() && told.to_m365.is_empty(), "{told:?}");
        let later = series("2026-12-03", 16, &Value::Null);
        let told = merged(&renamed, &later);
        assert_eq!((&told.document, &told.crm_document), (&later, &later));
    }

    #[test]
    fn another_hour_and_another_occurrence_both_travel() {
        let later = series("2026-12-01", 16, &Value::Null);
        let one_off = series("2026-12-01", 9, &json!({"2026-12-08": {"subject": "late"}}));
        let both = series("2026-12-01", 16, &json!({"2026-12-08": {"subject": "late"}}));
        let merged = merged(&later, &one_off, Precedence::Crm);
        assert_eq!((&merged.document, &merged.crm_document), (&both, &both));
    }
}
