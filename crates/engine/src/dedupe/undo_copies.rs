//! Undo within a mailbox: Graph brings nothing back from *Deleted Items* but messages, so that what was deleted is made
//! again from what the journal kept of it, under a new id.

use super::story::{CopyStory, GoneCopy};
use super::{DedupeError, Merged, merge_copies};
use crate::migrate::LEFT;
use crate::pair::Work;
use crate::worker::Worker;
use crate::{Connector, Roster};
use tandem_graph::{Place, Remote};
use tandem_model::{Document, Item};
use tandem_store::{Commit, Link, LinkWrite, State};

impl Connector {
    pub(super) async fn undo_in_mailbox(
        &self,
        roster: &Roster,
        id: &str,
        story: &CopyStory,
    ) -> Result<Merged, DedupeError> {
        let worker = self.merging(roster, &story.mailbox).await?;
        let (mut back, mut notes) = (Vec::new(), Vec::new());
        for (at, gone) in story.others.iter().enumerate() {
            match worker.bring_back(story, gone, &format!("{id}-{at}")).await? {
                Ok(name) => back.push(name),
                Err(note) => notes.push(note),
            }
        }
        let keep = &story.keep;
        let held = worker.graph.read(story.kind, &keep.graph, keep.folder.as_deref()).await?;
        let mut given_back = keep.fields.clone();
        if let Some(remote) = held {
            let held = Document::of(&remote.item);
            given_back.retain(|field| held.get(field) == keep.after.get(field));
            worker.set_copy(story, &remote.etag, &held, &keep.before, &given_back).await?;
        } else {
            given_back.clear();
            notes.push(format!("{} is no longer there, and gives nothing back", keep.graph));
        }
        worker.end_undoing(id, story).await?;
        Ok(Merged {
            keep: keep.graph.to_string(),
            fields: given_back.into_iter().collect(),
            deleted: back,
            notes,
        })
    }
}

impl Worker {
    /// Makes a copy again. Answers its id, or why that cannot be.
    async fn bring_back(
        &self,
        story: &CopyStory,
        gone: &GoneCopy,
        key: &str,
    ) -> Result<Result<String, String>, DedupeError> {
        let (kind, place) = (story.kind, gone.folder.as_deref());
        if let Some(there) = self.graph.read(kind, &gone.graph, place).await? {
            self.keep_apart(story, gone, &there).await?;
            return Ok(Ok(there.id.to_string()));
        }
        let item = merge_copies::item(kind, &gone.graph, &gone.before)?;
        if matches!(&item, Item::Appointment(appointment) if !appointment.attendees.is_empty()) {
            return Ok(Err(format!(
                "\"{}\" was an invitation, and only its organiser can send it again; it lies in Deleted Items, from \
                 where Outlook brings it back",
                item.title()
            )));
        }
        // An earlier try may have made it, and nobody heard of it.
        let made = match self.graph.find_by_key(kind, key).await? {
            Some(made) => made,
            None => {
                let place = Place { container: gone.folder.clone(), invite: false };
                self.graph.create(&item, key, &place).await?
            }
        };
        self.keep_apart(story, gone, &made).await?;
        Ok(Ok(made.id.to_string()))
    }

    /// A copy that did not travel does not travel again; of one that nothing was known of, nothing is.
    async fn keep_apart(
        &self,
        story: &CopyStory,
        gone: &GoneCopy,
        remote: &Remote,
    ) -> Result<(), DedupeError> {
        let Some((reason, detail)) = gone.left.clone() else { return Ok(()) };
        let ids = [remote.id.clone()];
        let known = self.parts.store.links_by_graph(self.id(), story.kind, &ids).await?;
        let link = known.into_iter().next().map(|linked| linked.link);
        let link = link.unwrap_or_else(|| Work::fresh(self.id(), story.kind, Some(remote.id.clone())));
        // A link without a reason was one to the same record, which has its copy.
        let (reason, detail) = match reason.is_empty() {
            true => (LEFT.to_owned(), format!("a second copy, beside {}", story.keep.graph)),
            false => (reason, detail),
        };
        let link = Link { state: State::Skipped, place: gone.folder.clone(), reason, detail, ..link };
        let links = vec![LinkWrite { link, object: None }];
        Ok(self.commit(Commit { links, ..Commit::default() }).await?)
    }
}
