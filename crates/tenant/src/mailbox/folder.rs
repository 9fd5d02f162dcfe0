//! Mail folders and contact folders.

use super::changes::ChangeLog;
use super::content::ExtendedProperty;
use crate::ids::ItemNo;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A mail folder.
#[derive(Debug, Clone)]
pub struct MailFolder {
    /// Its number.
    pub no: ItemNo,
    /// The folder it lies in; `None` for the root.
    pub parent: Option<ItemNo>,
    /// Name.
    pub name: Box<str>,
    /// The name that every mailbox knows it by.
    pub well_known: Option<&'static str>,
    /// Its messages by the time of their arrival.
    pub messages: BTreeSet<(Timestamp, ItemNo)>,
    /// How many of them are unread.
    pub unread: u64,
    /// What changed in it.
    pub log: ChangeLog<ItemNo>,
    /// Extended properties.
    pub extended: Vec<ExtendedProperty>,
}

/// A contact folder.
#[derive(Debug, Clone)]
pub struct ContactFolder {
    /// Its number.
    pub no: ItemNo,
    /// The folder it lies in; `None` for the default one.
    pub parent: Option<ItemNo>,
    /// Name.
    pub name: Box<str>,
    /// Its contacts.
    pub contacts: BTreeSet<ItemNo>,
    /// What changed in it.
    pub log: ChangeLog<ItemNo>,
}

/// Well-known folders and their names.
pub const WELL_KNOWN: [(&str, &str); 9] = [
    ("inbox", "Inbox"),
    ("drafts", "Drafts"),
    ("sentitems", "Sent Items"),
    ("deleteditems", "Deleted Items"),
    ("archive", "Archive"),
    ("junkemail", "Junk Email"),
    ("outbox", "Outbox"),
    ("conversationhistory", "Conversation History"),
    ("msgfolderroot", "Top of Information Store"),
];
