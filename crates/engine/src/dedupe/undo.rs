//! Undo: what was deleted comes back, what was taken over is given back.

use super::story::{self, CopyStory, Story, Told};
use super::{DedupeError, IN_MAILBOX, Merged};
use crate::pair::CrmSeen;
use crate::{Connector, Roster};
use std::collections::BTreeSet;
use tandem_crm_port::RecordState;
use tandem_model::Document;

impl Connector {
    /// Undoes the merge of this id. Repeating it after a crash goes on. What somebody has changed in the record that
    /// stayed since then is left as it is.
    ///
    /// # Errors
    /// When there is no such merge, when the CRM refuses, and when either side or the store cannot be asked.
    pub async fn undo_merge(&self, roster: &Roster, id: &str) -> Result<Merged, DedupeError> {
        let none = || DedupeError::NotMerged(id.to_owned());
        if id.starts_with(IN_MAILBOX) {
            let story = story::of::<CopyStory>(&*self.parts.store, id).await?.ok_or_else(none)?;
            return self.undo_in_mailbox(roster, id, &story).await;
        }
        let story = story::of::<Story>(&*self.parts.store, id).await?.ok_or_else(none)?;
        for gone in &story.others {
            let worker = self.merging(roster, &gone.mailbox).await?;
            if let CrmSeen::Reported(change) = worker.read_record(story.kind, gone.record.clone()).await?
                && change.state == RecordState::Deleted
            {
                let fields: BTreeSet<String> = gone.before.fields().map(str::to_owned).collect();
                worker.wake(&story, &gone.record).await?;
                worker.set_fields(&story, &gone.record, &gone.before, &fields, change.stamp).await?;
            }
        }
        let keep = &story.keep;
        let worker = self.merging(roster, &keep.mailbox).await?;
        let mut given_back = BTreeSet::new();
        if let CrmSeen::Reported(change) = worker.read_record(story.kind, keep.record.clone()).await?
            && let RecordState::Present { item, .. } = &change.state
        {
            let held = Document::of(item);
            given_back = keep.fields.clone();
            given_back.retain(|field| held.get(field) == keep.after.get(field));
            if !given_back.is_empty() {
                worker.wake(&story, &keep.record).await?;
                worker.set_fields(&story, &keep.record, &keep.before, &given_back, change.stamp).await?;
            }
        }
        worker.end_undoing(id, &story).await?;
        Ok(Merged { fields: given_back.into_iter().collect(), ..story.ended() })
    }
}
