//! Filling mailboxes from files of other people's software.

mod appointment;
mod attendees;
mod ics;
mod mail;
mod rule;
mod vcard;
mod zones;

use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::tenant::Tenant;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

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
pub(crate) fn run(
    tenant: &mut Tenant,
    order: &Order,
    now: Timestamp,
) -> Result<Vec<FileReport>, GraphError> {
    let files = files(&order.directory)
        .map_err(|error| GraphError::bad(format!("Cannot list {}: {error}.", order.directory.display())))?;
    let mut reports = Vec::with_capacity(files.len());
    // What is filled in happened in the past: nobody is mailed for it now.
    let (mails, sent) = (tenant.mails.len(), tenant.stats.mails_sent);
    for (number, (name, kind, path)) in files.into_iter().enumerate() {
        let Some(mailbox) = order.mailboxes.get(number % order.mailboxes.len().max(1)).copied() else { break };
        let outcome = match std::fs::read(&path) {
            Ok(bytes) => one(tenant, mailbox, kind, &name, &bytes, now),
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
    tenant.mails.truncate(mails);
    tenant.stats.mails_sent = sent;
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
            let (Some(kind), Some(name)) = (FileKind::of(&path), path.file_name().and_then(|name| name.to_str()))
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
