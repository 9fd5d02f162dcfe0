//! People whom the CRM does not know yet and may add.

use crate::people::{People, company_word};
use crate::{FoundBy, InfoArea, NewParty, Note, Record, Switches};
use tandem_model::Person;

/// The persons that have to be added for people of a mail or an appointment: those whom nobody knows. Somebody who is
/// known twice is not added a third time. No company is made of a domain: half of them are those of mail providers.
pub(crate) fn persons<'p>(
    named: impl Iterator<Item = &'p Person>,
    people: People<'_>,
    switches: &Switches,
) -> Vec<NewParty> {
    let mut parties: Vec<NewParty> = Vec::new();
    if !switches.create_persons {
        return parties;
    }
    for person in named.filter(|person| is_address(person.address.as_str())) {
        let found_by = FoundBy::Address(person.address.clone());
        let party = people.party(&person.address);
        if party.is_known() || party.ambiguous || parties.iter().any(|other| other.found_by == found_by) {
            continue;
        }
        let record = record(person, people, switches);
        let text = format!("{} was unknown and was added as a person", person.address);
        parties.push(NewParty { record, found_by, note: Note::new("person-created", text) });
    }
    parties
}

fn is_address(address: &str) -> bool {
    address.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

fn record(person: &Person, people: People<'_>, switches: &Switches) -> Record {
    let (first, last) = split_name(person);
    let mut record = Record::new(InfoArea::Person);
    record.set("FirstName", first);
    record.set("LastName", last);
    record.set("Email", person.address.as_str());
    record.set("RepID", people.acting.rep_id.to_string());
    if switches.filter_by_favorites {
        record.set("Favorite", "true");
    }
    record
}

/// First and last name out of "Ann Lee", "Lee, Ann" or, when there is only an address, its local part.
fn split_name(person: &Person) -> (String, String) {
    let name = person.name.trim().trim_matches(['"', '\'']).trim();
    if name.is_empty() || name.contains('@') {
        let address = person.address.as_str();
        return (String::new(), address.split('@').next().unwrap_or(address).to_owned());
    }
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (first, last),
        None => name.rsplit_once(char::is_whitespace).unwrap_or(("", name)),
    };
    (first.trim().to_owned(), last.trim().to_owned())
}

/// The company that has to be added for a contact.
pub(crate) fn company(name: &str, people: People<'_>, switches: &Switches) -> Option<NewParty> {
    let word = company_word(name);
    if word.is_empty() || !switches.create_companies || !people.companies_named(name).is_empty() {
        return None;
    }
    let mut record = Record::new(InfoArea::Company);
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    record.set("Company", name.as_str());
    record.set("RepID", people.acting.rep_id.to_string());
    let text = format!("the company \"{name}\" was unknown and was added");
    Some(NewParty { record, found_by: FoundBy::CompanyName(word), note: Note::new("company-created", text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let split = |name: &str| {
            let (first, last) = split_name(&Person::new(name, "jo.doe@example.com"));
            format!("{first}|{last}")
        };
        assert_eq!(split("Ann Lee"), "Ann|Lee");
        assert_eq!(split("Lee, Ann Mary"), "Ann Mary|Lee");
        assert_eq!(split("Ann Mary Lee"), "Ann Mary|Lee");
        assert_eq!(split("Madonna"), "|Madonna");
        assert_eq!(split(""), "|jo.doe");
        assert_eq!(split("'jo.doe@example.com'"), "|jo.doe");
    }
}
