//! Contacts of Outlook and persons of the CRM.

use crate::pairing::{Handle, pair};
use crate::records::{CrmWorld, is_live};
use crate::report::{Difference, Duplicate, Finding, KindReport, Side};
use crate::text::squeeze;
use crate::when::crm_date;
use crate::{Kind, MailboxDump, Record, Scope};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const CONTENT_TYPE: &str = "text/x-mmPerson";

struct Contact<'a> {
    mailbox: &'a str,
    rep: &'a str,
    contact: &'a Value,
}

impl Contact<'_> {
    fn id(&self) -> &str {
        self.contact["id"].as_str().unwrap_or_default()
    }

    fn title(&self) -> String {
        self.contact["displayName"].as_str().unwrap_or_default().to_owned()
    }

    fn place(&self) -> String {
        format!("{} in {}", self.id(), self.mailbox)
    }

    fn addresses(&self) -> Vec<String> {
        let addresses = self.contact["emailAddresses"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| entry["address"].as_str());
        addresses.map(|address| address.trim().to_lowercase()).filter(|address| !address.is_empty()).collect()
    }
}

pub(crate) fn compare(dumps: &[(String, MailboxDump)], world: &CrmWorld, scope: &Scope) -> KindReport {
    let mut report = KindReport::default();
    let contacts: Vec<Contact<'_>> = scope
        .mailboxes_of(Kind::Contact)
        .filter_map(|mailbox| Some((mailbox, dumps.iter().find(|(address, _)| *address == mailbox.address)?)))
        .flat_map(|(mailbox, (address, dump))| {
            dump.contacts.iter().map(|contact| Contact { mailbox: address, rep: &mailbox.rep, contact })
        })
        .collect();
    let records: Vec<&Record> =
        world.persons.iter().chain(&world.companies).filter(|record| is_live(record)).collect();
    // Two persons may well share their name, so content alone pairs nobody: each copy has its key.
    let m365: Vec<Handle> = contacts
        .iter()
        .map(|contact| Handle {
            keys: vec![contact.id().to_owned()],
            fingerprint: String::new(),
            place: contact.mailbox.to_owned(),
        })
        .collect();
    let crm: Vec<Handle> = records
        .iter()
        .map(|record| Handle { keys: world.keys_of(record, CONTENT_TYPE), ..Handle::default() })
        .collect();
    let pairing = pair(&m365, &crm);
    report.paired = pairing.pairs.len();
    for item in pairing.m365_only {
        unpaired_contact(&contacts[item], &records, world, scope, &mut report);
    }
    missing_contacts(&contacts, &records, &pairing.pairs, scope, &mut report);
    report.twice(Side::M365, &pairing.m365_twice, |item| (contacts[item].title(), contacts[item].place()));
    report.twice(Side::Crm, &pairing.crm_twice, |record| (name_of(records[record]), records[record].name()));
    twice_by_content(&contacts, &pairing.pairs, &mut report);
    persons_twice(&records, &mut report);
    for (item, record) in pairing.pairs {
        if !belongs(records[record], contacts[item].rep, scope) {
            // The filter hides the person from this rep: what others change does not reach his copy.
            report.exclude("another rep's person");
            continue;
        }
        let fields = differences(&contacts[item], records[record]);
        if !fields.is_empty() {
            report.different.push(Difference {
                title: contacts[item].title(),
                record: records[record].name(),
                place: contacts[item].place(),
                fields,
            });
        }
    }
    report
}

/// A contact without a person. The CRM has to know it only where it knows one of its addresses, or may make persons.
fn unpaired_contact(
    contact: &Contact<'_>,
    records: &[&Record],
    world: &CrmWorld,
    scope: &Scope,
    report: &mut KindReport,
) {
    let addresses = contact.addresses();
    let fits: Vec<&&Record> = records
        .iter()
        .filter(|record| {
            record.area == "KP" && addresses.iter().any(|address| world.addresses(record).contains(address))
        })
        .collect();
    let finding = |why: &str| Finding { title: contact.title(), place: contact.place(), why: why.to_owned() };
    match fits.as_slice() {
        [person] => report
            .m365_only
            .push(finding(&format!("{} has its address and is not tied to it", person.name()))),
        [] if scope.create_persons && nameable(contact) => {
            report.m365_only.push(finding("no person for it in the CRM"));
        }
        [] => report.exclude("unknown to the CRM"),
        _ => report.exclude("several persons have its address"),
    }
}

/// A person needs a name.
fn nameable(contact: &Contact<'_>) -> bool {
    ["surname", "givenName"]
        .iter()
        .any(|field| !contact.contact[*field].as_str().unwrap_or_default().trim().is_empty())
}

/// Whether the autosync filters let a person into the address book of a rep.
fn belongs(record: &Record, rep: &str, scope: &Scope) -> bool {
    (!scope.persons_of_rep || record.get("RepID") == rep)
        && (!scope.favorite_persons || record.is("Favorite"))
}

/// Each rep's own persons should be in his address book.
fn missing_contacts(
    contacts: &[Contact<'_>],
    records: &[&Record],
    pairs: &[(usize, usize)],
    scope: &Scope,
    report: &mut KindReport,
) {
    let there: BTreeSet<(&str, usize)> =
        pairs.iter().map(|(item, record)| (contacts[*item].mailbox, *record)).collect();
    for (index, record) in records.iter().enumerate().filter(|(_, record)| record.area == "KP") {
        for mailbox in scope.mailboxes_of(Kind::Contact) {
            let wanted = belongs(record, &mailbox.rep, scope);
            if wanted && !there.contains(&(mailbox.address.as_str(), index)) {
                let why = format!("not in the address book of {}", mailbox.address);
                report.crm_only.push(Finding { title: name_of(record), place: record.name(), why });
            }
        }
    }
}

/// A contact that nobody is tied to, beside one in the same mailbox that has the same name and addresses.
fn twice_by_content(contacts: &[Contact<'_>], pairs: &[(usize, usize)], report: &mut KindReport) {
    let paired: BTreeSet<usize> = pairs.iter().map(|(item, _)| *item).collect();
    let print =
        |contact: &Contact<'_>| (contact.mailbox.to_owned(), squeeze(&contact.title()), contact.addresses());
    let known: BTreeMap<_, usize> = paired.iter().map(|item| (print(&contacts[*item]), *item)).collect();
    for (item, contact) in contacts.iter().enumerate().filter(|(item, _)| !paired.contains(item)) {
        if let Some(twin) = known.get(&print(contact)) {
            let places = vec![contacts[*twin].place(), contacts[item].place()];
            report.duplicates.push(Duplicate { side: Side::M365, title: contact.title(), places });
        }
    }
}

/// Two persons of one name and address are one person.
fn persons_twice(records: &[&Record], report: &mut KindReport) {
    let mut same: BTreeMap<(String, String), Vec<&Record>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.area == "KP" && !record.get("Email").is_empty()) {
        same.entry((name_of(record), record.get("Email").to_lowercase())).or_default().push(record);
    }
    for group in same.into_values().filter(|group| group.len() > 1) {
        let places = group.iter().map(|record| record.name()).collect();
        report.duplicates.push(Duplicate { side: Side::Crm, title: name_of(group[0]), places });
    }
}

fn name_of(record: &Record) -> String {
    squeeze(&format!(
        "{} {} {}",
        record.get("FirstName"),
        record.get("LastName"),
        if record.area == "FI" { record.get("Company") } else { "" }
    ))
}

fn differences(contact: &Contact<'_>, record: &Record) -> BTreeMap<String, (String, String)> {
    let value = contact.contact;
    let text = |field: &str| squeeze(value[field].as_str().unwrap_or_default());
    let list = |field: &str| {
        let entries = value[field].as_array().into_iter().flatten().filter_map(Value::as_str).map(squeeze);
        entries.filter(|entry| !entry.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let crm = |field: &str| squeeze(record.get(field));
    let all = |fields: &[&str]| {
        fields.iter().map(|field| crm(field)).filter(|entry| !entry.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let postal = |field: &str| {
        let part = |name: &str| squeeze(value[field][name].as_str().unwrap_or_default());
        ["street", "postalCode", "city", "state", "countryOrRegion"].map(part).join("|")
    };
    let birthday =
        value["birthday"].as_str().and_then(crm_date).map(|date| date.to_string()).unwrap_or_default();
    let mut compared = vec![
        ("company", text("companyName"), crm("Company")),
        ("addresses", contact.addresses().join(", "), all(&["Email", "Email2", "Email3"]).to_lowercase()),
        ("business phones", list("businessPhones"), all(&["Phone", "Phone2"])),
        (
            "business address",
            postal("businessAddress"),
            ["Street", "ZipCode", "City", "State", "Country"].map(crm).join("|"),
        ),
    ];
    if record.area == "KP" {
        compared.extend([
            ("given name", text("givenName"), crm("FirstName")),
            ("surname", text("surname"), crm("LastName")),
            ("job title", text("jobTitle"), crm("Function")),
            ("department", text("department"), crm("Department")),
            ("mobile phone", text("mobilePhone"), crm("Mobile")),
            ("private phones", list("homePhones"), all(&["PrivatePhone", "PrivatePhone2"])),
            (
                "private address",
                postal("homeAddress"),
                ["PrivateStreet", "PrivateZipCode", "PrivateCity", "PrivateState", "PrivateCountry"]
                    .map(crm)
                    .join("|"),
            ),
            (
                "birthday",
                birthday,
                crm_date(record.get("Birthday")).map(|date| date.to_string()).unwrap_or_default(),
            ),
        ]);
    }
    compared
        .into_iter()
        .filter(|(_, m365, crm)| m365 != crm)
        .map(|(name, m365, crm)| (name.to_owned(), (m365, crm)))
        .collect()
}
