//! Observe Microsoft 365: the pages of each collection's delta.

use super::work::SUSPECT;
use super::{M365Seen, Work, windows};
use crate::worker::Worker;
use crate::{EngineError, policy};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tandem_graph::{Change, Class, Collection, Next, Remote};
use tandem_model::{GraphId, Item, Kind};
use tandem_reconcile::Policy;
use tandem_store::{Commit, Cursor, LinkWrite, State, Step};

impl Worker {
    /// Reads what changed in a kind's collections and settles it, page by page.
    pub(crate) async fn observe_m365(&self, kind: Kind) -> Result<(), EngineError> {
        let policy = policy::of(&self.parts.settings, kind, self.now);
        let collections = self.collections(kind).await?;
        self.forget_other_frames(kind, &collections).await?;
        for (name, collection) in collections {
            self.observe_collection(kind, &policy, &name, &collection).await?;
        }
        Ok(())
    }

    /// The collections of a kind with the names of their cursors.
    async fn collections(&self, kind: Kind) -> Result<Vec<(String, Collection)>, EngineError> {
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

    /// Drops the positions of time frames that have passed.
    async fn forget_other_frames(
        &self,
        kind: Kind,
        present: &[(String, Collection)],
    ) -> Result<(), EngineError> {
        if kind != Kind::Appointment {
            return Ok(());
        }
        let known = self.parts.store.cursors(self.id(), "calendar:").await?;
        let gone = known.into_iter().filter(|(name, _)| !present.iter().any(|(present, _)| present == name));
        let cursors = gone.map(|(collection, _)| Cursor { collection, position: None }).collect();
        Ok(self.commit(Commit { cursors, ..Commit::default() }).await?)
    }

    async fn observe_collection(
        &self,
        kind: Kind,
        policy: &Policy,
        name: &str,
        collection: &Collection,
    ) -> Result<(), EngineError> {
        let mut position = self.parts.store.cursor(self.id(), name).await?;
        let mut masters = BTreeSet::new();
        loop {
            let page = match self.graph.delta(collection, position.as_deref()).await {
                // The position is no longer known: read everything anew. Nothing is doubled, for every copy is known.
                Err(error) if error.class() == Class::Resync && position.is_some() => {
                    self.note_resync(kind, name).await?;
                    position = None;
                    continue;
                }
                page => page?,
            };
            let known = position.as_deref();
            let (Next::More(next) | Next::Done(next)) = &page.next;
            let (same, next) = (known == Some(next), next.clone());
            let cursors = if same {
                Vec::new()
            } else {
                vec![Cursor { collection: name.to_owned(), position: Some(next.clone()) }]
            };
            let done = matches!(page.next, Next::Done(_));
            self.settle_page(kind, policy, collection, page.changes, cursors, &mut masters).await?;
            if done {
                return Ok(());
            }
            position = Some(next);
        }
    }

    async fn note_resync(&self, kind: Kind, name: &str) -> Result<(), EngineError> {
        let text =
            "Microsoft 365 no longer knows the position in this collection; it is read anew".to_owned();
        let line = super::entry(self, kind, Step::Observe, "resync", text, Value::String(name.to_owned()));
        let cursors = vec![Cursor { collection: name.to_owned(), position: None }];
        Ok(self.commit(Commit { cursors, journal: vec![line], ..Commit::default() }).await?)
    }

    async fn settle_page(
        &self,
        kind: Kind,
        policy: &Policy,
        collection: &Collection,
        changes: Vec<Change>,
        cursors: Vec<Cursor>,
        masters: &mut BTreeSet<GraphId>,
    ) -> Result<(), EngineError> {
        let (mut present, mut removed, mut unreadable) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut series = Vec::new();
        for change in changes {
            match change {
                Change::Present(remote) => match series_of(&remote) {
                    Some(master) => series.push(master),
                    None => {
                        present.insert(remote.id.clone(), remote);
                    }
                },
                Change::Occurrence { master, .. } => series.push(master),
                Change::Removed(id) => removed.push(id),
                Change::Unreadable { id, reason, .. } => unreadable.push((id, reason)),
            }
        }
        for master in series {
            if !masters.insert(master.clone()) {
                continue;
            }
            match self.graph.read(Kind::Appointment, &master, None).await {
                Ok(Some(remote)) => {
                    present.insert(master, Box::new(remote));
                }
                Ok(None) => removed.push(master),
                // One series that nobody can read must not keep the others from going on.
                Err(error) if error.class() == Class::Rejected => {
                    unreadable.push((master, error.to_string()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        removed.retain(|id| !present.contains_key(id));
        self.suspect(kind, &removed).await?;
        self.note_unreadable(kind, unreadable).await?;
        let place = match collection {
            Collection::TaskList(id) => Some(id.clone()),
            _ => None,
        };
        let absences = self.take_absences(kind, &mut present).await?;
        let works = self.works_from(kind, present, place.as_deref()).await?;
        if !absences.is_empty() {
            let policy = policy::of(&self.parts.settings, Kind::Absence, self.now);
            self.settle(absences, &policy, Vec::new()).await?;
        }
        self.settle(works, policy, cursors).await
    }

    /// A copy that was reported as removed may have been moved, or lie outside the time frame now. It stays under
    /// suspicion until all collections are read and a direct read says that it is gone.
    async fn suspect(&self, kind: Kind, removed: &[GraphId]) -> Result<(), EngineError> {
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

    async fn note_unreadable(
        &self,
        kind: Kind,
        unreadable: Vec<(GraphId, String)>,
    ) -> Result<(), EngineError> {
        let ids: Vec<GraphId> = unreadable.iter().map(|(id, _)| id.clone()).collect();
        let mut works = if ids.is_empty() { BTreeMap::new() } else { self.works_for(kind, &ids).await? };
        let mut commit = Commit::default();
        for (id, why) in unreadable {
            let Some(work) = works.remove(&id) else { continue };
            let mut line = super::entry(self, kind, Step::Observe, "unreadable", why.clone(), Value::Null);
            line.graph = Some(id);
            commit.journal.push(line);
            let mut link = work.link;
            if link.state != State::Linked {
                link.state = State::Refused;
                (link.reason, link.detail) = ("unreadable".to_owned(), why);
                commit.links.push(LinkWrite { link, object: None });
            }
        }
        Ok(self.commit(commit).await?)
    }

    /// Events that were made from absences are absences still.
    async fn take_absences(
        &self,
        kind: Kind,
        present: &mut BTreeMap<GraphId, Box<Remote>>,
    ) -> Result<Vec<Work>, EngineError> {
        if kind != Kind::Appointment || present.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<GraphId> = present.keys().cloned().collect();
        let mut works = Vec::new();
        for linked in self.parts.store.links_by_graph(self.id(), Kind::Absence, &ids).await? {
            let Some(remote) = linked.link.graph.as_ref().and_then(|id| present.remove(id)) else { continue };
            let Some(remote) = as_absence(*remote) else { continue };
            let mut work = Work::new(linked);
            work.m365 = M365Seen::Present(Box::new(remote));
            works.push(work);
        }
        Ok(works)
    }

    /// Work on what a page shows.
    async fn works_from(
        &self,
        kind: Kind,
        present: BTreeMap<GraphId, Box<Remote>>,
        place: Option<&str>,
    ) -> Result<Vec<Work>, EngineError> {
        let ids: Vec<GraphId> = present.keys().cloned().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut works = self.works_for(kind, &ids).await?;
        let keys: Vec<String> = present.values().map(|remote| super::work::key_of(kind, remote)).collect();
        let objects = self.parts.store.objects_by_key(kind, &keys).await?;
        let mut ready = Vec::new();
        for (id, remote) in present {
            let Some(mut work) = works.remove(&id) else { continue };
            if work.object.is_none() {
                let key = super::work::key_of(kind, &remote);
                work.object = objects.iter().find(|object| object.key.as_ref() == Some(&key)).cloned();
            }
            if let Some(place) = place {
                work.link.place = Some(place.to_owned());
            }
            if work.link.id.is_none() {
                self.take_over_waiting(&mut work).await?;
            }
            work.m365 = M365Seen::Present(remote);
            self.complete(&mut work).await?;
            ready.push(work);
        }
        Ok(ready)
    }

    /// A copy that arrives takes the place of our link that waited for it.
    async fn take_over_waiting(&self, work: &mut Work) -> Result<(), EngineError> {
        let Some(record) = work.object.as_ref().and_then(|object| object.record.clone()) else {
            return Ok(());
        };
        let ours = self.parts.store.links_by_record(self.id(), work.link.kind, &[record]).await?;
        if let Some(waiting) = ours.into_iter().find(|linked| linked.link.graph.is_none()) {
            let graph = work.link.graph.take();
            work.link = tandem_store::Link { graph, base: None, ..waiting.link };
        }
        Ok(())
    }

    /// Adds what the planner needs to know beside the copy itself.
    pub(crate) async fn complete(&self, work: &mut Work) -> Result<(), EngineError> {
        if work.is_rooted() && work.link.state == State::Linked {
            return Ok(());
        }
        work.peers = self.peers(work).await?;
        if let Some(record) = work.object.as_ref().and_then(|object| object.record.clone()) {
            work.crm = self.read_record(work.link.kind, record).await?;
        }
        Ok(())
    }
}

/// The master to read when a copy belongs to a series, or is one.
fn series_of(remote: &Remote) -> Option<GraphId> {
    if let Some(master) = &remote.facts.series_master {
        return Some(master.clone());
    }
    match &remote.item {
        Item::Appointment(appointment) if appointment.series.is_some() => Some(remote.id.clone()),
        _ => None,
    }
}

/// An out-of-office event as the absence that it was made from.
fn as_absence(remote: Remote) -> Option<Remote> {
    let Item::Appointment(appointment) = remote.item else { return Some(remote) };
    let absence = tandem_model::Absence {
        subject: appointment.subject,
        text: appointment.text,
        when: appointment.when,
    };
    Some(Remote { item: Item::Absence(absence), ..remote })
}
