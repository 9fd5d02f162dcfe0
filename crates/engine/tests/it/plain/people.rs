//! Reps and persons.

use std::collections::BTreeMap;
use tandem_crm_port::Rep;
use tandem_groupware::{ActingRep, Directory, Key, Linked, Match, PersonRef, RepRef, addresses};
use tandem_model::{EmailAddress, Item, Person, Zone};

/// The group in which persons are numbered.
const GROUP: u64 = 1;

pub struct People {
    /// Login and address; their numbers count from 1.
    reps: Vec<(String, EmailAddress)>,
    /// Name and address, likewise.
    persons: Vec<Person>,
}

impl People {
    pub fn new(reps: &[(&str, &str)], person: (&str, &str)) -> Self {
        Self {
            reps: reps.iter().map(|(login, at)| ((*login).to_owned(), EmailAddress::new(at))).collect(),
            persons: vec![Person::new(person.0, person.1)],
        }
    }

    pub fn listed(&self) -> Vec<Rep> {
        let rep = |(number, (login, email)): (u64, &(String, EmailAddress))| Rep {
            rep_id: number.to_string(),
            login: login.clone(),
            name: login.clone(),
            email: email.clone(),
            inactive: false,
            enabled: true,
            emails: true,
            appointments: true,
            tasks: true,
            address_book: false,
            user_settings: String::new(),
        };
        (1..).zip(&self.reps).map(rep).collect()
    }

    pub fn acting(&self, login: &str) -> Option<ActingRep> {
        let (number, (name, address)) = (1..).zip(&self.reps).find(|(_, (known, _))| known == login)?;
        Some(ActingRep {
            rep_id: number,
            name: name.clone(),
            address: address.clone(),
            person: None,
            language: "en".to_owned(),
            zone: Zone::new("Europe/Vienna"),
            sales_group: String::new(),
        })
    }

    /// Everybody with this address.
    pub fn with(&self, address: &EmailAddress) -> Vec<Match> {
        let reps = (1..).zip(&self.reps).filter(|(_, (_, at))| at == address);
        let reps =
            reps.map(|(rep_id, (name, _))| Match::Rep(RepRef { rep_id, name: name.clone(), person: None }));
        let persons = (1..).zip(&self.persons).filter(|(_, person)| person.address == *address);
        let persons = persons.map(|(number, person)| {
            let (key, name) = (Key::new(GROUP, number), person.name.clone());
            Match::Person(PersonRef { record_id: number, key, name, company: None })
        });
        reps.chain(persons).collect()
    }

    /// Everybody whom an item names.
    pub fn directory(&self, item: &Item, acting: &ActingRep) -> Directory {
        let found = addresses(item, acting).into_iter().map(|address| (address.clone(), self.with(&address)));
        Directory { by_address: found.collect(), ..Directory::default() }
    }

    /// Everybody to whom records may point.
    pub fn linked(&self) -> Linked {
        let reps = (1..).zip(&self.reps);
        let reps = reps.map(|(number, (name, at))| (number, Person::new(name.as_str(), at.as_str())));
        let persons = (1..).zip(&self.persons);
        Linked {
            reps: reps.collect(),
            persons: persons.map(|(number, person)| (Key::new(GROUP, number), person.clone())).collect(),
            companies: BTreeMap::new(),
            zones: BTreeMap::new(),
        }
    }
}
