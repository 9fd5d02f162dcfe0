//! Suspicion: a copy that was reported as removed, or did not come again, may have been moved, or lie outside the time
//! frame. Only a direct read says that it is gone.

use super::seen::Seen;
use super::work::SUSPECT;
use super::{M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use serde_json::Value;
use std::collections::BTreeSet;
use tandem_graph::Remote;
use tandem_model::{Document, GraphId, Kind};
use tandem_store::{Commit, Cursor, LinkWrite, Linked, State, Step};

/// Links in one page.
const PAGE: usize = 200;

impl Worker {
    /// A copy that was reported as removed may have been moved, or lie outside the time frame now. It stays under
    /// suspicion until all collections are read and a direct read says that it is gone.
    pub(crate) async fn suspect(&self, kind: Kind, removed: &[GraphId]) -> Result<(), EngineError> {
        if removed.is_empty() {
            return Ok(());
        }
        let mut links = self.parts.store.links_by_graph(self.id(), kind, removed).await?;
        if kind == Kind::Appointment {
            links.extend(self.parts.store.links_by_graph(self.id(), Kind::Absence, removed).await?);
        }
        let mut commit = Commit::default();
        for linked in links {
            let mut link = linked.link;
            if link.state == State::Deleted || link.todo.as_deref() == Some(SUSPECT) {
                continue;
            }
            let text = "reported as removed; a direct read has to confirm it".to_owned();
            let mut line = super::entry(self, link.kind, Step::Observe, "removed", text, Value::Null);
            line.graph.clone_from(&link.graph);
            line.key = linked.object.as_ref().and_then(|object| object.key.clone());
            line.record = linked.object.as_ref().and_then(|object| object.record.clone());
            commit.journal.push(line);
            link.todo = Some(SUSPECT.to_owned());
            link.due = Some(self.now);
            commit.links.push(LinkWrite { link, object: None });
        }
        Ok(self.commit(commit).await?)
    }

    /// Microsoft 365 forgot the position in a collection: every copy that could be in it is under suspicion until it
    /// comes again. That is committed before the position is forgotten, so that no crash loses it.
    pub(crate) async fn suspect_all(&self, kind: Kind, collection: &str) -> Result<(), EngineError> {
        self.suspect_linked(kind).await?;
        let text =
            "Microsoft 365 no longer knows the position in this collection; it is read anew".to_owned();
        let line =
            super::entry(self, kind, Step::Observe, "resync", text, Value::String(collection.to_owned()));
        let cursors = vec![Cursor { collection: collection.to_owned(), position: None }];
        Ok(self.commit(Commit { cursors, journal: vec![line], ..Commit::default() }).await?)
    }

    /// Puts every copy of a kind that is linked under suspicion.
    pub(crate) async fn suspect_linked(&self, kind: Kind) -> Result<(), EngineError> {
        let kinds = if kind == Kind::Appointment { vec![kind, Kind::Absence] } else { vec![kind] };
        for kind in kinds {
            let mut after = None;
            loop {
                let links = self.parts.store.links(self.id(), kind, after, PAGE).await?;
                let Some(last) = links.last() else { break };
                after = last.link.id;
                let mut commit = Commit::default();
                for mut link in links.into_iter().map(|linked| linked.link) {
                    if link.state == State::Linked && link.graph.is_some() && link.todo.is_none() {
                        link.todo = Some(SUSPECT.to_owned());
                        link.due = Some(self.now);
                        commit.links.push(LinkWrite { link, object: None });
                    }
                }
                self.commit(commit).await?;
            }
        }
        Ok(())
    }

    /// Finds copies that left one collection and entered another under a new id, as tasks do, and ties their links to
    /// the new ids. What is tied is taken out of what was seen.
    pub(crate) async fn follow_moves(&self, kind: Kind, seen: &mut Seen) -> Result<Vec<Work>, EngineError> {
        let left = self.parts.store.links_by_graph(self.id(), kind, &seen.removed).await?;
        let ids: Vec<GraphId> = seen.present.keys().cloned().collect();
        let known = self.parts.store.links_by_graph(self.id(), kind, &ids).await?;
        let known: BTreeSet<GraphId> = known.into_iter().filter_map(|linked| linked.link.graph).collect();
        let mut works = Vec::new();
        for linked in left.into_iter().filter(|linked| linked.link.state == State::Linked) {
            let Some(old) = linked.link.graph.clone() else { continue };
            let fresh = seen.present.values().filter(|remote| !known.contains(&remote.id));
            let Some(new) = same_item(kind, &linked, fresh, self).map(|remote| remote.id.clone()) else {
                continue;
            };
            // Two tasks may be alike: the old one must really be gone.
            if self.graph.read(kind, &old, linked.link.place.as_deref()).await?.is_some() {
                continue;
            }
            let Some(remote) = seen.present.remove(&new) else { continue };
            seen.removed.retain(|id| *id != old);
            let mut work = Work::new(linked);
            work.link.graph = Some(new);
            // It is read in its new list from now on, also within this cycle.
            work.link.place.clone_from(&remote.facts.folder);
            work.m365 = M365Seen::Present(remote);
            work.written.renamed = true;
            let text = "moved to another list, where it has another id; still the same item".to_owned();
            work.written.steps.push(("moved-in-m365".to_owned(), text));
            works.push(work);
        }
        Ok(works)
    }
}

/// The copy that is the link's copy under another id: made at the same moment, or holding all that it held, or at least
/// what people tell tasks apart by.
fn same_item<'a>(
    kind: Kind,
    linked: &Linked,
    fresh: impl Iterator<Item = &'a Box<Remote>>,
    worker: &Worker,
) -> Option<&'a Remote> {
    let base = linked.link.base.as_ref()?;
    let (held, made) = (worker.travelling_base(kind, base), Worker::made_at(base));
    let likeness = |remote: &Remote| {
        let document = worker.travelling(kind, Document::of(&remote.item));
        let same_made = made.is_some() && remote.facts.created == made;
        let same = document == held.m365;
        let alike =
            ["subject", "due", "start"].iter().all(|field| document.get(field) == held.m365.get(field));
        [same_made && same, same_made, same, alike].iter().position(|holds| *holds)
    };
    let alike = fresh.filter_map(|remote| Some((likeness(remote)?, &**remote)));
    alike.min_by_key(|(rank, _)| *rank).map(|(_, remote)| remote)
}
