//! Whom addresses mean.

use crate::{ActingRep, CompanyRef, Directory, Key, Match, PersonRef, Record, RepRef, Switches};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{EmailAddress, Item, Person, Zone};

/// The reps, persons and companies that existing records point to, for reading them as items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked {
    /// Reps by `RepID`: name and address.
    pub reps: BTreeMap<u64, Person>,
    /// Persons by `PeGrp` and `PeNo`: name and first address.
    pub persons: BTreeMap<Key, Person>,
    /// Companies by `CoGrp` and `CoNo`: name and address.
    pub companies: BTreeMap<Key, Person>,
    /// The zones of reps, where known.
    pub zones: BTreeMap<u64, Zone>,
}

/// Whom the server must look up before it writes the item: reps, persons and companies with these addresses.
pub fn addresses(item: &Item, acting: &ActingRep) -> BTreeSet<EmailAddress> {
    let mut found = BTreeSet::from([acting.address.clone()]);
    match item {
        Item::Mail(mail) => {
            found.extend(mail.from.iter().chain(mail.recipients()).map(|person| person.address.clone()));
        }
        Item::Appointment(appointment) => {
            found.extend(appointment.organizer.iter().map(|person| person.address.clone()));
            found.extend(appointment.attendees.iter().map(|attendee| attendee.person.address.clone()));
        }
        Item::Contact(contact) => found.extend(contact.emails.iter().cloned()),
        Item::Task(_) | Item::Absence(_) => {}
    }
    found.remove(&EmailAddress::new(""));
    found
}

/// The names, in lower case, of companies that the server must look up before it writes the item.
pub fn company_names(item: &Item) -> BTreeSet<String> {
    match item {
        Item::Contact(contact) => {
            Some(company_word(&contact.company)).filter(|name| !name.is_empty()).into_iter().collect()
        }
        _ => BTreeSet::new(),
    }
}

/// The form in which names of companies are compared.
pub(crate) fn company_word(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The name of a person record as people write it.
pub(crate) fn person_name(record: &Record) -> String {
    let parts = [record.get("FirstName"), record.get("LastName")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The company that a person record belongs to.
pub(crate) fn company_of(record: &Record) -> Option<CompanyRef> {
    let key = Key::new(record.number("CoGrp")?, record.number("CoNo")?);
    Some(CompanyRef { key, name: record.get("Company").to_owned() })
}

/// Whom an address means: nothing set where the CRM does not know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) rep: Option<RepRef>,
    pub(crate) person: Option<PersonRef>,
    pub(crate) company: Option<CompanyRef>,
    /// The CRM knows it more than once.
    pub(crate) ambiguous: bool,
}

impl Party {
    pub(crate) fn is_known(&self) -> bool {
        self.rep.is_some() || self.person.is_some() || self.company.is_some()
    }

    /// Known, and no colleague.
    pub(crate) fn is_external(&self) -> bool {
        self.is_known() && self.rep.is_none()
    }
}

/// The people of an item, as the switches say that they are found.
#[derive(Clone, Copy)]
pub(crate) struct People<'a> {
    pub(crate) acting: &'a ActingRep,
    directory: &'a Directory,
    switches: &'a Switches,
}

impl<'a> People<'a> {
    pub(crate) fn new(acting: &'a ActingRep, directory: &'a Directory, switches: &'a Switches) -> Self {
        Self { acting, directory, switches }
    }

    /// The person at whom items of the mailbox's owner stand.
    pub(crate) fn owner(&self) -> Party {
        self.party_of_rep(self.acting.as_rep(), &self.acting.address)
    }

    /// Whom an address means.
    pub(crate) fn party(&self, address: &EmailAddress) -> Party {
        if *address == self.acting.address {
            return self.owner();
        }
        let reps = self.reps(address);
        if let Some(own) = reps.iter().find(|rep| rep.rep_id == self.acting.rep_id) {
            return self.party_of_rep((*own).clone(), address);
        }
        match reps.as_slice() {
            [] => self.party_outside(address),
            [rep] => self.party_of_rep((*rep).clone(), address),
            _ => Party { ambiguous: true, ..Party::default() },
        }
    }

    fn party_of_rep(&self, rep: RepRef, address: &EmailAddress) -> Party {
        let person = if self.switches.use_fi_kp_from_rep {
            rep.person.clone()
        } else {
            only(&self.persons(address)).cloned()
        };
        let company = person.as_ref().and_then(|person| person.company.clone());
        Party { rep: Some(rep), person, company, ambiguous: false }
    }

    fn party_outside(&self, address: &EmailAddress) -> Party {
        let (persons, companies) = (self.persons(address), self.companies(address));
        if let Some(person) = only(&persons).filter(|_| self.switches.person_if_unique) {
            let company = person.company.clone();
            return Party { person: Some(person.clone()), company, ..Party::default() };
        }
        if let Some(company) = only(&companies).filter(|_| self.switches.company_if_unique) {
            return Party { company: Some(company.clone()), ..Party::default() };
        }
        Party { ambiguous: !persons.is_empty() || !companies.is_empty(), ..Party::default() }
    }

    fn matches(&self, address: &EmailAddress) -> &'a [Match] {
        self.directory.by_address.get(address).map_or(&[], Vec::as_slice)
    }

    fn reps(&self, address: &EmailAddress) -> Vec<&'a RepRef> {
        let reps = self.matches(address).iter().filter_map(|found| match found {
            Match::Rep(rep) => Some((rep.rep_id, rep)),
            _ => None,
        });
        reps.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// The persons who have an address, each once.
    pub(crate) fn persons(&self, address: &EmailAddress) -> Vec<&'a PersonRef> {
        let persons = self.matches(address).iter().filter_map(|found| match found {
            Match::Person(person) => Some((person.key, person)),
            _ => None,
        });
        persons.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// The person linked to the only rep who has an address.
    pub(crate) fn linked_person(&self, address: &EmailAddress) -> Option<&'a PersonRef> {
        only(&self.reps(address)).and_then(|rep| rep.person.as_ref())
    }

    fn companies(&self, address: &EmailAddress) -> Vec<&'a CompanyRef> {
        let companies = self.matches(address).iter().filter_map(|found| match found {
            Match::Company(company) => Some((company.key, company)),
            _ => None,
        });
        companies.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// The companies of a name.
    pub(crate) fn companies_named(&self, name: &str) -> &'a [CompanyRef] {
        self.directory.companies_by_name.get(&company_word(name)).map_or(&[], Vec::as_slice)
    }
}

fn only<'a, T>(found: &[&'a T]) -> Option<&'a T> {
    match found {
        [one] => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The person's name, else the company's.
    fn name(party: &Party) -> Option<&str> {
        let person = party.person.as_ref().map(|person| person.name.as_str());
        person.or(party.company.as_ref().map(|company| company.name.as_str()))
    }

    fn person(number: u64) -> Match {
        Match::Person(PersonRef {
            record_id: number,
            key: Key::new(1, number),
            name: format!("P{number}"),
            company: None,
        })
    }

    fn company(number: u64) -> Match {
        Match::Company(CompanyRef { key: Key::new(1, number), name: format!("C{number}") })
    }

    fn party(matches: &[Match], change: impl Fn(&mut Switches)) -> Party {
        let acting = ActingRep {
            rep_id: 1,
            name: "Me".into(),
            address: "me@x".into(),
            person: None,
            language: "en".into(),
            zone: Zone::utc(),
            sales_group: String::new(),
        };
        let mut directory = Directory::default();
        directory.by_address.insert("a@x".into(), matches.to_vec());
        let mut switches = Switches::default();
        change(&mut switches);
        People::new(&acting, &directory, &switches).party(&"a@x".into())
    }

    #[test]
    fn a_person_is_meant_when_nobody_else_has_the_address() {
        assert_eq!(name(&party(&[person(1)], |_| {})), Some("P1"));
        assert_eq!(name(&party(&[person(1), person(1)], |_| {})), Some("P1"));
        assert!(party(&[person(1), person(2)], |_| {}).ambiguous);
        assert!(!party(&[], |_| {}).ambiguous);
    }

    #[test]
    fn a_company_is_meant_when_no_single_person_is() {
        assert_eq!(name(&party(&[person(1), company(1)], |_| {})), Some("P1"));
        assert_eq!(name(&party(&[company(1)], |_| {})), Some("C1"));
        assert_eq!(
            name(&party(&[person(1), company(1)], |switches| switches.person_if_unique = false)),
            Some("C1")
        );
        let neither = party(&[company(1)], |switches| switches.company_if_unique = false);
        assert!(neither.ambiguous && !neither.is_known());
    }

    #[test]
    fn a_rep_is_his_linked_person_or_the_only_person_with_his_address() {
        let linked = PersonRef { record_id: 9, key: Key::new(1, 9), name: "Linked".into(), company: None };
        let rep = Match::Rep(RepRef { rep_id: 7, name: "Rep".into(), person: Some(linked) });
        let by_link = party(&[rep.clone(), person(1)], |_| {});
        assert_eq!(by_link.person.unwrap().name, "Linked");
        let by_address = party(&[rep.clone(), person(1)], |switches| switches.use_fi_kp_from_rep = false);
        assert_eq!(by_address.person.unwrap().name, "P1");
        let nobody = party(&[rep, person(1), person(2)], |switches| switches.use_fi_kp_from_rep = false);
        assert!(nobody.person.is_none() && nobody.rep.is_some());
    }
}
