//! Drafts of answers: `createReply`, `createReplyAll` and `createForward`. Sending them is another permission.

use crate::error::GraphError;
use crate::graph::Call;
use crate::graph::arrival::NewMessage;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::{Body, BodyType, Recipient};
use crate::mailbox::message::{Message, MessageContent};
use crate::mailbox::patch::{as_map, merged};
use crate::wire::Response;
use serde_json::{Map, Value};

impl Call<'_> {
    pub(super) fn create_reply(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        action: &str,
    ) -> Result<Response, GraphError> {
        let body = self.optional_object()?;
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let message = body.get("message").and_then(Value::as_object);
        if text("comment").is_some() && message.is_some_and(|message| message.contains_key("body")) {
            return Err(GraphError::bad("Specify either a comment or the body of the message, not both."));
        }
        let original = self.tenant.mailbox(mailbox).messages[&no].clone();
        let owner = self.tenant.owner(mailbox);
        let mut content = answer_to(&original, &owner, action);
        if let Some(comment) = text("comment") {
            content.body = quoting(comment, &original);
        }
        if let Some(recipients) = body.get("toRecipients") {
            let patch = Map::from_iter([("toRecipients".to_owned(), recipients.clone())]);
            content = merged("message", &content, &patch)?;
        }
        let mut patch = message.cloned().unwrap_or_default();
        patch.retain(|name, _| as_map(&content).contains_key(name));
        content = merged("message", &content, &patch)?;
        let drafts = self.tenant.mailbox(mailbox).well_known("drafts");
        let folder = drafts.unwrap_or_else(|| self.tenant.mailbox(mailbox).root());
        let attachments = if action == "createForward" {
            let mut copies = original.attachments.clone();
            for copy in &mut copies {
                copy.no = self.tenant.sequence.item();
            }
            copies
        } else {
            Vec::new()
        };
        let new = NewMessage {
            folder,
            content,
            attachments,
            conversation: Some(original.conversation),
            is_draft: true,
            ..NewMessage::default()
        };
        let no = self.tenant.add_message(mailbox, new, self.now);
        Ok(self.message_answer(201, mailbox, no))
    }
}

/// What the draft says before anybody writes into it.
fn answer_to(original: &Message, owner: &Recipient, action: &str) -> MessageContent {
    let old = &original.content;
    let subject = old.subject.as_deref().unwrap_or_default();
    let prefix = if action == "createForward" { "FW: " } else { "RE: " };
    let is_marked = subject.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let subject = if is_marked { subject.to_owned() } else { format!("{prefix}{subject}") };
    let mut to = Vec::new();
    let mut cc = Vec::new();
    if action != "createForward" {
        to = if old.reply_to.is_empty() { old.from.iter().cloned().collect() } else { old.reply_to.clone() };
    }
    if action == "createReplyAll" {
        let own = owner.email_address.key();
        let others = |list: &[Recipient]| -> Vec<Recipient> {
            list.iter().filter(|one| one.email_address.key() != own).cloned().collect()
        };
        to.extend(others(&old.to_recipients));
        cc = others(&old.cc_recipients);
    }
    MessageContent {
        subject: Some(subject.into()),
        body: quoting("", original),
        from: Some(owner.clone()),
        sender: Some(owner.clone()),
        to_recipients: to,
        cc_recipients: cc,
        is_read: true,
        ..MessageContent::default()
    }
}

/// A text above the message that it answers.
fn quoting(comment: &str, original: &Message) -> Body {
    let old = &original.content;
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let from = old.from.as_ref().map(|from| from.email_address.key()).unwrap_or_default();
    let quoted = match old.body.content_type {
        BodyType::Html => old.body.content.to_string(),
        BodyType::Text => format!("<pre>{}</pre>", escape(&old.body.content)),
    };
    let content = format!(
        "<html><body>{}<div id=\"divRplyFwdMsg\"><b>From:</b> {}<br><b>Subject:</b> {}</div>{quoted}</body></html>",
        escape(comment),
        escape(&from),
        escape(old.subject.as_deref().unwrap_or_default()),
    );
    Body { content_type: BodyType::Html, content: content.into() }
}
