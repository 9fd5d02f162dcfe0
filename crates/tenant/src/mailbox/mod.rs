//! One mailbox: its folders, and the indexes that keep reading cheap.

pub mod attachment;
pub mod calendar;
pub mod changes;
pub mod contact;
pub mod content;
pub mod event;
pub mod extended;
pub mod extensions;
pub mod folder;
mod mail;
pub mod meeting_message;
pub mod message;
pub mod patch;
pub mod personal;
pub mod task;
pub mod user;

pub use user::User;

use crate::ids::{ItemNo, MailboxNo, Sequence};
use calendar::{Calendar, CalendarColor, CalendarGroup};
use changes::ChangeLog;
use contact::Contact;
use content::Stamp;
use event::Event;
use extensions::Extensions;
use folder::{ContactFolder, MailFolder, WELL_KNOWN};
use jiff::Timestamp;
use message::Message;
use personal::Personal;
use std::collections::{BTreeMap, BTreeSet};
use task::TaskList;

/// Events and contacts in Deleted Items.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Bin {
    pub events: BTreeMap<ItemNo, Event>,
    pub contacts: BTreeMap<ItemNo, Contact>,
}

/// A mailbox and its owner.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its number.
    pub no: MailboxNo,
    /// Its owner.
    pub user: User,
    /// What few mailboxes have.
    pub personal: Option<Box<Personal>>,
    /// Mail folders.
    pub folders: BTreeMap<ItemNo, MailFolder>,
    /// What changed among the mail folders.
    pub folder_log: ChangeLog<ItemNo>,
    /// Messages of all folders.
    pub messages: BTreeMap<ItemNo, Message>,
    /// Messages by their global id.
    pub by_message_id: BTreeSet<(Box<str>, ItemNo)>,
    /// Calendars; the first is the default one.
    pub calendars: Vec<Calendar>,
    /// Groups of calendars; the first is the default one.
    pub calendar_groups: Vec<CalendarGroup>,
    /// Events of all calendars.
    pub events: BTreeMap<ItemNo, Event>,
    /// What its owner deleted: he finds it in Deleted Items.
    pub bin: Bin,
    /// Events by their global id.
    pub by_uid: BTreeMap<Box<str>, ItemNo>,
    /// Events by the `transactionId` of their creation.
    pub by_transaction: BTreeMap<Box<str>, ItemNo>,
    /// Contact folders; the default one has no parent.
    pub contact_folders: BTreeMap<ItemNo, ContactFolder>,
    /// What changed among the contact folders.
    pub contact_folder_log: ChangeLog<ItemNo>,
    /// Contacts of all folders.
    pub contacts: BTreeMap<ItemNo, Contact>,
    /// To Do lists.
    pub lists: BTreeMap<ItemNo, TaskList>,
    /// What changed among the lists.
    pub list_log: ChangeLog<ItemNo>,
}

impl Mailbox {
    /// A mailbox with the folders that every mailbox has.
    pub fn new(no: MailboxNo, user: User, now: Timestamp, sequence: &mut Sequence) -> Self {
        let mut mailbox = Self {
            no,
            user,
            personal: None,
            folders: BTreeMap::new(),
            folder_log: ChangeLog::default(),
            messages: BTreeMap::new(),
            by_message_id: BTreeSet::new(),
            calendars: Vec::new(),
            calendar_groups: Vec::new(),
            events: BTreeMap::new(),
            bin: Bin::default(),
            by_uid: BTreeMap::new(),
            by_transaction: BTreeMap::new(),
            contact_folders: BTreeMap::new(),
            contact_folder_log: ChangeLog::default(),
            contacts: BTreeMap::new(),
            lists: BTreeMap::new(),
            list_log: ChangeLog::default(),
        };
        let root = sequence.item();
        for known in &WELL_KNOWN {
            let is_root = known.name == "msgfolderroot";
            let (no, parent) = if is_root { (root, None) } else { (sequence.item(), Some(root)) };
            let name = known.display_name(mailbox.user.language());
            mailbox.add_folder(no, parent, name, Some(known.name));
            if let Some(folder) = mailbox.folders.get_mut(&no) {
                folder.hidden = known.hidden;
            }
        }
        mailbox.add_default_calendar(now, sequence);
        mailbox.add_contact_folder(sequence.item(), None, "Contacts");
        mailbox.add_list(sequence.item(), "Tasks", "defaultList", Stamp::new(now, sequence.change()));
        mailbox
    }

    /// The mail folder with a well-known name.
    pub fn well_known(&self, name: &str) -> Option<ItemNo> {
        let wanted = name.to_ascii_lowercase();
        let wanted = if wanted == "root" { "msgfolderroot" } else { wanted.as_str() };
        self.folders.values().find(|folder| folder.well_known == Some(wanted)).map(|folder| folder.no)
    }

    /// The root of the mail folders.
    pub fn root(&self) -> ItemNo {
        self.folders.values().find(|folder| folder.parent.is_none()).map_or(ItemNo(0), |folder| folder.no)
    }

    /// The default contact folder.
    pub fn default_contacts(&self) -> ItemNo {
        let default = self.contact_folders.values().find(|folder| folder.parent.is_none());
        default.map_or(ItemNo(0), |folder| folder.no)
    }

    /// The default To Do list.
    pub fn default_list(&self) -> ItemNo {
        let default = self.lists.values().find(|list| list.well_known == "defaultList");
        default.map_or(ItemNo(0), |list| list.no)
    }

    /// The default calendar.
    pub fn default_calendar(&self) -> ItemNo {
        self.calendars.first().map_or(ItemNo(0), |calendar| calendar.no)
    }

    fn add_default_calendar(&mut self, now: Timestamp, sequence: &mut Sequence) {
        let group = sequence.item();
        let stamp = Stamp::new(now, sequence.change());
        // Every mailbox has this group under this class: it is Outlook's own.
        let class_id = "0006f0b7-0000-0000-c000-000000000046".into();
        self.calendar_groups.push(CalendarGroup { no: group, name: "My Calendars".into(), class_id, stamp });
        self.calendars.push(Calendar {
            no: sequence.item(),
            group,
            name: "Calendar".into(),
            color: CalendarColor::Auto,
            stamp,
            log: ChangeLog::default(),
        });
    }

    /// Adds a contact folder.
    pub fn add_contact_folder(&mut self, no: ItemNo, parent: Option<ItemNo>, name: &str) {
        let folder = ContactFolder {
            no,
            parent,
            name: name.into(),
            contacts: BTreeSet::new(),
            log: ChangeLog::default(),
            extended: Vec::new(),
        };
        self.contact_folders.insert(no, folder);
        self.contact_folder_log.changed(no);
    }

    /// Removes a contact folder with all that is in it.
    pub fn remove_contact_folder(&mut self, no: ItemNo) {
        let below = self.contact_folders.values().filter(|folder| folder.parent == Some(no));
        for child in below.map(|folder| folder.no).collect::<Vec<_>>() {
            self.remove_contact_folder(child);
        }
        let contacts =
            self.contact_folders.get(&no).map(|folder| folder.contacts.clone()).unwrap_or_default();
        for contact in contacts {
            self.remove_contact(contact);
        }
        if self.contact_folders.remove(&no).is_some() {
            self.contact_folder_log.left(no);
        }
    }

    /// Puts a contact into its folder, or back into it after a change.
    pub fn put_contact(&mut self, contact: Contact) {
        if let Some(folder) = self.contact_folders.get_mut(&contact.folder) {
            folder.contacts.insert(contact.no);
            folder.log.changed(contact.no);
        }
        self.contacts.insert(contact.no, contact);
    }

    /// Takes a contact out of its folder.
    pub fn remove_contact(&mut self, no: ItemNo) -> Option<Contact> {
        let contact = self.contacts.remove(&no)?;
        if let Some(folder) = self.contact_folders.get_mut(&contact.folder) {
            folder.contacts.remove(&no);
            folder.log.left(no);
        }
        Some(contact)
    }

    /// Adds a To Do list.
    pub fn add_list(&mut self, no: ItemNo, name: &str, well_known: &'static str, stamp: Stamp) {
        let list = TaskList {
            no,
            name: name.into(),
            well_known,
            stamp,
            extensions: Extensions::default(),
            log: ChangeLog::default(),
            tasks: BTreeMap::new(),
        };
        self.lists.insert(no, list);
        self.list_log.changed(no);
    }
}
