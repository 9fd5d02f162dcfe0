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
    /// Whether it is shown only to those who ask for hidden folders.
    pub hidden: bool,
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
    /// Extended properties.
    pub extended: Vec<ExtendedProperty>,
}

/// A folder that every mailbox has.
#[derive(Debug)]
pub struct WellKnown {
    /// The name that it has everywhere, in lower case.
    pub name: &'static str,
    /// What it is called in English.
    english: &'static str,
    /// What it is called in German and in French, where Outlook translates it.
    translated: Option<[&'static str; 2]>,
    /// Whether it is hidden.
    pub hidden: bool,
}

impl WellKnown {
    /// Its name in the language of a mailbox, such as `de-AT`.
    pub fn display_name(&self, language: &str) -> &'static str {
        let language = language.get(..2).unwrap_or_default().to_ascii_lowercase();
        match (self.translated, language.as_str()) {
            (Some([german, _]), "de") => german,
            (Some([_, french]), "fr") => french,
            _ => self.english,
        }
    }
}

const fn shown(name: &'static str, english: &'static str, translated: [&'static str; 2]) -> WellKnown {
    WellKnown { name, english, translated: Some(translated), hidden: false }
}

const fn hidden(name: &'static str, english: &'static str) -> WellKnown {
    WellKnown { name, english, translated: None, hidden: true }
}

/// Well-known folders, as the page on `mailFolder` lists them.
pub const WELL_KNOWN: [WellKnown; 17] = [
    shown("inbox", "Inbox", ["Posteingang", "Boîte de réception"]),
    shown("drafts", "Drafts", ["Entwürfe", "Brouillons"]),
    shown("sentitems", "Sent Items", ["Gesendete Elemente", "Éléments envoyés"]),
    shown("deleteditems", "Deleted Items", ["Gelöschte Elemente", "Éléments supprimés"]),
    shown("archive", "Archive", ["Archiv", "Archive"]),
    shown("junkemail", "Junk Email", ["Junk-E-Mail", "Courrier indésirable"]),
    shown("outbox", "Outbox", ["Postausgang", "Boîte d'envoi"]),
    shown(
        "conversationhistory",
        "Conversation History",
        ["Aufgezeichnete Unterhaltungen", "Historique des conversations"],
    ),
    WellKnown { name: "msgfolderroot", english: "Top of Information Store", translated: None, hidden: false },
    hidden("clutter", "Clutter"),
    hidden("conflicts", "Conflicts"),
    hidden("localfailures", "Local Failures"),
    hidden("recoverableitemsdeletions", "Deletions"),
    hidden("scheduled", "Scheduled"),
    hidden("searchfolders", "Finder"),
    hidden("serverfailures", "Server Failures"),
    hidden("syncissues", "Sync Issues"),
];
