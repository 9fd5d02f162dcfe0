//! Records whose addition nobody heard the end of. They are asked for by the keys of the copies that they were made
//! from, also where such a copy is gone by now, for nothing else would ever lead to them.

use crate::EngineError;
use crate::pair::{CrmSeen, M365Seen, SUSPECT, Work, entry};
use crate::worker::Worker;
use serde_json::Value;
use tandem_crm_port::{Change, RecordState};
use tandem_graph::{Class, Remote};
use tandem_model::{Document, Kind, RecordId, Stamp};
use tandem_store::{
    Base, Commit, LinkWrite, Linked, Object, ObjectWrite, Pending, Role, Source, State, Step, StoreError,
};

impl Worker {
    /// Looks up which of these records were added. What was not is added when its copy comes again, which it does, for
    /// the position in its collection was not moved on.
    pub(super) async fn recover_added(&self, kind: Kind, rows: Vec<Pending>) -> Result<(), EngineError> {
        let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
        let records = self.parts.crm.records_by_key(kind, &keys).await?;
        let (mut works, mut commit) = (Vec::new(), Commit::default());
        for row in rows {
            let Some(record) = records.get(&row.key).cloned() else {
                if !self.may_be_under_way(&row, self.now) {
                    commit.settled.push(row.key);
                }
                continue;
            };
            match self.added(&row, record).await? {
                Some(work) => works.push(work),
                None => commit.settled.push(row.key),
            }
        }
        self.commit(commit).await?;
        self.settle(works, &self.policy(kind), Vec::new()).await
    }

    /// What is to be done about a record that was added: nothing when somebody knows of it by now, or both are gone.
    /// Where its copy is gone, it is linked to that copy, under suspicion.
    async fn added(&self, row: &Pending, record: RecordId) -> Result<Option<Work>, EngineError> {
        let Source::Copy { graph, place } = &row.source else { return Ok(None) };
        let ids = std::slice::from_ref(graph);
        let linked = self.parts.store.links_by_graph(self.id(), row.kind, ids).await?.pop();
        let object = self.parts.store.objects_by_record(row.kind, std::slice::from_ref(&record)).await?.pop();
        if linked.as_ref().is_some_and(is_linked) {
            return Ok(None);
        }
        let others = self.others_link(object.as_ref()).await?;
        let CrmSeen::Reported(change) = self.read_record(row.kind, record).await? else { return Ok(None) };
        // Whom it was handed over to is told of it, but not of this copy.
        if others && change.state != RecordState::Reassigned {
            return Ok(None);
        }
        let remote = match self.graph.read(row.kind, graph, place.as_deref()).await {
            Err(error) if error.class() == Class::Rejected => return Ok(None),
            remote => remote?,
        };
        let fresh = || Work::fresh(self.id(), row.kind, Some(graph.clone()));
        let link = linked.map_or_else(fresh, |linked| linked.link);
        let linked = Linked { link, object };
        match remote {
            Some(remote) => self.work_on_added(row, linked, *change, remote).await.map(Some),
            None => self.link_to_gone(row, linked, *change).await.map(|()| None),
        }
    }

    /// Whether some mailbox knows of the record: it is told of whatever happens to it.
    async fn others_link(&self, object: Option<&Object>) -> Result<bool, EngineError> {
        let Some(object) = object else { return Ok(false) };
        Ok(self.parts.store.copies(object).await?.iter().any(is_linked))
    }

    /// The copy is there: what was sent is what both sides agreed on. Whatever differs from it by now is somebody's edit,
    /// and if the record is gone, somebody deleted it.
    async fn work_on_added(
        &self,
        row: &Pending,
        linked: Linked,
        change: Change,
        remote: Remote,
    ) -> Result<Work, EngineError> {
        let mut work = Work::new(linked);
        if work.link.base.is_none() {
            work.link.base = self.agreed(row, &change).await?;
        }
        if row.kind == Kind::Contact {
            work.link.role = Role::Replica;
        }
        // The key may be one that an older connector noted: what its record holds is then no edit of today.
        work.silent = work.silent || self.is_first_reading(row.kind).await?;
        work.m365 = M365Seen::Present(Box::new(remote));
        work.crm = CrmSeen::Reported(Box::new(change));
        work.written.added = Some(row.key.clone());
        work.written.steps.push(("found-after-crash".to_owned(), FOUND.to_owned()));
        self.look_around(&mut work).await?;
        Ok(work)
    }

    /// What both sides agreed on when the record was added. Of a record that nobody else wrote to it is what the record
    /// holds, for a CRM writes some values in its own way. Nothing was agreed on with a person: the addition may have met
    /// one whom the CRM knew already, and who has values of his own.
    async fn agreed(&self, row: &Pending, change: &Change) -> Result<Option<Base>, EngineError> {
        let (Some(mut base), RecordState::Present { item, .. }) = (row.sent.clone(), &change.state) else {
            return Ok(row.sent.clone());
        };
        if row.kind == Kind::Contact {
            return Ok(None);
        }
        if !self.is_edited(row.kind, &change.record, before(change.stamp)).await? {
            base.crm = Document::of(item);
        }
        Ok(Some(base))
    }

    /// The copy is gone, or moved to where it has another id: the record is linked to it all the same, so that it fares
    /// like any other whose copy was reported as removed.
    async fn link_to_gone(&self, row: &Pending, linked: Linked, change: Change) -> Result<(), EngineError> {
        let settled = vec![row.key.clone()];
        if !matches!(change.state, RecordState::Present { .. }) {
            return Ok(self.commit(Commit { settled, ..Commit::default() }).await?);
        }
        let Linked { mut link, object } = linked;
        link.role = if row.kind == Kind::Contact { Role::Replica } else { Role::Lead };
        let base = self.agreed(row, &change).await?.unwrap_or_default();
        (link.state, link.base, link.stamp) = (State::Linked, Some(base), None);
        (link.reason, link.detail, link.etag) = (String::new(), String::new(), None);
        (link.todo, link.due, link.attempts) = (Some(SUSPECT.to_owned()), Some(self.now), 0);
        if let Source::Copy { place, .. } = &row.source {
            link.place.clone_from(place);
        }
        let mut line =
            entry(self, row.kind, Step::Observe, "found-after-crash", FOUND.to_owned(), Value::Null);
        (line.key, line.graph) = (Some(row.key.clone()), link.graph.clone());
        line.record = Some(change.record.clone());
        let leads = row.kind == Kind::Appointment;
        let object = ObjectWrite {
            id: object.as_ref().map(|object| object.id),
            version: object.as_ref().map_or(0, |object| object.version),
            kind: row.kind,
            key: object.and_then(|object| object.key).or_else(|| Some(row.key.clone())),
            record: Some(change.record),
            lead: leads.then(|| self.id().clone()),
        };
        let links = vec![LinkWrite { link, object: Some(object) }];
        let commit = Commit { links, journal: vec![line], settled, ..Commit::default() };
        match self.commit(commit).await {
            // Somebody else met it just now.
            Err(StoreError::Conflict { .. }) => Ok(()),
            ended => Ok(ended?),
        }
    }
}

fn is_linked(linked: &Linked) -> bool {
    linked.link.state == State::Linked
}

const FOUND: &str = "an addition to the CRM was interrupted; its record was found by its key";

/// A change is told of to whoever knows the record as it was before.
fn before(stamp: Stamp) -> Stamp {
    Stamp(stamp.0.saturating_sub(1))
}
