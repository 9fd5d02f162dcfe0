//! People.

use serde::Deserialize;
use serde_json::{Value, json};
use tandem_model::{EmailAddress, Person};

/// Graph `recipient`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Recipient {
    pub(crate) email_address: Option<Address>,
}

/// Graph `emailAddress`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Address {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
}

impl Recipient {
    /// Somebody with a name or an address; nobody otherwise.
    pub(crate) fn person(&self) -> Option<Person> {
        let address = self.email_address.as_ref()?;
        let email = EmailAddress::new(address.address.as_deref().unwrap_or_default());
        let name = address.name.as_deref().unwrap_or_default().trim();
        // Exchange repeats the address where there is no name.
        let name = if EmailAddress::new(name) == email { "" } else { name };
        let person = Person { name: name.to_owned(), address: email };
        (!person.name.is_empty() || !person.address.as_str().is_empty()).then_some(person)
    }
}

pub(crate) fn people(recipients: Option<&Vec<Recipient>>) -> Vec<Person> {
    recipients.into_iter().flatten().filter_map(Recipient::person).collect()
}

/// Graph `emailAddress` of somebody.
pub(crate) fn address(person: &Person) -> Value {
    let mut value = json!({ "address": person.address.as_str() });
    if !person.name.is_empty() {
        value["name"] = json!(person.name);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Option<Person> {
        serde_json::from_value::<Recipient>(value).unwrap().person()
    }

    #[test]
    fn people_with_half_their_data() {
        assert_eq!(
            read(json!({"emailAddress": {"name": "ann@EXAMPLE.com", "address": "Ann@example.com"}})),
            Some(Person::new("", "ann@example.com"))
        );
        assert_eq!(read(json!({"emailAddress": {"name": "Room 1"}})), Some(Person::new("Room 1", "")));
        assert_eq!(read(json!({"emailAddress": {"name": null, "address": ""}})), None);
        assert_eq!(read(json!({"emailAddress": null})), None);
    }
}
