//! By which address the CRM knows somebody whose mailbox has several.
//!
//! Exchange writes people with the primary address of the moment; the CRM finds a rep by the address that it holds of
//! him. After a mailbox was renamed, or where a rep is entered with an alias, they are different words for one person:
//! no edit on either side, and no stranger to the CRM.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use tandem_crm_port::Rep;
use tandem_graph::User;
use tandem_model::{Document, EmailAddress};

/// Other addresses of reps, each with the one that the CRM holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownAs(BTreeMap<EmailAddress, EmailAddress>);

impl KnownAs {
    /// Of all reps who have a mailbox, whether it is synchronised or not. An address that the CRM holds of anybody
    /// stays what it is.
    pub(crate) fn of(reps: &[Rep], users: &[User]) -> Self {
        let held: BTreeSet<&EmailAddress> = reps.iter().map(|rep| &rep.email).collect();
        let mut known = BTreeMap::new();
        for user in users {
            let mut names = user.addresses.iter().filter(|address| held.contains(address));
            // A mailbox that two reps share is nobody's in particular.
            let (Some(name), None) = (names.next(), names.next()) else { continue };
            let others = user.addresses.iter().chain([&user.mail]).filter(|address| !held.contains(address));
            known.extend(others.map(|address| (address.clone(), name.clone())));
        }
        Self(known)
    }

    /// Whether every address is the one that the CRM holds.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The address by which the CRM knows the one who has this address.
    pub(crate) fn address<'a>(&'a self, address: &'a EmailAddress) -> &'a EmailAddress {
        self.0.get(address).unwrap_or(address)
    }

    /// A document in which people have the addresses by which the CRM knows them.
    pub(crate) fn in_document(&self, mut document: Document) -> Document {
        if self.is_empty() {
            return document;
        }
        for field in ["organizer", "attendees", "responses"] {
            let renamed = match document.get(field) {
                Value::Array(people) => Some(self.in_list(people)),
                Value::Object(_) if field == "organizer" => self.in_person(document.get(field)),
                Value::Object(answers) => Some(self.in_answers(answers)),
                _ => None,
            };
            if let Some(renamed) = renamed {
                document.set(field, renamed);
            }
        }
        document
    }

    /// Whether a document names an attendee by an address that the CRM does not know him by.
    pub(crate) fn is_called_otherwise(&self, document: &Document) -> bool {
        let listed = document.get("attendees").as_array().into_iter().flatten();
        listed.filter_map(address_of).any(|address| self.0.contains_key(&address))
    }

    /// A document in which people have the addresses under which another one of the same item names them: to write
    /// somebody down under another of his addresses would uninvite him, and invite him again.
    pub(crate) fn as_in(&self, mut document: Document, held: &Document) -> Document {
        let listed = held.get("attendees").as_array().into_iter().flatten();
        let addresses = listed.chain([held.get("organizer")]).filter_map(address_of);
        let back: BTreeMap<EmailAddress, EmailAddress> =
            addresses.filter_map(|address| Some((self.0.get(&address)?.clone(), address))).collect();
        if !back.is_empty() {
            document = Self(back).in_document(document);
        }
        document
    }

    /// The same person under another address; none when there is nothing to change.
    fn in_person(&self, person: &Value) -> Option<Value> {
        let known = self.0.get(&address_of(person)?)?;
        let mut person = person.as_object()?.clone();
        person.insert("address".to_owned(), Value::String(known.to_string()));
        Some(Value::Object(person))
    }

    /// Nobody stands twice in a list, however many of his addresses were in it, and it stays sorted.
    fn in_list(&self, people: &[Value]) -> Value {
        let mut named = BTreeSet::new();
        let mut list: Vec<Value> = people
            .iter()
            .map(|person| self.in_person(person).unwrap_or_else(|| person.clone()))
            .filter(|person| {
                person.get("address").is_none_or(|address| named.insert(address.to_string().to_lowercase()))
            })
            .collect();
        if list != people {
            list.sort_by_cached_key(Value::to_string);
        }
        Value::Array(list)
    }

    fn in_answers(&self, answers: &Map<String, Value>) -> Value {
        let named = |address: &String| self.address(&EmailAddress::new(address)).to_string();
        // What somebody answered under the known address stands.
        let (own, other): (Vec<_>, Vec<_>) =
            answers.iter().partition(|(address, _)| named(address) == **address);
        let all = other.into_iter().chain(own);
        Value::Object(all.map(|(address, answer)| (named(address), answer.clone())).collect())
    }
}

fn address_of(person: &Value) -> Option<EmailAddress> {
    Some(EmailAddress::new(person.get("address")?.as_str()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

    use super::*;
    use serde_json::json;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    fn known_as(pairs: &[(&str, &str)]) -> KnownAs {
        KnownAs(pairs.iter().map(|(a, b)| (EmailAddress::new(a), EmailAddress::new(b))).collect())
    }

    #[test]
    fn people_are_called_as_the_crm_knows_them() {
        let known = known_as(&[("ann.new@own.example", "ann@own.example")]);
        let copy = document(json!({
            "subject": "ann.new@own.example",
            "organizer": {"address": "ann.new@own.example", "name": "Ann"},
            "attendees": [
                {"address": "Ann.New@own.example", "role": "required"},
                {"address": "bob@own.example", "role": "required"},
            ],
            "responses": {"ann.new@own.example": "accepted", "bob@own.example": "declined"},
        }));
        let expected = document(json!({
            "subject": "ann.new@own.example",
            "organizer": {"address": "ann@own.example", "name": "Ann"},
            "attendees": [
                {"address": "ann@own.example", "role": "required"},
                {"address": "bob@own.example", "role": "required"},
            ],
            "responses": {"ann@own.example": "accepted", "bob@own.example": "declined"},
        }));
        assert_eq!(known.in_document(copy), expected);
        assert_eq!(known.in_document(expected.clone()), expected);
    }

    #[test]
    fn whom_a_side_holds_under_another_address_is_called_by_that() {
        let known = known_as(&[
            ("ann.new@own.example", "ann@own.example"),
            ("bob.new@own.example", "bob@own.example"),
        ]);
        let held = document(json!({
            "attendees": [{"address": "ann.new@own.example"}, {"address": "bob@own.example"}],
        }));
        let about_to = document(json!({
            "attendees": [{"address": "ann@own.example"}, {"address": "bob@own.example"}, {"address": "eva@own.example"}],
            "responses": {"ann@own.example": "accepted"},
        }));
        let expected = document(json!({
            "attendees": [{"address": "ann.new@own.example"}, {"address": "bob@own.example"}, {"address": "eva@own.example"}],
            "responses": {"ann.new@own.example": "accepted"},
        }));
        assert_eq!(known.as_in(about_to.clone(), &held), expected);
        assert_eq!(known.as_in(about_to.clone(), &about_to), about_to);
    }

    #[test]
    fn nobody_stands_twice_under_two_of_his_addresses() {
        let known = known_as(&[("a.old@own.example", "a@own.example")]);
        let copy = document(json!({
            "attendees": [{"address": "a.old@own.example"}, {"address": "a@own.example"}],
            "responses": {"a.old@own.example": "tentative", "a@own.example": "accepted"},
        }));
        let expected = document(json!({
            "attendees": [{"address": "a@own.example"}],
            "responses": {"a@own.example": "accepted"},
        }));
        assert_eq!(known.in_document(copy), expected);
    }
}
