//! Contacts.

use super::person::Address;
use super::property::{self, Property};
use super::text::tidy;
use super::{Fields, Lens, categories, text_or_empty, time};
use crate::{Facts, Remote};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tandem_model::{Contact, EmailAddress, Etag, GraphId, Item, PostalAddress};

/// What is asked for.
pub(crate) const SELECT: &str = "id,changeKey,displayName,givenName,surname,title,companyName,jobTitle,department,\
                                 emailAddresses,businessPhones,mobilePhone,homePhones,businessAddress,homeAddress,\
                                 birthday,personalNotes,categories,parentFolderId,createdDateTime,lastModifiedDateTime";
/// What Outlook keeps ("Graph documentation: contact").
const MOST_EMAILS: usize = 3;
const MOST_PHONES: usize = 2;

/// Graph `contact`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ContactWire {
    id: String,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
    change_key: Option<String>,
    given_name: Option<String>,
    surname: Option<String>,
    title: Option<String>,
    company_name: Option<String>,
    job_title: Option<String>,
    department: Option<String>,
    email_addresses: Option<Vec<Address>>,
    business_phones: Option<Vec<String>>,
    mobile_phone: Option<String>,
    home_phones: Option<Vec<String>>,
    business_address: Option<AddressWire>,
    home_address: Option<AddressWire>,
    birthday: Option<String>,
    personal_notes: Option<String>,
    categories: Option<Vec<String>>,
    parent_folder_id: Option<String>,
    created_date_time: Option<String>,
    last_modified_date_time: Option<String>,
    single_value_extended_properties: Option<Vec<Property>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AddressWire {
    street: Option<String>,
    city: Option<String>,
    state: Option<String>,
    country_or_region: Option<String>,
    postal_code: Option<String>,
}

impl ContactWire {
    pub(crate) fn remote(&self, _lens: &Lens) -> Result<Remote, String> {
        let facts = Facts {
            created: time::instant(self.created_date_time.as_ref()),
            modified: time::instant(self.last_modified_date_time.as_ref()),
            folder: self.parent_folder_id.clone(),
            key: property::key(self.single_value_extended_properties.as_ref()),
            ..Facts::default()
        };
        let etag = etag(self.etag.as_ref(), self.change_key.as_ref());
        Ok(Remote { id: GraphId::new(&self.id), etag, item: Item::Contact(self.contact()), facts })
    }

    fn contact(&self) -> Contact {
        Contact {
            given_name: line(self.given_name.as_ref()),
            surname: line(self.surname.as_ref()),
            title: line(self.title.as_ref()),
            company: line(self.company_name.as_ref()),
            job_title: line(self.job_title.as_ref()),
            department: line(self.department.as_ref()),
            emails: emails(self.email_addresses.as_ref()),
            business_phones: lines(self.business_phones.as_ref()),
            mobile_phone: line(self.mobile_phone.as_ref()),
            home_phones: lines(self.home_phones.as_ref()),
            business_address: self.business_address.as_ref().map(AddressWire::read).unwrap_or_default(),
            home_address: self.home_address.as_ref().map(AddressWire::read).unwrap_or_default(),
            birthday: birthday(self.birthday.as_deref()),
            notes: tidy(&text_or_empty(self.personal_notes.as_ref())),
            categories: categories(self.categories.as_ref()),
            additional: Default::default(),
        }
    }
}

impl AddressWire {
    fn read(&self) -> PostalAddress {
        PostalAddress {
            street: tidy(&text_or_empty(self.street.as_ref())),
            postal_code: line(self.postal_code.as_ref()),
            city: line(self.city.as_ref()),
            state: line(self.state.as_ref()),
            country: line(self.country_or_region.as_ref()),
        }
    }
}

/// The version: the etag, or the change key in the form of one.
pub(crate) fn etag(etag: Option<&String>, change_key: Option<&String>) -> Etag {
    match (etag, change_key) {
        (Some(etag), _) => Etag::new(etag),
        (None, Some(key)) => Etag::new(format!("W/\"{key}\"")),
        (None, None) => Etag::new(""),
    }
}

fn line(text: Option<&String>) -> String {
    text.map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn lines(texts: Option<&Vec<String>>) -> Vec<String> {
    texts.into_iter().flatten().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

fn emails(addresses: Option<&Vec<Address>>) -> Vec<EmailAddress> {
    let addresses = addresses.into_iter().flatten().filter_map(|address| address.address.as_deref());
    addresses.map(EmailAddress::new).filter(|address| !address.as_str().is_empty()).collect()
}

/// The day of an instant that stands for a day: mostly midnight UTC, from newer clients 11:59 UTC, from older ones
/// midnight in the owner's zone. Nearest midnight would lose a day of the second, so only the evening counts up.
fn birthday(text: Option<&str>) -> Option<Date> {
    let text = text?;
    let date: Date = text.get(..10)?.parse().ok()?;
    let evening = text.get(11..13).and_then(|hour| hour.parse::<u8>().ok()).is_some_and(|hour| hour >= 21);
    if date.year() <= 1601 {
        return None;
    }
    if evening { date.tomorrow().ok() } else { Some(date) }
}

/// The JSON that writes a contact. `displayName` always goes along: without it the server may make up another.
pub(crate) fn write(contact: &Contact, fields: Fields<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("displayName".into(), json!(contact.display_name()));
    let mut set = |field: &str, name: &str, value: Value| {
        if fields.has(field) {
            body.insert(name.to_owned(), value);
        }
    };
    let first = |texts: &[String]| json!(texts.iter().take(MOST_PHONES).collect::<Vec<_>>());
    set("given_name", "givenName", json!(contact.given_name));
    set("surname", "surname", json!(contact.surname));
    set("title", "title", json!(contact.title));
    set("company", "companyName", json!(contact.company));
    set("job_title", "jobTitle", json!(contact.job_title));
    set("department", "department", json!(contact.department));
    set("emails", "emailAddresses", write_emails(contact));
    set("business_phones", "businessPhones", first(&contact.business_phones));
    set("mobile_phone", "mobilePhone", json!(contact.mobile_phone));
    set("home_phones", "homePhones", first(&contact.home_phones));
    set("business_address", "businessAddress", write_address(&contact.business_address));
    set("home_address", "homeAddress", write_address(&contact.home_address));
    set("birthday", "birthday", json!(contact.birthday.map(|date| format!("{date}T11:59:00Z"))));
    set("notes", "personalNotes", json!(contact.notes));
    set("categories", "categories", json!(contact.categories));
    body
}

fn write_emails(contact: &Contact) -> Value {
    let name = contact.display_name();
    let emails = contact.emails.iter().take(MOST_EMAILS);
    emails.map(|address| json!({ "address": address.as_str(), "name": name })).collect()
}

fn write_address(address: &PostalAddress) -> Value {
    json!({
        "street": address.street, "city": address.city, "state": address.state,
        "countryOrRegion": address.country, "postalCode": address.postal_code,
    })
}
