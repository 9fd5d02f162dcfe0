//! Whom an item names and whom records point to, looked up for the rules.

use super::Context;
use super::acting::{company_ref, key, person_name, person_ref, rep_ref};
use crate::storage::{Reading, Record, StorageError};
use std::collections::{BTreeMap, BTreeSet};
use tandem_groupware::{Directory, Key, Linked, Match, RecordSet};
use tandem_model::{EmailAddress, Item, Person, Zone};

/// So many people with one address, or companies with one name, are enough to know that it is not unique.
const ENOUGH: usize = 3;

/// Everybody whom the item names by address, and the companies that it names.
pub(super) fn directory(
    reading: &Reading<'_>,
    item: &Item,
    context: Context<'_>,
) -> Result<Directory, StorageError> {
    let mut directory = Directory::default();
    let switches = &context.rules.switches;
    let known = context.known.at(reading, switches)?;
    for address in tandem_groupware::addresses(item, &context.actor.rep) {
        let reps = known.reps(&address);
        let attendees = known.attendees(&address);
        let matches = match (reps, attendees) {
            (Some(reps), Some(attendees)) => [reps, attendees].concat(),
            (reps, attendees) => {
                let found = look_up(reading, &address, switches.ignore_locked_records)?;
                known.remember(&address, &found);
                [reps.unwrap_or(found.reps), attendees.unwrap_or(found.attendees)].concat()
            }
        };
        directory.by_address.insert(address, matches);
    }
    for name in tandem_groupware::company_names(item) {
        let found = reading.companies_named(&name, ENOUGH)?;
        let companies = found.iter().filter(|company| !company.is("Deleted")).map(company_ref).collect();
        directory.companies_by_name.insert(name, companies);
    }
    Ok(directory)
}

/// Who has an address.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub reps: Vec<Match>,
    /// Persons and companies.
    pub attendees: Vec<Match>,
}

fn look_up(
    reading: &Reading<'_>,
    address: &EmailAddress,
    ignore_locked: bool,
) -> Result<Found, StorageError> {
    let mut found = Found::default();
    for record in reading.by_address(address)? {
        let passed_over = record.is("Deleted") || (ignore_locked && record.is("Locked"));
        match record.target.area.as_str() {
            "ID" if !record.is("Inactive") => found.reps.push(Match::Rep(rep_ref(reading, &record)?)),
            "KP" if !passed_over => found.attendees.push(Match::Person(person_ref(&record))),
            "FI" if !passed_over => found.attendees.push(Match::Company(company_ref(&record))),
            _ => {}
        }
    }
    Ok(found)
}

/// The reps, persons and companies to which the records of an item point.
pub(super) fn linked(reading: &Reading<'_>, set: &RecordSet) -> Result<Linked, StorageError> {
    let mut reps = BTreeSet::new();
    let mut persons = BTreeSet::new();
    let mut companies = BTreeSet::new();
    let records =
        std::iter::once(&set.primary).chain(&set.participants).chain(&set.exceptions).chain(&set.todos);
    for record in records {
        reps.extend(record.number("RepID"));
        reps.extend(record.number("ContactByID"));
        persons.extend(pair(record, "PeGrp", "PeNo"));
        companies.extend(pair(record, "CoGrp", "CoNo"));
    }
    let mut linked = Linked::default();
    for rep in reps {
        if let Some(record) = reading.find("ID", &[("RepID", &rep.to_string())], 1)?.pop() {
            linked.reps.insert(rep, person(record.get("Name").to_owned(), record.get("Email")));
            if !record.get("TimeZone").is_empty() {
                linked.zones.insert(rep, Zone::new(record.get("TimeZone")));
            }
        }
    }
    enter(reading, "KP", ["PeGrp", "PeNo"], persons, &mut linked.persons, |record| {
        person(person_name(record), record.get("Email"))
    })?;
    enter(reading, "FI", ["CoGrp", "CoNo"], companies, &mut linked.companies, |record| {
        person(record.get("Company").to_owned(), record.get("Email"))
    })?;
    Ok(linked)
}

fn enter(
    reading: &Reading<'_>,
    area: &str,
    fields: [&str; 2],
    keys: BTreeSet<Key>,
    into: &mut BTreeMap<Key, Person>,
    of: impl Fn(&Record) -> Person,
) -> Result<(), StorageError> {
    for wanted in keys {
        let (group, number) = (wanted.group.to_string(), wanted.number.to_string());
        let found = reading.find(area, &[(fields[1], number.as_str()), (fields[0], group.as_str())], 1)?;
        into.extend(found.iter().filter_map(|record| Some((key(record, fields[0], fields[1])?, of(record)))));
    }
    Ok(())
}

fn pair(record: &tandem_groupware::Record, group: &str, number: &str) -> Option<Key> {
    Some(Key::new(record.number(group)?, record.number(number)?))
}

fn person(name: String, address: &str) -> Person {
    Person { name, address: EmailAddress::new(address) }
}
