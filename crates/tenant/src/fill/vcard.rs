//! Contacts from `.vcf` files.

use super::{Outcome, text_of};
use crate::ids::{ItemId, Kind, MailboxNo};
use crate::mailbox::contact::ContactContent;
use crate::mailbox::content::{EmailAddress, PhysicalAddress};
use crate::mailbox::patch::as_map;
use crate::tenant::Tenant;
use calcard::vcard::{
    VCard, VCardEntry, VCardKind, VCardParameterName, VCardParameterValue, VCardProperty as Property,
    VCardType, VCardValue,
};
use calcard::{Entry, Parser};
use jiff::Timestamp;

/// How many cards and broken lines one file may hold.
const LIMIT: usize = 100_000;

/// Reads the cards of a file.
pub fn read(tenant: &mut Tenant, mailbox: MailboxNo, name: &str, bytes: &[u8], now: Timestamp) -> Outcome {
    let text = text_of(bytes);
    let mut parser = Parser::new(&text);
    let mut outcome = Outcome::default();
    let (mut cards, mut nobody) = (0, 0);
    let mut faults: Vec<String> = Vec::new();
    for _ in 0..LIMIT {
        match parser.entry() {
            Entry::VCard(card) => {
                cards += 1;
                let Some(content) = person(&card) else {
                    nobody += 1;
                    continue;
                };
                let folder = tenant.mailbox(mailbox).default_contacts();
                let body = as_map(&content);
                match tenant.add_contact(mailbox, folder, body, Some(name.into()), now) {
                    Ok(item) => outcome.items.push(tenant.ids.encode(ItemId {
                        kind: Kind::Contact,
                        mailbox,
                        item,
                        day: 0,
                        moves: None,
                    })),
                    Err(error) => faults.push(format!("card {cards}: {}", error.message)),
                }
            }
            Entry::Eof => break,
            _ => {}
        }
    }
    if cards == 0 {
        return Outcome::refused("is no vCard");
    }
    if outcome.items.is_empty() && faults.is_empty() && nobody > 0 {
        return Outcome::skipped("holds no person");
    }
    outcome.refused = (!faults.is_empty()).then(|| faults.join("; "));
    outcome
}

/// What a card says of a person; `None` when it describes none.
fn person(card: &VCard) -> Option<ContactContent> {
    let mut contact = ContactContent::default();
    for entry in &card.entries {
        take(&mut contact, entry)?;
    }
    contact.email_addresses.truncate(3);
    contact.business_phones.truncate(2);
    contact.home_phones.truncate(2);
    contact.im_addresses.truncate(3);
    let known = contact.given_name.is_some()
        || contact.surname.is_some()
        || contact.display_name.is_some()
        || contact.company_name.is_some()
        || !contact.email_addresses.is_empty();
    if contact.display_name.is_none() {
        let address = contact.email_addresses.first().and_then(|email| email.address.clone());
        contact.display_name = if contact.given_name.is_none() && contact.surname.is_none() {
            contact.company_name.clone().or(address)
        } else {
            None
        };
    }
    known.then_some(contact)
}

/// Takes one property over; `None` when it says that the card is no person's.
fn take(contact: &mut ContactContent, entry: &VCardEntry) -> Option<()> {
    let text = || part(entry, 0);
    match &entry.name {
        Property::Kind if matches!(entry.values.first(), Some(VCardValue::Kind(VCardKind::Group))) => {
            return None;
        }
        Property::Other(name)
            if name.eq_ignore_ascii_case("X-ADDRESSBOOKSERVER-KIND")
                && text().is_some_and(|kind| kind.eq_ignore_ascii_case("group")) =>
        {
            return None;
        }
        Property::N => {
            contact.surname = part(entry, 0);
            contact.given_name = part(entry, 1);
            contact.middle_name = part(entry, 2);
            contact.title = part(entry, 3);
            contact.generation = part(entry, 4);
        }
        Property::Fn => contact.display_name = contact.display_name.take().or_else(|| whole(entry)),
        Property::Nickname => contact.nick_name = contact.nick_name.take().or_else(text),
        Property::Org => {
            contact.company_name = contact.company_name.take().or_else(text);
            contact.department = contact.department.take().or_else(|| part(entry, 1));
        }
        Property::Title => contact.job_title = contact.job_title.take().or_else(|| whole(entry)),
        Property::Role => contact.profession = contact.profession.take().or_else(|| whole(entry)),
        Property::Tel => phone(contact, entry),
        Property::Email => email(contact, entry),
        Property::Adr => address(contact, entry),
        Property::Bday => contact.birthday = contact.birthday.take().or_else(|| birthday(entry)),
        Property::Url => {
            contact.business_home_page = contact.business_home_page.take().or_else(|| whole(entry));
        }
        Property::Note => contact.personal_notes = contact.personal_notes.take().or_else(|| whole(entry)),
        Property::Categories => {
            let names = entry.values.iter().flat_map(texts).filter(|name| !name.is_empty());
            contact.categories.extend(names.map(Box::from));
        }
        Property::Impp => contact.im_addresses.extend(whole(entry)),
        _ => {}
    }
    Some(())
}

fn texts(value: &VCardValue) -> Vec<&str> {
    match value {
        VCardValue::Component(parts) => parts.iter().map(|part| part.trim()).collect(),
        other => other.as_text().map(str::trim).into_iter().collect(),
    }
}

/// The n-th component of a structured value.
fn part(entry: &VCardEntry, number: usize) -> Option<Box<str>> {
    let text = texts(entry.values.get(number)?).join(", ");
    (!text.is_empty()).then(|| text.into())
}

/// The whole value, its components joined.
fn whole(entry: &VCardEntry) -> Option<Box<str>> {
    let parts: Vec<&str> = entry.values.iter().flat_map(texts).filter(|text| !text.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", ").into())
}

fn is(entry: &VCardEntry, wanted: &VCardType) -> bool {
    entry.parameters(&VCardParameterName::Type).any(|value| match value {
        VCardParameterValue::Type(kind) => kind == wanted,
        other => other.as_text().is_some_and(|text| {
            text.split(',').any(|one| one.trim().eq_ignore_ascii_case(wanted_name(wanted)))
        }),
    })
}

fn wanted_name(kind: &VCardType) -> &'static str {
    match kind {
        VCardType::Home => "home",
        VCardType::Work => "work",
        VCardType::Cell => "cell",
        VCardType::Fax => "fax",
        VCardType::Pager => "pager",
        _ => "",
    }
}

fn phone(contact: &mut ContactContent, entry: &VCardEntry) {
    let Some(number) = whole(entry) else { return };
    let number: Box<str> = number.trim_start_matches("tel:").into();
    if is(entry, &VCardType::Fax) || is(entry, &VCardType::Pager) {
        return;
    }
    if is(entry, &VCardType::Cell) {
        if contact.mobile_phone.is_none() {
            contact.mobile_phone = Some(number);
        }
    } else if is(entry, &VCardType::Home) {
        contact.home_phones.push(number);
    } else {
        contact.business_phones.push(number);
    }
}

fn email(contact: &mut ContactContent, entry: &VCardEntry) {
    let Some(address) = whole(entry) else { return };
    let address: Box<str> = address.trim_start_matches("mailto:").into();
    let known = contact.email_addresses.iter().any(|one| one.key() == address.to_lowercase());
    if address.contains('@') && !known {
        let name = contact.display_name.clone().unwrap_or_else(|| address.clone());
        contact.email_addresses.push(EmailAddress { name: Some(name), address: Some(address) });
    }
}

fn address(contact: &mut ContactContent, entry: &VCardEntry) {
    let lines: Vec<Box<str>> = [0, 1, 2].iter().filter_map(|number| part(entry, *number)).collect();
    let address = PhysicalAddress {
        street: (!lines.is_empty()).then(|| lines.join("\n").into()),
        city: part(entry, 3),
        state: part(entry, 4),
        postal_code: part(entry, 5),
        country_or_region: part(entry, 6),
    };
    let place = if is(entry, &VCardType::Home) {
        &mut contact.home_address
    } else if is(entry, &VCardType::Work) || contact.business_address == PhysicalAddress::default() {
        &mut contact.business_address
    } else {
        &mut contact.other_address
    };
    if *place == PhysicalAddress::default() {
        *place = address;
    }
}

/// The birthday; only one with a year is one for Outlook.
fn birthday(entry: &VCardEntry) -> Option<Timestamp> {
    let (year, month, day) = match entry.values.first()? {
        VCardValue::PartialDateTime(partial) => (partial.year?, partial.month?, partial.day?),
        other => {
            let date: jiff::civil::Date = other.as_text()?.get(..10)?.parse().ok()?;
            return noon(date);
        }
    };
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    noon(date.ok()?)
}

/// Outlook keeps birthdays just before noon in UTC, so that the day is the same almost everywhere.
fn noon(date: jiff::civil::Date) -> Option<Timestamp> {
    jiff::tz::TimeZone::UTC.to_timestamp(date.at(11, 59, 0, 0)).ok()
}
