//! Moving and copying mail folders with all that is in them.

use crate::error::GraphError;
use crate::graph::Call;
use crate::ids::{ItemNo, MailboxNo};
use crate::tenant::Tenant;
use crate::wire::Response;
use jiff::Timestamp;

impl Call<'_> {
    /// A folder keeps its id when it moves, and so do its messages.
    pub(super) fn move_folder(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let to = self.destination(mailbox)?;
        self.refuse_distinguished(mailbox, no, "ErrorMoveDistinguishedFolder", "moved")?;
        let name = self.name_below(mailbox, no, to)?;
        self.tenant.mailbox_mut(mailbox).move_folder(no, to, name.into());
        Ok(self.single(200, "mailFolders", self.folder(mailbox, no)))
    }

    pub(super) fn copy_folder(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let to = self.destination(mailbox)?;
        let name = self.name_below(mailbox, no, to)?;
        let copy = self.tenant.copy_folder(mailbox, no, to, &name, self.now)?;
        Ok(self.single(200, "mailFolders", self.folder(mailbox, copy)))
    }

    /// The name of a folder that is about to lie in another, if it may.
    fn name_below(&self, mailbox: MailboxNo, no: ItemNo, to: ItemNo) -> Result<String, GraphError> {
        let store = self.tenant.mailbox(mailbox);
        if store.lies_in(to, no) {
            return Err(GraphError::new(
                400,
                "ErrorMoveCopyFailed",
                "The move or copy operation failed: a folder cannot be put into itself.",
            ));
        }
        let name =
            store.folders.get(&no).map(|folder| folder.name.to_string()).ok_or_else(GraphError::not_found)?;
        self.refuse_twin(mailbox, to, &name)?;
        Ok(name)
    }
}

impl Tenant {
    /// Copies a folder with its messages and folders; the number of the copy.
    fn copy_folder(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        to: ItemNo,
        name: &str,
        now: Timestamp,
    ) -> Result<ItemNo, GraphError> {
        let store = self.mailbox(mailbox);
        let folder = store.folders.get(&no).ok_or_else(GraphError::not_found)?;
        let messages: Vec<ItemNo> = folder.messages.iter().map(|(_, no)| *no).collect();
        let children: Vec<(ItemNo, String)> =
            store.child_folders(no).iter().map(|child| (child.no, child.name.to_string())).collect();
        let extended = folder.extended.clone();
        let copy = self.sequence.item();
        let store = self.mailbox_mut(mailbox);
        store.add_folder(copy, Some(to), name, None);
        if let Some(folder) = store.folders.get_mut(&copy) {
            folder.extended = extended;
        }
        for message in messages {
            self.copy_message(mailbox, message, copy, now)?;
        }
        for (child, name) in children {
            self.copy_folder(mailbox, child, copy, &name, now)?;
        }
        Ok(copy)
    }
}
