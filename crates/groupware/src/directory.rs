//! Whom the CRM knows: what the server found for the addresses and names of an item.

use crate::{Note, Record};
use std::collections::BTreeMap;
use tandem_model::EmailAddress;

/// The two numbers by which other records point to a person (`PeGrp`, `PeNo`) or a company (`CoGrp`, `CoNo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// `PeGrp` or `CoGrp`.
    pub group: u64,
    /// `PeNo` or `CoNo`.
    pub number: u64,
}

impl Key {
    /// A key of two numbers.
    pub fn new(group: u64, number: u64) -> Self {
        Self { group, number }
    }
}

/// A rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepRef {
    /// `RepID`.
    pub rep_id: u64,
    /// Name.
    pub name: String,
    /// The person record linked to him.
    pub person: Option<PersonRef>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRef {
    /// KP record id.
    pub record_id: u64,
    /// `PeGrp`, `PeNo`.
    pub key: Key,
    /// Name as people write it.
    pub name: String,
    /// The company that the person belongs to: `CoGrp`, `CoNo`.
    pub company: Option<CompanyRef>,
}

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyRef {
    /// `CoGrp`, `CoNo`.
    pub key: Key,
    /// Name.
    pub name: String,
}

/// Somebody who has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Match {
    Rep(RepRef),
    Person(PersonRef),
    Company(CompanyRef),
}

/// What the server found. Only live records belong into it: nobody deleted, no inactive rep unless he has a history
/// that should still show him.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// Everybody who has the address: all of them, for who is not alone is not unique.
    pub by_address: BTreeMap<EmailAddress, Vec<Match>>,
    /// Companies by their name in lower case, as [`crate::company_names`] asks for them.
    pub companies_by_name: BTreeMap<String, Vec<CompanyRef>>,
}

/// How a new person or company will be found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum FoundBy {
    Address(EmailAddress),
    CompanyName(String),
}

/// A person or company that has to be added before the item can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParty {
    /// KP or FI, without an id.
    pub record: Record,
    /// How it will be found.
    pub found_by: FoundBy,
    /// For the answer to the connector: `person-created` or `company-created`.
    pub note: Note,
}

impl Directory {
    /// Enters a party that the server has just added, under the record id and key that it got.
    pub fn enter(&mut self, party: &NewParty, record_id: u64, key: Key) {
        match &party.found_by {
            FoundBy::Address(address) => {
                let person = PersonRef {
                    record_id,
                    key,
                    name: crate::people::person_name(&party.record),
                    company: crate::people::company_of(&party.record),
                };
                self.by_address.entry(address.clone()).or_default().push(Match::Person(person));
            }
            FoundBy::CompanyName(name) => {
                let company = CompanyRef { key, name: party.record.get("Company").to_owned() };
                self.companies_by_name.entry(name.clone()).or_default().push(company);
            }
        }
    }
}
