//! The places in a mailbox: mail folders, To Do lists, contact folders.

use crate::paging;
use crate::transport::Constant;
use crate::transport::call::{Call, IMMUTABLE_ID};
use crate::{Class, ContactFolder, Folder, GraphError, Mailbox, TaskList};
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// What the inbox is called in the languages of Outlook that our users are likely to have; the mailbox's own name for
/// it counts as well, whatever its language. An administrator writes one path for mailboxes of many languages.
const INBOX: [&str; 23] = [
    "inbox",
    "<inbox>",
    "posteingang",
    "boîte de réception",
    "bandeja de entrada",
    "posta in arrivo",
    "caixa de entrada",
    "a receber",
    "postvak in",
    "inkorgen",
    "innboks",
    "indbakke",
    "saapuneet",
    "skrzynka odbiorcza",
    "doručená pošta",
    "beérkezett üzenetek",
    "mesaje primite",
    "входящие",
    "gelen kutusu",
    "受信トレイ",
    "收件箱",
    "prejeto",
    "ulazna pošta",
];

/// A folder deeper than this is not looked for: a mailbox allows 300, and nobody sorts mail that deep.
const MOST_LEVELS: usize = 32;

/// Graph `mailFolder`, `contactFolder`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FolderWire {
    id: String,
    display_name: Option<String>,
    child_folder_count: Option<u32>,
}

/// Graph `todoTaskList`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ListWire {
    id: String,
    display_name: Option<String>,
    wellknown_list_name: Option<String>,
    is_owner: Option<bool>,
}

impl ListWire {
    fn is_default(&self) -> bool {
        self.wellknown_list_name.as_deref() == Some("defaultList")
    }
}

const FOLDER_FIELDS: &str = "id,displayName,childFolderCount";

impl FolderWire {
    fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or_default()
    }

    fn is_called(&self, name: &str) -> bool {
        self.name().to_lowercase() == name.to_lowercase()
    }
}

impl Mailbox {
    /// The mail folder `root_path` and all folders below it, the folder itself first. The first part of a path such as
    /// `/Inbox/crm` stands for the inbox whatever its language. Without `create`, a folder that does not exist gives
    /// an empty list; with it, it is made.
    pub async fn mail_folders(&self, root_path: &str, create: bool) -> Result<Vec<Folder>, GraphError> {
        let Some((root, has_children)) = self.find_folder(root_path, create).await? else {
            return Ok(Vec::new());
        };
        let mut folders = vec![root.clone()];
        let mut open = if has_children { vec![(root, 0)] } else { Vec::new() };
        while let Some((parent, level)) = open.pop() {
            for child in self.child_folders(&parent.id).await? {
                let path = format!("{}/{}", parent.path, child.name());
                let folder = Folder { id: child.id.clone(), path };
                if child.child_folder_count != Some(0) && level < MOST_LEVELS {
                    open.push((folder.clone(), level + 1));
                }
                folders.push(folder);
            }
        }
        if let Some(below) = folders.get_mut(1..) {
            below.sort_by(|a, b| a.path.cmp(&b.path));
        }
        Ok(folders)
    }

    /// The mail folder of this path, made when it does not exist, with all folders on the way to it.
    pub async fn ensure_folder(&self, path: &str) -> Result<Folder, GraphError> {
        match self.find_folder(path, true).await? {
            Some((folder, _)) => Ok(folder),
            None => Err(GraphError::NotWritable {
                what: self.what("making a mail folder"),
                why: format!("\"{path}\" names no folder"),
            }),
        }
    }

    /// All To Do lists.
    pub async fn task_lists(&self) -> Result<Vec<TaskList>, GraphError> {
        let call = self.get(&["todo", "lists"], &[("$top", "100")], "reading the task lists");
        let lists: Vec<ListWire> = self.all(call).await?;
        let default = lists.iter().find(|list| list.is_default());
        if let Some(default) = default {
            let name = default.display_name.as_deref().unwrap_or_default();
            self.connection.note_constant(self.id(), Constant::DefaultTaskList, &default.id, name);
        }
        Ok(lists
            .into_iter()
            .map(|list| {
                let known = list.wellknown_list_name.as_deref().unwrap_or_default();
                TaskList {
                    default: list.is_default(),
                    // Flagged e-mails are messages, which a task there merely shows.
                    writable: known != "flaggedEmails" && list.is_owner.unwrap_or(true),
                    id: list.id,
                    name: list.display_name.unwrap_or_default(),
                }
            })
            .collect())
    }

    /// All contact folders directly in the mailbox, the default folder first.
    pub async fn contact_folders(&self) -> Result<Vec<ContactFolder>, GraphError> {
        let fields = [("$select", "id,displayName"), ("$top", "100")];
        let listed: Vec<FolderWire> = self
            .all(self.get(&["contactFolders"], &fields, "reading the contact folders").prefer(IMMUTABLE_ID))
            .await?;
        let default = self.default_contact_folder(&listed).await?;
        // Whether the list holds the default folder differs between services.
        let mut folders = vec![default];
        for folder in listed {
            if folders.iter().all(|known| known.id != folder.id) {
                let name = folder.name().to_owned();
                folders.push(ContactFolder { name, id: folder.id, default: false });
            }
        }
        Ok(folders)
    }

    async fn default_contact_folder(&self, listed: &[FolderWire]) -> Result<ContactFolder, GraphError> {
        if let Some((id, name)) = self.connection.constant(self.id(), Constant::DefaultContactFolder) {
            return Ok(ContactFolder { id, name, default: true });
        }
        let call = self
            .get(&["contactFolders", "contacts"], &[], "reading the default contact folder")
            .prefer(IMMUTABLE_ID);
        let folder = match self.send(call).await {
            Ok(reply) => reply.json()?,
            Err(error) if matches!(error.class(), Class::Gone | Class::Rejected) => {
                let named =
                    listed.iter().find(|folder| folder.is_called("Contacts") || folder.is_called("Kontakte"));
                named.cloned().ok_or(error)?
            }
            Err(error) => return Err(error),
        };
        self.connection.note_constant(self.id(), Constant::DefaultContactFolder, &folder.id, folder.name());
        Ok(ContactFolder { name: folder.name().to_owned(), id: folder.id, default: true })
    }

    /// The folder of a path, and whether it may have folders below it.
    async fn find_folder(&self, path: &str, create: bool) -> Result<Option<(Folder, bool)>, GraphError> {
        let mut names = path.split('/').map(str::trim).filter(|name| !name.is_empty());
        let Some(first) = names.next() else { return Ok(None) };
        let Some(mut found) = self.top_folder(first, create).await? else { return Ok(None) };
        let mut spelled = format!("/{first}");
        for name in names {
            let child = self.child_called(&found, name).await;
            if child.as_ref().is_err_and(|error| error.class() == Class::Gone) {
                // Its owner has another mailbox now: the next reading finds that one's inbox.
                self.connection.forget_constant(self.id(), Constant::Inbox);
            }
            let next = match child? {
                None if create => {
                    Some(self.create_folder(&["mailFolders", &found.id, "childFolders"], name).await?)
                }
                next => next,
            };
            let Some(next) = next else { return Ok(None) };
            found = next;
            spelled = format!("{spelled}/{name}");
        }
        Ok(Some((Folder { id: found.id, path: spelled }, found.child_folder_count != Some(0))))
    }

    async fn top_folder(&self, name: &str, create: bool) -> Result<Option<FolderWire>, GraphError> {
        let inbox = self.inbox().await?;
        if inbox.is_called(name) || INBOX.contains(&name.to_lowercase().as_str()) {
            return Ok(Some(inbox));
        }
        let top: Vec<FolderWire> = self.all(self.folder_list(&["mailFolders"])).await?;
        match top.into_iter().find(|folder| folder.is_called(name)) {
            None if create => Ok(Some(self.create_folder(&["mailFolders"], name).await?)),
            found => Ok(found),
        }
    }

    /// The inbox. Every mailbox has one, whose id never changes: it is asked for once.
    async fn inbox(&self) -> Result<FolderWire, GraphError> {
        if let Some((id, name)) = self.connection.constant(self.id(), Constant::Inbox) {
            return Ok(FolderWire { id, display_name: Some(name), child_folder_count: None });
        }
        let call = self.get(&["mailFolders", "inbox"], &[("$select", FOLDER_FIELDS)], "reading the inbox");
        let inbox: FolderWire = self.send(call).await?.json()?;
        self.connection.note_constant(self.id(), Constant::Inbox, &inbox.id, inbox.name());
        Ok(inbox)
    }

    async fn child_called(&self, parent: &FolderWire, name: &str) -> Result<Option<FolderWire>, GraphError> {
        if parent.child_folder_count == Some(0) {
            return Ok(None);
        }
        Ok(self.child_folders(&parent.id).await?.into_iter().find(|child| child.is_called(name)))
    }

    async fn child_folders(&self, id: &str) -> Result<Vec<FolderWire>, GraphError> {
        self.all(self.folder_list(&["mailFolders", id, "childFolders"])).await
    }

    fn folder_list(&self, path: &[&str]) -> Call {
        self.get(path, &[("$select", FOLDER_FIELDS), ("$top", "100")], "reading the mail folders")
    }

    /// Makes a folder. Two folders in one place cannot have the same name, so that after an unclear or refused create
    /// a look tells whether it is there.
    async fn create_folder(&self, place: &[&str], name: &str) -> Result<FolderWire, GraphError> {
        let doing = format!("making the mail folder \"{name}\"");
        let call = self.call(Method::POST, place, &[], &doing).once().body(json!({ "displayName": name }));
        match self.send(call).await {
            Ok(reply) => reply.json(),
            Err(error) if matches!(error.class(), Class::Ambiguous | Class::Changed | Class::Rejected) => {
                let there: Vec<FolderWire> = self.all(self.folder_list(place)).await?;
                there.into_iter().find(|folder| folder.is_called(name)).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn all<T: DeserializeOwned>(&self, call: Call) -> Result<Vec<T>, GraphError> {
        paging::all(&self.connection, Some(&self.gate), call).await
    }

    /// The To Do list that is meant: the one named, or the default one.
    pub(crate) async fn task_list(&self, list: Option<&str>) -> Result<String, GraphError> {
        if let Some(list) = list {
            return Ok(list.to_owned());
        }
        if let Some((known, _)) = self.connection.constant(self.id(), Constant::DefaultTaskList) {
            return Ok(known);
        }
        let default = self.task_lists().await?.into_iter().find(|list| list.default);
        default.map(|list| list.id).ok_or_else(|| GraphError::NotWritable {
            what: self.what("looking for the default task list"),
            why: "there is none".into(),
        })
    }
}
