//! Messages.

use super::contact::etag;
use super::person::{Recipient, people};
use super::text::{ItemBody, tidy};
use super::{Lens, categories, importance, text_or_empty, time};
use crate::{Facts, Remote};
use serde::Deserialize;
use tandem_model::{Body, Direction, GraphId, InternetMessageId, Item, Mail};

/// What is asked for; Graph would add a preview, links and the read state.
pub(crate) const SELECT: &str = "id,changeKey,internetMessageId,subject,from,sender,toRecipients,ccRecipients,\
                                 bccRecipients,sentDateTime,receivedDateTime,createdDateTime,lastModifiedDateTime,\
                                 isDraft,hasAttachments,importance,categories,parentFolderId,body";

/// Graph `message`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MessageWire {
    id: String,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
    change_key: Option<String>,
    internet_message_id: Option<String>,
    subject: Option<String>,
    from: Option<Recipient>,
    sender: Option<Recipient>,
    to_recipients: Option<Vec<Recipient>>,
    cc_recipients: Option<Vec<Recipient>>,
    bcc_recipients: Option<Vec<Recipient>>,
    sent_date_time: Option<String>,
    received_date_time: Option<String>,
    created_date_time: Option<String>,
    last_modified_date_time: Option<String>,
    is_draft: Option<bool>,
    has_attachments: Option<bool>,
    importance: Option<String>,
    categories: Option<Vec<String>>,
    parent_folder_id: Option<String>,
    body: Option<ItemBody>,
}

impl MessageWire {
    /// Whether it is only a hint that something changed, without the properties that every message has.
    pub(crate) fn is_partial(&self) -> bool {
        self.internet_message_id.is_none() && self.body.is_none()
    }

    pub(crate) fn remote(&self, lens: &Lens) -> Result<Remote, String> {
        let facts = Facts {
            is_draft: self.is_draft.unwrap_or_default(),
            has_attachments: self.has_attachments.unwrap_or_default(),
            created: time::instant(self.created_date_time.as_ref()),
            modified: time::instant(self.last_modified_date_time.as_ref()),
            folder: self.parent_folder_id.clone(),
            ..Facts::default()
        };
        let etag = etag(self.etag.as_ref(), self.change_key.as_ref());
        Ok(Remote { id: GraphId::new(&self.id), etag, item: Item::Mail(self.mail(lens)?), facts })
    }

    fn mail(&self, lens: &Lens) -> Result<Mail, String> {
        let message_id = self.internet_message_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let message_id = message_id.ok_or("the message has no internetMessageId")?;
        let times = [&self.sent_date_time, &self.received_date_time, &self.created_date_time];
        let sent_at = times.into_iter().find_map(|text| time::instant(text.as_ref()));
        let from = [&self.from, &self.sender].into_iter().flatten().find_map(Recipient::person);
        let own = from.as_ref().is_some_and(|from| lens.addresses.contains(&from.address));
        Ok(Mail {
            message_id: InternetMessageId::new(message_id),
            subject: text_or_empty(self.subject.as_ref()).trim().to_owned(),
            from,
            to: people(self.to_recipients.as_ref()),
            cc: people(self.cc_recipients.as_ref()),
            bcc: people(self.bcc_recipients.as_ref()),
            sent_at: sent_at.ok_or("the message was neither sent nor received at a readable time")?,
            direction: if own { Direction::Out } else { Direction::In },
            importance: importance(self.importance.as_deref()),
            categories: categories(self.categories.as_ref()),
            body: self.body.as_ref().map(|body| read_body(body, lens)).unwrap_or_default(),
            attachments: Vec::new(),
            additional: Default::default(),
        })
    }
}

fn read_body(body: &ItemBody, lens: &Lens) -> Body {
    let html = body.is_html() && lens.html;
    let text = if html { tidy(body.content.as_deref().unwrap_or_default()) } else { body.text() };
    Body { html, text, truncated: false }
}
