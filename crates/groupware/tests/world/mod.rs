//! A small CRM for tests: whom it knows, and who acts.
#![allow(dead_code, reason = "each test uses its part")]

use tandem_groupware::{
    ActingRep, Change, CompanyRef, Directory, Key, Linked, Match, PersonRef, Record, RecordSet, RepRef,
    Rules, Written, to_records,
};
use tandem_model::{
    Appointment, Attendee, Body, Contact, EmailAddress, Importance, Item, Mail, Person, Role, ShowAs, When,
    Zone,
};

pub const ME: &str = "me@our.example";

pub fn company(number: u64, name: &str) -> CompanyRef {
    CompanyRef { key: Key::new(1, number), name: name.into() }
}

pub fn person(number: u64, name: &str) -> PersonRef {
    PersonRef {
        record_id: 1000 + number,
        key: Key::new(1, number),
        name: name.into(),
        company: Some(company(50, "Acme")),
    }
}

pub fn rep(number: u64, name: &str) -> RepRef {
    RepRef { rep_id: number, name: name.into(), person: Some(person(900 + number, name)) }
}

pub fn me() -> ActingRep {
    ActingRep {
        rep_id: 7,
        name: "Me".into(),
        address: ME.into(),
        person: Some(person(907, "Me")),
        language: "en".into(),
        zone: Zone::new("Europe/Vienna"),
        sales_group: String::new(),
    }
}

/// ann is a person, bob a rep, acme a company, twin two persons; nobody knows anybody else.
pub fn directory() -> Directory {
    let mut directory = Directory::default();
    for (address, matches) in [
        ("ann@acme.example", vec![Match::Person(person(1, "Ann Lee"))]),
        ("bob@our.example", vec![Match::Rep(rep(8, "Bob")), Match::Person(person(908, "Bob"))]),
        ("office@acme.example", vec![Match::Company(company(50, "Acme"))]),
        ("twin@acme.example", vec![Match::Person(person(2, "Tim")), Match::Person(person(3, "Tom"))]),
    ] {
        directory.by_address.insert(address.into(), matches);
    }
    directory.companies_by_name.insert("acme".into(), vec![company(50, "Acme")]);
    directory.companies_by_name.insert("twins".into(), vec![company(51, "Twins"), company(52, "Twins")]);
    directory
}

pub fn linked() -> Linked {
    let mut linked = Linked::default();
    linked.reps.insert(7, Person::new("Me", ME));
    linked.reps.insert(8, Person::new("Bob", "bob@our.example"));
    linked.persons.insert(Key::new(1, 1), Person::new("Ann Lee", "ann@acme.example"));
    linked.companies.insert(Key::new(1, 50), Person::new("Acme", "office@acme.example"));
    linked
}

pub fn mail(from: &str, to: &[&str]) -> Mail {
    Mail {
        message_id: "<1@x>".into(),
        subject: "Offer".into(),
        from: Some(Person::new("", from)),
        to: to.iter().map(|address| Person::new("", address)).collect(),
        cc: vec![],
        bcc: vec![],
        sent_at: "2026-07-01T08:00:00Z".parse().unwrap(),
        direction: tandem_model::Direction::In,
        importance: Importance::Normal,
        categories: Default::default(),
        body: Body { html: false, text: "Hello".into(), truncated: false },
        attachments: vec![],
        additional: Default::default(),
    }
}

pub fn timed(start: &str, end: &str, zone: &str) -> When {
    When::Timed { start: start.parse().unwrap(), end: end.parse().unwrap(), zone: Zone::new(zone) }
}

pub fn meeting(attendees: &[(&str, Role)]) -> Appointment {
    Appointment {
        subject: "Review".into(),
        text: "Agenda".into(),
        location: "Room 1".into(),
        when: timed("2026-07-01T08:00:00Z", "2026-07-01T09:30:00Z", "Europe/Vienna"),
        show_as: ShowAs::Busy,
        private: false,
        importance: Importance::Normal,
        reminder_minutes: Some(15),
        categories: Default::default(),
        organizer: Some(Person::new("Me", ME)),
        attendees: attendees
            .iter()
            .map(|(address, role)| Attendee { person: Person::new("", address), role: *role })
            .collect(),
        responses: Default::default(),
        series: None,
        additional: Default::default(),
    }
}

pub fn contact(address: &str) -> Contact {
    Contact {
        given_name: "Cy".into(),
        surname: "New".into(),
        company: "Acme".into(),
        emails: vec![EmailAddress::new(address)],
        ..Contact::default()
    }
}

pub fn add(item: &Item, rules: &Rules) -> Written {
    to_records(item, Change::Add { published: false }, &me(), &directory(), rules).unwrap()
}

pub fn codes(written: &Written) -> Vec<&str> {
    written.notes.iter().map(|note| note.code).collect()
}

/// As the CRM stores it: every record has an id.
pub fn stored(mut set: RecordSet) -> RecordSet {
    let mut next = 100;
    let records = std::iter::once(&mut set.primary)
        .chain(&mut set.participants)
        .chain(&mut set.exceptions)
        .chain(&mut set.todos);
    for record in records {
        next += 1;
        record.id.get_or_insert(next);
    }
    set
}

pub fn participant<'a>(set: &'a RecordSet, address: &str) -> &'a Record {
    set.participants.iter().find(|record| record.get("Email") == address).unwrap()
}
