//! The rep in whose name a session acts.

use crate::storage::{Author, Reading, Record, StorageError};
use tandem_crm_interface::session::Impersonated;
use tandem_groupware::{ActingRep, CompanyRef, Key, PersonRef, RepRef, Rules};
use tandem_model::{EmailAddress, Zone};

/// An acting rep and the connector that speaks for him.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The rep as the rules know him.
    pub rep: ActingRep,
    /// His `RepID`, as records name him.
    pub rep_id: String,
    /// Under which name his writes are remembered.
    pub author: Author,
    /// Whether his right lets him read what is not his.
    pub reads_others: bool,
}

impl Actor {
    /// Whether what is not his is hidden from him (`settings.xml`: *enable rights when reading records*).
    pub fn hides_others(&self, rules: &Rules) -> bool {
        rules.switches.enable_rights_when_reading_records && !self.reads_others
    }
}

/// Why a principal is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unaccepted {
    /// No rep has this login or address, or several have.
    Unknown,
    /// The rep is inactive.
    Inactive,
    /// The rep's right does not let a connector act for him, or there is no such right.
    NoRight,
}

/// What a rep's right (table RI) lets him do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// Whether a connector may act for him.
    pub connector: bool,
    /// Whether he may read what is not his.
    pub reads_others: bool,
}

/// What a rep may do: everything without a right, nothing where there is no right of that name.
pub fn right(reading: &Reading<'_>, rep: &Record) -> Result<Right, StorageError> {
    let name = rep.get("Right");
    if name.is_empty() {
        return Ok(Right { connector: true, reads_others: true });
    }
    let right = reading.find("RI", &[("Name", name)], 1)?.pop();
    let lets = |field: &str| right.as_ref().is_some_and(|right| right.is(field));
    Ok(Right { connector: lets("GroupwareConnector"), reads_others: lets("ReadOthers") })
}

/// The rep with this login or e-mail address.
pub fn find(
    reading: &Reading<'_>,
    principal: &str,
    client: &str,
) -> Result<Result<Actor, Unaccepted>, StorageError> {
    let mut reps = reading.find("ID", &[("Login", principal)], 2)?;
    if reps.is_empty() {
        reps = reading.by_address(&EmailAddress::new(principal))?;
        reps.retain(|record| record.target.area == "ID");
    }
    only(reading, &reps, client)
}

/// The rep who is impersonated.
pub fn find_impersonated(
    reading: &Reading<'_>,
    named: &Impersonated,
    client: &str,
) -> Result<Result<Actor, Unaccepted>, StorageError> {
    let reps = match named {
        Impersonated::User(login) => reading.find("ID", &[("Login", login.as_str())], 2)?,
        Impersonated::Rep(name) => reading.find("ID", &[("Name", name.as_str())], 2)?,
        Impersonated::Email(address) => {
            let mut found = reading.by_address(&EmailAddress::new(address.as_str()))?;
            found.retain(|record| record.target.area == "ID");
            found
        }
    };
    only(reading, &reps, client)
}

fn only(
    reading: &Reading<'_>,
    reps: &[Record],
    client: &str,
) -> Result<Result<Actor, Unaccepted>, StorageError> {
    let active = reps.iter().filter(|rep| !rep.is("Inactive")).collect::<Vec<_>>();
    match (active.as_slice(), reps.is_empty()) {
        ([rep], _) => actor(reading, rep, client),
        ([], false) => Ok(Err(Unaccepted::Inactive)),
        _ => Ok(Err(Unaccepted::Unknown)),
    }
}

fn actor(
    reading: &Reading<'_>,
    rep: &Record,
    client: &str,
) -> Result<Result<Actor, Unaccepted>, StorageError> {
    let right = right(reading, rep)?;
    if !right.connector {
        return Ok(Err(Unaccepted::NoRight));
    }
    let or =
        |value: &str, default: &str| if value.is_empty() { default.to_owned() } else { value.to_owned() };
    let known = rep_ref(reading, rep)?;
    Ok(Ok(Actor {
        rep: ActingRep {
            rep_id: known.rep_id,
            name: known.name,
            address: EmailAddress::new(rep.get("Email")),
            person: known.person,
            language: or(rep.get("Language"), "en"),
            zone: Zone::new(or(rep.get("TimeZone"), "UTC")),
            sales_group: rep.get("SalesGroup").to_owned(),
        },
        rep_id: rep.get("RepID").to_owned(),
        author: Author { principal: rep.get("RepID").to_owned(), client: client.to_owned() },
        reads_others: right.reads_others,
    }))
}

/// A rep with the person record that is linked to him.
pub(super) fn rep_ref(reading: &Reading<'_>, rep: &Record) -> Result<RepRef, StorageError> {
    let person = match (rep.get("PeGrp"), rep.get("PeNo")) {
        ("", _) | (_, "") => None,
        (group, number) => reading.find("KP", &[("PeNo", number), ("PeGrp", group)], 1)?.pop(),
    };
    Ok(RepRef {
        rep_id: number(rep.get("RepID")),
        name: rep.get("Name").to_owned(),
        person: person.as_ref().map(person_ref),
    })
}

/// A person as the rules refer to it.
pub(super) fn person_ref(person: &Record) -> PersonRef {
    let company =
        key(person, "CoGrp", "CoNo").map(|key| CompanyRef { key, name: person.get("Company").to_owned() });
    PersonRef {
        record_id: u64::try_from(person.target.id).unwrap_or_default(),
        key: key(person, "PeGrp", "PeNo").unwrap_or(Key::new(0, 0)),
        name: person_name(person),
        company,
    }
}

/// A company as the rules refer to it.
pub(super) fn company_ref(company: &Record) -> CompanyRef {
    CompanyRef {
        key: key(company, "CoGrp", "CoNo").unwrap_or(Key::new(0, 0)),
        name: company.get("Company").to_owned(),
    }
}

/// A person's name as people write it.
pub(crate) fn person_name(person: &Record) -> String {
    full_name(person.get("FirstName"), person.get("LastName"))
}

/// First and last name, as far as there are any.
pub(super) fn full_name(first: &str, last: &str) -> String {
    [first, last].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Two fields as a key; none where one of them is empty.
pub(super) fn key(record: &Record, group: &str, number_field: &str) -> Option<Key> {
    Some(Key::new(record.get(group).parse().ok()?, record.get(number_field).parse().ok()?))
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}
