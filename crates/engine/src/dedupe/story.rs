//! What the journal keeps of a merge: everything that it takes to go on after a crash, and to undo it.

use super::{DedupeError, Duplicate};
use crate::pair::entry;
use crate::worker::Worker;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use tandem_model::{Document, Kind, MailboxId, RecordId, Stamp};
use tandem_store::{Commit, NewEntry, Step, Store};

const BEGUN: &str = "merge-begun";
const DONE: &str = "merged";
const UNDONE: &str = "merge-undone";

/// A merge as it was begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Story {
    pub kind: Kind,
    pub keep: Kept,
    pub others: Vec<Gone>,
    /// Whether the line says that it is complete.
    #[serde(skip)]
    pub done: bool,
}

/// The record that stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub record: RecordId,
    pub mailbox: MailboxId,
    pub stamp: Stamp,
    pub before: Document,
    pub after: Document,
    pub fields: BTreeSet<String>,
}

/// A record that goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Gone {
    pub record: RecordId,
    pub mailbox: MailboxId,
    pub stamp: Stamp,
    pub before: Document,
}

/// The merge of this id that was begun last and not undone.
pub(super) async fn of(store: &dyn Store, id: &str) -> Result<Option<Story>, DedupeError> {
    let mut last = None;
    for line in store.story(&key(id)).await? {
        match line.entry.code.as_str() {
            BEGUN => last = serde_json::from_value::<Story>(line.entry.facts).ok(),
            DONE => last = last.map(|story| Story { done: true, ..story }),
            UNDONE => last = None,
            _ => {}
        }
    }
    Ok(last)
}

/// Under which key the journal finds the lines of a merge.
fn key(id: &str) -> String {
    format!("merge:{id}")
}

impl Worker {
    /// Notes what is going to be done, before anything is.
    pub(super) async fn begin_merge(&self, duplicate: &Duplicate, story: &Story) -> Result<(), DedupeError> {
        let others: Vec<&str> = duplicate.others.iter().map(|member| member.record.as_str()).collect();
        let text = format!("{} stays, {} are merged into it", story.keep.record, others.join(", "));
        let mut line = self.merge_line(&duplicate.id, story, BEGUN, text);
        line.facts = json!(story);
        self.note_merge(vec![line]).await
    }

    /// Notes that it is done, or undone, with every record that it concerns.
    pub(super) async fn end_merge(&self, id: &str, story: &Story, undone: bool) -> Result<(), DedupeError> {
        let (code, word) = if undone { (UNDONE, "restored from") } else { (DONE, "merged into") };
        let mut lines = Vec::new();
        for gone in &story.others {
            let text = format!("{} was {word} {} (duplicates {id})", gone.record, story.keep.record);
            let mut line = self.merge_line(id, story, code, text);
            line.record = Some(gone.record.clone());
            line.facts = json!({ "before": gone.before });
            lines.push(line);
        }
        self.note_merge(lines).await
    }

    fn merge_line(&self, id: &str, story: &Story, code: &str, text: String) -> NewEntry {
        NewEntry {
            key: Some(key(id)),
            record: Some(story.keep.record.clone()),
            ..entry(self, story.kind, Step::Apply, code, text, serde_json::Value::Null)
        }
    }

    async fn note_merge(&self, journal: Vec<NewEntry>) -> Result<(), DedupeError> {
        Ok(self.commit(Commit { journal, ..Commit::default() }).await?)
    }
}
