//! What the journal keeps of a merge: everything that it takes to go on after a crash, and to undo it.

use super::{DedupeError, Merged};
use crate::pair::entry;
use crate::worker::Worker;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_model::{Document, Etag, GraphId, Kind, MailboxId, RecordId, Stamp};
use tandem_store::{Commit, NewEntry, Step, Store};

const BEGUN: &str = "merge-begun";
const DONE: &str = "merged";
const UNDONE: &str = "merge-undone";

/// A merge of records as it was begun.
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

/// A merge of copies in a mailbox as it was begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CopyStory {
    pub kind: Kind,
    pub mailbox: MailboxId,
    pub keep: KeptCopy,
    pub others: Vec<GoneCopy>,
    /// Whether the line says that it is complete.
    #[serde(skip)]
    pub done: bool,
}

/// The copy that stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptCopy {
    pub graph: GraphId,
    pub folder: Option<String>,
    pub etag: Etag,
    pub before: Document,
    pub after: Document,
    pub fields: BTreeSet<String>,
}

/// A copy that goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct GoneCopy {
    pub graph: GraphId,
    pub folder: Option<String>,
    pub etag: Etag,
    pub before: Document,
    /// Why it did not travel, as word and sentence; none where nothing was known of it.
    pub left: Option<(String, String)>,
}

/// Either sort of merge.
pub(super) trait Told: DeserializeOwned + Serialize {
    /// Kind of what was merged.
    fn kind(&self) -> Kind;
    /// Notes that the journal says it is complete.
    fn completed(self) -> Self;
    /// What stays.
    fn keeps(&self) -> &str;
    /// What goes, with what it held.
    fn goes(&self) -> Vec<(&str, &Document)>;
    /// The fields that were taken over.
    fn fields(&self) -> &BTreeSet<String>;

    /// How it ended.
    fn ended(&self) -> Merged {
        Merged {
            keep: self.keeps().to_owned(),
            fields: self.fields().iter().cloned().collect(),
            deleted: self.goes().into_iter().map(|(name, _)| name.to_owned()).collect(),
            notes: Vec::new(),
        }
    }
}

impl Told for Story {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn completed(self) -> Self {
        Self { done: true, ..self }
    }

    fn keeps(&self) -> &str {
        self.keep.record.as_str()
    }

    fn goes(&self) -> Vec<(&str, &Document)> {
        self.others.iter().map(|gone| (gone.record.as_str(), &gone.before)).collect()
    }

    fn fields(&self) -> &BTreeSet<String> {
        &self.keep.fields
    }
}

impl Told for CopyStory {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn completed(self) -> Self {
        Self { done: true, ..self }
    }

    fn keeps(&self) -> &str {
        self.keep.graph.as_str()
    }

    fn goes(&self) -> Vec<(&str, &Document)> {
        self.others.iter().map(|gone| (gone.graph.as_str(), &gone.before)).collect()
    }

    fn fields(&self) -> &BTreeSet<String> {
        &self.keep.fields
    }
}

/// The merge of this id that was begun last and not undone.
pub(super) async fn of<T: Told>(store: &dyn Store, id: &str) -> Result<Option<T>, DedupeError> {
    let mut last = None;
    for line in store.story(&key(id)).await? {
        match line.entry.code.as_str() {
            BEGUN => last = serde_json::from_value::<T>(line.entry.facts).ok(),
            DONE => last = last.map(T::completed),
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
    pub(super) async fn begin_merge(&self, id: &str, story: &impl Told) -> Result<(), DedupeError> {
        let others: Vec<&str> = story.goes().into_iter().map(|(name, _)| name).collect();
        let text = format!("{} stays, {} are merged into it", story.keeps(), others.join(", "));
        let line = self.merge_line(id, story, story.keeps(), BEGUN, text, json!(story));
        self.note_merge(vec![line]).await
    }

    /// Notes that it is done, with everything that it concerns.
    pub(super) async fn end_merge(&self, id: &str, story: &impl Told) -> Result<(), DedupeError> {
        self.end(id, story, DONE, "merged into").await
    }

    /// Notes that it is undone.
    pub(super) async fn end_undoing(&self, id: &str, story: &impl Told) -> Result<(), DedupeError> {
        self.end(id, story, UNDONE, "restored from").await
    }

    async fn end(&self, id: &str, story: &impl Told, code: &str, word: &str) -> Result<(), DedupeError> {
        let lines = story.goes().into_iter().map(|(name, before)| {
            let text = format!("{name} was {word} {} (duplicates {id})", story.keeps());
            self.merge_line(id, story, name, code, text, json!({ "before": before }))
        });
        self.note_merge(lines.collect()).await
    }

    /// A line about a record or a copy.
    fn merge_line(
        &self,
        id: &str,
        story: &impl Told,
        about: &str,
        code: &str,
        text: String,
        facts: Value,
    ) -> NewEntry {
        let is_copy = id.starts_with(super::IN_MAILBOX);
        NewEntry {
            key: Some(key(id)),
            record: (!is_copy).then(|| RecordId::new(about)),
            graph: is_copy.then(|| GraphId::new(about)),
            ..entry(self, story.kind(), Step::Apply, code, text, facts)
        }
    }

    async fn note_merge(&self, journal: Vec<NewEntry>) -> Result<(), DedupeError> {
        Ok(self.commit(Commit { journal, ..Commit::default() }).await?)
    }
}
