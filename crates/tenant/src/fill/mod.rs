//! Filling mailboxes from files of other people's software.

mod appointment;
mod attendees;
mod ics;
mod mail;
mod reader;
mod rule;
mod vcard;
mod zones;

pub(crate) use mail::message_of_mime;

use crate::bounded;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::tenant::Tenant;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// In MiB: Exchange Online takes no larger message.
const LARGEST: u64 = 150;

/// What became of a file.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// Name below the directory.
    pub file: String,
    /// What it should hold.
    pub kind: FileKind,
    /// What it became.
    pub items: Vec<ItemReport>,
    /// Why it, or a part of it, was not taken.
    pub refused: Option<String>,
    /// Why there was nothing to take.
    pub skipped: Option<String>,
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// `.eml`.
    Mail,
    /// `.ics`.
    Appointment,
    /// `.vcf`.
    Contact,
}

impl FileKind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "eml" => Some(Self::Mail),
            "ics" => Some(Self::Appointment),
            "vcf" => Some(Self::Contact),
            _ => None,
        }
    }
}

/// An item that a file became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemReport {
    /// Address of the mailbox.
    pub user: String,
    /// Immutable id.
    pub id: String,
}

/// What a reader made of one file.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    items: Vec<String>,
    refused: Option<String>,
    skipped: Option<String>,
}

impl Outcome {
    fn refused(reason: impl Into<String>) -> Self {
        Self { refused: Some(reason.into()), ..Self::default() }
    }

    fn skipped(reason: impl Into<String>) -> Self {
        Self { skipped: Some(reason.into()), ..Self::default() }
    }
}

/// What to fill, and whose mailboxes.
#[derive(Debug)]
pub struct Order {
    directory: PathBuf,
    mailboxes: Vec<MailboxNo>,
}

impl Order {
    /// An order of the files of a directory, dealt out to all users in turn.
    pub fn for_all(tenant: &Tenant, directory: &Path) -> Self {
        let mailboxes = tenant.mailboxes.iter().map(|mailbox| mailbox.no).collect();
        Self { directory: directory.to_owned(), mailboxes }
    }

    /// Reads an order of the control API.
    pub fn read(tenant: &Tenant, body: &Map<String, Value>) -> Result<Self, GraphError> {
        let directory = body
            .get("dir")
            .and_then(Value::as_str)
            .ok_or_else(|| GraphError::bad("'dir' must name a directory."))?;
        let mut order = Self::for_all(tenant, Path::new(directory));
        if let Some(users) = body.get("users").and_then(Value::as_array) {
            let find = |user: &Value| {
                let address = user.as_str().unwrap_or_default();
                tenant
                    .find_user(address)
                    .ok_or_else(|| GraphError::bad(format!("There is no user '{address}' to fill.")))
            };
            order.mailboxes = users.iter().map(find).collect::<Result<_, _>>()?;
        }
        if order.mailboxes.is_empty() {
            return Err(GraphError::bad("There is no user whose mailbox could be filled."));
        }
        Ok(order)
    }
}

/// Fills mailboxes. Files are dealt out to the users in turn, each file to one of them.
pub(crate) fn run(tenant: &mut Tenant, order: &Order, now: Timestamp) -> Result<Vec<FileReport>, GraphError> {
    let files = files(&order.directory)
        .map_err(|error| GraphError::bad(format!("Cannot list {}: {error}.", order.directory.display())))?;
    let mut reports = Vec::with_capacity(files.len());
    for (number, (name, kind, path)) in files.into_iter().enumerate() {
        let Some(mailbox) = order.mailboxes.get(number % order.mailboxes.len().max(1)).copied() else {
            break;
        };
        let outcome = match bounded::read(&path, LARGEST) {
            // What is filled in happened in the past: nobody is mailed for it now.
            Ok(bytes) => tenant.silently(|tenant| one(tenant, mailbox, kind, &name, &bytes, now)),
            Err(error) => Outcome::refused(format!("cannot be read: {error}")),
        };
        let user = tenant.mailbox(mailbox).user.mail.to_string();
        let item = |id| ItemReport { user: user.clone(), id };
        reports.push(FileReport {
            file: name,
            kind,
            items: outcome.items.into_iter().map(item).collect(),
            refused: outcome.refused,
            skipped: outcome.skipped,
        });
    }
    tenant.filled.clone_from(&reports);
    Ok(reports)
}

/// Reads one file into a mailbox.
pub(crate) fn one(
    tenant: &mut Tenant,
    mailbox: MailboxNo,
    kind: FileKind,
    name: &str,
    bytes: &[u8],
    now: Timestamp,
) -> Outcome {
    match kind {
        FileKind::Mail => mail::read(tenant, mailbox, name, bytes, now),
        FileKind::Appointment => ics::read(tenant, mailbox, name, bytes, now),
        FileKind::Contact => vcard::read(tenant, mailbox, name, bytes, now),
    }
}

/// The files of a directory and of its `eml`, `ics` and `vcf`, by name.
fn files(directory: &Path) -> std::io::Result<Vec<(String, FileKind, PathBuf)>> {
    let mut found = Vec::new();
    for part in ["", "eml", "ics", "vcf"] {
        let folder = directory.join(part);
        if !part.is_empty() && !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let (Some(kind), Some(name)) =
                (FileKind::of(&path), path.file_name().and_then(|name| name.to_str()))
            else {
                continue;
            };
            let name = if part.is_empty() { name.to_owned() } else { format!("{part}/{name}") };
            found.push((name, kind, path));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The text of a file: UTF-8, or else what Windows would have written.
fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::TenantSettings;
    use proptest::prelude::*;

    const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Own\r\n\
        BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\n\
        END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTART;TZID=Own:20261019T100000\r\nDURATION:P1DT2H\r\n\
        RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;UNTIL=20281231T000000Z;WKST=SU\r\nEXDATE;TZID=Own:20270226T100000\r\n\
        ORGANIZER;CN=\"B, A\":mailto:a@b.example\r\nATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED:mailto:ada@m.example\r\n\
        CATEGORIES:One,Two\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:aGVsbG8=\r\nBEGIN:VALARM\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n\
        END:VEVENT\r\nBEGIN:VEVENT\r\nUID:u1\r\nRECURRENCE-ID;TZID=Own:20261225T100000\r\nDTSTART;VALUE=DATE:20261226\r\n\
        SUMMARY:Moved\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:B;A;C;D;E\r\nFN:A B\r\nORG:O;Dep\r\nTEL;TYPE=HOME,VOICE:1\r\n\
        ADR;TYPE=WORK:;;Street 1;City;;1010;AT\r\nBDAY:1970-01-02\r\nEMAIL:a@b.example\r\nCATEGORIES:X,Y\r\nEND:VCARD\r\n";
    const MAIL: &str = "From: A <a@b.example>\r\nTo: g: x@y.example, z@y.example;\r\nDate: Sun, 01 Nov 2026 10:00:00 +0100\r\n\
        Subject: =?utf-8?B?w6Q=?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: text/html\r\n\r\n<p>x</p>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ny\r\n\
        --b\r\nContent-Disposition: attachment; filename=f\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n";

    fn tenant() -> (Tenant, MailboxNo, Timestamp) {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let mut tenant = Tenant::new(TenantSettings::default());
        let user = crate::mailbox::User {
            id: "1".into(),
            mail: "ada@m.example".into(),
            user_principal_name: "ada@m.example".into(),
            display_name: "Ada".into(),
            zone: crate::calendar::Zone::named("Europe/Vienna").unwrap(),
            proxy_addresses: Vec::new(),
            details: None,
            gone: None,
        };
        let mailbox = tenant.add_user(user, now);
        (tenant, mailbox, now)
    }

    #[test]
    fn the_samples_are_taken_whole() {
        let (mut tenant, mailbox, now) = tenant();
        for (kind, text) in
            [(FileKind::Mail, MAIL), (FileKind::Appointment, CALENDAR), (FileKind::Contact, CARD)]
        {
            let outcome = one(&mut tenant, mailbox, kind, "f", text.as_bytes(), now);
            assert_eq!(
                (outcome.items.len(), &outcome.refused, &outcome.skipped),
                (1, &None, &None),
                "{kind:?}"
            );
        }
        let store = tenant.mailbox(mailbox);
        let message = store.messages.values().next().unwrap();
        assert_eq!((message.attachments.len(), message.content.to_recipients.len()), (2, 2));
        let event = store.events.values().next().unwrap();
        // The first last Friday is that of October, after the clocks of the file went back.
        assert_eq!(event.content.start.instant().to_string(), "2026-10-30T09:00:00Z");
        assert_eq!((event.exceptions.len(), event.cancelled.len(), event.attachments.len()), (1, 1, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is done to a file, it has an account, and what it became can be shown.
        #[test]
        fn a_damaged_file_has_an_account(
            which in 0_usize..3,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_usize..3), 1..8),
        ) {
            let (mut tenant, mailbox, now) = tenant();
            let (kind, text) =
                [(FileKind::Mail, MAIL), (FileKind::Appointment, CALENDAR), (FileKind::Contact, CARD)][which];
            let mut bytes = text.as_bytes().to_vec();
            for (place, byte, how) in damage {
                if bytes.is_empty() {
                    break;
                }
                let place = place.index(bytes.len());
                match how {
                    0 => bytes[place] = byte,
                    1 => bytes.truncate(place),
                    _ => bytes.insert(place, byte),
                }
            }
            let outcome = one(&mut tenant, mailbox, kind, "f", &bytes, now);
            prop_assert!(!outcome.items.is_empty() || outcome.refused.is_some() || outcome.skipped.is_some());
            let ask = crate::wire::Request {
                method: "GET".to_owned(),
                path: "/users/ada@m.example/dump".to_owned(),
                ..crate::wire::Request::default()
            };
            prop_assert_eq!(tenant.control(&ask, now).status, 200);
        }
    }
}
