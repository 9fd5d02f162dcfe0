//! A person's consent to deletions that were held because they were too many at once.
//!
//! It is noted on each held link, under the mailbox's present epoch: a connector that runs meanwhile keeps its claim and
//! finds the links due in its next cycle. What is held later needs a consent of its own.

use crate::pair::CONSENTED;
use jiff::Timestamp;
use serde_json::Value;
use tandem_model::{Document, Kind};
use tandem_store::{Commit, LinkWrite, Linked, Mailbox, NewEntry, State, Step, Store, StoreError};

/// Links in one page and in one commit.
const PAGE: usize = 200;

/// A deletion that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldDeletion {
    /// The link that would be deleted, with its object.
    pub linked: Linked,
    /// Whether a person has consented and the next cycle carries it out.
    pub allowed: bool,
}

impl HeldDeletion {
    /// What both sides held when they last agreed; empty when that is not known.
    pub fn content(&self) -> Document {
        self.linked.link.base.as_ref().map(|base| base.m365.clone()).unwrap_or_default()
    }
}

/// The held deletions of a mailbox, by kind and link.
///
/// # Errors
/// When the store cannot be read.
pub async fn held(store: &dyn Store, mailbox: &Mailbox) -> Result<Vec<HeldDeletion>, StoreError> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let mut after = None;
        loop {
            let links = store.links(&mailbox.seed.id, kind, after, PAGE).await?;
            let Some(last) = links.last() else { break };
            after = last.link.id;
            let held = links.into_iter().filter(|linked| linked.link.state == State::Held);
            found.extend(held.map(|linked| HeldDeletion {
                allowed: linked.link.todo.as_deref() == Some(CONSENTED),
                linked,
            }));
        }
    }
    Ok(found)
}

/// Notes the consent of a person, at `now`, to these deletions of a mailbox. Answers how many were not allowed before.
///
/// # Errors
/// When the store cannot be written, or a new claim of the mailbox came in between: then nothing more is noted, and
/// asking again is safe.
pub async fn allow(
    store: &dyn Store,
    mailbox: &Mailbox,
    deletions: &[HeldDeletion],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let open: Vec<&HeldDeletion> = deletions.iter().filter(|deletion| !deletion.allowed).collect();
    for page in open.chunks(PAGE) {
        let mut commit = Commit::default();
        for deletion in page {
            let mut link = deletion.linked.link.clone();
            link.todo = Some(CONSENTED.to_owned());
            link.due = Some(now);
            commit.journal.push(told(&deletion.linked, now));
            commit.links.push(LinkWrite { link, object: None });
        }
        store.commit(&mailbox.seed.id, mailbox.epoch, commit).await?;
    }
    Ok(open.len())
}

fn told(linked: &Linked, now: Timestamp) -> NewEntry {
    let object = linked.object.as_ref();
    NewEntry {
        at: now,
        mailbox: Some(linked.link.mailbox.clone()),
        kind: Some(linked.link.kind),
        key: object.and_then(|object| object.key.clone()),
        graph: linked.link.graph.clone(),
        record: object.and_then(|object| object.record.clone()),
        step: Step::Plan,
        code: "deletion-allowed".to_owned(),
        text: "a person allowed the deletion that was held; the next cycle carries it out".to_owned(),
        facts: Value::Null,
    }
}
