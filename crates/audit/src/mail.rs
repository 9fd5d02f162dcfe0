//! E-mails.

use crate::pairing::{Handle, pair};
use crate::participants::{address, coverage, nameless};
use crate::records::{CrmWorld, is_live};
use crate::report::{Difference, Finding, KindReport, Side};
use crate::text::{contains_in_order, squeeze, visible, words};
use crate::when::{Span, crm_span, graph_timestamp, to_minute};
use crate::{Kind, MailboxDump, Record, Scope};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const CONTENT_TYPE: &str = "application/x-mmRecord";

/// One e-mail with all its copies: owner's addresses, primary address, message.
struct Mail<'a> {
    id: String,
    copies: Vec<(&'a BTreeSet<String>, &'a str, &'a Value)>,
    required: bool,
}

/// What a person compares.
type Face = BTreeMap<&'static str, String>;

pub(crate) fn compare(dumps: &[(String, MailboxDump)], world: &CrmWorld, scope: &Scope) -> KindReport {
    let mut report = KindReport::default();
    let mails = collect(dumps, scope, &mut report);
    let records: Vec<&Record> = world
        .activities
        .iter()
        .filter(|record| is_live(record) && record.get("Contact") == "E-Mail")
        .collect();
    let m365: Vec<Handle> = mails.iter().map(handle_of_mail).collect();
    let crm: Vec<Handle> = records.iter().map(|record| handle_of_record(world, record)).collect();
    let pairing = pair(&m365, &crm);
    report.paired = pairing.pairs.len();
    for item in pairing.m365_only.into_iter().filter(|item| mails[*item].required) {
        let mail = &mails[item];
        report.m365_only.push(Finding {
            title: title(mail),
            place: place(mail),
            why: "no activity for it in the CRM".to_owned(),
        });
    }
    for record in pairing.crm_only.into_iter().filter(|record| !crm[*record].keys.is_empty()) {
        let record = records[record];
        report.crm_only.push(Finding {
            title: record.get("Subject").to_owned(),
            place: record.name(),
            why: "its message is in no mailbox".to_owned(),
        });
    }
    // Mails are never created in Microsoft 365: a message that is there twice is the user's own copy.
    report.twice(Side::Crm, &pairing.crm_twice, |record| {
        (records[record].get("Subject").to_owned(), records[record].name())
    });
    for (item, record) in pairing.pairs {
        let (mail, record) = (&mails[item], records[record]);
        if let Some(difference) = differences(mail, record, world) {
            report.different.push(difference);
        }
    }
    report
}

fn collect<'a>(dumps: &'a [(String, MailboxDump)], scope: &Scope, report: &mut KindReport) -> Vec<Mail<'a>> {
    let synchronised: BTreeSet<&str> =
        scope.mailboxes_of(Kind::Mail).map(|mailbox| mailbox.address.as_str()).collect();
    let mut mails: BTreeMap<String, Mail<'a>> = BTreeMap::new();
    for (mailbox, dump) in dumps {
        let addresses = dump.owner();
        for message in &dump.messages {
            let reason = excluded(message, addresses, scope)
                .or((!synchronised.contains(mailbox.as_str())).then_some("mailbox"));
            let id = message["internetMessageId"].as_str().unwrap_or_default();
            let id = if id.is_empty() { message["id"].as_str().unwrap_or_default() } else { id };
            let mail = mails.entry(id.to_owned()).or_insert_with(|| Mail {
                id: id.to_owned(),
                copies: Vec::new(),
                required: false,
            });
            if reason.is_none() {
                // A copy that travels is the better one to compare with.
                mail.copies.insert(0, (addresses, mailbox, message));
                mail.required = true;
            } else {
                mail.copies.push((addresses, mailbox, message));
            }
            if let Some(reason) = reason.filter(|reason| *reason != "elsewhere" && *reason != "mailbox") {
                report.exclude(reason);
            }
        }
    }
    mails.into_values().collect()
}

/// Why a message does not travel; none when it does.
fn excluded(message: &Value, owner: &BTreeSet<String>, scope: &Scope) -> Option<&'static str> {
    let path = message["folderPath"].as_str().unwrap_or_default();
    let below = |folder: &str| {
        path.len() >= folder.len() && path.is_char_boundary(folder.len()) && {
            let (head, rest) = path.split_at(folder.len());
            head.eq_ignore_ascii_case(folder) && (rest.is_empty() || rest.starts_with('/'))
        }
    };
    if !below(&scope.folder) {
        return Some("elsewhere");
    }
    if below(&format!("{}/{}", scope.folder, scope.failure_folder)) {
        return Some("failed");
    }
    if message["isDraft"].as_bool() == Some(true) {
        return Some("draft");
    }
    let named = people(message).iter().any(|address| owner.contains(address));
    (!named && !scope.owner_may_be_missing).then_some("owner not named")
}

/// Sender and recipients.
fn people(message: &Value) -> BTreeSet<String> {
    recipients(message).filter_map(address).chain(sender(message)).collect()
}

/// Sender and recipients as Graph has them.
fn recipients(message: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["toRecipients", "ccRecipients", "bccRecipients"];
    let named = lists.into_iter().flat_map(|list| message[list].as_array().into_iter().flatten());
    named.chain([&message["from"], &message["sender"]])
}

fn sender(message: &Value) -> Option<String> {
    address(&message["from"]).or_else(|| address(&message["sender"]))
}

fn sent(message: &Value) -> Option<Timestamp> {
    graph_timestamp(&message["sentDateTime"])
        .or_else(|| graph_timestamp(&message["receivedDateTime"]))
        .map(to_minute)
}

fn title(mail: &Mail<'_>) -> String {
    mail.copies.first().and_then(|(_, _, message)| message["subject"].as_str()).unwrap_or_default().to_owned()
}

fn place(mail: &Mail<'_>) -> String {
    let mailboxes: BTreeSet<&str> = mail.copies.iter().map(|(_, mailbox, _)| *mailbox).collect();
    format!("{} in {}", mail.id, mailboxes.into_iter().collect::<Vec<_>>().join(", "))
}

fn handle_of_mail(mail: &Mail<'_>) -> Handle {
    let message = mail.copies.first().map_or(&Value::Null, |(_, _, message)| message);
    let when = sent(message).map(|instant| instant.to_string()).unwrap_or_default();
    Handle {
        keys: vec![mail.id.clone()],
        fingerprint: format!("{} | {when}", squeeze(message["subject"].as_str().unwrap_or_default())),
        place: String::new(),
    }
}

fn handle_of_record(world: &CrmWorld, record: &Record) -> Handle {
    let mut keys = world.keys_of(record, CONTENT_TYPE);
    keys.extend(Some(record.get("MessageID").to_owned()).filter(|id| !id.is_empty()));
    let when = written(record).map(|instant| instant.to_string()).unwrap_or_default();
    Handle { keys, fingerprint: format!("{} | {when}", squeeze(record.get("Subject"))), place: String::new() }
}

fn written(record: &Record) -> Option<Timestamp> {
    let (date, time) = (record.get("Date"), record.get("Time"));
    match crm_span([date, time, date, time], false, record.get("TimeZone"))? {
        Span::Instants(start, _) => Some(start),
        Span::Days(..) => None,
    }
}

/// The differences from that copy of which there are fewest: copies of one mail may differ by what mail servers on
/// the way did to them.
fn differences(mail: &Mail<'_>, record: &Record, world: &CrmWorld) -> Option<Difference> {
    let all_owners: BTreeSet<String> =
        mail.copies.iter().flat_map(|(owner, _, _)| (*owner).clone()).collect();
    let candidates =
        mail.copies.iter().map(|(_, _, message)| compare_copy(message, record, world, &all_owners));
    let fields = candidates.min_by_key(BTreeMap::len).filter(|fields| !fields.is_empty())?;
    Some(Difference { title: title(mail), record: record.name(), place: place(mail), fields })
}

fn compare_copy(
    message: &Value,
    record: &Record,
    world: &CrmWorld,
    owners: &BTreeSet<String>,
) -> BTreeMap<String, (String, String)> {
    let mut fields = BTreeMap::new();
    let mut differ = |name: &str, m365: String, crm: String| {
        fields.insert(name.to_owned(), (m365, crm));
    };
    let (m365, crm) = (face_of_message(message), face_of_record(record));
    for (name, value) in &m365 {
        let other = crm.get(name).cloned().unwrap_or_default();
        let same = if *name == "subject" { same_line(value, &other) } else { *value == other };
        if !same {
            differ(name, value.clone(), other);
        }
    }
    if let Some((m365, crm)) = files(message, record, world) {
        differ("attachments", m365, crm);
    }
    if !same_text(&message["body"], record.get("Text")) {
        differ(
            "text",
            squeeze(message["body"]["content"].as_str().unwrap_or_default()),
            squeeze(record.get("Text")),
        );
    }
    let mut allowed = owners.clone();
    allowed.extend(nameless(recipients(message)));
    let people = coverage(world, record, &people(message), &allowed);
    if !people.missing.is_empty() || !people.extra.is_empty() {
        let list = |addresses: BTreeSet<String>| addresses.into_iter().collect::<Vec<_>>().join(", ");
        differ("participants", list(people.missing), list(people.extra));
    }
    fields
}

fn face_of_message(message: &Value) -> Face {
    Face::from([
        ("subject", squeeze(message["subject"].as_str().unwrap_or_default())),
        ("date", sent(message).map(|instant| instant.to_string()).unwrap_or_default()),
    ])
}

fn face_of_record(record: &Record) -> Face {
    Face::from([
        ("subject", squeeze(record.get("Subject"))),
        ("date", written(record).map(|instant| instant.to_string()).unwrap_or_default()),
    ])
}

/// Attachments that one side has and the other lacks. Images within an HTML text are no attachments to a reader: they
/// may be there or not.
fn files(message: &Value, record: &Record, world: &CrmWorld) -> Option<(String, String)> {
    let text = |file: &Value, part: &str| squeeze(file[part].as_str().unwrap_or_default());
    let mut documents: Vec<(String, String)> = world
        .documents_of(record)
        .iter()
        .map(|document| (squeeze(document.get("Name")), document.get("Digest").to_lowercase()))
        .collect();
    let mut missing = Vec::new();
    for file in message["attachments"].as_array().into_iter().flatten() {
        let (name, digest) = (text(file, "name"), text(file, "sha256").to_lowercase());
        let inline = file["isInline"].as_bool() == Some(true);
        match documents.iter().position(|document| same_name(&name, &document.0) && digest == document.1) {
            Some(position) => drop(documents.swap_remove(position)),
            None if inline => {}
            None => missing.push((name, digest)),
        }
    }
    let list = |files: Vec<(String, String)>| {
        let mut texts: Vec<String> =
            files.into_iter().map(|(name, digest)| format!("{name} {digest}")).collect();
        texts.sort();
        texts.join(", ")
    };
    (!missing.is_empty() || !documents.is_empty()).then(|| (list(missing), list(documents)))
}

/// A message, card or event that hangs on a mail has no extension there, but needs one as a document.
fn same_name(attachment: &str, document: &str) -> bool {
    let rest = document.strip_prefix(attachment);
    rest.is_some_and(|rest| matches!(rest, "" | ".eml" | ".ics" | ".vcf"))
}

/// The CRM's fields have a length; a longer line is cut off.
pub(crate) fn same_line(m365: &str, crm: &str) -> bool {
    const SHORTEST_FIELD: usize = 79;
    let crm = crm.trim_end_matches('…').trim_end();
    m365 == crm || (crm.chars().count() >= SHORTEST_FIELD && m365.starts_with(crm))
}

/// Plain text is compared as it is; of HTML all visible words must be there in order.
pub(crate) fn same_text(body: &Value, crm: &str) -> bool {
    /// Texts may be cut off by the connector's setting, but not shorter than this.
    const SHORTEST_CUT: usize = 1_000;
    let content = body["content"].as_str().unwrap_or_default();
    let html = body["contentType"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("html"));
    if !html {
        let (content, crm) = (squeeze(content), squeeze(crm));
        return content == crm || (crm.chars().count() >= SHORTEST_CUT && content.starts_with(&crm));
    }
    let (wanted, found) = (words(&visible(content)), words(crm));
    // Where one table cell ends and the next begins is a matter of layout: words may have grown together.
    let letters = found.concat().contains(&wanted.concat());
    let cut = crm.chars().count() >= SHORTEST_CUT && contains_in_order(&wanted, &found);
    letters || cut || contains_in_order(&found, &wanted)
}
