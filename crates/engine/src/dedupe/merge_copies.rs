//! Merge within a mailbox: one copy stays and takes over what it lacks, the others are deleted.

use super::story::{CopyStory, GoneCopy, KeptCopy, Told};
use super::take_over::missing;
use super::{Copied, DedupeError, Duplicate, Member, Merged, Thing};
use crate::migrate::LEFT;
use crate::pair::Work;
use crate::worker::Worker;
use crate::{Connector, Roster};
use std::collections::BTreeSet;
use tandem_graph::Class;
use tandem_model::{Document, Etag, GraphId, Item, Kind};
use tandem_store::{Commit, Link, LinkWrite, Linked, State};

impl Connector {
    pub(super) async fn carry_out_in_mailbox(
        &self,
        roster: &Roster,
        id: &str,
        story: &CopyStory,
    ) -> Result<Merged, DedupeError> {
        if story.done {
            return Ok(story.ended());
        }
        let worker = self.merging(roster, &story.mailbox).await?;
        let keep = &story.keep;
        worker.set_copy(story, &keep.etag, &keep.before, &keep.after, &keep.fields).await?;
        for gone in &story.others {
            worker.let_go_of_copy(story, gone).await?;
            worker.delete_copy(story, gone).await?;
        }
        worker.end_merge(id, story).await?;
        Ok(story.ended())
    }
}

impl Worker {
    /// What is going to be done.
    pub(super) async fn planned_in_mailbox(&self, duplicate: &Duplicate) -> Result<CopyStory, DedupeError> {
        let kept = copy_of(&duplicate.keep)?;
        let (before, after) = (duplicate.keep.document(), duplicate.merged());
        let mut gone = Vec::new();
        for other in &duplicate.others {
            let copy = copy_of(other)?;
            let known = self.link_of_copy(duplicate.kind, &copy.graph).await?;
            gone.push(GoneCopy {
                graph: copy.graph.clone(),
                folder: copy.folder.clone(),
                etag: copy.etag.clone(),
                before: other.document(),
                left: known.map(|linked| (linked.link.reason, linked.link.detail)),
            });
        }
        Ok(CopyStory {
            kind: duplicate.kind,
            mailbox: self.id().clone(),
            keep: KeptCopy {
                graph: kept.graph.clone(),
                folder: kept.folder.clone(),
                etag: kept.etag.clone(),
                fields: after.differences(&before),
                before,
                after,
            },
            others: gone,
            done: false,
        })
    }

    /// Gives the copy that stays values for some of its fields. One that holds them already is left alone.
    pub(super) async fn set_copy(
        &self,
        story: &CopyStory,
        etag: &Etag,
        from: &Document,
        to: &Document,
        fields: &BTreeSet<String>,
    ) -> Result<(), DedupeError> {
        let (kind, keep) = (story.kind, &story.keep);
        if fields.is_empty() {
            return Ok(());
        }
        let (before, wanted) = (item(kind, &keep.graph, from)?, item(kind, &keep.graph, to)?);
        let place = keep.folder.as_deref();
        let done = self.graph.update(&keep.graph, Some(etag), &wanted, Some(&before), fields, place).await;
        let Err(error) = done else { return Ok(()) };
        if !matches!(error.class(), Class::Changed | Class::Ambiguous | Class::Gone) {
            return Err(error.into());
        }
        // The answer to an earlier try may have been lost: what counts is what is there.
        let Some(remote) = self.graph.read(kind, &keep.graph, place).await? else {
            return Err(not_done(&keep.graph, "it stays, but somebody has deleted it meanwhile"));
        };
        match missing(to, &Document::of(&remote.item), fields).is_empty() {
            true => Ok(()),
            false => {
                Err(not_done(&keep.graph, "it was changed since the duplicates were found; look at it first"))
            }
        }
    }

    /// What becomes of the copy is no business of any record, and should it stay for a while it does not travel.
    async fn let_go_of_copy(&self, story: &CopyStory, gone: &GoneCopy) -> Result<(), DedupeError> {
        let linked = self.link_of_copy(story.kind, &gone.graph).await?;
        let link = linked.map(|linked| linked.link);
        let link = link.unwrap_or_else(|| Work::fresh(self.id(), story.kind, Some(gone.graph.clone())));
        let link = Link {
            object: None,
            state: State::Skipped,
            reason: LEFT.to_owned(),
            detail: format!("it is there twice, and is merged into {}", story.keep.graph),
            place: gone.folder.clone(),
            base: None,
            todo: None,
            due: None,
            ..link
        };
        let links = vec![LinkWrite { link, object: None }];
        Ok(self.commit(Commit { links, ..Commit::default() }).await?)
    }

    async fn delete_copy(&self, story: &CopyStory, gone: &GoneCopy) -> Result<(), DedupeError> {
        let place = gone.folder.as_deref();
        match self.graph.delete(story.kind, &gone.graph, Some(&gone.etag), place).await {
            Err(error) if error.class() == Class::Changed => {
                Err(not_done(&gone.graph, "it was changed since the duplicates were found; look at it first"))
            }
            done => Ok(done?),
        }
    }

    /// The link of a copy that is not dead.
    async fn link_of_copy(&self, kind: Kind, graph: &GraphId) -> Result<Option<Linked>, DedupeError> {
        let links = self.parts.store.links_by_graph(self.id(), kind, std::slice::from_ref(graph)).await?;
        Ok(links.into_iter().find(|linked| linked.link.state != State::Deleted))
    }
}

pub(super) fn item(kind: Kind, graph: &GraphId, document: &Document) -> Result<Item, DedupeError> {
    document.item(kind).map_err(|error| not_done(graph, &error.to_string()))
}

fn copy_of(member: &Member) -> Result<&Copied, DedupeError> {
    match &member.thing {
        Thing::Copy(copy) => Ok(copy),
        Thing::Record { record, .. } => Err(DedupeError::Unknown(record.to_string())),
    }
}

fn not_done(graph: &GraphId, why: &str) -> DedupeError {
    DedupeError::NotDone { name: graph.to_string(), why: why.to_owned() }
}
