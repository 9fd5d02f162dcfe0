//! Record: what became of each message, before it is moved.

use super::moves::{MOVE_TO_FAILURE, MOVE_TO_SUCCESS};
use super::{Decision, MailWork};
use crate::EngineError;
use crate::pair::entry;
use crate::worker::Worker;
use serde_json::Value;
use tandem_crm_port::{Outcome, Status};
use tandem_model::{Kind, RecordId};
use tandem_store::{Commit, Link, LinkWrite, NewEntry, ObjectWrite, State, Step, StoreError};

/// A message that failed so often goes to the failure folder.
const ATTEMPTS: u32 = 5;

impl Worker {
    /// Commits messages and answers their links as they are in the store now.
    pub(super) async fn record_mails(&self, works: Vec<MailWork>) -> Result<Vec<Link>, EngineError> {
        let mut commit = Commit::default();
        for work in &works {
            self.note_mail(work, &mut commit);
        }
        match self.commit(commit).await {
            Ok(()) => {}
            // Another mailbox brought the same e-mail in the meantime: one by one, with the objects as they are now.
            Err(StoreError::Conflict { .. }) => {
                for work in &works {
                    self.record_alone(work.clone()).await?;
                }
            }
            Err(error) => return Err(error.into()),
        }
        let ids: Vec<_> = works.iter().map(|work| work.remote.id.clone()).collect();
        let links = self.parts.store.links_by_graph(self.id(), Kind::Mail, &ids).await?;
        Ok(links.into_iter().map(|linked| linked.link).filter(|link| link.todo.is_some()).collect())
    }

    async fn record_alone(&self, mut work: MailWork) -> Result<(), EngineError> {
        loop {
            let mut commit = Commit::default();
            self.note_mail(&work, &mut commit);
            match self.commit(commit).await {
                Err(StoreError::Conflict { kind, key }) => {
                    let keys = [work.mail.message_id.to_string()];
                    let object = self.parts.store.objects_by_key(Kind::Mail, &keys).await?.pop();
                    if object == work.object {
                        return Err(StoreError::Conflict { kind, key }.into());
                    }
                    work.object = object;
                }
                ended => return Ok(ended?),
            }
        }
    }

    fn note_mail(&self, work: &MailWork, commit: &mut Commit) {
        let mut link = work.link.clone();
        link.etag = Some(work.remote.etag.clone());
        link.place.clone_from(&work.remote.facts.folder);
        link.due = None;
        link.todo = None;
        (link.reason, link.detail) = (String::new(), String::new());
        let mut record: Option<RecordId> = None;
        let (code, text) = match &work.decision {
            Decision::Skip(reason) => {
                link.state = State::Skipped;
                (reason.code().to_owned(), reason.to_string())
            }
            Decision::Join => {
                self.succeed(&mut link);
                record = work.object.as_ref().and_then(|object| object.record.clone());
                (
                    "joined".to_owned(),
                    "another mailbox brought this e-mail already; linked to the same activity".to_owned(),
                )
            }
            Decision::Answered(status) if status.outcome.is_success() => {
                self.succeed(&mut link);
                record.clone_from(&status.record);
                link.stamp = status.stamp;
                added(status)
            }
            Decision::Answered(status) => {
                let refused = status.outcome.is_refusal();
                let why = status.why();
                self.fail(&mut link, status.reason.as_deref().unwrap_or("crm-error"), &why, refused)
            }
            Decision::Unread(why) => {
                link.state = State::Refused;
                ("unreadable".to_owned(), why.clone())
            }
            Decision::Later(why) => self.fail(&mut link, "m365-error", why, false),
            Decision::Add => return,
        };
        if link.state != State::Linked {
            (link.reason, link.detail) = (code.clone(), text.clone());
        }
        if link.state == State::Refused && self.parts.settings.emails.move_failure {
            link.todo = Some(MOVE_TO_FAILURE.to_owned());
        }
        if link.state == State::Skipped && work.link.id.is_some() && work.link.reason == link.reason {
            return; // nothing new about a message that stays out
        }
        self.note_lines(work, record.as_ref(), code, text, commit);
        let object = object_for(work, &mut link, record);
        commit.links.push(LinkWrite { link, object });
    }

    /// The e-mail is in the CRM; the message moves next, where that is set.
    pub(crate) fn succeed(&self, link: &mut Link) {
        link.state = State::Linked;
        link.attempts = 0;
        if self.parts.settings.emails.move_success {
            link.todo = Some(MOVE_TO_SUCCESS.to_owned());
        }
    }

    fn fail(&self, link: &mut Link, code: &str, why: &str, refused: bool) -> (String, String) {
        link.attempts = link.attempts.saturating_add(1);
        let refused = refused || link.attempts >= ATTEMPTS;
        link.state = if refused { State::Refused } else { State::Failed };
        if !refused {
            link.due = Some(self.retry_at(link.attempts, None));
        }
        (code.to_owned(), why.to_owned())
    }

    fn note_lines(
        &self,
        work: &MailWork,
        record: Option<&RecordId>,
        code: String,
        text: String,
        commit: &mut Commit,
    ) {
        let excluded = matches!(work.decision, Decision::Skip(_));
        let line = |step, code: &str, text: String| -> NewEntry {
            let mut line = entry(self, Kind::Mail, step, code, text, Value::Null);
            line.graph = Some(work.remote.id.clone());
            if !excluded {
                line.key = Some(work.mail.message_id.to_string());
                line.record = record.cloned();
            }
            line
        };
        let (step, notes) = match &work.decision {
            Decision::Answered(status) => (Step::Apply, status.notes.clone()),
            _ => (Step::Plan, Vec::new()),
        };
        for (code, text) in &work.notes {
            commit.journal.push(line(Step::Observe, code, text.clone()));
        }
        commit.journal.push(line(step, &code, text));
        for note in notes {
            commit.journal.push(line(Step::Apply, &note.code, note.text));
        }
    }
}

fn added(status: &Status) -> (String, String) {
    let record = status.record.as_ref().map_or_else(|| "an activity".to_owned(), ToString::to_string);
    match status.outcome {
        Outcome::AlreadyThere => {
            ("crm-had-it".to_owned(), format!("the CRM had this e-mail already ({record}); linked"))
        }
        _ => (
            "added-to-crm".to_owned(),
            format!("new in the synchronisation folder; added to the CRM as {record}"),
        ),
    }
}

fn object_for(work: &MailWork, link: &mut Link, record: Option<RecordId>) -> Option<ObjectWrite> {
    if let Some(object) = &work.object {
        link.object = Some(object.id);
        return None;
    }
    record.is_some().then(|| ObjectWrite {
        id: None,
        version: 0,
        kind: Kind::Mail,
        key: Some(work.mail.message_id.to_string()),
        record,
        lead: None,
    })
}
