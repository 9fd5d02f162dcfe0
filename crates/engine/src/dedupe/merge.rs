//! Merge: one record stays and takes over what it lacks, the others are deleted softly.

use super::story::{self, Gone, Kept, Story};
use super::{DedupeError, Duplicate, Merged};
use crate::migrate::with_fields;
use crate::pair::{CrmSeen, SILENT, Work};
use crate::worker::Worker;
use crate::{Connector, EngineError, Roster};
use std::collections::BTreeSet;
use tandem_crm_port::{Answer, Command, Outcome, RecordState, Status};
use tandem_model::{Document, MailboxId, RecordId, Stamp};
use tandem_store::{Commit, Link, LinkWrite, ObjectWrite, State, StoreError};

impl Connector {
    /// Merges what `id` names. Repeating it is harmless, and after a crash it goes on.
    ///
    /// # Errors
    /// When there is nothing of this id, when it would call a meeting off, when a record changed meanwhile or the CRM
    /// refuses, and when either side or the store cannot be asked.
    pub async fn merge_duplicate(&self, roster: &Roster, id: &str) -> Result<Merged, DedupeError> {
        if let Some(story) = story::of(&*self.parts.store, id).await? {
            if !story.done {
                self.carry_out_merge(roster, id, &story).await?;
            }
            return Ok(ended(&story));
        }
        let found = self.find_duplicates(roster).await?;
        let duplicate = found.into_iter().find(|duplicate| duplicate.id == id);
        let duplicate = duplicate.ok_or_else(|| DedupeError::Unknown(id.to_owned()))?;
        if let Some(meeting) = duplicate.others.iter().find(|other| other.linked && other.has_attendees()) {
            return Err(DedupeError::Meeting { record: meeting.record.clone() });
        }
        let story = planned(&duplicate);
        self.merging(roster, &story.keep.mailbox).await?.begin_merge(&duplicate, &story).await?;
        self.carry_out_merge(roster, id, &story).await?;
        Ok(ended(&story))
    }

    async fn carry_out_merge(&self, roster: &Roster, id: &str, story: &Story) -> Result<(), DedupeError> {
        let keep = &story.keep;
        if !keep.fields.is_empty() {
            let worker = self.merging(roster, &keep.mailbox).await?;
            worker.wake(story, &keep.record).await?;
            worker.set_fields(story, &keep.record, &keep.after, &keep.fields, keep.stamp).await?;
        }
        for gone in &story.others {
            self.merging(roster, &gone.mailbox).await?.delete_merged(story, gone).await?;
        }
        self.merging(roster, &keep.mailbox).await?.end_merge(id, story, false).await
    }

    /// A worker that has claimed the mailbox.
    pub(super) async fn merging(&self, roster: &Roster, id: &MailboxId) -> Result<Worker, DedupeError> {
        let mailboxes = self.parts.store.mailboxes().await?;
        let known = mailboxes.into_iter().find(|mailbox| mailbox.seed.id == *id);
        let mailbox = known.ok_or_else(|| StoreError::UnknownMailbox(id.clone()))?;
        let epoch = self.parts.store.claim(id).await?;
        Ok(with_fields(&self.parts, roster, &mailbox, epoch).await?)
    }
}

fn ended(story: &Story) -> Merged {
    Merged {
        keep: story.keep.record.clone(),
        fields: story.keep.fields.iter().cloned().collect(),
        deleted: story.others.iter().map(|gone| gone.record.clone()).collect(),
    }
}

/// The record that stays gets what it lacks. Whoever takes part is not touched: that would be news for people.
fn planned(duplicate: &Duplicate) -> Story {
    let before = duplicate.keep.document();
    let mut after = before.clone();
    for other in duplicate.others.iter().map(super::Member::document) {
        let people = ["attendees", "organizer", "responses"];
        let lacking: Vec<String> = other
            .fields()
            .filter(|field| !people.contains(field) && after.get(field).is_null())
            .map(str::to_owned)
            .collect();
        lacking.iter().for_each(|field| after.set(field, other.get(field).clone()));
    }
    let others = duplicate.others.iter().map(|other| Gone {
        record: other.record.clone(),
        mailbox: other.mailbox.clone(),
        stamp: other.stamp,
        before: other.document(),
    });
    Story {
        kind: duplicate.kind,
        others: others.collect(),
        keep: Kept {
            record: duplicate.keep.record.clone(),
            mailbox: duplicate.keep.mailbox.clone(),
            stamp: duplicate.keep.stamp,
            fields: after.differences(&before),
            before,
            after,
        },
        done: false,
    }
}

impl Worker {
    async fn delete_merged(&self, story: &Story, gone: &Gone) -> Result<(), DedupeError> {
        self.wake(story, &gone.record).await?;
        let (record, kind, if_stamp) = (gone.record.clone(), story.kind, Some(gone.stamp));
        let status = self.answered(Command::Delete { record, kind, if_stamp }).await?;
        // The answer to an earlier try may have been lost: what counts is what is there.
        let gone_now = match self.read_record(story.kind, gone.record.clone()).await? {
            CrmSeen::Reported(change) => change.state == RecordState::Deleted,
            // One that is not shown may merely be hidden from this rep: then it was not he who deleted it.
            _ => status.outcome.is_success() || status.outcome == Outcome::NotFound,
        };
        if gone_now {
            return Ok(());
        }
        Err(not_done(&gone.record, &status))
    }

    /// Gives a record values for some of its fields. A record that holds them already is left alone.
    pub(super) async fn set_fields(
        &self,
        story: &Story,
        record: &RecordId,
        wanted: &Document,
        fields: &BTreeSet<String>,
        stamp: Stamp,
    ) -> Result<(), DedupeError> {
        let item = wanted.item(story.kind);
        let item =
            item.map_err(|error| DedupeError::Crm { record: record.clone(), why: error.to_string() })?;
        let command =
            Command::Replace { record: record.clone(), item, fields: fields.clone(), if_stamp: Some(stamp) };
        let status = self.answered(command).await?;
        if status.outcome.is_success() {
            return Ok(());
        }
        let held = match self.read_record(story.kind, record.clone()).await? {
            CrmSeen::Reported(change) => match &change.state {
                RecordState::Present { item, .. } => Document::of(item),
                RecordState::Deleted | RecordState::Reassigned => Document::default(),
            },
            _ => Document::default(),
        };
        let holds = fields.iter().all(|field| held.get(field) == wanted.get(field));
        if holds && !held.is_empty() { Ok(()) } else { Err(not_done(record, &status)) }
    }

    async fn answered(&self, command: Command) -> Result<Status, DedupeError> {
        match self.ask_crm(vec![command]).await?.pop() {
            Some(Answer::Status(status)) => Ok(status),
            _ => Err(EngineError::Answer { what: "a write" }.into()),
        }
    }

    /// The CRM does not report back what is written here: the links of a record are looked at by the next cycles, which
    /// mail nobody because of it. A record that no mailbox has a link to gets one.
    pub(super) async fn wake(&self, story: &Story, record: &RecordId) -> Result<(), DedupeError> {
        let records = std::slice::from_ref(record);
        let objects = self.parts.store.objects_by_record(story.kind, records).await?;
        let Some(object) = objects.into_iter().next() else { return self.link_to(story, record).await };
        for linked in self.parts.store.copies(&object).await? {
            let mut link = linked.link;
            let asleep = matches!(link.state, State::Linked | State::Deleted) && link.todo.is_none();
            if !asleep {
                continue;
            }
            let mailbox = link.mailbox.clone();
            let epoch =
                if mailbox == *self.id() { self.epoch } else { self.parts.store.claim(&mailbox).await? };
            (link.todo, link.due) = (Some(SILENT.to_owned()), Some(self.now));
            let links = vec![LinkWrite { link, object: None }];
            self.parts.store.commit(&mailbox, epoch, Commit { links, ..Commit::default() }).await?;
        }
        Ok(())
    }

    async fn link_to(&self, story: &Story, record: &RecordId) -> Result<(), DedupeError> {
        let detail = "a merge of duplicates concerns it; the next cycle looks at it".to_owned();
        let link = Link {
            reason: "merge".to_owned(),
            detail,
            todo: Some(SILENT.to_owned()),
            due: Some(self.now),
            ..Work::fresh(self.id(), story.kind, None)
        };
        let object = ObjectWrite {
            id: None,
            version: 0,
            kind: story.kind,
            key: None,
            record: Some(record.clone()),
            lead: None,
        };
        let links = vec![LinkWrite { link, object: Some(object) }];
        Ok(self.commit(Commit { links, ..Commit::default() }).await?)
    }
}

fn not_done(record: &RecordId, status: &Status) -> DedupeError {
    let why = match status.outcome {
        Outcome::Conflict => "it was changed since the duplicates were found; look at it first".to_owned(),
        _ => status.why(),
    };
    DedupeError::Crm { record: record.clone(), why }
}
