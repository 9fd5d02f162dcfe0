//! A contact as a vCard 3.0 (RFC 2426), the form in which Graph gives out contact attachments.

use crate::mailbox::contact::ContactContent;
use crate::mailbox::content::PhysicalAddress;

/// The vCard of a contact.
pub fn of(contact: &ContactContent) -> String {
    let mut out = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let name =
        [&contact.surname, &contact.given_name, &contact.middle_name, &contact.title, &contact.generation];
    let name: Vec<String> = name.iter().map(|part| escaped(part.as_deref().unwrap_or_default())).collect();
    line(&mut out, "N", &name.join(";"));
    let mut one = |property: &str, value: &Option<Box<str>>| {
        if let Some(value) = value {
            line(&mut out, property, &escaped(value));
        }
    };
    one("FN", &contact.display_name);
    one("NICKNAME", &contact.nick_name);
    one("TITLE", &contact.job_title);
    one("NOTE", &contact.personal_notes);
    one("URL;TYPE=WORK", &contact.business_home_page);
    one("TEL;TYPE=CELL", &contact.mobile_phone);
    if contact.company_name.is_some() || contact.department.is_some() {
        let parts = [&contact.company_name, &contact.department];
        let parts: Vec<String> =
            parts.iter().map(|part| escaped(part.as_deref().unwrap_or_default())).collect();
        line(&mut out, "ORG", &parts.join(";"));
    }
    for (kind, phones) in [("WORK", &contact.business_phones), ("HOME", &contact.home_phones)] {
        for phone in phones {
            line(&mut out, &format!("TEL;TYPE={kind},VOICE"), &escaped(phone));
        }
    }
    for address in contact.email_addresses.iter().filter_map(|email| email.address.as_deref()) {
        line(&mut out, "EMAIL;TYPE=INTERNET", &escaped(address));
    }
    let addresses = [
        ("WORK", &contact.business_address),
        ("HOME", &contact.home_address),
        ("POSTAL", &contact.other_address),
    ];
    for (kind, address) in addresses.iter().filter(|(_, address)| **address != PhysicalAddress::default()) {
        let parts = [
            &address.street,
            &address.city,
            &address.state,
            &address.postal_code,
            &address.country_or_region,
        ];
        let parts: Vec<String> =
            parts.iter().map(|part| escaped(part.as_deref().unwrap_or_default())).collect();
        line(&mut out, &format!("ADR;TYPE={kind}"), &format!(";;{}", parts.join(";")));
    }
    if let Some(birthday) = contact.birthday {
        line(&mut out, "BDAY", &birthday.strftime("%Y-%m-%d").to_string());
    }
    if !contact.categories.is_empty() {
        let categories: Vec<String> = contact.categories.iter().map(|category| escaped(category)).collect();
        line(&mut out, "CATEGORIES", &categories.join(","));
    }
    out.push_str("END:VCARD\r\n");
    out
}

/// A line, folded so that no part is longer than 75 bytes (RFC 2425, 5.8.1; RFC 5545, 3.1).
pub fn line(out: &mut String, property: &str, value: &str) {
    let mut room = 75;
    for sign in format!("{property}:{value}").chars() {
        if sign.len_utf8() > room {
            out.push_str("\r\n ");
            room = 74;
        }
        room -= sign.len_utf8();
        out.push(sign);
    }
    out.push_str("\r\n");
}

/// A text value.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars().filter(|sign| *sign != '\r') {
        match sign {
            '\\' | ';' | ',' => out.extend(['\\', sign]),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out
}
