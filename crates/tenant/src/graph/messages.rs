//! Messages.

use super::arrival::NewMessage;
use super::delta::{self, Collection};
use super::{Call, mime, raw, render, time};
use crate::error::GraphError;
use crate::ids::{ItemNo, Kind, MailboxNo};
use crate::mailbox::content::{Stamp, same_property};
use crate::mailbox::message::{Message, MessageContent};
use crate::mailbox::patch::{as_map, read, take_extended};
use crate::wire::Response;
use serde_json::{Map, Value, json};

impl Call<'_> {
    /// `messages` of a folder or of the whole mailbox.
    pub(super) fn messages_route(
        &mut self,
        mailbox: MailboxNo,
        folder: Option<ItemNo>,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names, folder) {
            ("GET", [], _) => Ok(self.messages(mailbox, folder)),
            ("POST", [], _) => self.create_message(mailbox, folder),
            ("GET", ["$count"], _) => {
                let count = self.message_numbers(mailbox, folder).len();
                Ok(raw("text/plain", count.to_string().into()))
            }
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
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.message_answer(200, mailbox, no)),
            ("PATCH", []) => self.patch_message(mailbox, no),
            ("DELETE", []) => self.delete_message(mailbox, no),
            ("POST", ["move"]) => self.move_message(mailbox, no),
            ("POST", ["copy"]) => self.copy_message(mailbox, no),
            ("GET", ["$value"]) => {
                let message = &self.tenant.mailbox(mailbox).messages[&no];
                Ok(raw("text/plain", mime::of(message)))
            }
            (_, ["attachments", rest @ ..]) => self.message_attachments(mailbox, no, rest),
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

    /// Messages, the latest first.
    fn message_numbers(&self, mailbox: MailboxNo, folder: Option<ItemNo>) -> Vec<ItemNo> {
        let store = self.tenant.mailbox(mailbox);
        if let Some(folder) = folder {
            return store
                .folders
                .get(&folder)
                .map(|folder| folder.messages.iter().rev().map(|(_, no)| *no).collect())
                .unwrap_or_default();
        }
        if let Some(id) = self.query.filter.as_ref().and_then(|filter| filter.required("internetMessageId")) {
            let start = (Box::from(id), ItemNo(0));
            return store
                .by_message_id
                .range(start..)
                .take_while(|(known, _)| **known == *id)
                .map(|(_, no)| *no)
                .collect();
        }
        let mut all: Vec<_> = store.messages.values().map(|message| (message.received, message.no)).collect();
        all.sort_unstable();
        all.into_iter().rev().map(|(_, no)| no).collect()
    }

    fn messages(&self, mailbox: MailboxNo, folder: Option<ItemNo>) -> Response {
        let store = self.tenant.mailbox(mailbox);
        let numbers = self.message_numbers(mailbox, folder);
        let filter = self.query.filter.as_ref();
        let wanted = filter.and_then(|filter| filter.required("internetMessageId"));
        self.list_where(
            "messages",
            numbers,
            |no| {
                let message = &store.messages[no];
                wanted.is_none_or(|id| *message.internet_message_id == *id)
                    && filter.is_none_or(|filter| !filter.rules_out(&message.extended))
            },
            |no| self.message(mailbox, &store.messages[no]),
        )
    }

    fn message_answer(&self, status: u16, mailbox: MailboxNo, no: ItemNo) -> Response {
        let message = &self.tenant.mailbox(mailbox).messages[&no];
        self.single(status, "messages", self.message(mailbox, message))
    }

    /// The JSON of a message.
    pub(crate) fn message(&self, mailbox: MailboxNo, message: &Message) -> Map<String, Value> {
        let mut map = as_map(&message.content);
        let headers = map.remove("internetMessageHeaders");
        if self.query.selects("internetMessageHeaders") {
            map.insert("internetMessageHeaders".to_owned(), headers.unwrap_or_default());
        }
        let sent = message.content.sent_date_time.unwrap_or(message.received);
        map.extend(render::object(json!({
            "@odata.etag": message.stamp.etag(),
            "id": self.id(Kind::Message, mailbox, message.no, message.moves),
            "createdDateTime": time(message.stamp.created),
            "lastModifiedDateTime": time(message.stamp.modified),
            "changeKey": message.stamp.change_key(),
            "receivedDateTime": time(message.received),
            "sentDateTime": time(sent),
            "hasAttachments": message.attachments.iter().any(|attachment| !attachment.is_inline),
            "internetMessageId": message.internet_message_id,
            "bodyPreview": message.content.body.preview(),
            "parentFolderId": self.folder_id(mailbox, message.folder),
            "conversationId": message.conversation,
            "conversationIndex": message.conversation,
            "isDraft": message.is_draft,
            "webLink": format!("https://outlook.office365.com/owa/?ItemID={}", message.no.0),
            "body": self.body_json(&message.content.body),
        })));
        if self.query.selects("uniqueBody") {
            map.insert("uniqueBody".to_owned(), self.body_json(&message.content.body));
        }
        self.expand_extended(&mut map, &message.extended);
        self.expand_attachments(&mut map, mailbox, &message.attachments);
        map
    }

    fn create_message(&mut self, mailbox: MailboxNo, folder: Option<ItemNo>) -> Result<Response, GraphError> {
        if self.content_type.starts_with("text/plain") {
            return Err(GraphError::absent("creation of messages from MIME"));
        }
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let files = body.remove("attachments");
        let id = body.remove("internetMessageId");
        for name in ["conversationId", "receivedDateTime"] {
            body.remove(name);
        }
        let mut content: MessageContent = read("message", body)?;
        content.is_read = true;
        // MAPI's message flags say whether a message that is laid into a folder counts as sent, and as read.
        let flags = extended.iter().find(|one| same_property(&one.id, "Integer 0x0E07"));
        let flags = flags.and_then(|flags| flags.value.parse::<u32>().ok());
        let is_draft = flags.is_none_or(|flags| flags & 8 != 0);
        if let Some(flags) = flags {
            content.is_read = flags & 1 != 0;
        }
        let attachments = self.read_attachments(files)?;
        let store = self.tenant.mailbox(mailbox);
        let folder = folder.or_else(|| store.well_known("drafts")).unwrap_or_else(|| store.root());
        let draft = NewMessage { folder, content, attachments, is_draft, ..NewMessage::default() };
        let id = id.and_then(|id| id.as_str().map(Box::from));
        let no = self.tenant.add_message(
            mailbox,
            NewMessage { internet_message_id: id, extended, ..draft },
            self.now,
        );
        Ok(self.message_answer(201, mailbox, no))
    }

    fn patch_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let mut message = self.tenant.mailbox(mailbox).messages[&no].clone();
        self.check_version(&message.stamp)?;
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        message.change(&body, extended)?;
        message.stamp.touch(self.now, self.tenant.sequence.change());
        self.tenant.mailbox_mut(mailbox).put_message(message);
        Ok(self.message_answer(200, mailbox, no))
    }

    /// Moves a message to Deleted Items; one that lies there already goes for good.
    fn delete_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        self.check_version(&self.tenant.mailbox(mailbox).messages[&no].stamp)?;
        self.tenant.discard_message(mailbox, no, self.now);
        Ok(Response::empty(204))
    }

    fn destination(&self, mailbox: MailboxNo) -> Result<ItemNo, GraphError> {
        let body = self.object()?;
        let name = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("destinationId"));
        let Some(name) = name.and_then(|(_, value)| value.as_str()) else {
            return Err(GraphError::new(
                400,
                "ErrorInvalidRequest",
                "The property 'DestinationId' is required.",
            ));
        };
        self.folder_number(mailbox, name)
    }

    fn move_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let to = self.destination(mailbox)?;
        let (now, change) = (self.now, self.tenant.sequence.change());
        self.tenant.mailbox_mut(mailbox).move_message(no, to, |message| message.stamp.touch(now, change));
        Ok(self.message_answer(201, mailbox, no))
    }

    fn copy_message(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let folder = self.destination(mailbox)?;
        let mut copy = self.tenant.mailbox(mailbox).messages[&no].clone();
        copy.no = self.tenant.sequence.item();
        copy.folder = folder;
        copy.moves = 0;
        copy.stamp = Stamp::new(self.now, self.tenant.sequence.change());
        for attachment in &mut copy.attachments {
            attachment.no = self.tenant.sequence.item();
        }
        let no = copy.no;
        self.tenant.mailbox_mut(mailbox).put_message(copy);
        Ok(self.message_answer(201, mailbox, no))
    }

    fn messages_delta(&mut self, mailbox: MailboxNo, folder: ItemNo) -> Result<Response, GraphError> {
        let collection = Collection { kind: "messages", mailbox, number: folder.0 };
        let mut token = self.sync_token(&collection)?;
        let wanted = self.query.value("changeType").map(str::to_ascii_lowercase);
        let size = self.delta_page_size();
        let cursor = token.cursor;
        let store = self.tenant.mailbox(mailbox);
        let Some(log) = store.folders.get(&folder).map(|folder| &folder.log) else {
            return Err(GraphError::not_found());
        };
        let page = delta::read(log, &mut token, size)?;
        let filter = self.query.filter.as_ref();
        let entries: Vec<Value> = page
            .entries
            .iter()
            .filter(|(_, entry)| {
                let kind = match entry {
                    entry if entry.gone => "deleted",
                    entry if entry.first > cursor => "created",
                    _ => "updated",
                };
                wanted.as_ref().is_none_or(|wanted| wanted == kind)
            })
            .filter_map(|(no, entry)| match store.messages.get(no) {
                Some(message) if !entry.gone => {
                    let map = self.message(mailbox, message);
                    let kept = filter.is_none_or(|filter| filter.holds(&Value::Object(map.clone())));
                    kept.then(|| Value::Object(self.projected(map)))
                }
                gone => {
                    // Even the regular id is that of before the move: only so does the reader know whom it means.
                    let moves = gone.map_or(0, |message| message.moves.saturating_sub(1));
                    Some(render::removed(&self.id(Kind::Message, mailbox, *no, moves), "deleted"))
                }
            })
            .collect();
        Ok(self.delta_answer("messages", token, entries, page.cursor, page.more))
    }
}
