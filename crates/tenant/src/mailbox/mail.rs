//! Mail folders and the messages in them.

use super::changes::ChangeLog;
use super::folder::MailFolder;
use super::message::Message;
use super::{ItemNo, Mailbox};
use crate::ids::Sequence;
use std::collections::BTreeSet;

impl Mailbox {
    /// Adds a mail folder.
    pub fn add_folder(
        &mut self,
        no: ItemNo,
        parent: Option<ItemNo>,
        name: &str,
        well_known: Option<&'static str>,
    ) {
        let folder = MailFolder {
            no,
            parent,
            name: name.into(),
            well_known,
            hidden: false,
            messages: BTreeSet::new(),
            unread: 0,
            log: ChangeLog::default(),
            extended: Vec::new(),
        };
        self.folders.insert(no, folder);
        self.folder_log.changed(no);
    }

    /// The folders directly in `parent`, by name.
    pub fn child_folders(&self, parent: ItemNo) -> Vec<&MailFolder> {
        let mut children: Vec<_> =
            self.folders.values().filter(|folder| folder.parent == Some(parent)).collect();
        children.sort_by_key(|folder| (folder.name.to_lowercase(), folder.no));
        children
    }

    /// A folder directly in `parent` by its name, in any case, as Outlook compares names.
    pub fn child_named(&self, parent: ItemNo, name: &str) -> Option<ItemNo> {
        let name = name.to_lowercase();
        self.folders
            .values()
            .find(|folder| folder.parent == Some(parent) && folder.name.to_lowercase() == name)
            .map(|folder| folder.no)
    }

    /// The names from the root to a folder: `/Inbox/crm`.
    pub fn folder_path(&self, no: ItemNo) -> String {
        let mut names = Vec::new();
        let mut at = self.folders.get(&no);
        while let Some(folder) = at {
            let Some(parent) = folder.parent else { break };
            names.push(folder.name.as_ref());
            at = self.folders.get(&parent);
        }
        names.iter().rev().fold(String::new(), |path, name| path + "/" + name)
    }

    /// The folder at a path of names or well-known names; what is missing is made.
    pub fn folder_at(&mut self, path: &str, sequence: &mut Sequence) -> ItemNo {
        let mut at = self.root();
        for (depth, name) in path.split('/').filter(|name| !name.is_empty()).enumerate() {
            let known = if depth == 0 { self.well_known(name) } else { None };
            at = match known.or_else(|| self.child_named(at, name)) {
                Some(found) => found,
                None => {
                    let no = sequence.item();
                    self.add_folder(no, Some(at), name, None);
                    no
                }
            };
        }
        at
    }

    /// A name for a folder that no other one in `parent` has, close to its own.
    pub fn free_name(&self, parent: ItemNo, no: ItemNo) -> Box<str> {
        let name = self.folders.get(&no).map_or("", |folder| folder.name.as_ref());
        let mut free: Box<str> = name.into();
        let mut number = 1;
        while self.child_named(parent, &free).is_some() {
            number += 1;
            free = format!("{name} ({number})").into();
        }
        free
    }

    /// Moves a folder with all that is in it.
    pub fn move_folder(&mut self, no: ItemNo, to: ItemNo, name: Box<str>) {
        if let Some(folder) = self.folders.get_mut(&no) {
            folder.parent = Some(to);
            folder.name = name;
            self.folder_log.changed(no);
        }
    }

    /// Whether `folder` is `ancestor` or lies in it.
    pub fn lies_in(&self, folder: ItemNo, ancestor: ItemNo) -> bool {
        let mut at = Some(folder);
        while let Some(no) = at {
            if no == ancestor {
                return true;
            }
            at = self.folders.get(&no).and_then(|folder| folder.parent);
        }
        false
    }

    /// Puts a message into its folder, or back into it after a change.
    pub fn put_message(&mut self, message: Message) {
        if self.messages.contains_key(&message.no) {
            self.unlink(message.no);
        }
        self.by_message_id.insert((message.internet_message_id.clone(), message.no));
        if let Some(folder) = self.folders.get_mut(&message.folder) {
            folder.messages.insert((message.received, message.no));
            folder.unread += u64::from(!message.content.is_read);
            folder.log.changed(message.no);
        }
        self.messages.insert(message.no, message);
    }

    /// Moves a message to another folder; its regular id changes.
    pub fn move_message(&mut self, no: ItemNo, to: ItemNo, touch: impl FnOnce(&mut Message)) {
        let Some(from) = self.unlink(no) else { return };
        if from != to {
            self.forget_in(from, no);
        }
        if let Some(mut message) = self.messages.remove(&no) {
            message.folder = to;
            message.moves += 1;
            touch(&mut message);
            self.put_message(message);
        }
    }

    /// Takes a message out of the mailbox.
    pub fn remove_message(&mut self, no: ItemNo) -> Option<Message> {
        let folder = self.unlink(no)?;
        self.forget_in(folder, no);
        self.messages.remove(&no)
    }

    fn forget_in(&mut self, folder: ItemNo, no: ItemNo) {
        if let Some(folder) = self.folders.get_mut(&folder) {
            folder.log.left(no);
        }
    }

    /// Takes a message out of the indexes; its folder.
    fn unlink(&mut self, no: ItemNo) -> Option<ItemNo> {
        let message = self.messages.get(&no)?;
        self.by_message_id.remove(&(message.internet_message_id.clone(), no));
        if let Some(folder) = self.folders.get_mut(&message.folder) {
            folder.messages.remove(&(message.received, no));
            folder.unread = folder.unread.saturating_sub(u64::from(!message.content.is_read));
        }
        Some(message.folder)
    }

    /// Removes a folder with all that is in it.
    pub fn remove_folder(&mut self, no: ItemNo) {
        let children: Vec<ItemNo> = self.child_folders(no).iter().map(|child| child.no).collect();
        for child in children {
            self.remove_folder(child);
        }
        if let Some(folder) = self.folders.remove(&no) {
            for (_, message) in &folder.messages {
                if let Some(gone) = self.messages.remove(message) {
                    self.by_message_id.remove(&(gone.internet_message_id, *message));
                }
            }
            self.folder_log.left(no);
        }
    }
}
