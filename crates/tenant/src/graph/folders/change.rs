//! Making, renaming and deleting mail folders.

use crate::error::GraphError;
use crate::graph::Call;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::merge_extended;
use crate::mailbox::patch::take_extended;
use crate::wire::Response;
use serde_json::{Map, Value};

impl Call<'_> {
    pub(super) fn create_folder(
        &mut self,
        mailbox: MailboxNo,
        parent: ItemNo,
    ) -> Result<Response, GraphError> {
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let name = folder_name(&body)?;
        self.refuse_twin(mailbox, parent, &name)?;
        // It is hidden from its making on, or never ("Create mailFolder").
        let hidden = body.get("isHidden").and_then(Value::as_bool).unwrap_or(false);
        let no = self.tenant.sequence.item();
        let store = self.tenant.mailbox_mut(mailbox);
        store.add_folder(no, Some(parent), &name, None);
        if let Some(folder) = store.folders.get_mut(&no) {
            folder.hidden = hidden;
            merge_extended(&mut folder.extended, extended);
        }
        Ok(self.single(201, "mailFolders", self.folder(mailbox, no)))
    }

    pub(super) fn refuse_twin(
        &self,
        mailbox: MailboxNo,
        parent: ItemNo,
        name: &str,
    ) -> Result<(), GraphError> {
        match self.tenant.mailbox(mailbox).child_named(parent, name) {
            None => Ok(()),
            Some(_) => Err(GraphError::new(
                409,
                "ErrorFolderExists",
                "A folder with the specified name already exists.",
            )),
        }
    }

    pub(super) fn patch_folder(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
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
    pub(super) fn delete_folder(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        self.refuse_distinguished(mailbox, no, "ErrorDeleteDistinguishedFolder", "deleted")?;
        let store = self.tenant.mailbox_mut(mailbox);
        match store.well_known("deleteditems") {
            Some(bin) if !store.lies_in(no, bin) => {
                let name = store.free_name(bin, no);
                store.move_folder(no, bin, name);
            }
            _ => store.remove_folder(no),
        }
        Ok(Response::empty(204))
    }

    pub(super) fn purge_folder(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        self.refuse_distinguished(mailbox, no, "ErrorDeleteDistinguishedFolder", "deleted")?;
        self.tenant.mailbox_mut(mailbox).remove_folder(no);
        Ok(Response::empty(204))
    }

    pub(super) fn refuse_distinguished(
        &self,
        mailbox: MailboxNo,
        no: ItemNo,
        code: &'static str,
        done: &str,
    ) -> Result<(), GraphError> {
        let folder = self.tenant.mailbox(mailbox).folders.get(&no);
        if folder.is_some_and(|folder| folder.well_known.is_some()) {
            return Err(GraphError::new(403, code, format!("Distinguished folders cannot be {done}.")));
        }
        Ok(())
    }
}

/// The `displayName` of a folder that is to be made or renamed.
pub(in crate::graph) fn folder_name(body: &Map<String, Value>) -> Result<String, GraphError> {
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
