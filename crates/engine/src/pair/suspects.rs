//! Suspicion: a copy that was reported as removed, or did not come again, may have been moved, or lie outside the time
//! frame. Only a direct read says that it is gone.

use super::work::SUSPECT;
use crate::EngineError;
use crate::worker::Worker;
use serde_json::Value;
use tandem_model::{GraphId, Kind};
use tandem_store::{Commit, Cursor, LinkWrite, State, Step};

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
}
