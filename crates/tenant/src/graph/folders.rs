//! Mail folders.

use super::Call;
use super::delta::{self, Collection};
use super::render;
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::mailbox::content::merge_extended;
use crate::mailbox::patch::take_extended;
use crate::wire::Response;
use serde_json::{Map, Value, json};

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

    pub(super) fn folders_route(
        &mut self,
        mailbox: MailboxNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => self.child_folders(mailbox, self.tenant.mailbox(mailbox).root()),
            ("POST", []) => self.create_folder(mailbox, self.tenant.mailbox(mailbox).root()),
            ("GET", ["delta" | "microsoft.graph.delta"]) => self.folders_delta(mailbox),
            ("GET", [folder]) => {
                let no = self.folder_number(mailbox, folder)?;
                Ok(self.single(200, "mailFolders", self.folder(mailbox, no)))
            }
            ("PATCH", [folder]) => self.patch_folder(mailbox, folder),
            ("DELETE", [folder]) => self.delete_folder(mailbox, folder),
            (_, [folder, "childFolders"]) => {
                let parent = self.folder_number(mailbox, folder)?;
                match self.method.as_str() {
                    "GET" => self.child_folders(mailbox, parent),
                    "POST" => self.create_folder(mailbox, parent),
                    _ => Err(self.unsupported(names)),
                }
            }
            (_, [folder, "messages", rest @ ..]) => {
                let no = self.folder_number(mailbox, folder)?;
                self.messages_route(mailbox, Some(no), rest)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn child_folders(&self, mailbox: MailboxNo, parent: ItemNo) -> Result<Response, GraphError> {
        let folders: Vec<ItemNo> =
            self.tenant.mailbox(mailbox).child_folders(parent).iter().map(|folder| folder.no).collect();
        let possible = |no: &ItemNo| {
            let extended = self.tenant.mailbox(mailbox).folders.get(no).map(|folder| &folder.extended);
            match (&self.query.filter, extended) {
                (Some(filter), Some(extended)) => !filter.rules_out(extended),
                _ => true,
            }
        };
        Ok(self.list_where("mailFolders", folders, possible, |no| self.folder(mailbox, *no)))
    }

    fn folder(&self, mailbox: MailboxNo, no: ItemNo) -> Map<String, Value> {
        let store = self.tenant.mailbox(mailbox);
        let Some(folder) = store.folders.get(&no) else { return Map::new() };
        let mut map = render::object(json!({
            "id": self.folder_id(mailbox, no),
            "displayName": folder.name,
            "parentFolderId": self.folder_id(mailbox, folder.parent.unwrap_or(no)),
            "childFolderCount": store.folders.values().filter(|child| child.parent == Some(no)).count(),
            "unreadItemCount": folder.unread,
            "totalItemCount": folder.messages.len(),
            "isHidden": false,
        }));
        self.expand_extended(&mut map, &folder.extended);
        if self.query.expanded("childFolders").is_some() {
            let children = store.child_folders(no);
            let children = children.iter().map(|child| Value::Object(self.folder(mailbox, child.no)));
            map.insert("childFolders".to_owned(), Value::Array(children.collect()));
        }
        map
    }

    /// The id of a folder, which is the same for all preferences.
    pub(crate) fn folder_id(&self, mailbox: MailboxNo, item: ItemNo) -> String {
        self.tenant.ids.encode(ItemId { kind: Kind::Folder, mailbox, item, day: 0, moves: None })
    }

    fn create_folder(&mut self, mailbox: MailboxNo, parent: ItemNo) -> Result<Response, GraphError> {
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let name = folder_name(&body)?;
        self.refuse_twin(mailbox, parent, &name)?;
        let no = self.tenant.sequence.item();
        let store = self.tenant.mailbox_mut(mailbox);
        store.add_folder(no, Some(parent), &name, None);
        if let Some(folder) = store.folders.get_mut(&no) {
            merge_extended(&mut folder.extended, extended);
        }
        Ok(self.single(201, "mailFolders", self.folder(mailbox, no)))
    }

    fn refuse_twin(&self, mailbox: MailboxNo, parent: ItemNo, name: &str) -> Result<(), GraphError> {
        match self.tenant.mailbox(mailbox).child_named(parent, name) {
            None => Ok(()),
            Some(_) => Err(GraphError::new(
                409,
                "ErrorFolderExists",
                "A folder with the specified name already exists.",
            )),
        }
    }

    fn patch_folder(&mut self, mailbox: MailboxNo, name: &str) -> Result<Response, GraphError> {
        let no = self.folder_number(mailbox, name)?;
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let new_name = body.contains_key("displayName").then(|| folder_name(&body)).transpose()?;
        let parent = self.tenant.mailbox(mailbox).folders.get(&no).and_then(|folder| folder.parent);
        if let (Some(new_name), Some(parent)) = (&new_name, parent) {
            let twin = self.tenant.mailbox(mailbox).child_named(parent, new_name);
            if twin.is_some_and(|twin| twin != no) {
                self.refuse_twin(mailbox, parent, new_name)?;
            }
        }
        let store = self.tenant.mailbox_mut(mailbox);
        if let Some(folder) = store.folders.get_mut(&no) {
            if let Some(new_name) = new_name {
                folder.name = new_name.into();
            }
            merge_extended(&mut folder.extended, extended);
            store.folder_log.changed(no);
        }
        Ok(self.single(200, "mailFolders", self.folder(mailbox, no)))
    }

    /// Moves a folder to Deleted Items; one that lies there already goes for good.
    fn delete_folder(&mut self, mailbox: MailboxNo, name: &str) -> Result<Response, GraphError> {
        let no = self.folder_number(mailbox, name)?;
        let store = self.tenant.mailbox_mut(mailbox);
        let bin = store.well_known("deleteditems");
        if store.folders.get(&no).is_some_and(|folder| folder.well_known.is_some()) {
            return Err(GraphError::new(
                403,
                "ErrorDeleteDistinguishedFolder",
                "Distinguished folders cannot be deleted.",
            ));
        }
        match bin {
            Some(bin) if !store.lies_in(no, bin) => {
                if let Some(folder) = store.folders.get_mut(&no) {
                    folder.parent = Some(bin);
                    store.folder_log.changed(no);
                }
            }
            _ => store.remove_folder(no),
        }
        Ok(Response::empty(204))
    }

    fn folders_delta(&mut self, mailbox: MailboxNo) -> Result<Response, GraphError> {
        let collection = Collection { kind: "mailFolders", mailbox, number: 0 };
        let mut token = self.sync_token(&collection)?;
        let size = self.delta_page_size();
        let page = delta::read(&self.tenant.mailbox(mailbox).folder_log, &mut token, size)?;
        let root = self.tenant.mailbox(mailbox).root();
        let entries = page
            .entries
            .iter()
            .filter(|(no, _)| *no != root)
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

/// The `displayName` of a folder that is to be made or renamed.
pub(super) fn folder_name(body: &Map<String, Value>) -> Result<String, GraphError> {
    if let Some(unknown) = body.keys().find(|name| {
        !name.contains('@') && !["displayName", "isHidden", "id", "parentFolderId"].contains(&name.as_str())
    }) {
        return Err(GraphError::bad(format!("The property '{unknown}' cannot be set on a folder.")));
    }
    match body.get("displayName").and_then(Value::as_str).map(str::trim) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(GraphError::new(400, "ErrorInvalidRequest", "The property 'displayName' is required.")),
    }
}
