//! Observe Microsoft 365: the pages of each collection's delta.

use super::windows;
use crate::worker::Worker;
use crate::{EngineError, policy};
use tandem_graph::{Class, Collection, DeltaPage, Next, Trail};
use tandem_model::Kind;
use tandem_reconcile::Policy;
use tandem_store::{Commit, Cursor};

impl Worker {
    /// Reads what changed in a kind's collections and settles it, page by page.
    pub(crate) async fn observe_m365(&self, kind: Kind) -> Result<(), EngineError> {
        let policy = self.policy(kind);
        let collections = self.collections(kind).await?;
        let known = self.parts.store.cursors(self.id(), prefix(kind)).await?;
        if known.is_empty() && !collections.is_empty() {
            // What an interrupted first reading linked may be gone by now, and the next one tells only of what is there.
            self.suspect_linked(kind).await?;
        }
        let tasks_known = kind == Kind::Task && !known.is_empty();
        self.finish_other_frames(kind, &policy, known, &collections).await?;
        // A task that moves between lists leaves one and enters another under a new id: both have to be seen together.
        if tasks_known {
            return self.observe_together(kind, &policy, collections).await;
        }
        for (name, collection) in collections {
            self.observe_collection(kind, &policy, &name, &collection).await?;
        }
        Ok(())
    }

    /// The collections of a kind with the names of their cursors.
    pub(crate) async fn collections(&self, kind: Kind) -> Result<Vec<(String, Collection)>, EngineError> {
        Ok(match kind {
            Kind::Appointment => {
                let frame = policy::window(&self.parts.settings, kind, self.now);
                let spans = frame.map(|(from, to)| windows::spans(from, to)).unwrap_or_default();
                let named =
                    |span: tandem_graph::Window| (format!("calendar:{}..{}", span.from, span.to), span);
                spans.into_iter().map(named).map(|(name, span)| (name, Collection::Calendar(span))).collect()
            }
            Kind::Task => {
                let lists = self.graph.task_lists().await?;
                let writable = lists.into_iter().filter(|list| list.writable);
                writable.map(|list| (format!("tasks:{}", list.id), Collection::TaskList(list.id))).collect()
            }
            Kind::Contact => {
                let folders = self.graph.contact_folders().await?;
                let named = folders.into_iter().map(|folder| folder.id);
                named.map(|id| (format!("contacts:{id}"), Collection::ContactFolder(id))).collect()
            }
            // Absences show up in the calendar; e-mails have a path of their own.
            Kind::Absence | Kind::Mail => Vec::new(),
        })
    }

    /// Reads what a time frame that has passed still reports, for what was deleted since is in no other frame's first
    /// reading; then drops its position.
    async fn finish_other_frames(
        &self,
        kind: Kind,
        policy: &Policy,
        known: Vec<(String, String)>,
        present: &[(String, Collection)],
    ) -> Result<(), EngineError> {
        if kind != Kind::Appointment {
            return Ok(());
        }
        for (collection, _) in
            known.into_iter().filter(|(name, _)| !present.iter().any(|(other, _)| other == name))
        {
            if let Some(span) = windows::parse(collection.trim_start_matches("calendar:")) {
                self.observe_collection(kind, policy, &collection, &Collection::Calendar(span)).await?;
            }
            let cursors = vec![Cursor { collection, position: None }];
            self.commit(Commit { cursors, ..Commit::default() }).await?;
        }
        Ok(())
    }

    async fn observe_collection(
        &self,
        kind: Kind,
        policy: &Policy,
        name: &str,
        collection: &Collection,
    ) -> Result<(), EngineError> {
        let mut position = self.parts.store.cursor(self.id(), name).await?;
        let mut trail = self.graph.trail(collection);
        loop {
            let page = self.page(kind, name, collection, (&mut position, &mut trail)).await?;
            let (Next::More(next) | Next::Done(next)) = &page.next;
            let cursor = (position.as_deref() != Some(next))
                .then(|| Cursor { collection: name.to_owned(), position: Some(next.clone()) });
            let done = matches!(page.next, Next::Done(_));
            let next = next.clone();
            let seen = self.sort(page.changes).await?;
            self.settle_seen(kind, policy, seen, Vec::new(), cursor.into_iter().collect()).await?;
            if done {
                return Ok(());
            }
            trail.follow(&next)?;
            position = Some(next);
        }
    }

    /// Reads all collections of a kind to their ends before anything is settled. What is held meanwhile is what changed
    /// since the last cycle, not what there is.
    async fn observe_together(
        &self,
        kind: Kind,
        policy: &Policy,
        collections: Vec<(String, Collection)>,
    ) -> Result<(), EngineError> {
        let (mut changes, mut cursors) = (Vec::new(), Vec::new());
        for (name, collection) in collections {
            let before = self.parts.store.cursor(self.id(), &name).await?;
            let (mut position, mut trail) = (before.clone(), self.graph.trail(&collection));
            loop {
                let page = self.page(kind, &name, &collection, (&mut position, &mut trail)).await?;
                let (Next::More(next) | Next::Done(next)) = page.next.clone();
                let done = matches!(page.next, Next::Done(_));
                changes.extend(page.changes);
                position = Some(next.clone());
                if done {
                    break;
                }
                trail.follow(&next)?;
            }
            if position != before {
                cursors.push(Cursor { collection: name, position });
            }
        }
        let mut seen = self.sort(changes).await?;
        let moved = self.follow_moves(kind, &mut seen).await?;
        self.settle_seen(kind, policy, seen, moved, cursors).await
    }

    /// The next page of a collection. A position that Microsoft 365 no longer knows is forgotten, and everything is
    /// read anew; nothing is doubled, for every copy is known, and what does not come again is looked up directly.
    async fn page(
        &self,
        kind: Kind,
        name: &str,
        collection: &Collection,
        (position, trail): (&mut Option<String>, &mut Trail),
    ) -> Result<DeltaPage, EngineError> {
        match self.graph.delta(collection, position.as_deref()).await {
            Err(error) if error.class() == Class::Resync && position.is_some() => {
                self.suspect_all(kind, name).await?;
                (*position, *trail) = (None, self.graph.trail(collection));
                Ok(self.graph.delta(collection, None).await?)
            }
            page => Ok(page?),
        }
    }
}

/// How the names of a kind's collections begin.
fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Appointment | Kind::Absence => "calendar:",
        Kind::Task => "tasks:",
        Kind::Contact => "contacts:",
        Kind::Mail => "mail:",
    }
}
