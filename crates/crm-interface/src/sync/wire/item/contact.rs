//! `text/x-mmPerson`: contacts.

use super::additional;
use super::when::DATE;
use crate::xml::{Element, ReadError, Writer};
use tandem_model::{Contact, EmailAddress, PostalAddress};

pub(super) fn write(w: &mut Writer, contact: &Contact) {
    if let Some(birthday) = contact.birthday {
        w.plain_attribute("birthday", birthday);
    }
    w.leaf_if("givenName", &contact.given_name)
        .leaf_if("surname", &contact.surname)
        .leaf_if("title", &contact.title)
        .leaf_if("company", &contact.company)
        .leaf_if("jobTitle", &contact.job_title)
        .leaf_if("department", &contact.department);
    for address in &contact.emails {
        w.leaf("email", address.as_str());
    }
    for phone in &contact.business_phones {
        w.leaf("businessPhone", phone);
    }
    w.leaf_if("mobilePhone", &contact.mobile_phone);
    for phone in &contact.home_phones {
        w.leaf("homePhone", phone);
    }
    write_address(w, "businessAddress", &contact.business_address);
    write_address(w, "homeAddress", &contact.home_address);
    w.leaf_if("notes", &contact.notes);
    super::write_categories(w, &contact.categories);
    additional::write(w, &contact.additional);
}

fn write_address(w: &mut Writer, name: &str, address: &PostalAddress) {
    if *address == PostalAddress::default() {
        return;
    }
    w.start(name)
        .leaf_if("street", &address.street)
        .leaf_if("postalCode", &address.postal_code)
        .leaf_if("city", &address.city)
        .leaf_if("state", &address.state)
        .leaf_if("country", &address.country)
        .end();
}

pub(super) fn read(element: Element<'_>) -> Result<Contact, ReadError> {
    let mut contact = Contact { birthday: element.parse_attribute("birthday", DATE)?, ..Contact::default() };
    for child in element.into_children() {
        match child.local() {
            "givenName" => contact.given_name = child.into_text(),
            "surname" => contact.surname = child.into_text(),
            "title" => contact.title = child.into_text(),
            "company" => contact.company = child.into_text(),
            "jobTitle" => contact.job_title = child.into_text(),
            "department" => contact.department = child.into_text(),
            "email" => contact.emails.push(EmailAddress::new(child.text())),
            "businessPhone" => contact.business_phones.push(child.into_text()),
            "mobilePhone" => contact.mobile_phone = child.into_text(),
            "homePhone" => contact.home_phones.push(child.into_text()),
            "businessAddress" => contact.business_address = read_address(child),
            "homeAddress" => contact.home_address = read_address(child),
            additional::ELEMENT => additional::read(child, &mut contact.additional)?,
            "notes" => contact.notes = child.into_text(),
            "category" => {
                contact.categories.insert(child.into_text());
            }
            _ => {}
        }
    }
    Ok(contact)
}

fn read_address(element: Element<'_>) -> PostalAddress {
    let mut address = PostalAddress::default();
    for child in element.into_children() {
        match child.local() {
            "street" => address.street = child.into_text(),
            "postalCode" => address.postal_code = child.into_text(),
            "city" => address.city = child.into_text(),
            "state" => address.state = child.into_text(),
            "country" => address.country = child.into_text(),
            _ => {}
        }
    }
    address
}
