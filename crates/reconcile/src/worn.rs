//! The base of a pair that an older connector left: nobody noted on what both sides agreed last.
//!
//! Where both say the same they agree on that. Where the record holds what older connectors are known to make of
//! Microsoft 365's value (a text cut off, a list of attendees shortened, words before the subject, a time shifted by
//! its zone), they agree on what the record holds: the difference is then Microsoft 365's, and the record is mended. Of
//! a series they agree on the rule, so that what departs from it on either side reaches the other.
//! In every other field they agree on nothing: what one side lacks it gets from the other, and of two values the usual
//! precedence picks one and the other one is kept as the loser of a conflict.

use crate::fingerprint::bare;
use crate::policy::{is_origin, is_set};
use crate::series;
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeSet;
use tandem_model::{Document, When};

/// Zones lie at most so far apart.
const WIDEST_ZONES: SignedDuration = SignedDuration::from_hours(26);

/// What both sides are taken to have agreed on: what Microsoft 365 held, and what the CRM held.
pub fn adopted_base(m365: &Document, crm: &Document) -> (Document, Document) {
    let (mut held_by_m365, mut held_by_crm) = (m365.clone(), crm.clone());
    for field in m365.differences(crm).into_iter().filter(|field| !is_origin(field)) {
        let (mine, theirs) = (m365.get(&field), crm.get(&field));
        if let Some((of_m365, of_crm)) =
            (field == series::FIELD).then(|| series::agreed(mine, theirs)).flatten()
        {
            held_by_m365.set(&field, of_m365);
            held_by_crm.set(&field, of_crm);
            continue;
        }
        let agreed = if is_worn(&field, mine, theirs) { theirs.clone() } else { Value::Null };
        held_by_m365.set(&field, agreed.clone());
        held_by_crm.set(&field, agreed);
    }
    (held_by_m365, held_by_crm)
}

/// Whether the record's value is what an older connector makes of Microsoft 365's.
fn is_worn(field: &str, mine: &Value, theirs: &Value) -> bool {
    if is_set(field) {
        let (all, some) = (identities(mine), identities(theirs));
        return !some.is_empty() && some.is_subset(&all) && some != all;
    }
    match (field, mine, theirs) {
        ("subject", Value::String(mine), Value::String(theirs)) => bare(theirs) == mine.trim(),
        ("text", Value::String(mine), Value::String(theirs)) => is_cut(mine, theirs),
        ("when", mine, theirs) => is_shifted(mine, theirs),
        _ => false,
    }
}

/// Whether a text is the beginning of another, whatever their white space.
fn is_cut(whole: &str, cut: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (whole, cut) = (words(whole), words(cut));
    let cut = cut.trim_end_matches(['.', '…', ' ']);
    !cut.is_empty() && whole.starts_with(cut)
}

/// Whether two times are equally long, and as far apart as zones are.
fn is_shifted(mine: &Value, theirs: &Value) -> bool {
    let when = |value: &Value| serde_json::from_value::<When>(value.clone()).ok();
    let (Some(When::Timed { start, end, .. }), Some(When::Timed { start: other, end: other_end, .. })) =
        (when(mine), when(theirs))
    else {
        return false;
    };
    let apart = other.duration_since(start);
    let quarters = SignedDuration::from_mins(15).as_secs();
    other_end.duration_since(end) == apart && apart.abs() <= WIDEST_ZONES && apart.as_secs() % quarters == 0
}

/// What the entries of a list are known by: the address of an attendee, the text of a category.
fn identities(list: &Value) -> BTreeSet<String> {
    let one = |entry: &Value| entry.get("address").unwrap_or(entry).to_string().to_lowercase();
    list.as_array().into_iter().flatten().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BaseView, Direction, Precedence, Reason, merge};
    use serde_json::json;
    use tandem_model::Kind;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    fn timed(start: &str, end: &str) -> Value {
        json!({"timed": {"start": start, "end": end, "zone": "UTC"}})
    }

    fn merged(m365: &Document, crm: &Document, precedence: Precedence) -> crate::Merge {
        let (of_m365, of_crm) = adopted_base(m365, crm);
        let view = BaseView { m365: &of_m365, crm: &of_crm };
        merge(Kind::Appointment, Some(view), m365, crm, Direction::Both, precedence)
    }

    #[test]
    fn what_an_older_connector_wore_down_is_mended_whoever_is_newer() {
        let m365 = document(json!({
            "subject": "Review", "text": "One two\nthree four", "when": timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"),
            "attendees": [{"address": "ann@x", "role": "required"}, {"address": "bob@x", "role": "required"}],
        }));
        let crm = document(json!({
            "subject": "CRM: Review", "text": "One two three…", "when": timed("2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z"),
            "attendees": [{"address": "ann@x", "role": "required"}],
        }));
        for precedence in [Precedence::M365, Precedence::Crm] {
            let merged = merged(&m365, &crm, precedence);
            assert_eq!((&merged.document, &merged.crm_document), (&m365, &m365));
            assert!(!merged.reasons.iter().any(|reason| matches!(reason, Reason::Conflict { .. })));
        }
    }

    #[test]
    fn what_departs_from_a_series_on_either_side_reaches_the_other() {
        let series = |zone: &str, cancelled: &[&str], exceptions: Value| {
            document(json!({"series": {
                "pattern": {"daily": {"interval": 1}}, "start": "2026-03-02", "end": {"count": 9}, "zone": zone,
                "cancelled": cancelled, "exceptions": exceptions,
            }}))
        };
        let m365 = series("Europe/Berlin", &["2026-03-03"], json!({"2026-03-05": {"subject": "Late"}}));
        let crm = series(
            "Europe/Vienna",
            &["2026-03-04"],
            json!({"2026-03-05": {"subject": "CRM: Late"}, "2026-03-06": {"subject": "Early"}}),
        );
        let both = json!({"2026-03-05": {"subject": "Late"}, "2026-03-06": {"subject": "Early"}});
        for precedence in [Precedence::M365, Precedence::Crm] {
            let merged = merged(&m365, &crm, precedence);
            for held in [&merged.document, &merged.crm_document] {
                let series = held.get("series");
                assert_eq!(series["cancelled"], json!(["2026-03-03", "2026-03-04"]));
                assert_eq!(series["exceptions"], both);
            }
        }
    }

    #[test]
    fn of_two_values_one_wins_and_the_other_is_kept() {
        let m365 = document(json!({"subject": "Review", "location": "Graz"}));
        let crm = document(json!({"subject": "Retreat", "text": "Bring shoes"}));
        let merged = merged(&m365, &crm, Precedence::Crm);
        let both = document(json!({"subject": "Retreat", "location": "Graz", "text": "Bring shoes"}));
        assert_eq!((&merged.document, &merged.crm_document), (&both, &both));
        let loser = json!("Review");
        let told = Reason::Conflict { field: "subject".into(), winner: "the CRM", loser };
        assert!(merged.reasons.contains(&told), "{:?}", merged.reasons);
    }

    #[test]
    fn a_longer_or_rewritten_text_is_an_edit() {
        assert!(is_cut("One two three", "One two"));
        assert!(!is_cut("One two", "One two three") && !is_cut("One two", "Two") && !is_cut("One", " … "));
        let hour =
            |from: &str, to: &str| timed(&format!("2026-03-02T{from}:00Z"), &format!("2026-03-02T{to}:00Z"));
        assert!(is_shifted(&hour("09:00", "10:00"), &hour("10:30", "11:30")));
        assert!(!is_shifted(&hour("09:00", "10:00"), &hour("10:00", "11:30")), "it takes longer");
        assert!(
            !is_shifted(&hour("09:00", "10:00"), &hour("09:07", "10:07")),
            "no zones are 7 minutes apart"
        );
    }
}
