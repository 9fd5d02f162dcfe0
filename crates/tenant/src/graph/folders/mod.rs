//! Mail folders.

mod change;
mod moves;

use super::delta::{self, Collection};
use super::{Call, render};
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::wire::Response;
use serde_json::{Map, Value, json};

pub(super) use change::folder_name;

impl Call<'_> {
    /// The number of a folder by its id or well-known name.
    pub(crate) fn folder_number(&self, mailbox: MailboxNo, name: &str) -> Result<ItemNo, GraphError> {
        if let Some(no) = self.tenant.mailbox(mailbox).well_known(name) {
            return Ok(no);
        }
        let id = self.item(mailbox, Kind::Folder, name)?;
        if self.tenant.mailbox(mailbox).folders.contains_key(&id.item) {
            Ok(id.item)
        } else {
            Err(GraphError::not_found())
        }
    }

    /// `mailFolders`, and `childFolders` however deep.
    pub(super) fn folders_route(
        &mut self,
        mailbox: MailboxNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let root = self.tenant.mailbox(mailbox).root();
        let (folder, rest) = match (self.method.as_str(), names) {
            ("GET", []) => return Ok(self.child_folders(mailbox, root)),
            ("POST", []) => return self.create_folder(mailbox, root),
            ("GET", ["$count"]) => return Ok(self.count_folders(mailbox, root)),
            ("GET", ["delta" | "microsoft.graph.delta"]) => return self.folders_delta(mailbox),
            (_, [folder, rest @ ..]) => (self.folder_number(mailbox, folder)?, rest),
            _ => return Err(self.unsupported(names)),
        };
        let action = rest.first().map(|name| name.strip_prefix("microsoft.graph.").unwrap_or(name));
        match (self.method.as_str(), rest, action) {
            ("GET", [], _) => Ok(self.single(200, "mailFolders", self.folder(mailbox, folder))),
            ("PATCH", [], _) => self.patch_folder(mailbox, folder),
            ("DELETE", [], _) => self.delete_folder(mailbox, folder),
            ("POST", [_], Some("move")) => self.move_folder(mailbox, folder),
            ("POST", [_], Some("copy")) => self.copy_folder(mailbox, folder),
            ("POST", [_], Some("permanentDelete")) => self.purge_folder(mailbox, folder),
            ("GET", ["childFolders"], _) => Ok(self.child_folders(mailbox, folder)),
            ("POST", ["childFolders"], _) => self.create_folder(mailbox, folder),
            ("GET", ["childFolders", "$count"], _) => Ok(self.count_folders(mailbox, folder)),
            (_, ["childFolders", deeper @ ..], _) => self.folders_route(mailbox, deeper),
            (_, ["messages", rest @ ..], _) => match rest {
                [message, rest @ ..] if !super::route::is_action(message) => {
                    self.message_route(mailbox, message, rest)
                }
                _ => self.messages_route(mailbox, Some(folder), rest),
            },
            _ => Err(self.unsupported(names)),
        }
    }

    /// Folders directly in another; hidden ones only for those who ask for them.
    fn shown_children(&self, mailbox: MailboxNo, parent: ItemNo) -> Vec<ItemNo> {
        let hidden = self.query.value("includeHiddenFolders").is_some_and(|value| value == "true");
        let children = self.tenant.mailbox(mailbox).child_folders(parent);
        children.iter().filter(|folder| hidden || !folder.hidden).map(|folder| folder.no).collect()
    }

    fn child_folders(&self, mailbox: MailboxNo, parent: ItemNo) -> Response {
        let folders = self.shown_children(mailbox, parent);
        self.list_where(
            "mailFolders",
            folders,
            |no| self.folder_may_be_wanted(mailbox, *no),
            |no| self.folder(mailbox, *no),
        )
    }

    fn count_folders(&self, mailbox: MailboxNo, parent: ItemNo) -> Response {
        let folders = self.shown_children(mailbox, parent);
        self.count_of(folders, |no| self.folder_may_be_wanted(mailbox, *no), |no| self.folder(mailbox, *no))
    }

    fn folder_may_be_wanted(&self, mailbox: MailboxNo, no: ItemNo) -> bool {
        let extended = self.tenant.mailbox(mailbox).folders.get(&no).map(|folder| &folder.extended);
        match (&self.query.filter, extended) {
            (Some(filter), Some(extended)) => !filter.rules_out(extended),
            _ => true,
        }
    }

    pub(super) fn folder(&self, mailbox: MailboxNo, no: ItemNo) -> Map<String, Value> {
        let store = self.tenant.mailbox(mailbox);
        let Some(folder) = store.folders.get(&no) else { return Map::new() };
        let children = store.folders.values().filter(|child| child.parent == Some(no) && !child.hidden);
        let mut map = render::object(json!({
            "id": self.folder_id(mailbox, no),
            "displayName": folder.name,
            "parentFolderId": self.folder_id(mailbox, folder.parent.unwrap_or(no)),
            "childFolderCount": children.count(),
            "unreadItemCount": folder.unread,
            "totalItemCount": folder.messages.len(),
            "isHidden": folder.hidden,
        }));
        self.expand_extended(&mut map, &folder.extended);
        if self.query.expanded("childFolders").is_some() {
            let children = self.shown_children(mailbox, no);
            let children = children.iter().map(|child| Value::Object(self.folder(mailbox, *child)));
            map.insert("childFolders".to_owned(), Value::Array(children.collect()));
        }
        if self.query.expanded("messages").is_some() {
            let latest = folder.messages.iter().rev().take(10).filter_map(|(_, no)| store.messages.get(no));
            let latest = latest.map(|message| Value::Object(self.message(mailbox, message)));
            map.insert("messages".to_owned(), Value::Array(latest.collect()));
        }
        map
    }

    /// The id of a folder, which is the same for all preferences.
    pub(crate) fn folder_id(&self, mailbox: MailboxNo, item: ItemNo) -> String {
        self.tenant.ids.encode(ItemId { kind: Kind::Folder, mailbox, item, day: 0, moves: None })
    }

    fn folders_delta(&mut self, mailbox: MailboxNo) -> Result<Response, GraphError> {
        let collection = Collection { kind: "mailFolders", mailbox, number: 0 };
        let mut token = self.sync_token(&collection)?;
        let size = self.delta_page_size();
        let store = self.tenant.mailbox(mailbox);
        let page = delta::read(&store.folder_log, &mut token, size)?;
        let root = store.root();
        let hidden = |no: &ItemNo| store.folders.get(no).is_some_and(|folder| folder.hidden);
        let entries = page
            .entries
            .iter()
            .filter(|(no, _)| *no != root && !hidden(no))
            .map(|(no, entry)| {
                if entry.gone {
                    render::removed(&self.folder_id(mailbox, *no), "deleted")
                } else {
                    Value::Object(self.projected(self.folder(mailbox, *no)))
                }
            })
            .collect();
        Ok(self.delta_answer("mailFolders", token, entries, page.cursor, page.more))
    }
}
