//! Merge: one record stays and takes over what it lacks, the others are deleted softly.

use super::story::{self, CopyStory, Gone, Kept, Story, Told};
use super::take_over::missing;
use super::{DedupeError, Duplicate, IN_MAILBOX, Member, Merged, Thing};
use crate::migrate::with_fields;
use crate::pair::{CrmSeen, SILENT, Work};
use crate::worker::Worker;
use crate::{Connector, EngineError, Roster};
use std::collections::BTreeSet;
use tandem_crm_port::{Answer, Command, Outcome, RecordState, Status};
use tandem_model::{Document, Kind, MailboxId, RecordId, Stamp};
use tandem_store::{Commit, Link, LinkWrite, ObjectWrite, State, StoreError};

impl Connector {
    /// Merges what `id` names. Repeating it is harmless, and after a crash it goes on.
    ///
    /// # Errors
    /// When there is nothing of this id, when only a person can do it, when something changed meanwhile or one of the
    /// sides refuses, and when either side or the store cannot be asked.
    pub async fn merge_duplicate(&self, roster: &Roster, id: &str) -> Result<Merged, DedupeError> {
        if id.starts_with(IN_MAILBOX) {
            if let Some(story) = story::of::<CopyStory>(&*self.parts.store, id).await? {
                return self.carry_out_in_mailbox(roster, id, &story).await;
            }
        } else if let Some(story) = story::of::<Story>(&*self.parts.store, id).await? {
            return self.carry_out_merge(roster, id, &story).await;
        }
        let found = self.find_duplicates(roster).await?;
        let duplicate = found.into_iter().find(|duplicate| duplicate.id == id);
        let duplicate = duplicate.ok_or_else(|| DedupeError::Unknown(id.to_owned()))?;
        if let Some(why) = duplicate.by_hand {
            return Err(DedupeError::ByHand { id: id.to_owned(), why });
        }
        let worker = self.merging(roster, &duplicate.keep.mailbox).await?;
        if duplicate.is_in_mailbox() {
            let story = worker.planned_in_mailbox(&duplicate).await?;
            worker.begin_merge(id, &story).await?;
            return self.carry_out_in_mailbox(roster, id, &story).await;
        }
        let story = planned(&duplicate)?;
        worker.begin_merge(id, &story).await?;
        self.carry_out_merge(roster, id, &story).await
    }

    async fn carry_out_merge(&self, roster: &Roster, id: &str, story: &Story) -> Result<Merged, DedupeError> {
        if story.done {
            return Ok(story.ended());
        }
        // Whether the CRM lets go of what is its own is known only when it is asked; then nothing else is done yet.
        let asks_first = story.kind == Kind::Mail;
        if !asks_first {
            self.complete_kept(roster, story).await?;
        }
        for gone in &story.others {
            let worker = self.merging(roster, &gone.mailbox).await?;
            if let Some(why) = worker.delete_merged(story, gone).await? {
                if asks_first {
                    worker.end_undoing(id, story).await?;
                }
                return Err(DedupeError::ByHand { id: id.to_owned(), why });
            }
        }
        if asks_first {
            self.complete_kept(roster, story).await?;
        }
        self.merging(roster, &story.keep.mailbox).await?.end_merge(id, story).await?;
        Ok(story.ended())
    }

    /// The record that stays gets what it lacks.
    async fn complete_kept(&self, roster: &Roster, story: &Story) -> Result<(), DedupeError> {
        let keep = &story.keep;
        if keep.fields.is_empty() {
            return Ok(());
        }
        let worker = self.merging(roster, &keep.mailbox).await?;
        worker.wake(story, &keep.record).await?;
        worker.set_fields(story, &keep.record, &keep.after, &keep.fields, keep.stamp).await
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

fn planned(duplicate: &Duplicate) -> Result<Story, DedupeError> {
    let (record, stamp) = record_of(&duplicate.keep)?;
    let (before, after) = (duplicate.keep.document(), duplicate.merged());
    let others = duplicate.others.iter().map(|other| {
        let (record, stamp) = record_of(other)?;
        Ok(Gone { record, stamp, mailbox: other.mailbox.clone(), before: other.document() })
    });
    Ok(Story {
        kind: duplicate.kind,
        others: others.collect::<Result<_, DedupeError>>()?,
        keep: Kept {
            record,
            mailbox: duplicate.keep.mailbox.clone(),
            stamp,
            fields: after.differences(&before),
            before,
            after,
        },
        done: false,
    })
}

fn record_of(member: &Member) -> Result<(RecordId, Stamp), DedupeError> {
    match &member.thing {
        Thing::Record { record, stamp } => Ok((record.clone(), *stamp)),
        Thing::Copy(copy) => Err(DedupeError::Unknown(copy.graph.to_string())),
    }
}

impl Worker {
    /// Deletes a record. Answers why the CRM keeps it, if it does.
    async fn delete_merged(&self, story: &Story, gone: &Gone) -> Result<Option<String>, DedupeError> {
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
            return Ok(None);
        }
        if status.outcome == Outcome::NotDeleted {
            return Ok(Some(kept_by_the_crm(story.kind, &gone.record, &status)));
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
            item.map_err(|error| DedupeError::NotDone { name: record.to_string(), why: error.to_string() })?;
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
        let holds = missing(wanted, &held, fields).is_empty();
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
        if story.kind == Kind::Mail {
            // No e-mail follows its activity.
            return Ok(());
        }
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
    DedupeError::NotDone { name: record.to_string(), why }
}

fn kept_by_the_crm(kind: Kind, record: &RecordId, status: &Status) -> String {
    format!(
        "the CRM does not let the connector delete {record} ({}). Merge the records in the CRM itself, or say in the \
         options of the {kind} form in forms.xml what marks a deleted one (<deleted>)",
        status.why()
    )
}
