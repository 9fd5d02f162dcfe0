//! Contacts: persons (KP), and companies (FI) as contacts without a person.

use super::begin;
use crate::moments::date;
use crate::pen::{Eye, Pen};
use crate::people::People;
use crate::{
    Change, InfoArea, Linked, NewParty, Note, PersonRef, Record, RecordSet, Refusal, Rules, Unreadable,
    Written, list, newcomers, participants,
};
use std::collections::BTreeMap;
use tandem_model::{Contact, EmailAddress, Kind, PostalAddress};

const EMAILS: [&str; 3] = ["Email", "Email2", "Email3"];
const BUSINESS_PHONES: [&str; 2] = ["Phone", "Phone2"];
const HOME_PHONES: [&str; 2] = ["PrivatePhone", "PrivatePhone2"];
const BUSINESS_ADDRESS: [&str; 5] = ["Street", "ZipCode", "City", "State", "Country"];
const HOME_ADDRESS: [&str; 5] =
    ["PrivateStreet", "PrivateZipCode", "PrivateCity", "PrivateState", "PrivateCountry"];

pub(super) fn write(
    contact: &Contact,
    change: Change<'_>,
    people: People<'_>,
    rules: &Rules,
) -> Result<Written, Refusal> {
    if let Change::Add { .. } = change {
        if let Some(person) = adopted(contact, people)? {
            return Ok(adopt(person));
        }
        if !rules.switches.create_persons {
            return Err(Refusal::new("person-unknown", unknown(contact)));
        }
    }
    let mut pen = Pen::new(Kind::Contact, change, rules);
    let mut set = begin(change, InfoArea::Person);
    let record = &mut set.primary;
    if pen.adds() {
        pen.number(record, "RepID", Some(people.acting.rep_id));
        pen.logical(record, "Favorite", rules.switches.filter_by_favorites);
    }
    let is_person = record.info_area == InfoArea::Person;
    let new_people = if is_person { write_person(&mut pen, contact, record, people) } else { Vec::new() };
    if pen.wants("company") && !is_person {
        pen.text(record, "Company", &contact.company);
    }
    if pen.wants("emails") {
        let emails: Vec<String> = contact.emails.iter().map(EmailAddress::to_string).collect();
        several(&mut pen, record, if is_person { &EMAILS } else { &EMAILS[..1] }, &emails);
    }
    if pen.wants("business_phones") {
        let fields = if is_person { &BUSINESS_PHONES[..] } else { &BUSINESS_PHONES[..1] };
        several(&mut pen, record, fields, &contact.business_phones);
    }
    if pen.wants("business_address") {
        address(&mut pen, record, &BUSINESS_ADDRESS, &contact.business_address);
    }
    pen.additional(record, &contact.additional);
    Ok(Written { set, new_people, notes: pen.notes })
}

fn unknown(contact: &Contact) -> String {
    format!(
        "the CRM knows no person with an address of {}, and settings.xml does not let new persons in (Create new \
         Persons); it waits for review",
        contact.display_name()
    )
}

/// The person whom a new contact already is: the only one who has one of its addresses, or the person of a rep who
/// has one.
fn adopted<'a>(contact: &Contact, people: People<'a>) -> Result<Option<&'a PersonRef>, Refusal> {
    let found: BTreeMap<_, _> = contact
        .emails
        .iter()
        .flat_map(|address| people.persons(address))
        .map(|person| (person.key, person))
        .collect();
    let mut persons = found.values();
    match (persons.next(), persons.next()) {
        (Some(first), Some(second)) => Err(Refusal::new(
            "person-ambiguous",
            format!(
                "addresses of {} belong to several persons of the CRM, among them {} and {}; merge them or take the \
                 address away from one",
                contact.display_name(),
                first.name,
                second.name
            ),
        )),
        (None, _) => Ok(contact.emails.iter().find_map(|address| people.linked_person(address))),
        (first, _) => Ok(first.copied()),
    }
}

fn adopt(person: &PersonRef) -> Written {
    let mut record = Record::new(InfoArea::Person);
    record.id = Some(person.record_id);
    let note = Note::new("adopted", format!("{} is this person already", person.name));
    Written { set: RecordSet::of(record), new_people: Vec::new(), notes: vec![note] }
}

/// Writes what companies have not.
fn write_person(
    pen: &mut Pen<'_>,
    contact: &Contact,
    record: &mut Record,
    people: People<'_>,
) -> Vec<NewParty> {
    for (name, field, value) in [
        ("given_name", "FirstName", &contact.given_name),
        ("surname", "LastName", &contact.surname),
        ("title", "Title", &contact.title),
        ("job_title", "Function", &contact.job_title),
        ("department", "Department", &contact.department),
        ("mobile_phone", "Mobile", &contact.mobile_phone),
        ("notes", "Text", &contact.notes),
    ] {
        if pen.wants(name) {
            pen.text(record, field, value);
        }
    }
    if pen.wants("home_phones") {
        several(pen, record, &HOME_PHONES, &contact.home_phones);
    }
    if pen.wants("home_address") {
        address(pen, record, &HOME_ADDRESS, &contact.home_address);
    }
    if pen.wants("birthday") {
        pen.put(record, "Birthday", &contact.birthday.map(|date| date.to_string()).unwrap_or_default());
    }
    if pen.wants("categories") {
        pen.categories(record, &contact.categories);
    }
    if pen.wants("company") { write_company(pen, contact, record, people) } else { Vec::new() }
}

/// The company's name as text, and the company itself where the name means one only.
fn write_company(
    pen: &mut Pen<'_>,
    contact: &Contact,
    record: &mut Record,
    people: People<'_>,
) -> Vec<NewParty> {
    pen.text(record, "Company", &contact.company);
    let known = people.companies_named(&contact.company);
    let key = match known {
        [company] => Some(company.key),
        _ => None,
    };
    pen.number(record, "CoGrp", key.map(|key| key.group));
    pen.number(record, "CoNo", key.map(|key| key.number));
    if known.len() > 1 {
        let text =
            format!("several companies are called \"{}\": the person is linked to none", contact.company);
        pen.notes.push(Note::new("company-ambiguous", text));
    }
    newcomers::company(&contact.company, people, &pen.rules.switches).into_iter().collect()
}

/// Writes several values into the fields that there are for them.
fn several(pen: &mut Pen<'_>, record: &mut Record, fields: &[&'static str], values: &[String]) {
    for (at, field) in fields.iter().enumerate() {
        pen.text(record, field, values.get(at).map_or("", String::as_str));
    }
    if values.len() > fields.len() {
        let text = format!("{} has room for {} values, not for {}", fields[0], fields.len(), values.len());
        pen.notes.push(Note::new("values-left-out", text));
    }
}

fn address(pen: &mut Pen<'_>, record: &mut Record, fields: &[&'static str; 5], address: &PostalAddress) {
    let values = [&address.street, &address.postal_code, &address.city, &address.state, &address.country];
    for (field, value) in fields.iter().zip(values) {
        pen.text(record, field, value);
    }
}

pub(super) fn read(eye: Eye<'_>, set: &RecordSet, people: &Linked) -> Result<Contact, Unreadable> {
    let record = &set.primary;
    let values = |fields: &[&str]| -> Vec<String> {
        fields.iter().map(|field| eye.owned(record, field)).filter(|value| !value.is_empty()).collect()
    };
    let address = |[street, postal_code, city, state, country]: [&str; 5]| PostalAddress {
        street: eye.lines(record, street),
        postal_code: eye.owned(record, postal_code),
        city: eye.owned(record, city),
        state: eye.owned(record, state),
        country: eye.owned(record, country),
    };
    Ok(Contact {
        given_name: eye.owned(record, "FirstName"),
        surname: eye.owned(record, "LastName"),
        title: eye.owned(record, "Title"),
        company: company(eye, record, people),
        job_title: eye.owned(record, "Function"),
        department: eye.owned(record, "Department"),
        emails: values(&EMAILS).iter().map(|address| EmailAddress::new(address)).collect(),
        business_phones: values(&BUSINESS_PHONES),
        mobile_phone: eye.owned(record, "Mobile"),
        home_phones: values(&HOME_PHONES),
        business_address: address(BUSINESS_ADDRESS),
        home_address: address(HOME_ADDRESS),
        birthday: date(eye, Kind::Contact, record, "Birthday")?,
        notes: eye.lines(record, "Text"),
        categories: list::split(eye.get(record, "Categories")),
        additional: eye.additional(record),
    })
}

/// The company's name: as the record says, else as the company is called to which it points.
fn company(eye: Eye<'_>, record: &Record, people: &Linked) -> String {
    match eye.get(record, "Company") {
        "" => participants::key(record, "CoGrp", "CoNo")
            .filter(|_| !eye.get(record, "CoNo").is_empty())
            .and_then(|key| people.companies.get(&key))
            .map(|company| company.name.clone())
            .unwrap_or_default(),
        name => name.to_owned(),
    }
}
