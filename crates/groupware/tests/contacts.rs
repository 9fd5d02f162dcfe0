//! Contacts: who is adopted, who is added, who waits; companies.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may stop at the first surprise")]

use std::collections::BTreeSet;
use tandem_groupware::{
    Change, FoundBy, InfoArea, Key, Record, RecordSet, Rules, Written, to_item, to_records,
};
use tandem_model::{Contact, EmailAddress, Item, Kind};

mod world;
use world::{codes, contact, directory, linked, me};

fn written(contact: &Contact, rules: &Rules) -> Result<Written, tandem_groupware::Refusal> {
    let change = Change::Add { published: false };
    to_records(&Item::Contact(contact.clone()), change, &me(), &directory(), rules)
}

fn creating() -> Rules {
    let mut rules = Rules::builtin();
    rules.switches.create_persons = true;
    rules
}

#[test]
fn a_person_with_the_address_is_adopted_and_left_as_is() {
    for rules in [Rules::builtin(), creating()] {
        let written = written(&contact("ann@acme.example"), &rules).unwrap();
        assert_eq!(written.set.primary.id, Some(1001));
        assert!(written.set.primary.fields.is_empty());
        assert_eq!(codes(&written), ["adopted"]);
    }
}

#[test]
fn an_address_of_several_persons_is_refused() {
    let refusal = written(&contact("twin@acme.example"), &creating()).unwrap_err();
    assert_eq!(refusal.reason, "person-ambiguous");
    assert!(refusal.text.contains("Tim") && refusal.text.contains("Tom"), "{refusal}");
    let mut both = contact("ann@acme.example");
    both.emails.push("bob@our.example".into());
    assert_eq!(written(&both, &creating()).unwrap_err().reason, "person-ambiguous");
}

#[test]
fn somebody_unknown_waits_unless_persons_may_be_added() {
    let refusal = written(&contact("new@acme.example"), &Rules::builtin()).unwrap_err();
    assert_eq!(refusal.reason, "person-unknown");
    assert!(refusal.text.contains("Create new Persons"), "{refusal}");
    let written = written(&contact("new@acme.example"), &creating()).unwrap();
    let record = &written.set.primary;
    assert_eq!((record.id, record.info_area), (None, InfoArea::Person));
    let get = |field: &str| record.get(field);
    assert_eq!([get("FirstName"), get("LastName"), get("Email")], ["Cy", "New", "new@acme.example"]);
    assert_eq!([get("Company"), get("CoGrp"), get("CoNo"), get("RepID")], ["Acme", "1", "50", "7"]);
}

#[test]
fn a_company_is_linked_by_a_name_that_means_one_only() {
    let company = |name: &str| {
        let contact = Contact { company: name.into(), ..contact("new@acme.example") };
        let written = written(&contact, &creating()).unwrap();
        (
            written.set.primary.get("CoNo").to_owned(),
            written.notes.iter().map(|note| note.code).collect::<Vec<_>>(),
        )
    };
    assert_eq!(company(" ACME "), ("50".into(), vec![]));
    assert_eq!(company("Twins"), ("".into(), vec!["company-ambiguous"]));
    assert_eq!(company("Nobody"), ("".into(), vec![]));
}

#[test]
fn an_unknown_company_is_added_when_the_switch_allows() {
    let mut rules = creating();
    rules.switches.create_companies = true;
    let item = Item::Contact(Contact { company: "New  Ltd".into(), ..contact("new@acme.example") });
    let change = Change::Add { published: false };
    let mut directory = directory();
    let first = to_records(&item, change, &me(), &directory, &rules).unwrap();
    assert_eq!(first.new_people.len(), 1);
    assert_eq!(first.new_people[0].found_by, FoundBy::CompanyName("new ltd".into()));
    assert_eq!(first.new_people[0].record.get("Company"), "New Ltd");
    directory.enter(&first.new_people[0], 5, Key::new(1, 60));
    let second = to_records(&item, change, &me(), &directory, &rules).unwrap();
    assert!(second.new_people.is_empty());
    assert_eq!(second.set.primary.get("CoNo"), "60");
}

#[test]
fn a_change_updates_in_place() {
    let mut set = written(&contact("new@acme.example"), &creating()).unwrap().set;
    set.primary.id = Some(5);
    set.primary.set("Favorite", "true");
    let mut changed = contact("other@acme.example");
    changed.surname = "Newer".into();
    changed.given_name = "not named in fields".into();
    let fields: BTreeSet<String> = ["surname".to_owned(), "emails".to_owned()].into();
    let change = Change::Replace { fields: &fields, existing: &set };
    let after =
        to_records(&Item::Contact(changed), change, &me(), &directory(), &Rules::builtin()).unwrap().set;
    let mut expected = set.clone();
    expected.primary.set("LastName", "Newer");
    expected.primary.set("Email", "other@acme.example");
    assert_eq!(after, expected);
}

#[test]
fn more_addresses_than_there_is_room_for_are_remarked() {
    let mut many = contact("a@x.example");
    many.emails.extend(["b@x.example", "c@x.example", "d@x.example"].map(EmailAddress::new));
    let written = written(&many, &creating()).unwrap();
    assert_eq!(written.set.primary.get("Email3"), "c@x.example");
    assert_eq!(codes(&written), ["values-left-out"]);
}

#[test]
fn a_company_is_a_contact_without_a_person() {
    let mut record = Record::new(InfoArea::Company);
    for (field, value) in
        [("Company", "Acme"), ("Email", "Office@acme.example"), ("Phone", "1"), ("City", "Graz")]
    {
        record.set(field, value);
    }
    let Ok(Item::Contact(read)) =
        to_item(Kind::Contact, &RecordSet::of(record), &me(), &linked(), &Rules::builtin())
    else {
        panic!()
    };
    assert_eq!((read.company.as_str(), read.business_address.city.as_str()), ("Acme", "Graz"));
    assert_eq!(read.emails, [EmailAddress::new("office@acme.example")]);
    assert!(read.surname.is_empty());
}

#[test]
fn a_person_is_of_the_company_it_is_linked_to() {
    let mut record = Record::new(InfoArea::Person);
    record.set("CoGrp", "1");
    record.set("CoNo", "50");
    let Ok(Item::Contact(read)) =
        to_item(Kind::Contact, &RecordSet::of(record), &me(), &linked(), &Rules::builtin())
    else {
        panic!()
    };
    assert_eq!(read.company, "Acme");
}
