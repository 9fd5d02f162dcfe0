//! After a crash: creates whose fate nobody knows are looked up by their key before anything is written again.

use crate::EngineError;
use crate::pair::{CrmSeen, M365Seen, Work};
use crate::worker::Worker;
use tandem_store::{Commit, Linked, Pending};

impl Worker {
    /// Looks up what the outbox holds. What is found is linked; what is not found keeps its key, under which the
    /// create is repeated when the item is planned again.
    pub(crate) async fn recover(&self) -> Result<(), EngineError> {
        for pending in self.parts.store.outbox(self.id()).await? {
            self.recover_one(pending).await?;
        }
        Ok(())
    }

    async fn recover_one(&self, pending: Pending) -> Result<(), EngineError> {
        let links = self
            .parts
            .store
            .links_by_record(self.id(), pending.kind, std::slice::from_ref(&pending.record))
            .await?;
        let linked = links.iter().any(|linked| linked.link.graph.is_some());
        let settled = vec![pending.key.clone()];
        if linked {
            return Ok(self.commit(Commit { settled, ..Commit::default() }).await?);
        }
        let Some(remote) = self.graph.find_by_key(pending.kind, &pending.key).await? else {
            return self.plan_again(pending, links.into_iter().next()).await;
        };
        let mut work = self.work_on_pending(&pending, links.into_iter().next()).await?;
        work.written.key = Some(pending.key);
        work.written.steps.push((
            "found-after-crash".to_owned(),
            "a create was interrupted; its item was found by its key".to_owned(),
        ));
        work.link.place.clone_from(&remote.facts.folder);
        work.m365 = M365Seen::Present(Box::new(remote.clone()));
        work.written.m365 = Some(Box::new(remote));
        let policy = crate::policy::of(&self.parts.settings, pending.kind, self.now);
        self.settle(vec![work], &policy, Vec::new()).await
    }

    /// Nothing was created: the record is planned like a new one, unless it is gone.
    async fn plan_again(&self, pending: Pending, linked: Option<Linked>) -> Result<(), EngineError> {
        let work = self.work_on_pending(&pending, linked).await?;
        if work.crm.item().is_none() {
            return Ok(self.commit(Commit { settled: vec![pending.key], ..Commit::default() }).await?);
        }
        let policy = crate::policy::of(&self.parts.settings, pending.kind, self.now);
        self.settle(vec![work], &policy, Vec::new()).await
    }

    async fn work_on_pending(&self, pending: &Pending, linked: Option<Linked>) -> Result<Work, EngineError> {
        let linked = match linked {
            Some(linked) => linked,
            None => {
                let records = std::slice::from_ref(&pending.record);
                let object = self.parts.store.objects_by_record(pending.kind, records).await?.pop();
                Linked { link: Work::fresh(self.id(), pending.kind, None), object }
            }
        };
        let mut work = Work::new(linked);
        work.m365 = M365Seen::Absent;
        work.crm = self.read_record(pending.kind, pending.record.clone()).await?;
        if work.crm == CrmSeen::Gone {
            work.crm = CrmSeen::Absent;
        }
        work.peers = self.peers(&work).await?;
        Ok(work)
    }
}
