//! Field mapping in `forms.xml`: what is taken, what is refused and on which line, and how items become records.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

mod world;

use proptest::prelude::*;
use std::collections::BTreeSet;
use tandem_groupware::{Change, InfoArea, Record, RecordSet, Rules, to_item, to_records};
use tandem_mapping::{CrmType, Flow};
use tandem_model::{Additional, AdditionalValue, Contact, Item, Kind};

const COST: &str = "String {00020329-0000-0000-c000-000000000046} Name CostCentre";
const RANK: &str = "Integer {00020329-0000-0000-c000-000000000046} Id 0x8105";

/// A file with one form, whose table stands on line 3 and its fields from line 4 on.
fn form(kind: &str, table: &str, fields: &str) -> String {
    format!(
        "<root>\n<form type=\"{kind}\">\n<table tablename=\"{table}\">\n{fields}\n</table>\n</form>\n</root>"
    )
}

fn read(kind: &str, table: &str, fields: &str) -> Result<Rules, tandem_groupware::RulesError> {
    Rules::parse(&form(kind, table, fields), "<root/>")
}

/// What is said about the file, and on which line.
fn refused(kind: &str, table: &str, fields: &str) -> (usize, String) {
    let error = read(kind, table, fields).unwrap_err();
    (error.line, error.reason)
}

#[test]
fn a_pair_is_one_attribute() {
    let rules =
        read("mmPerson", "Person", "<field fieldname=\"FreeC1\" graph=\"nickName\" direction=\"to-crm\"/>")
            .unwrap();
    let mapping = rules.forms.mapping();
    assert_eq!(mapping.of(Kind::Contact).additional["nickName"].1, Flow::ToCrm);
    assert!(mapping.of(Kind::Appointment).additional.is_empty());
    assert_eq!(mapping.of(Kind::Contact).flow(Kind::Contact, "additional.nickName"), Flow::ToCrm);
    assert_eq!(Rules::builtin().forms.mapping(), tandem_mapping::Mapping::default(), "the template has none");
}

#[test]
fn what_no_field_stands_for_does_not_travel() {
    let rules = read("mmTasks", "Task", "<field fieldname=\"Subject\"/>").unwrap();
    let mapping = rules.forms.mapping();
    assert_eq!(mapping.of(Kind::Task).flow(Kind::Task, "text"), Flow::Off);
    assert_eq!(mapping.of(Kind::Task).flow(Kind::Task, "subject"), Flow::Both);
}

#[test]
fn a_mapping_that_cannot_be_is_refused_with_line_and_reason() {
    let nick = "graph=\"nickName\"";
    for (kind, table, fields, line, why) in [
        (
            "mmPerson",
            "Person",
            format!("<field fieldname=\"FreeC1\" {nick}/>\n<field fieldname=\"FreeC2\" {nick}/>"),
            5,
            "both FreeC1 and FreeC2 of Person feed \"nickName\"",
        ),
        (
            "mmPerson",
            "Person",
            format!("<field fieldname=\"FreeC1\" {nick}/>\n<field fieldname=\"FreeC1\" graph=\"manager\"/>"),
            5,
            "Person.FreeC1 is listed twice",
        ),
        (
            "mmPerson",
            "Person",
            format!("<field fieldname=\"Function\" {nick}/>"),
            4,
            "Person.Function is the job_title of a contact already",
        ),
        ("mmPerson", "Person", format!("<field fieldname=\"PeNo\" {nick}/>"), 4, "Person.PeNo is a key"),
        (
            "mmPerson",
            "Person",
            format!("\n<field fieldname=\"FreeC1\" as=\"Function\" {nick}/>"),
            5,
            "as and graph exclude each other",
        ),
        (
            "mmPerson",
            "Person",
            "<field fieldname=\"FreeC1\" graph=\"jobTitle\"/>".into(),
            4,
            "as=\"Function\"",
        ),
        (
            "mmPerson",
            "Person",
            "<field fieldname=\"FreeC1\" graph=\"fax\"/>".into(),
            4,
            "Graph has no property \"fax\" of contacts",
        ),
        (
            "mmPerson",
            "Person",
            format!("<field fieldname=\"FreeC1\" {nick} direction=\"up\"/>"),
            4,
            "\"up\" is no direction",
        ),
        (
            "mmPerson",
            "Person",
            "<field fieldname=\"FreeC1\" direction=\"to-crm\"/>".into(),
            4,
            "belongs to no pair",
        ),
        (
            "mmPerson",
            "Person",
            "<field fieldname=\"Email\" direction=\"off\"/>".into(),
            4,
            "a contact is recognised by it",
        ),
        (
            "mmPerson",
            "Person",
            "<field fieldname=\"City\" direction=\"off\"/>".into(),
            4,
            "stands at the field that means Street",
        ),
        (
            "vevent",
            "Contact",
            "<field fieldname=\"FreeC4\" graph=\"iCalUId\"/>".into(),
            4,
            "a meeting is known by it",
        ),
        (
            "vevent",
            "Contact",
            "<field fieldname=\"FreeC4\" graph=\"webLink\" direction=\"both\"/>".into(),
            4,
            "\"webLink\" of appointments travels to-crm only",
        ),
        (
            "vevent",
            "Participant",
            format!("<field fieldname=\"Name\" graph=\"{COST}\"/>"),
            4,
            "only fields of Contact can feed it",
        ),
        (
            "vevent",
            "Contact",
            format!("<field fieldname=\"MissingParticipants\" graph=\"{COST}\"/>"),
            4,
            "is written by the rules",
        ),
        (
            "mmRecord",
            "Contact",
            "<field fieldname=\"Subject\" direction=\"both\"/>".into(),
            4,
            "subject of mails travels to-crm only",
        ),
        (
            "mmTasks",
            "Task",
            format!("<field fieldname=\"FreeC1\" graph=\"{COST}\"/>"),
            4,
            "Graph cannot keep additional fields on tasks",
        ),
        (
            "mmAbsences",
            "Absence",
            format!("<field fieldname=\"FreeC1\" graph=\"{COST}\" direction=\"to-crm\"/>"),
            4,
            "travels to-m365 only",
        ),
    ] {
        let (at, reason) = refused(kind, table, &fields);
        assert!(reason.contains(why), "{fields}: {reason}");
        assert_eq!(at, line, "{fields}: {reason}");
    }
}

#[test]
fn more_fields_than_graph_can_be_asked_for_are_refused() {
    let field = |number: usize| {
        format!(
            "<field fieldname=\"X{number}\" graph=\"String {{00020329-0000-0000-C000-000000000046}} Name X{number}\"/>"
        )
    };
    let fields: String = (0..=Additional::MOST).map(field).collect();
    assert!(refused("mmPerson", "Person", &fields).1.contains("no more than 32"));
}

#[test]
fn persons_and_companies_share_a_field_and_its_direction() {
    let file = |person: &str, company: &str| {
        let table = |table: &str, more: &str| {
            format!(
                "<table tablename=\"{table}\">\n<field fieldname=\"FreeC1\" graph=\"nickName\"{more}/>\n</table>\n"
            )
        };
        let tables = table("Company", company) + &table("Person", person);
        Rules::parse(&format!("<root>\n<form type=\"mmPerson\">\n{tables}</form>\n</root>"), "<root/>")
    };
    assert_eq!(file("", "").unwrap().forms.mapping().of(Kind::Contact).additional.len(), 1);
    let error = file(" direction=\"to-crm\"", "").unwrap_err();
    assert_eq!((error.line, error.reason.contains("it has one direction")), (7, true), "{error}");
}

#[test]
fn types_are_compared_with_the_crms() {
    let fields = format!(
        "<field fieldname=\"FreeC1\" graph=\"nickName\"/>\n<field fieldname=\"FreeN1\" graph=\"{RANK}\"/>"
    );
    let rules = read("mmPerson", "Person", &fields).unwrap();
    let types = |number: Option<CrmType>| {
        rules.forms.check_types(|_, field| if field == "FreeN1" { number } else { Some(CrmType::Text) })
    };
    types(Some(CrmType::Number)).unwrap();
    let wrong = types(Some(CrmType::Text)).unwrap_err();
    assert_eq!((wrong.line, wrong.reason.contains("Person.FreeN1 cannot hold")), (5, true), "{wrong}");
    let missing = types(None).unwrap_err();
    assert_eq!(
        (missing.line, missing.reason.contains("the CRM has no field Person.FreeN1")),
        (5, true),
        "{missing}"
    );
}

fn rules() -> Rules {
    let start = "<form type=\"mmPerson\">\n    <table tablename=\"Person\">";
    let fields = format!(
        "<field fieldname=\"FreeC1\" graph=\"nickName\" length=\"20\"/><field fieldname=\"FreeN1\" graph=\"{RANK}\" direction=\"to-m365\"/>"
    );
    let forms = Rules::builtin_forms().replace(start, &format!("{start}{fields}"));
    assert_ne!(forms, Rules::builtin_forms());
    Rules::parse(&forms, Rules::builtin_settings()).unwrap()
}

fn karl(additional: &[(&str, AdditionalValue)]) -> Item {
    let additional = additional.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Item::Contact(Contact { additional, ..world::contact("karl@new.example") })
}

fn replaced(item: &Item, fields: &[&str], existing: &[(&str, &str)]) -> RecordSet {
    let fields: BTreeSet<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    let mut record = Record::new(InfoArea::Person);
    existing.iter().for_each(|(field, value)| record.set(field, *value));
    let existing = RecordSet::of(record);
    let change = Change::Replace { fields: &fields, existing: &existing };
    to_records(item, change, &world::me(), &world::directory(), &rules()).unwrap().set
}

#[test]
fn only_named_fields_that_travel_to_the_crm_are_written() {
    let nick = AdditionalValue::Text("Charly, who is known to everybody".into());
    let item = karl(&[("nickName", nick), (RANK, AdditionalValue::Integer(5))]);
    let rank = format!("additional.{RANK}");
    let written = replaced(&item, &["additional.nickName", &rank], &[("FreeC1", "Karli"), ("FreeN1", "4")]);
    assert_eq!(written.primary.get("FreeC1"), "Charly, who is known", "as long as the form says");
    assert_eq!(written.primary.get("FreeN1"), "4", "it travels to Microsoft 365 only");
    let untouched = replaced(&item, &["surname"], &[("FreeC1", "Karli")]);
    assert_eq!(untouched.primary.get("FreeC1"), "Karli");
    let emptied = replaced(&karl(&[]), &["additional.nickName"], &[("FreeC1", "Karli")]);
    assert_eq!(emptied.primary.get("FreeC1"), "");
}

proptest! {
    /// What is written is read.
    #[test]
    fn a_record_holds_what_the_item_did(nick in "[a-zäß][ -~]{0,15}[a-z]", rank in any::<i32>()) {
        let item = karl(&[("nickName", AdditionalValue::Text(nick.clone()))]);
        let set = replaced(&item, &["additional.nickName"], &[("FreeN1", &rank.to_string())]);
        let read = to_item(Kind::Contact, &set, &world::me(), &tandem_groupware::Linked::default(), &rules()).unwrap();
        let additional = read.additional().unwrap();
        prop_assert_eq!(additional.get("nickName"), Some(&AdditionalValue::Text(nick)));
        let rank = (rank != 0).then_some(AdditionalValue::Integer(rank.into()));
        prop_assert_eq!(additional.get(RANK), rank.as_ref());
    }
}
