//! What can be mapped, what is refused and why, and that values come back as they went.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use proptest::prelude::*;
use serde_json::{Value, json};
use tandem_mapping::{CrmType, Flow, Target, ValueType};
use tandem_model::{Additional, AdditionalValue, Kind};

const SET: &str = "{00020329-0000-0000-C000-000000000046}";

fn refused(kind: Kind, text: &str) -> String {
    Target::parse(kind, text).unwrap_err().to_string()
}

#[test]
fn an_extended_property_has_one_spelling() {
    let id = "String {00020329-0000-0000-c000-000000000046} Name CostCentre";
    let target = Target::parse(Kind::Contact, &format!("string {SET} name CostCentre")).unwrap();
    assert_eq!(target.id, id);
    assert!(target.is(&format!("STRING {SET} Name CostCentre")));
    assert!(!target.is(&format!("String {SET} Name costcentre")), "names are case-sensitive");
    let numbered = Target::parse(Kind::Appointment, &format!("Integer {SET} Id 32773")).unwrap();
    assert!(numbered.is(&format!("Integer {SET} Id 0x8005")));
    assert_eq!(Target::parse(Kind::Mail, "Double 0x6801").unwrap().flow, Flow::ToCrm);
    assert_eq!(Target::parse(Kind::Absence, id).unwrap().flow, Flow::ToM365);
}

#[test]
fn properties_are_known_by_kind() {
    let nick = Target::parse(Kind::Contact, "nickName").unwrap();
    assert_eq!((nick.value, nick.flow, nick.is_extended()), (ValueType::Text, Flow::Both, false));
    assert_eq!(Target::parse(Kind::Appointment, "webLink").unwrap().flow, Flow::ToCrm);
    assert!(refused(Kind::Appointment, "nickName").contains("known are webLink"));
}

#[test]
fn what_cannot_be_mapped_is_refused_with_the_reason() {
    for (kind, text, why) in [
        (Kind::Task, "String {x} Name y".to_owned(), "Graph cannot keep additional fields on tasks"),
        (Kind::Appointment, "iCalUId".to_owned(), "a meeting is known by it"),
        (Kind::Mail, "internetMessageId".to_owned(), "an e-mail is known by it"),
        (Kind::Contact, "id".to_owned(), "it is the item's id"),
        (Kind::Contact, "jobTitle".to_owned(), "as=\"Function\""),
        (Kind::Contact, "children".to_owned(), "it is a list"),
        (Kind::Contact, format!("Binary {SET} Name Photo"), "Binary cannot be mapped"),
        (Kind::Contact, format!("StringArray {SET} Name Tags"), "StringArray cannot be mapped"),
        (Kind::Contact, format!("String {SET} Name TandemKey"), "its own key"),
        (
            Kind::Appointment,
            "String {00062002-0000-0000-C000-000000000046} Id 0x8208".to_owned(),
            "it is the place",
        ),
        (
            Kind::Appointment,
            "String {6ED8DA90-450B-101B-98DA-00AA003F1305} Id 0x23".to_owned(),
            "a meeting is known",
        ),
        (Kind::Appointment, "String 0x37".to_owned(), "it is the subject"),
        (Kind::Contact, "String {no-guid} Name x".to_owned(), "neither a property of Graph nor reads like"),
        (Kind::Contact, format!("String {SET} Name "), "neither"),
        (Kind::Contact, format!("String {SET} Id x"), "neither"),
        (Kind::Contact, "Text 0x6801".to_owned(), "neither"),
        (Kind::Contact, "String 0x123456".to_owned(), "neither"),
    ] {
        let found = refused(kind, &text);
        assert!(found.contains(why), "{text}: {found}");
    }
}

#[test]
fn only_a_field_that_can_hold_every_value_fits() {
    let all = [CrmType::Text, CrmType::Number, CrmType::Decimal, CrmType::Bool, CrmType::Date, CrmType::Time];
    for (of, fits) in [
        ("String", 0),
        ("Short", 1),
        ("Integer", 1),
        ("Long", 1),
        ("Double", 2),
        ("Float", 2),
        ("Boolean", 3),
    ] {
        let target = Target::parse(Kind::Contact, &format!("{of} {SET} Name x")).unwrap();
        let found: Vec<usize> = (0..all.len()).filter(|at| target.value.fits(all[*at])).collect();
        assert_eq!(found, [fits], "{of}");
    }
}

#[test]
fn a_number_that_is_too_great_is_not_sent() {
    let target = Target::parse(Kind::Contact, &format!("Short {SET} Name x")).unwrap();
    assert_eq!(target.write(Some(&AdditionalValue::Integer(-32_768))).unwrap(), json!("-32768"));
    let error = target.write(Some(&AdditionalValue::Integer(32_768))).unwrap_err();
    assert_eq!(error.to_string(), "\"32768\" is no whole number up to 32767");
}

#[test]
fn nothing_is_written_as_each_type_says_it() {
    for (of, written) in [
        ("String", json!("")),
        ("Boolean", json!("false")),
        ("Integer", json!("0")),
        ("Double", json!("0")),
        ("SystemTime", json!("4501-01-01T00:00:00Z")),
    ] {
        let target = Target::parse(Kind::Contact, &format!("{of} {SET} Name x")).unwrap();
        assert_eq!(target.write(None).unwrap(), written, "{of}");
        assert_eq!(target.read(&written), None, "{of}");
        assert_eq!(target.read(&Value::Null), None, "{of}");
    }
    assert_eq!(Target::parse(Kind::Contact, "nickName").unwrap().write(None).unwrap(), Value::Null);
    assert_eq!(Target::parse(Kind::Appointment, "hideAttendees").unwrap().write(None).unwrap(), json!(false));
}

/// Every type, with values that say something.
fn cases() -> impl Strategy<Value = (&'static str, AdditionalValue)> {
    prop_oneof![
        "[ -~ä\n]{0,20}[a-z]".prop_map(|text| ("String", AdditionalValue::Text(text))),
        Just(("Boolean", AdditionalValue::Boolean(true))),
        any::<i32>().prop_map(|number| ("Integer", AdditionalValue::Integer(number.into()))),
        any::<i64>().prop_map(|number| ("Long", AdditionalValue::Integer(number))),
        any::<i16>().prop_map(|number| ("Short", AdditionalValue::Integer(number.into()))),
        (-1e12..1e12_f64).prop_map(|number| (
            "Double",
            AdditionalValue::Decimal { decimal: number.to_string().parse().unwrap() }
        )),
        (1700_i16..4000, 1_i8..13, 1_i8..29).prop_map(|(year, month, day)| (
            "SystemTime",
            AdditionalValue::Date { date: jiff::civil::date(year, month, day) }
        )),
    ]
}

proptest! {
    /// There and back is the same, on Graph's side and on the CRM's.
    #[test]
    fn values_come_back_as_they_went((of, value) in cases()) {
        let target = Target::parse(Kind::Contact, &format!("{of} {SET} Name x")).unwrap();
        let said = (!value.is_nothing()).then_some(value.clone());
        let graph = target.write(said.as_ref()).unwrap();
        prop_assert!(graph.is_string(), "extended properties hold text");
        prop_assert_eq!(target.read(&graph), said.clone());
        prop_assert_eq!(target.value.read_crm(&value.to_string()).unwrap(), said.clone());
        let mut kept = Additional::default();
        kept.set("x", value);
        prop_assert_eq!(kept.get("x"), said.as_ref());
    }
}
