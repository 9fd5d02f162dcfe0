//! Moves: what is done goes to the success tree, what is refused to the failure tree.

use super::folders::{Folders, Tree};
use crate::EngineError;
use crate::pair::entry;
use crate::worker::Worker;
use serde_json::Value;
use tandem_graph::Class;
use tandem_model::{GraphId, Kind};
use tandem_store::{Commit, Link, LinkWrite, State, Step};

/// What a link has to do after its message was imported.
pub(super) const MOVE_TO_SUCCESS: &str = "move:success";
/// What a link has to do after its message was refused.
pub(super) const MOVE_TO_FAILURE: &str = "move:failure";

/// Property of a message that holds the reason of its last failure, so that the user sees it where the message is.
const STATUS_PROPERTY: &str = "mmSyncStatus";

impl Worker {
    /// Moves messages whose fate is committed. A move that fails is done in the next cycle.
    pub(super) async fn carry_out_moves(
        &self,
        folders: &mut Folders,
        links: Vec<Link>,
    ) -> Result<(), EngineError> {
        let mut moves: Vec<(GraphId, String)> = Vec::new();
        let mut moving = Vec::new();
        for link in links {
            let (Some(id), Some(todo)) = (link.graph.clone(), link.todo.clone()) else { continue };
            let tree = if todo == MOVE_TO_SUCCESS { Tree::Success } else { Tree::Failure };
            let from = link.place.as_deref().and_then(|place| folders.path_of(place)).map(str::to_owned);
            // A folder that is no longer below the synchronisation folder has no counterpart in the trees.
            let path = from.unwrap_or_else(|| self.parts.settings.emails.folder.clone());
            let destination = self.destination(folders, &path, tree).await?;
            if tree == Tree::Failure {
                self.tell_reason(&id, &link).await;
            }
            moves.push((id, destination));
            moving.push(link);
        }
        if moves.is_empty() {
            return Ok(());
        }
        let outcomes = self.graph.move_messages(&moves).await?;
        let mut commit = Commit::default();
        for ((mut link, (_, destination)), outcome) in moving.into_iter().zip(moves).zip(outcomes) {
            let text = match outcome {
                Ok(id) => {
                    self.wrote(1);
                    link.graph = Some(id);
                    link.place = Some(destination);
                    format!(
                        "moved to the {} folder",
                        if link.state == State::Linked { "success" } else { "failure" }
                    )
                }
                Err(error) if error.class() == Class::Gone => "gone before it could be moved".to_owned(),
                Err(error) if error.class() == Class::Rejected => {
                    format!("cannot be moved, and stays: {error}")
                }
                Err(error) => {
                    tracing::warn!(mailbox = %self.mailbox.seed.address, %error, "message not moved yet");
                    continue;
                }
            };
            let mut line = entry(self, Kind::Mail, Step::Apply, "moved", text, Value::Null);
            line.graph.clone_from(&link.graph);
            commit.journal.push(line);
            link.todo = None;
            commit.links.push(LinkWrite { link, object: None });
        }
        Ok(self.commit(commit).await?)
    }

    async fn tell_reason(&self, id: &GraphId, link: &Link) {
        if let Err(error) = self.graph.set_message_property(id, STATUS_PROPERTY, &link.detail).await {
            tracing::warn!(mailbox = %self.mailbox.seed.address, %error, "reason not written to the message");
        }
    }
}
