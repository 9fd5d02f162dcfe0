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
        let (no, rest) = match (self.method.as_str(), names) {
            ("GET", []) => return Ok(self.contact_folders(mailbox, None)),
            ("POST", []) => return self.create_contact_folder(mailbox, None),
            ("GET", ["$count"]) => return Ok(self.count_contact_folders(mailbox, None)),
            ("GET", ["delta" | "microsoft.graph.delta"]) => return self.contact_folders_delta(mailbox),
            (_, [id, rest @ ..]) => (self.contact_folder_number(mailbox, id)?, rest),
            _ => return Err(self.unsupported(names)),
        };
        match (self.method.as_str(), rest) {
            ("GET", []) => Ok(self.single(200, "contactFolders", self.contact_folder(mailbox, no))),
            ("PATCH", []) => self.patch_contact_folder(mailbox, no),
            ("DELETE", []) | ("POST", ["permanentDelete" | "microsoft.graph.permanentDelete"]) => {
                self.delete_contact_folder(mailbox, no)
            }
            ("GET", ["childFolders"]) => Ok(self.contact_folders(mailbox, Some(no))),
            ("POST", ["childFolders"]) => self.create_contact_folder(mailbox, Some(no)),
            ("GET", ["childFolders", "$count"]) => Ok(self.count_contact_folders(mailbox, Some(no))),
            (_, ["childFolders", deeper @ ..]) => self.contact_folders_route(mailbox, deeper),
            (_, ["contacts", rest @ ..]) => self.contacts_route(mailbox, Some(no), rest),
            _ => Err(self.unsupported(names)),
        }
    }

    fn patch_contact_folder(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let name = body.contains_key("displayName").then(|| folders::folder_name(&body)).transpose()?;
        let store = self.tenant.mailbox_mut(mailbox);
        if let Some(folder) = store.contact_folders.get_mut(&no) {
            if let Some(name) = name {
                folder.name = name.into();
            }
            merge_extended(&mut folder.extended, extended);
        }
        store.contact_folder_log.changed(no);
        Ok(self.single(200, "contactFolders", self.contact_folder(mailbox, no)))
    }

    /// Folders below `parent`; the default folder itself is not among those of the top level, as in Outlook.
    fn contact_folders(&self, mailbox: MailboxNo, parent: Option<ItemNo>) -> Response {
        let folders = self.contact_folders_below(mailbox, parent);
        self.list("contactFolders", folders, |no| self.contact_folder(mailbox, *no))
    }

    fn count_contact_folders(&self, mailbox: MailboxNo, parent: Option<ItemNo>) -> Response {
        let folders = self.contact_folders_below(mailbox, parent);
        self.count_of(folders, |_| true, |no| self.contact_folder(mailbox, *no))
    }

    fn contact_folders_below(&self, mailbox: MailboxNo, parent: Option<ItemNo>) -> Vec<ItemNo> {
        let store = self.tenant.mailbox(mailbox);
        let parent = parent.unwrap_or_else(|| store.default_contacts());
        let below = store.contact_folders.values().filter(|folder| folder.parent == Some(parent));
        below.map(|folder| folder.no).collect()
    }

    fn contact_folder_id(&self, mailbox: MailboxNo, item: ItemNo) -> String {
        self.tenant.ids.encode(ItemId { kind: Kind::ContactFolder, mailbox, item, day: 0, moves: None })
    }

    fn contact_folder(&self, mailbox: MailboxNo, no: ItemNo) -> Map<String, Value> {
        let Some(folder) = self.tenant.mailbox(mailbox).contact_folders.get(&no) else { return Map::new() };
        let mut map = render::object(json!({
            "id": self.contact_folder_id(mailbox, no),
            "displayName": folder.name,
            "parentFolderId": self.contact_folder_id(mailbox, folder.parent.unwrap_or(no)),
        }));
        self.expand_extended(&mut map, &folder.extended);
        if self.query.expanded("childFolders").is_some() {
            let children = self.contact_folders_below(mailbox, Some(no));
            let children = children.iter().map(|child| Value::Object(self.contact_folder(mailbox, *child)));
            map.insert("childFolders".to_owned(), Value::Array(children.collect()));
        }
        map
    }

    fn create_contact_folder(
        &mut self,
        mailbox: MailboxNo,
        parent: Option<ItemNo>,
    ) -> Result<Response, GraphError> {
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let name = folders::folder_name(&body)?;
        let no = self.tenant.sequence.item();
        let store = self.tenant.mailbox_mut(mailbox);
        let parent = parent.unwrap_or_else(|| store.default_contacts());
        store.add_contact_folder(no, Some(parent), &name);
        if let Some(folder) = store.contact_folders.get_mut(&no) {
            folder.extended = extended;
        }
        Ok(self.single(201, "contactFolders", self.contact_folder(mailbox, no)))
    }

    fn delete_contact_folder(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let store = self.tenant.mailbox_mut(mailbox);
        if no == store.default_contacts() {
            return Err(GraphError::new(
                403,
                "ErrorDeleteDistinguishedFolder",
                "Distinguished folders cannot be deleted.",
            ));
        }
        store.remove_contact_folder(no);
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
            ("GET", ["$count"]) => Ok(self.count_contacts(mailbox, at)),
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
            ("POST", ["permanentDelete" | "microsoft.graph.permanentDelete"]) => {
                self.tenant.mailbox_mut(mailbox).remove_contact(no);
                Ok(Response::empty(204))
            }
            (_, ["photo", rest @ ..]) => self.contact_photo_route(mailbox, no, rest),
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
        self.list_where(
            "contacts",
            self.contact_numbers(mailbox, folder),
            |no| self.contact_may_be_wanted(&store.contacts[no]),
            |no| self.contact(mailbox, &store.contacts[no]),
        )
    }

    fn count_contacts(&self, mailbox: MailboxNo, folder: ItemNo) -> Response {
        let store = self.tenant.mailbox(mailbox);
        self.count_of(
            self.contact_numbers(mailbox, folder),
            |no| self.contact_may_be_wanted(&store.contacts[no]),
            |no| self.contact(mailbox, &store.contacts[no]),
        )
    }

    fn contact_numbers(&self, mailbox: MailboxNo, folder: ItemNo) -> Vec<ItemNo> {
        let folder = self.tenant.mailbox(mailbox).contact_folders.get(&folder);
        folder.map(|folder| folder.contacts.iter().copied().collect()).unwrap_or_default()
    }

    fn contact_may_be_wanted(&self, contact: &Contact) -> bool {
        self.query.filter.as_ref().is_none_or(|filter| !filter.rules_out(&contact.extended))
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
        if let (Some(photo), Some(_)) = (&contact.photo, self.query.expanded("photo")) {
            map.insert("photo".to_owned(), Value::Object(super::photos::shown(Some(photo), None)));
        }
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
            photo: None,
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
        let renamed = NAMES.iter().any(|name| body.contains_key(*name)) && !body.contains_key("displayName");
        if renamed && self.settings.behaviour.contacts_renamed {
            contact.content.rename();
        }
        refuse(&contact.content)?;
        merge_extended(&mut contact.extended, extended);
        contact.stamp.touch(now, self.sequence.change());
        self.mailbox_mut(mailbox).put_contact(contact);
        Ok(())
    }
}

/// Names from which Outlook makes the display name.
const NAMES: [&str; 4] = ["givenName", "middleName", "surname", "companyName"];

fn refuse(content: &ContactContent) -> Result<(), GraphError> {
    content.fault().map_or(Ok(()), |fault| Err(GraphError::new(400, "ErrorPropertyValidationFailure", fault)))
}
