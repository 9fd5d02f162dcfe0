//! The two things that we do to messages: move them, and mark them.

use crate::batch::{Part, Verdict};
use crate::transport::call::IMMUTABLE_ID;
use crate::wire::{id, property};
use crate::{GraphError, Mailbox};
use http::Method;
use serde_json::json;
use tandem_model::GraphId;

impl Mailbox {
    /// Moves messages to folders (by the folders' ids), and gives for each move, in the same order, the message's id
    /// there, which is the same as before. Moving a message again to where it is does no harm.
    pub async fn move_messages(
        &self,
        moves: &[(GraphId, String)],
    ) -> Result<Vec<Result<GraphId, GraphError>>, GraphError> {
        if let [(message, folder)] = moves {
            return Ok(vec![self.move_message(message, folder).await]);
        }
        let parts = moves.iter().map(|(message, folder)| Part {
            what: self.what(&format!("moving message {message}")),
            method: Method::POST,
            url: self
                .connection
                .relative(&["users", self.id().as_str(), "messages", message.as_str(), "move"], &[]),
            prefer: IMMUTABLE_ID,
            body: json!({ "destinationId": folder }),
        });
        let verdicts = self.batch(parts.collect()).await?;
        let moved = verdicts.into_iter().zip(moves).map(|(verdict, (message, _))| match verdict {
            Verdict::Done(body) => Ok(body["id"].as_str().map_or_else(|| message.clone(), id)),
            Verdict::Failed(error) => Err(error),
        });
        Ok(moved.collect())
    }

    async fn move_message(&self, message: &GraphId, folder: &str) -> Result<GraphId, GraphError> {
        let path = ["messages", message.as_str(), "move"];
        let call =
            self.call(Method::POST, &path, &[], &format!("moving message {message}")).prefer(IMMUTABLE_ID);
        let moved: serde_json::Value =
            self.send(call.body(json!({ "destinationId": folder }))).await?.json()?;
        Ok(moved["id"].as_str().map_or_else(|| message.clone(), id))
    }

    /// Sets an extended property of a message, in the property set of public strings.
    pub async fn set_message_property(
        &self,
        id: &GraphId,
        name: &str,
        value: &str,
    ) -> Result<(), GraphError> {
        let doing = format!("marking message {id}");
        let call = self.call(Method::PATCH, &["messages", id.as_str()], &[], &doing).prefer(IMMUTABLE_ID);
        self.send(call.body(json!({ "singleValueExtendedProperties": property::write(name, value) })))
            .await?;
        Ok(())
    }
}
