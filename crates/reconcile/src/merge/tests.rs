//! Three-way merge, field by field: what each side gets.

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
        document(json!({"when": {"timed": {"start": start, "end": "2026-12-01T12:00:00Z", "zone": zone}}}))
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
    let merged = merge(Kind::Appointment, Some(view), &m365_base, &crm, Direction::Both, Precedence::M365);
    assert_eq!(merged.document.get("attendees"), &json!(["ann", "bob", "unknown"]));
    assert_eq!(merged.to_m365, fields(&["attendees"]));
    assert!(merged.to_crm.is_empty(), "the CRM has bob already");

    let m365 = document(json!({"attendees": ["eve", "unknown"]}));
    let merged = merge(Kind::Appointment, Some(view), &m365, &crm_base, Direction::Both, Precedence::M365);
    assert_eq!(
        merged.crm_document.get("attendees"),
        &json!(["eve"]),
        "ann was removed, eve added, nobody else"
    );
}

#[test]
fn attendees_are_the_same_by_their_address_whatever_their_name() {
    let named =
        |name: &str| document(json!({"attendees": [{"address": "ann@x", "name": name, "role": "required"}]}));
    let (m365_base, crm_base) = (named("Ann"), named("Dr. Ann Example"));
    let view = BaseView { m365: &m365_base, crm: &crm_base };
    let crm = document(json!({}));
    let merged = merge(Kind::Appointment, Some(view), &m365_base, &crm, Direction::Both, Precedence::M365);
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
