//! Contacts that people made in Outlook.

use super::{Company, Placed};
use crate::dice::Dice;
use serde_json::json;

pub(super) fn contacts(company: &Company) -> Vec<Placed> {
    let mut dice = Dice::new(company.seed, "contacts");
    let mut contacts = Vec::new();
    for (user, colleague) in company.synchronised() {
        // A person of the CRM, known by address; Outlook knows no more than the CRM, or a private phone more.
        let own: Vec<_> = company.persons.iter().filter(|person| person.rep == colleague.rep).collect();
        if let Some(person) = own.get(dice.below(own.len())) {
            contacts.push(Placed {
                user,
                body: json!({
                    "givenName": person.given,
                    "surname": person.family,
                    "displayName": person.name(),
                    "emailAddresses": [{"name": person.name(), "address": person.emails[0]}],
                    "companyName": company.customers[person.customer].name,
                    "homePhones": if dice.chance(50) { json!([format!("+43 664 {}", dice.between(100_000, 999_999))]) } else { json!([]) },
                }),
            });
        }
        if dice.chance(50) {
            let number = contacts.len();
            contacts.push(Placed {
                user,
                body: json!({
                    "givenName": "Neighbour",
                    "surname": format!("Number {number}"),
                    "displayName": format!("Neighbour Number {number}"),
                    "emailAddresses": [{"name": "Neighbour", "address": format!("neighbour{number}@stranger.example")}],
                    "mobilePhone": format!("+43 660 {}", dice.between(100_000, 999_999)),
                }),
            });
        }
    }
    contacts
}
