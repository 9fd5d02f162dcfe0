//! After a crash: creates whose fate nobody knows are looked up by their key before anything is written again.

mod added;

use crate::EngineError;
use crate::pair::{CrmSeen, M365Seen, Work, kept_role};
use crate::worker::Worker;
use std::collections::BTreeMap;
use tandem_graph::{Class, Remote};
use tandem_model::{GraphId, Kind, RecordId};
use tandem_reconcile::M365Write;
use tandem_store::{Commit, Linked, Pending, Source, State};

impl Worker {
    /// Looks up what the outbox holds. What is found is linked; what is not found keeps its key, under which the
    /// create is repeated when the item is planned again.
    pub(crate) async fn recover(&self) -> Result<(), EngineError> {
        let mut added: BTreeMap<Kind, Vec<Pending>> = BTreeMap::new();
        for pending in self.parts.store.outbox(self.id()).await? {
            match pending.source.clone() {
                Source::Record(record) => self.recover_one(pending, record).await?,
                Source::Copy { .. } => added.entry(pending.kind).or_default().push(pending),
            }
        }
        for (kind, rows) in added {
            self.recover_added(kind, rows).await?;
        }
        Ok(())
    }

    /// A request of before may arrive at any moment: whatever a page shows is looked up by the keys that the outbox holds
    /// still, or what was made of a record would be taken for something new.
    pub(crate) async fn recover_arrived(
        &self,
        kind: Kind,
        seen: &BTreeMap<GraphId, Box<Remote>>,
    ) -> Result<(), EngineError> {
        if seen.is_empty() {
            return Ok(());
        }
        let shows = |of: Kind| of == kind || (kind == Kind::Appointment && of == Kind::Absence);
        for pending in self.parts.store.outbox(self.id()).await? {
            let Source::Record(record) = pending.source.clone() else { continue };
            if !shows(pending.kind) {
                continue;
            }
            if let Some(remote) = self.graph.find_by_key(pending.kind, &pending.key).await?
                && seen.contains_key(&remote.id)
            {
                self.link_found(pending, record, remote).await?;
            }
        }
        Ok(())
    }

    async fn recover_one(&self, pending: Pending, record: RecordId) -> Result<(), EngineError> {
        if let Some(remote) = self.graph.find_by_key(pending.kind, &pending.key).await? {
            return self.link_found(pending, record, remote).await;
        }
        let records = std::slice::from_ref(&record);
        let links = self.parts.store.links_by_record(self.id(), pending.kind, records).await?;
        self.plan_again(pending, record, links.into_iter().next()).await
    }

    /// Links what an interrupted create made.
    async fn link_found(
        &self,
        pending: Pending,
        record: RecordId,
        remote: Remote,
    ) -> Result<(), EngineError> {
        let records = std::slice::from_ref(&record);
        let links = self.parts.store.links_by_record(self.id(), pending.kind, records).await?;
        // A link may still name the copy that was deleted before this one was made.
        let found = std::slice::from_ref(&remote.id);
        let taken = !self.parts.store.links_by_graph(self.id(), pending.kind, found).await?.is_empty();
        if taken || self.is_in_step(&links).await? {
            let settled = vec![pending.key.clone()];
            return Ok(self.commit(Commit { settled, ..Commit::default() }).await?);
        }
        let policy = self.policy(pending.kind);
        let mut work = self.work_on_pending(pending.kind, record, links.into_iter().next()).await?;
        let role = kept_role(self.decide(&work, &policy).role);
        work.written.key = Some(pending.key);
        let text = "a create was interrupted; its item was found by its key".to_owned();
        work.written.steps.push(("found-after-crash".to_owned(), text));
        work.tie(remote, pending.sent, role);
        self.settle(vec![work], &policy, Vec::new()).await
    }

    /// Whether one of these links has its copy still.
    async fn is_in_step(&self, links: &[Linked]) -> Result<bool, EngineError> {
        for link in links.iter().map(|linked| &linked.link).filter(|link| link.state == State::Linked) {
            let Some(id) = &link.graph else { continue };
            match self.graph.read(link.kind, id, link.place.as_deref()).await {
                Ok(None) => {}
                Err(error) if error.class() != Class::Rejected => return Err(error.into()),
                Ok(Some(_)) | Err(_) => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Nothing was created, or not yet: the record is planned like a new one, unless its link knows when to try again.
    /// As long as the request may arrive, its key is kept, to look for it.
    async fn plan_again(
        &self,
        pending: Pending,
        record: RecordId,
        linked: Option<Linked>,
    ) -> Result<(), EngineError> {
        let may_arrive = self.may_be_under_way(&pending, self.now);
        let settled = if may_arrive { Vec::new() } else { vec![pending.key.clone()] };
        if let Some(linked) = &linked {
            // A link of ours plans itself when it is due, and finds the key again.
            let open = matches!(linked.link.state, State::Failed | State::Waiting | State::Held);
            let settled = if open { Vec::new() } else { settled };
            return Ok(self.commit(Commit { settled, ..Commit::default() }).await?);
        }
        let policy = self.policy(pending.kind);
        let work = self.work_on_pending(pending.kind, record, linked).await?;
        let plan = self.decide(&work, &policy);
        if !matches!(plan.m365, Some(M365Write::Create { .. })) {
            return Ok(self.commit(Commit { settled, ..Commit::default() }).await?);
        }
        self.settle(vec![work], &policy, Vec::new()).await
    }

    async fn work_on_pending(
        &self,
        kind: Kind,
        record: RecordId,
        linked: Option<Linked>,
    ) -> Result<Work, EngineError> {
        let linked = match linked {
            Some(linked) => linked,
            None => {
                let records = std::slice::from_ref(&record);
                let object = self.parts.store.objects_by_record(kind, records).await?.pop();
                Linked { link: Work::fresh(self.id(), kind, None), object }
            }
        };
        let mut work = Work::new(linked);
        work.m365 = M365Seen::Absent;
        work.silent = work.silent || self.is_first_reading(kind).await?;
        work.crm = self.read_record(kind, record).await?;
        if work.crm == CrmSeen::Gone {
            work.crm = CrmSeen::Absent;
        }
        self.look_around(&mut work).await?;
        Ok(work)
    }
}
