//! What a page shows, sorted: copies that are there, copies that were reported as removed, and what cannot be read.

use super::{M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tandem_graph::{Change, Class, Remote};
use tandem_model::{GraphId, Item, Kind, RecordId};
use tandem_reconcile::{Peers, Policy};
use tandem_store::{Commit, Cursor, LinkWrite, Role, State, Step};

/// What a page shows.
#[derive(Default)]
pub(crate) struct Seen {
    /// Copies that are there; series are whole.
    pub present: BTreeMap<GraphId, Box<Remote>>,
    /// Copies that were reported as removed.
    pub removed: Vec<GraphId>,
    /// What cannot be read, with the reason.
    pub unreadable: Vec<(GraphId, String)>,
}

impl Worker {
    /// Sorts the changes of a page. Whatever part of a series they show, its master is read whole, once: a later page
    /// may show it again because it has changed in the meantime.
    pub(crate) async fn sort(&self, changes: Vec<Change>) -> Result<Seen, EngineError> {
        let (mut seen, mut series) = (Seen::default(), BTreeSet::new());
        for change in changes {
            match change {
                Change::Present(remote) => match series_of(&remote) {
                    Some(master) => _ = series.insert(master),
                    None => {
                        seen.present.insert(remote.id.clone(), remote);
                    }
                },
                Change::Occurrence { master, .. } => _ = series.insert(master),
                Change::Removed(id) => seen.removed.push(id),
                Change::Unreadable { id, reason, .. } => seen.unreadable.push((id, reason)),
            }
        }
        for master in series {
            match self.graph.read(Kind::Appointment, &master, None).await {
                Ok(Some(remote)) => {
                    seen.present.insert(master, Box::new(remote));
                }
                Ok(None) => seen.removed.push(master),
                // One series that nobody can read must not keep the others from going on.
                Err(error) if error.class() == Class::Rejected => {
                    seen.unreadable.push((master, error.to_string()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let present = &seen.present;
        seen.removed.retain(|id| !present.contains_key(id));
        Ok(seen)
    }

    /// Takes what was seen through the other rooms. `further` works go along; the cursors are committed last.
    pub(crate) async fn settle_seen(
        &self,
        kind: Kind,
        policy: &Policy,
        mut seen: Seen,
        further: Vec<Work>,
        cursors: Vec<Cursor>,
    ) -> Result<(), EngineError> {
        self.suspect(kind, &seen.removed).await?;
        self.note_unreadable(kind, std::mem::take(&mut seen.unreadable)).await?;
        self.recover_arrived(kind, &seen.present).await?;
        let absences = self.take_absences(kind, &mut seen.present).await?;
        let mut works = self.works_from(kind, seen.present).await?;
        works.extend(further);
        if !absences.is_empty() {
            let policy = self.policy(Kind::Absence);
            self.settle(absences, &policy, Vec::new()).await?;
        }
        self.settle(works, policy, cursors).await
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
            let remote = if self.mapping.of(Kind::Absence).additional.is_empty() {
                as_absence(*remote)
            } else {
                // What was read was read as an appointment, with an appointment's additional fields.
                self.graph.read(Kind::Absence, &remote.id, None).await?
            };
            let Some(remote) = remote else { continue };
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
            if work.link.id.is_none() {
                self.take_over_waiting(&mut work).await?;
            }
            work.m365 = M365Seen::Present(remote);
            self.complete(&mut work).await?;
            ready.push(work);
        }
        self.read_taken_back(&mut ready).await?;
        self.give_way_to_invitations(kind, &mut ready).await?;
        Ok(ready)
    }

    /// A copy that was made silently gives way to one that comes by the organiser's invitation.
    async fn give_way_to_invitations(&self, kind: Kind, works: &mut Vec<Work>) -> Result<(), EngineError> {
        let records: Vec<RecordId> = works
            .iter()
            .filter(|work| is_invitation(work))
            .filter_map(|work| work.record().cloned())
            .collect();
        if kind != Kind::Appointment || records.is_empty() {
            return Ok(());
        }
        for linked in self.parts.store.links_by_record(self.id(), kind, &records).await? {
            let link = &linked.link;
            // One that was removed is there again where it is seen.
            let there = link.state == State::Linked
                || works.iter().any(|work| work.link.id == link.id && work.remote().is_some());
            if link.role != Role::Replica || !there || link.graph.is_none() {
                continue;
            }
            let (known, record) = (link.id, linked.object.as_ref().and_then(|object| object.record.as_ref()));
            let invited = works
                .iter()
                .any(|work| is_invitation(work) && work.link.id != known && work.record() == record);
            match works.iter_mut().find(|work| work.link.id == known) {
                _ if !invited => {}
                Some(work) => work.peers = Peers::Invited,
                None => works.push(Work { peers: Peers::Invited, ..Work::new(linked) }),
            }
        }
        Ok(())
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
        let known = |base: &tandem_store::Base| !self.maps_more(work.link.kind, base);
        if self.is_rooted(work)
            && !work.is_out()
            && !self.was_relieved(work)
            && work.link.state == State::Linked
            && work.link.base.as_ref().is_some_and(known)
        {
            // What its owner had changed in a silent copy is in the CRM by now: it may give way to the invitation that he holds.
            return if work.link.role == Role::Replica { self.look_around(work).await } else { Ok(()) };
        }
        if let Some(record) = work.object.as_ref().and_then(|object| object.record.clone()) {
            work.crm = self.read_record(work.link.kind, record).await?;
        }
        self.look_around(work).await?;
        work.promised = self.is_promised(work).await? || self.is_record_promised(work).await?;
        Ok(())
    }
}

/// Whether it is a copy of somebody else's meeting that takes place.
fn is_invitation(work: &Work) -> bool {
    let facts = work.remote().map(|remote| &remote.facts);
    work.link.role != Role::Replica && facts.is_some_and(|facts| !facts.is_organizer && !facts.is_cancelled)
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
pub(crate) fn as_absence(remote: Remote) -> Option<Remote> {
    let Item::Appointment(appointment) = remote.item else { return Some(remote) };
    let absence = tandem_model::Absence {
        subject: appointment.subject,
        text: appointment.text,
        when: appointment.when,
        show_as: appointment.show_as,
        additional: appointment.additional,
    };
    Some(Remote { item: Item::Absence(absence), ..remote })
}
