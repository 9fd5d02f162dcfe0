//! The synchronisation folder, its input folders, and where messages go when they are done.

use crate::EngineError;
use crate::worker::Worker;
use std::collections::BTreeMap;
use tandem_graph::{Collection, Folder};

/// The two trees into which messages are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    Success,
    Failure,
}

/// The folders of one mailbox in one cycle.
pub(super) struct Folders {
    root: String,
    success: String,
    failure: String,
    /// Input folders.
    pub input: Vec<Folder>,
    /// Folders that are known to exist, by path.
    known: BTreeMap<String, String>,
}

impl Folders {
    /// Where a message that lies under `path` goes: the structure below the folder is kept.
    fn destination(&self, path: &str, tree: Tree) -> String {
        let below = path.get(self.root.len()..).unwrap_or_default();
        let tree = match tree {
            Tree::Success => &self.success,
            Tree::Failure => &self.failure,
        };
        format!("{tree}{below}")
    }

    /// The path of a known folder.
    pub(super) fn path_of(&self, id: &str) -> Option<&str> {
        self.known.iter().find(|(_, known)| *known == id).map(|(path, _)| path.as_str())
    }

    /// Whether the folder is one that messages are read from.
    pub(super) fn is_input(&self, id: &str) -> bool {
        self.input.iter().any(|folder| folder.id == id)
    }
}

/// Whether a path is a tree's root or below it. Exchange finds folders whatever the case of their names.
fn within(path: &str, tree: &str) -> bool {
    let (path, tree) = (path.to_lowercase(), tree.to_lowercase());
    path == tree || path.strip_prefix(&tree).is_some_and(|rest| rest.starts_with('/'))
}

impl Worker {
    /// The folders as they are now. The success and failure trees are never input.
    pub(super) async fn folders(&self) -> Result<Folders, EngineError> {
        self.find_folders(self.parts.settings.emails.create_folder).await
    }

    /// The input folders as collections, with the names of their cursors. None is made.
    pub(crate) async fn input_collections(&self) -> Result<Vec<(String, Collection)>, EngineError> {
        let input = self.find_folders(false).await?.input.into_iter();
        Ok(input.map(|folder| (format!("mail:{}", folder.id), Collection::MailFolder(folder.id))).collect())
    }

    async fn find_folders(&self, create: bool) -> Result<Folders, EngineError> {
        let emails = &self.parts.settings.emails;
        let found = self.graph.mail_folders(&emails.folder, create).await?;
        let root = found.first().map_or_else(|| emails.folder.clone(), |folder| folder.path.clone());
        let tree = |name: &str| format!("{root}/{}", name.trim_matches('/'));
        let (success, failure) = (tree(&emails.success_folder), tree(&emails.failure_folder));
        let known = found.iter().map(|folder| (folder.path.clone(), folder.id.clone())).collect();
        let input = found
            .into_iter()
            .filter(|folder| !within(&folder.path, &success) && !within(&folder.path, &failure))
            .collect();
        Ok(Folders { root, success, failure, input, known })
    }

    /// The folder into which a message moves, made when it is missing.
    pub(super) async fn destination(
        &self,
        folders: &mut Folders,
        path: &str,
        tree: Tree,
    ) -> Result<String, EngineError> {
        let destination = folders.destination(path, tree);
        let known = folders.known.iter().find(|(path, _)| path.to_lowercase() == destination.to_lowercase());
        if let Some((_, id)) = known {
            return Ok(id.clone());
        }
        let folder = self.graph.ensure_folder(&destination).await?;
        folders.known.insert(destination, folder.id.clone());
        Ok(folder.id)
    }
}
