//! Contact folders and contacts.

use super::delta::{self, Collection};
use super::hanging::Carrier;
use super::{Call, extensions, folders, render, time};
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::mailbox::contact::{Contact, ContactContent};
use crate::mailbox::content::{Stamp, merge_extended};
use crate::mailbox::patch::{as_map, merged, read, take_extended};
use crate::wire::Response;
use serde_json::{Map, Value, json};

impl Call<'_> {
    pub(crate) fn contact_folder_number(&self, mailbox: MailboxNo, id: &str) -> Result<ItemNo, GraphError> {
        if id.eq_ignore_ascii_case("contacts") {
            return Ok(self.tenant.mailbox(mailbox).default_contacts());
        }
        let no = self.item(mailbox, Kind::ContactFolder, id)?.item;
        let known = self.tenant.mailbox(mailbox).contact_folders.contains_key(&no);
        if known { Ok(no) } else { Err(GraphError::not_found()) }
    }

    pub(super) fn contact_folders_route(
        &mut self,
        mailbox: MailboxNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.contact_folders(mailbox, None)),
            ("POST", []) => self.create_contact_folder(mailbox, None),
            ("GET", ["delta" | "microsoft.graph.delta"]) => self.contact_folders_delta(mailbox),
            ("GET", [id]) => {
                let no = self.contact_folder_number(mailbox, id)?;
                Ok(self.single(200, "contactFolders", self.contact_folder(mailbox, no)))
            }
            ("PATCH", [id]) => {
                let no = self.contact_folder_number(mailbox, id)?;
                let name = folders::folder_name(&self.object()?)?;
                let store = self.tenant.mailbox_mut(mailbox);
                if let Some(folder) = store.contact_folders.get_mut(&no) {
                    folder.name = name.into();
                }
                store.contact_folder_log.changed(no);
                Ok(self.single(200, "contactFolders", self.contact_folder(mailbox, no)))
            }
            ("DELETE", [id]) => self.delete_contact_folder(mailbox, id),
            ("GET", [id, "childFolders"]) => {
                let no = self.contact_folder_number(mailbox, id)?;
                Ok(self.contact_folders(mailbox, Some(no)))
            }
            ("POST", [id, "childFolders"]) => {
                let no = self.contact_folder_number(mailbox, id)?;
                self.create_contact_folder(mailbox, Some(no))
            }
            (_, [id, "contacts", rest @ ..]) => {
                let no = self.contact_folder_number(mailbox, id)?;
                self.contacts_route(mailbox, Some(no), rest)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    /// Folders below `parent`; the default folder itself is not among those of the top level, as in Outlook.
    fn contact_folders(&self, mailbox: MailboxNo, parent: Option<ItemNo>) -> Response {
        let store = self.tenant.mailbox(mailbox);
        let parent = parent.unwrap_or_else(|| store.default_contacts());
        let below = store.contact_folders.values().filter(|folder| folder.parent == Some(parent));
        let folders: Vec<ItemNo> = below.map(|folder| folder.no).collect();
        self.list("contactFolders", folders, |no| self.contact_folder(mailbox, *no))
    }

    fn contact_folder_id(&self, mailbox: MailboxNo, item: ItemNo) -> String {
        self.tenant.ids.encode(ItemId { kind: Kind::ContactFolder, mailbox, item, day: 0, moves: None })
    }

    fn contact_folder(&self, mailbox: MailboxNo, no: ItemNo) -> Map<String, Value> {
        let folder = self.tenant.mailbox(mailbox).contact_folders.get(&no);
        render::object(json!({
            "id": self.contact_folder_id(mailbox, no),
            "displayName": folder.map(|folder| &folder.name),
            "parentFolderId": self.contact_folder_id(mailbox, folder.and_then(|folder| folder.parent).unwrap_or(no)),
        }))
    }

    fn create_contact_folder(
        &mut self,
        mailbox: MailboxNo,
        parent: Option<ItemNo>,
    ) -> Result<Response, GraphError> {
        let name = folders::folder_name(&self.object()?)?;
        let no = self.tenant.sequence.item();
        let store = self.tenant.mailbox_mut(mailbox);
        let parent = parent.unwrap_or_else(|| store.default_contacts());
        store.add_contact_folder(no, Some(parent), &name);
        Ok(self.single(201, "contactFolders", self.contact_folder(mailbox, no)))
    }

    fn delete_contact_folder(&mut self, mailbox: MailboxNo, id: &str) -> Result<Response, GraphError> {
        let no = self.contact_folder_number(mailbox, id)?;
        let store = self.tenant.mailbox_mut(mailbox);
        if no == store.default_contacts() {
            return Err(GraphError::new(
                403,
                "ErrorDeleteDistinguishedFolder",
                "Distinguished folders cannot be deleted.",
            ));
        }
        let contacts: Vec<ItemNo> = store
            .contact_folders
            .get(&no)
            .map(|folder| folder.contacts.iter().copied().collect())
            .unwrap_or_default();
        for contact in contacts {
            store.remove_contact(contact);
        }
        store.contact_folders.remove(&no);
        store.contact_folder_log.left(no);
        Ok(Response::empty(204))
    }

    fn contact_folders_delta(&mut self, mailbox: MailboxNo) -> Result<Response, GraphError> {
        let collection = Collection { kind: "contactFolders", mailbox, number: 0 };
        let mut token = self.sync_token(&collection)?;
        let size = self.delta_page_size();
        let page = delta::read(&self.tenant.mailbox(mailbox).contact_folder_log, &mut token, size)?;
        let entries = page
            .entries
            .iter()
            .map(|(no, entry)| {
                if entry.gone {
                    render::removed(&self.contact_folder_id(mailbox, *no), "deleted")
                } else {
                    Value::Object(self.projected(self.contact_folder(mailbox, *no)))
                }
            })
            .collect();
        Ok(self.delta_answer("contactFolders", token, entries, page.cursor, page.more))
    }

    /// `contacts` of a folder, or of the default one.
    pub(super) fn contacts_route(
        &mut self,
        mailbox: MailboxNo,
        folder: Option<ItemNo>,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let store = self.tenant.mailbox(mailbox);
        let at = folder.unwrap_or_else(|| store.default_contacts());
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.contacts(mailbox, at)),
            ("POST", []) => self.create_contact(mailbox, at),
            ("GET", ["$count"]) => {
                let count = store.contact_folders.get(&at).map_or(0, |folder| folder.contacts.len());
                Ok(super::raw("text/plain", count.to_string().into()))
            }
            ("GET", ["delta" | "microsoft.graph.delta"]) => self.contacts_delta(mailbox, at),
            (_, [id, rest @ ..]) => {
                let no = self.item(mailbox, Kind::Contact, id)?.item;
                let known = store.contacts.get(&no).ok_or_else(GraphError::not_found)?;
                if folder.is_some_and(|folder| folder != known.folder) {
                    return Err(GraphError::not_found());
                }
                self.contact_route(mailbox, no, rest)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn contact_route(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let contact = &self.tenant.mailbox(mailbox).contacts[&no];
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.single(200, "contacts", self.contact(mailbox, contact))),
            (_, ["extensions", rest @ ..]) => self.extensions_route(mailbox, Carrier::Contact(no), rest),
            ("PATCH", []) => {
                self.check_version(&contact.stamp)?;
                let body = self.object()?;
                self.tenant.change_contact(mailbox, no, body, self.now)?;
                let contact = &self.tenant.mailbox(mailbox).contacts[&no];
                Ok(self.single(200, "contacts", self.contact(mailbox, contact)))
            }
            ("DELETE", []) => {
                self.check_version(&contact.stamp)?;
                self.tenant.mailbox_mut(mailbox).remove_contact(no);
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn contacts(&self, mailbox: MailboxNo, folder: ItemNo) -> Response {
        let store = self.tenant.mailbox(mailbox);
        let folder = store.contact_folders.get(&folder);
        let numbers: Vec<ItemNo> =
            folder.map(|folder| folder.contacts.iter().copied().collect()).unwrap_or_default();
        let filter = self.query.filter.as_ref();
        self.list_where(
            "contacts",
            numbers,
            |no| filter.is_none_or(|filter| !filter.rules_out(&store.contacts[no].extended)),
            |no| self.contact(mailbox, &store.contacts[no]),
        )
    }

    /// The JSON of a contact.
    pub(crate) fn contact(&self, mailbox: MailboxNo, contact: &Contact) -> Map<String, Value> {
        let mut map = as_map(&contact.content);
        if let Some(birthday) = contact.content.birthday {
            map.insert("birthday".to_owned(), time(birthday));
        }
        map.extend(render::object(json!({
            "@odata.etag": contact.stamp.etag(),
            "id": self.id(Kind::Contact, mailbox, contact.no, 0),
            "createdDateTime": time(contact.stamp.created),
            "lastModifiedDateTime": time(contact.stamp.modified),
            "changeKey": contact.stamp.change_key(),
            "parentFolderId": self.contact_folder_id(mailbox, contact.folder),
        })));
        self.expand_extended(&mut map, &contact.extended);
        self.expand_extensions(&mut map, &contact.extensions);
        map
    }

    fn create_contact(&mut self, mailbox: MailboxNo, folder: ItemNo) -> Result<Response, GraphError> {
        let body = self.object()?;
        let no = self.tenant.add_contact(mailbox, folder, body, None, self.now)?;
        let contact = &self.tenant.mailbox(mailbox).contacts[&no];
        Ok(self.single(201, "contacts", self.contact(mailbox, contact)))
    }

    fn contacts_delta(&mut self, mailbox: MailboxNo, folder: ItemNo) -> Result<Response, GraphError> {
        let collection = Collection { kind: "contacts", mailbox, number: folder.0 };
        let mut token = self.sync_token(&collection)?;
        let size = self.delta_page_size();
        let store = self.tenant.mailbox(mailbox);
        let folder = store.contact_folders.get(&folder).ok_or_else(GraphError::not_found)?;
        let page = delta::read(&folder.log, &mut token, size)?;
        let entries = page
            .entries
            .iter()
            .map(|(no, _)| match store.contacts.get(no).filter(|contact| contact.folder == folder.no) {
                Some(contact) => Value::Object(self.projected(self.contact(mailbox, contact))),
                None => render::removed(&self.id(Kind::Contact, mailbox, *no, 0), "deleted"),
            })
            .collect();
        Ok(self.delta_answer("contacts", token, entries, page.cursor, page.more))
    }
}

impl crate::tenant::Tenant {
    /// Puts a contact into a folder.
    pub(crate) fn add_contact(
        &mut self,
        mailbox: MailboxNo,
        folder: ItemNo,
        mut body: Map<String, Value>,
        source: Option<Box<str>>,
        now: jiff::Timestamp,
    ) -> Result<ItemNo, GraphError> {
        let extended = take_extended(&mut body)?;
        let extensions = extensions::read_all(body.remove("extensions"))?.into_iter().collect();
        let mut content: ContactContent = read("contact", body)?;
        content.complete();
        refuse(&content)?;
        let no = self.sequence.item();
        let stamp = Stamp::new(now, self.sequence.change());
        self.mailbox_mut(mailbox).put_contact(Contact {
            no,
            folder,
            stamp,
            content,
            extended,
            extensions,
            source,
        });
        Ok(no)
    }

    /// Changes a contact.
    pub(crate) fn change_contact(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        mut body: Map<String, Value>,
        now: jiff::Timestamp,
    ) -> Result<(), GraphError> {
        let mut contact =
            self.mailbox(mailbox).contacts.get(&no).cloned().ok_or_else(GraphError::not_found)?;
        let extended = take_extended(&mut body)?;
        contact.content = merged("contact", &contact.content, &body)?;
        refuse(&contact.content)?;
        merge_extended(&mut contact.extended, extended);
        contact.stamp.touch(now, self.sequence.change());
        self.mailbox_mut(mailbox).put_contact(contact);
        Ok(())
    }
}

fn refuse(content: &ContactContent) -> Result<(), GraphError> {
    content.fault().map_or(Ok(()), |fault| Err(GraphError::new(400, "ErrorPropertyValidationFailure", fault)))
}
