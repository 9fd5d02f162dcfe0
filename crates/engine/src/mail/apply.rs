//! Apply: fetch attachments, add the activities in packages.

use super::folders::Folders;
use super::{Decision, MailWork};
use crate::EngineError;
use crate::worker::{PACKAGE, Worker};
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::BTreeSet;
use tandem_crm_port::{Answer, Command};
use tandem_graph::{AttachmentLimits, Class, GraphError};
use tandem_model::{Attachment, AttachmentContent, Item};

/// Bytes of attachments in one package to the CRM; a single larger message travels alone.
const PACKAGE_BYTES: u64 = 8 << 20;

/// Largest message that Exchange delivers by default, attachments included.
const LARGEST_MESSAGE: u64 = 150 << 20;

impl Worker {
    /// Takes messages to their end: into the CRM, into the journal, into their folder.
    pub(super) async fn settle_mail_works(
        &self,
        folders: &mut Folders,
        works: Vec<MailWork>,
    ) -> Result<(), EngineError> {
        let mut rest = works;
        while !rest.is_empty() {
            let (batch, later) = one_of_each_message(rest);
            rest = later;
            let answered = self.add_mails(batch).await?;
            let links = self.record_mails(answered).await?;
            self.carry_out_moves(folders, links).await?;
        }
        Ok(())
    }

    async fn add_mails(&self, works: Vec<MailWork>) -> Result<Vec<MailWork>, EngineError> {
        let (to_add, mut done): (Vec<_>, Vec<_>) =
            works.into_iter().partition(|work| matches!(work.decision, Decision::Add));
        let mut package: Vec<MailWork> = Vec::new();
        let mut bytes = 0;
        let mut fetched = stream::iter(to_add).map(|work| self.fetch(work)).buffered(4);
        while let Some(work) = fetched.next().await {
            let work = work?;
            if !matches!(work.decision, Decision::Add) {
                done.push(work);
                continue;
            }
            let size: u64 = work.mail.attachments.iter().map(held).sum();
            if !package.is_empty() && (package.len() == PACKAGE || bytes + size > PACKAGE_BYTES) {
                done.extend(self.send(std::mem::take(&mut package)).await?);
                bytes = 0;
            }
            bytes += size;
            package.push(work);
        }
        if !package.is_empty() {
            done.extend(self.send(package).await?);
        }
        Ok(done)
    }

    /// Completes a message with its attachments and cuts its text.
    async fn fetch(&self, mut work: MailWork) -> Result<MailWork, EngineError> {
        let emails = &self.parts.settings.emails;
        self.cut(&mut work);
        if !work.remote.facts.has_attachments {
            return Ok(work);
        }
        if !emails.attachments {
            work.notes.push(("attachments-off".to_owned(), "attachments are not synchronised".to_owned()));
            return Ok(work);
        }
        let each = match emails.attachment_limit_kb {
            0 => AttachmentLimits::default().each,
            kilobytes => kilobytes.saturating_mul(1024),
        };
        let limits = AttachmentLimits { each, total: LARGEST_MESSAGE.min(AttachmentLimits::default().total) };
        match self.graph.attachments(&work.remote.id, limits).await {
            Ok(attachments) => work.mail.attachments = attachments,
            Err(error) if matches!(error, GraphError::Throttled { .. }) => return Err(error.into()),
            Err(error) => match error.class() {
                Class::Fatal | Class::Denied => return Err(error.into()),
                // One message that does not come must not keep its folder waiting; it is tried again by itself.
                Class::Retry { .. } | Class::Ambiguous => work.decision = Decision::Later(error.to_string()),
                _ => work.decision = Decision::Unread(error.to_string()),
            },
        }
        for attachment in &work.mail.attachments {
            if let AttachmentContent::LeftOut(why) = &attachment.content {
                let text =
                    format!("attachment \"{}\" ({} bytes) left out: {why}", attachment.name, attachment.size);
                work.notes.push(("attachment-left-out".to_owned(), text));
            }
        }
        Ok(work)
    }

    fn cut(&self, work: &mut MailWork) {
        let limit = usize::try_from(self.parts.settings.emails.max_content_chars).unwrap_or(usize::MAX);
        let text = &mut work.mail.body.text;
        if limit == 0 {
            return;
        }
        if let Some((end, _)) = text.char_indices().nth(limit) {
            text.truncate(end);
            work.mail.body.truncated = true;
            work.notes
                .push(("text-truncated".to_owned(), format!("the text was cut after {limit} characters")));
        }
    }

    async fn send(&self, mut package: Vec<MailWork>) -> Result<Vec<MailWork>, EngineError> {
        let commands = package
            .iter_mut()
            .map(|work| Command::Add {
                key: work.mail.message_id.to_string(),
                // The bytes travel once; only the names are needed afterwards.
                item: Item::Mail(work.mail.clone()),
                published: false,
            })
            .collect();
        for work in &mut package {
            work.mail.attachments.clear();
        }
        let answers = self.ask_crm(commands).await?;
        for (work, answer) in package.iter_mut().zip(answers) {
            let Answer::Status(status) = answer else {
                return Err(EngineError::Answer { what: "Add" });
            };
            work.decision = Decision::Answered(Box::new(status));
        }
        Ok(package)
    }
}

/// Bytes that an attachment brings along.
fn held(attachment: &Attachment) -> u64 {
    match &attachment.content {
        AttachmentContent::Bytes(bytes) => bytes.len() as u64,
        AttachmentContent::Link(_) | AttachmentContent::LeftOut(_) => 0,
    }
}

/// Splits messages into those that can go together and the rest: two copies of one e-mail in one batch would not see
/// each other.
fn one_of_each_message(works: Vec<MailWork>) -> (Vec<MailWork>, Vec<MailWork>) {
    let mut seen = BTreeSet::new();
    works.into_iter().partition(|work| seen.insert(work.mail.message_id.clone()))
}
