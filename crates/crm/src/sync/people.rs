//! Whom an item names and whom records point to, looked up for the rules.

use super::Context;
use super::acting::{company_ref, full_name, person_ref, rep_ref};
use crate::storage::{Reading, StorageError};
use std::collections::BTreeSet;
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
        let wanted = ["Name", "Email", "TimeZone"];
        if let Some([name, email, zone]) = reading.first("ID", &[("RepID", &rep.to_string())], wanted)? {
            linked.reps.insert(rep, person(name, &email));
            if !zone.is_empty() {
                linked.zones.insert(rep, Zone::new(zone));
            }
        }
    }
    for wanted in persons {
        let fields = ["FirstName", "LastName", "Email"];
        if let Some([first, last, email]) = by_key(reading, "KP", ["PeGrp", "PeNo"], wanted, fields)? {
            linked.persons.insert(wanted, person(full_name(&first, &last), &email));
        }
    }
    for wanted in companies {
        let fields = ["Company", "Email"];
        if let Some([name, email]) = by_key(reading, "FI", ["CoGrp", "CoNo"], wanted, fields)? {
            linked.companies.insert(wanted, person(name, &email));
        }
    }
    Ok(linked)
}

fn by_key<const N: usize>(
    reading: &Reading<'_>,
    area: &str,
    [group, number]: [&str; 2],
    key: Key,
    wanted: [&str; N],
) -> Result<Option<[String; N]>, StorageError> {
    let values = [(number, &*key.number.to_string()), (group, &*key.group.to_string())];
    reading.first(area, &values, wanted)
}

fn pair(record: &tandem_groupware::Record, group: &str, number: &str) -> Option<Key> {
    Some(Key::new(record.number(group)?, record.number(number)?))
}

fn person(name: String, address: &str) -> Person {
    Person { name, address: EmailAddress::new(address) }
}
