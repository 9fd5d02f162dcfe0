//! A series that was moved: when it takes place and how it repeats belong together.

use crate::policy::{WHEN, Ways};
use crate::{BaseView, series};
use tandem_model::{Document, Kind};

/// Whether both fields of a series come from whoever wins: one side moved it to begin on another day, and the other changed one of
/// the two meanwhile. The day of one rule and the hours of another make a series that nobody entered.
pub(super) fn comes_whole(
    kind: Kind,
    base: BaseView<'_>,
    m365: &Document,
    crm: &Document,
    ways: Ways<'_>,
) -> bool {
    let fields = [WHEN, series::FIELD];
    let both_ways = fields.iter().all(|field| ways.to_crm(field) && ways.to_m365(field));
    let moved = (series::begins_anew(base.m365, m365), series::begins_anew(base.crm, crm));
    let (before, after) = match moved {
        (true, false) => (base.crm, crm),
        (false, true) => (base.m365, m365),
        _ => return false,
    };
    let changed = |field: &&str| before.get(field) != after.get(field);
    let handed_down = !changed(&WHEN) && series::is_handed_down(base, m365, crm);
    kind == Kind::Appointment && both_ways && fields.iter().any(changed) && !handed_down
}

/// Whether a field says when a series takes place.
pub(super) fn binds(field: &str) -> bool {
    field == WHEN || field == series::FIELD
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

    #[test]
    fn another_hour_and_another_occurrence_both_travel() {
        let later = series("2026-12-01", 16, &Value::Null);
        let one_off = series("2026-12-01", 9, &json!({"2026-12-08": {"subject": "late"}}));
        let both = series("2026-12-01", 16, &json!({"2026-12-08": {"subject": "late"}}));
        let merged = merged(&later, &one_off, Precedence::Crm);
        assert_eq!((&merged.document, &merged.crm_document), (&both, &both));
    }
}
