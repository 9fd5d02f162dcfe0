//! Messages.

mod change;
mod delta;
mod find;
mod replies;
mod show;
mod unique;

use super::hanging::Carrier;
use super::{Call, mime, raw};
use crate::error::GraphError;
use crate::ids::{ItemNo, Kind, MailboxNo};
use crate::wire::Response;

impl Call<'_> {
    /// `messages` of a folder or of the whole mailbox.
    pub(super) fn messages_route(
        &mut self,
        mailbox: MailboxNo,
        folder: Option<ItemNo>,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names, folder) {
            ("GET", [], _) => self.messages(mailbox, folder),
            ("POST", [], _) => self.create_message(mailbox, folder),
            ("GET", ["$count"], _) => self.count_messages(mailbox, folder),
            ("GET", ["delta" | "microsoft.graph.delta"], Some(folder)) => {
                self.messages_delta(mailbox, folder)
            }
            ("GET", ["delta" | "microsoft.graph.delta"], None) => Err(GraphError::bad(
                "Change tracking is not supported against 'microsoft.graph.message' of a whole mailbox; it is supported per mail folder.",
            )),
            _ => Err(self.unsupported(names)),
        }
    }

    /// One message and what hangs on it.
    pub(super) fn message_route(
        &mut self,
        mailbox: MailboxNo,
        id: &str,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let no = self.message_number(mailbox, id)?;
        let action = names.first().map(|name| name.strip_prefix("microsoft.graph.").unwrap_or(name));
        match (self.method.as_str(), names, action) {
            ("GET", [], _) => Ok(self.message_answer(200, mailbox, no)),
            ("PATCH", [], _) => self.patch_message(mailbox, no),
            ("DELETE", [], _) => self.delete_message(mailbox, no),
            ("POST", [_], Some("move")) => self.move_message(mailbox, no),
            ("POST", [_], Some("copy")) => self.copy_message(mailbox, no),
            ("POST", [_], Some("permanentDelete")) => {
                self.tenant.mailbox_mut(mailbox).remove_message(no);
                Ok(Response::empty(204))
            }
            ("POST", [_], Some("createReply" | "createReplyAll" | "createForward")) => {
                self.create_reply(mailbox, no, action.unwrap_or_default())
            }
            ("POST", [_], Some("send" | "reply" | "replyAll" | "forward")) => {
                // Who lacks Mail.Send was refused before.
                Err(GraphError::absent("sending of mail"))
            }
            ("GET", ["$value"], _) => {
                let message = &self.tenant.mailbox(mailbox).messages[&no];
                Ok(raw("text/plain", mime::of(message)))
            }
            (_, ["attachments", rest @ ..], _) => self.attachments_route(mailbox, Carrier::Message(no), rest),
            (_, ["extensions", rest @ ..], _) => self.extensions_route(mailbox, Carrier::Message(no), rest),
            ("GET", ["event"] | [_, "event"], Some("event" | "eventMessage")) => {
                self.event_of_message(mailbox, no)
            }
            ("GET", [_], Some("eventMessage")) => Ok(self.message_answer(200, mailbox, no)),
            _ => Err(self.unsupported(names)),
        }
    }

    pub(crate) fn message_number(&self, mailbox: MailboxNo, id: &str) -> Result<ItemNo, GraphError> {
        let id = self.item(mailbox, Kind::Message, id)?;
        match self.tenant.mailbox(mailbox).messages.get(&id.item) {
            // A regular id of before a move is an id of nothing.
            Some(message) if id.moves.is_none_or(|moves| moves == message.moves) => Ok(id.item),
            _ => Err(GraphError::not_found()),
        }
    }

    fn message_answer(&self, status: u16, mailbox: MailboxNo, no: ItemNo) -> Response {
        let message = &self.tenant.mailbox(mailbox).messages[&no];
        self.single(status, "messages", self.message(mailbox, message))
    }
}
