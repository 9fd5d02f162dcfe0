//! The people: colleagues with mailboxes, customers and the persons who work there.

use super::names::{
    CITIES_AMERICA, CITIES_EUROPE, DEPARTMENTS, FAMILY_AMERICA, FAMILY_EUROPE, FIRM_ROOTS, FUNCTIONS,
    GIVEN_AMERICA, GIVEN_EUROPE, STREETS_AMERICA, STREETS_EUROPE,
};
use crate::dice::Dice;
use std::collections::BTreeSet;

/// The company's own domain.
pub const DOMAIN: &str = "nordwind.example";

/// Numbers of the company's own records are of this station; the CRM numbers its own ones under station 1.
pub(crate) const STATION: &str = "2";

/// Where an office is, and so how its people tell the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// Central European time.
    Vienna,
    /// Eastern time; daylight saving begins and ends on other dates than in Vienna.
    NewYork,
}

impl Office {
    /// IANA name of its zone.
    pub fn zone(self) -> &'static str {
        match self {
            Office::Vienna => "Europe/Vienna",
            Office::NewYork => "America/New_York",
        }
    }

    /// The name that Outlook gives the zone.
    pub fn windows_zone(self) -> &'static str {
        match self {
            Office::Vienna => "W. Europe Standard Time",
            Office::NewYork => "Eastern Standard Time",
        }
    }
}

/// Somebody who works in the company and has a mailbox.
#[derive(Debug, Clone)]
pub struct Colleague {
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Primary address.
    pub address: String,
    /// `RepID`, which is also `PeNo` of the person record.
    pub rep: u32,
    /// Where he works.
    pub office: Office,
    /// Whether the rep's connector flags are on.
    pub synchronised: bool,
}

impl Colleague {
    /// Given and family name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A firm that buys from the company.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Customer {
    /// `CoNo`.
    pub number: u32,
    pub name: String,
    pub street: String,
    pub zip: String,
    pub city: String,
    pub state: String,
    pub country: String,
    pub phone: String,
    pub domain: String,
    /// `RepID` of who looks after it.
    pub rep: u32,
}

/// Somebody who works for a customer.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names say it")]
pub struct CustomerPerson {
    /// `PeNo`.
    pub number: u32,
    /// Index of the customer.
    pub customer: usize,
    pub given: String,
    pub family: String,
    pub function: String,
    pub department: String,
    pub emails: Vec<String>,
    pub phone: String,
    pub mobile: String,
    pub birthday: Option<String>,
    pub private_city: Option<(String, String)>,
    /// `RepID` of who knows him; his address book gets him.
    pub rep: u32,
}

impl CustomerPerson {
    /// Given and family name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

pub(super) fn colleagues(seed: u64, mailboxes: usize) -> Vec<Colleague> {
    let mut dice = Dice::new(seed, "colleagues");
    let mut taken = BTreeSet::new();
    // Two more have mailboxes too, but the CRM does not let the connector work for them.
    (0..mailboxes + 2)
        .map(|index| {
            let office = if index % 5 < 3 { Office::Vienna } else { Office::NewYork };
            let (given, family) = fresh_name(&mut dice, office, &mut taken);
            Colleague {
                address: format!("{}.{}@{DOMAIN}", ascii(&given), ascii(&family)),
                given,
                family,
                rep: 101 + u32::try_from(index).unwrap_or_default(),
                office,
                synchronised: index < mailboxes,
            }
        })
        .collect()
}

pub(super) fn customers(seed: u64, reps: &[u32]) -> Vec<Customer> {
    let mut dice = Dice::new(seed, "customers");
    FIRM_ROOTS
        .iter()
        .enumerate()
        .map(|(index, root)| {
            let europe = index % 2 == 0;
            let (zip, city, state) =
                if europe { *dice.pick(&CITIES_EUROPE) } else { *dice.pick(&CITIES_AMERICA) };
            let number = dice.between(1, 180);
            Customer {
                number: 11 + u32::try_from(index).unwrap_or_default(),
                name: if europe { format!("{root} GmbH") } else { format!("{root} Inc.") },
                street: if europe {
                    format!("{} {number}", dice.pick(&STREETS_EUROPE))
                } else {
                    format!("{number} {}", dice.pick(&STREETS_AMERICA))
                },
                zip: zip.to_owned(),
                city: city.to_owned(),
                state: state.to_owned(),
                country: if europe { "Austria".to_owned() } else { "United States".to_owned() },
                phone: phone(&mut dice, europe),
                domain: format!("{}.example", ascii(root)),
                rep: reps[index % reps.len()],
            }
        })
        .collect()
}

pub(super) fn persons(seed: u64, customers: &[Customer], reps: &[u32]) -> Vec<CustomerPerson> {
    let mut dice = Dice::new(seed, "persons");
    let mut taken = BTreeSet::new();
    let mut persons = Vec::new();
    for (index, customer) in customers.iter().enumerate() {
        for _ in 0..3 + index % 3 {
            let office = if customer.country == "Austria" { Office::Vienna } else { Office::NewYork };
            let (given, family) = fresh_name(&mut dice, office, &mut taken);
            let mut emails = vec![format!("{}.{}@{}", ascii(&given), ascii(&family), customer.domain)];
            if dice.chance(20) {
                emails.push(format!("{}{}@mailbox.example", ascii(&given), dice.between(1960, 2001)));
            }
            let number = 1001 + u32::try_from(persons.len()).unwrap_or_default();
            persons.push(CustomerPerson {
                number,
                customer: index,
                given,
                family,
                function: (*dice.pick(&FUNCTIONS)).to_owned(),
                department: (*dice.pick(&DEPARTMENTS)).to_owned(),
                emails,
                phone: phone(&mut dice, office == Office::Vienna),
                mobile: if dice.chance(60) {
                    phone(&mut dice, office == Office::Vienna)
                } else {
                    String::new()
                },
                birthday: dice.chance(30).then(|| {
                    format!(
                        "{}-{:02}-{:02}",
                        dice.between(1955, 2002),
                        dice.between(1, 12),
                        dice.between(1, 28)
                    )
                }),
                private_city: dice.chance(25).then(|| {
                    let (zip, city, _) = *dice.pick(&CITIES_EUROPE);
                    (zip.to_owned(), city.to_owned())
                }),
                rep: if dice.chance(70) { customer.rep } else { *dice.pick(reps) },
            });
        }
    }
    persons
}

fn phone(dice: &mut Dice, europe: bool) -> String {
    if europe {
        format!("+43 {} {}", dice.between(1, 7), dice.between(100_000, 9_999_999))
    } else {
        format!("+1 {} 555 {:04}", dice.between(212, 860), dice.between(100, 199))
    }
}

/// A name that nobody has yet.
fn fresh_name(dice: &mut Dice, office: Office, taken: &mut BTreeSet<String>) -> (String, String) {
    loop {
        let (given, family) = match office {
            Office::Vienna => (*dice.pick(&GIVEN_EUROPE), *dice.pick(&FAMILY_EUROPE)),
            Office::NewYork => (*dice.pick(&GIVEN_AMERICA), *dice.pick(&FAMILY_AMERICA)),
        };
        // More people than names: a middle initial tells them apart.
        let initial = char::from(b'A' + u8::try_from(dice.below(26)).unwrap_or_default());
        let given = if taken.len() > 400 { format!("{given} {initial}.") } else { given.to_owned() };
        if taken.insert(format!("{given} {family}")) {
            return (given, family.to_owned());
        }
    }
}

/// Text as it stands in an address: lower case, without accents.
pub(super) fn ascii(text: &str) -> String {
    let mut plain = String::new();
    for character in text.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' => plain.push(character),
            'ä' => plain.push_str("ae"),
            'ö' | 'ø' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'á' | 'à' | 'ã' => plain.push('a'),
            'ć' | 'č' => plain.push('c'),
            'é' | 'è' => plain.push('e'),
            'í' => plain.push('i'),
            'ř' => plain.push('r'),
            'š' => plain.push('s'),
            _ => {}
        }
    }
    plain
}
