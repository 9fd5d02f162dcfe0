//! The files that hang on a message.

use crate::transport::call::IMMUTABLE_ID;
use crate::{AttachmentLimits, GraphError, Mailbox};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tandem_model::{Attachment, AttachmentContent, GraphId};
use tandem_outside::TransportError;

/// Graph `attachment` with what its three kinds add.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AttachmentWire {
    id: String,
    #[serde(rename = "@odata.type")]
    kind: String,
    name: Option<String>,
    content_type: Option<String>,
    size: Option<u64>,
    is_inline: Option<bool>,
    content_bytes: Option<String>,
    source_url: Option<String>,
}

/// What is still allowed of a message.
struct Budget {
    each: u64,
    left: u64,
}

impl Budget {
    /// Why something of this size is left out, if it is.
    fn refuses(&self, size: u64) -> Option<String> {
        if size > self.each {
            return Some(format!(
                "it has {size} bytes, more than the {} allowed for one attachment",
                self.each
            ));
        }
        (size > self.left).then(|| {
            format!(
                "it has {size} bytes, more than the {} that are left of what a message may bring",
                self.left
            )
        })
    }
}

impl Mailbox {
    /// The attachments of a message in their order, with their bytes as far as `limits` allow. In most cases this is
    /// one request; attached Outlook items need one more each, and come as `.eml`, `.ics` or `.vcf` files.
    pub async fn attachments(
        &self,
        message: &GraphId,
        limits: AttachmentLimits,
    ) -> Result<Vec<Attachment>, GraphError> {
        let mut budget = Budget { each: limits.each, left: limits.total };
        let mut attachments = Vec::new();
        for wire in self.list_attachments(message, limits).await? {
            attachments.push(self.attachment(message, wire, &mut budget).await?);
        }
        Ok(attachments)
    }

    /// All attachments with their bytes in one answer, or, when that would be larger than anybody wants, without.
    async fn list_attachments(
        &self,
        message: &GraphId,
        limits: AttachmentLimits,
    ) -> Result<Vec<AttachmentWire>, GraphError> {
        let path = ["messages", message.as_str(), "attachments"];
        let doing = format!("reading the attachments of message {message}");
        let mut call = self.get(&path, &[], &doing).prefer(IMMUTABLE_ID);
        // Base64 needs four bytes for three; names and types take the rest.
        call.max_body = Some(capped(limits.total.saturating_mul(4) / 3 + (1 << 20)));
        match self.all(call).await {
            Err(GraphError::Unreachable { source: TransportError::TooLarge { .. }, .. }) => {
                let query = [("$select", "id,name,contentType,size,isInline")];
                self.all(self.get(&path, &query, &doing).prefer(IMMUTABLE_ID)).await
            }
            answer => answer,
        }
    }

    async fn attachment(
        &self,
        message: &GraphId,
        wire: AttachmentWire,
        budget: &mut Budget,
    ) -> Result<Attachment, GraphError> {
        let mut attachment = Attachment {
            name: wire.name.unwrap_or_default(),
            media_type: wire.content_type.unwrap_or_default(),
            size: wire.size.unwrap_or_default(),
            inline: wire.is_inline.unwrap_or_default(),
            content: AttachmentContent::LeftOut(String::new()),
        };
        if wire.kind.ends_with("referenceAttachment") {
            attachment.content = match wire.source_url {
                Some(url) => AttachmentContent::Link(url),
                None => AttachmentContent::LeftOut(
                    "it is a link to a file elsewhere, whose address is not told".into(),
                ),
            };
            return Ok(attachment);
        }
        let item = wire.kind.ends_with("itemAttachment");
        let decoded = wire.content_bytes.filter(|_| !item).map(|text| STANDARD.decode(text.as_bytes()));
        let fetched = match decoded {
            Some(Ok(bytes)) => Ok(bytes),
            Some(Err(_)) => Err("its bytes cannot be decoded".to_owned()),
            None => match budget.refuses(attachment.size) {
                Some(reason) => Err(reason),
                None => self.raw(message, &wire.id, budget).await?,
            },
        };
        if let Ok(bytes) = &fetched {
            // `size` of the answer counts the attachment's properties too.
            attachment.size = bytes.len() as u64;
            if item {
                name_item(&mut attachment, bytes);
            }
        }
        attachment.content = match fetched {
            Ok(_) if budget.refuses(attachment.size).is_some() => {
                AttachmentContent::LeftOut(budget.refuses(attachment.size).unwrap_or_default())
            }
            Ok(bytes) => {
                budget.left -= attachment.size;
                AttachmentContent::Bytes(bytes)
            }
            Err(reason) => AttachmentContent::LeftOut(reason),
        };
        Ok(attachment)
    }

    /// The raw bytes of one attachment, or why they are left out.
    async fn raw(
        &self,
        message: &GraphId,
        id: &str,
        budget: &Budget,
    ) -> Result<Result<Vec<u8>, String>, GraphError> {
        let path = ["messages", message.as_str(), "attachments", id, "$value"];
        let mut call =
            self.get(&path, &[], &format!("reading an attachment of message {message}")).prefer(IMMUTABLE_ID);
        call.max_body = Some(capped(budget.each.min(budget.left)));
        match self.send(call).await {
            Ok(reply) => Ok(Ok(reply.body.to_vec())),
            Err(GraphError::Unreachable { source: TransportError::TooLarge { limit, .. }, .. }) => {
                Ok(Err(format!("it is larger than the {limit} bytes that are allowed")))
            }
            // What the service cannot give, as the content of some attached items, must not keep the rest away.
            Err(GraphError::Rejected(at)) => {
                Ok(Err(format!("Microsoft Graph does not give it: {}", at.message)))
            }
            Err(error) => Err(error),
        }
    }
}

fn capped(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX).min(256 << 20)
}

/// Names an attached Outlook item after what its raw content is ("Graph documentation: get attachment").
fn name_item(attachment: &mut Attachment, bytes: &[u8]) {
    let begins =
        |mark: &str| bytes.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark.as_bytes()));
    let (media_type, extension) = if begins("BEGIN:VCARD") {
        ("text/vcard", ".vcf")
    } else if begins("BEGIN:VCALENDAR") {
        ("text/calendar", ".ics")
    } else {
        ("message/rfc822", ".eml")
    };
    attachment.media_type = media_type.to_owned();
    if !attachment.name.to_lowercase().ends_with(extension) {
        attachment.name.push_str(extension);
    }
}
