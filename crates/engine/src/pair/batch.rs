//! Plan, apply and record a batch of items, until each has ended.

use super::decide::kept_role;
use super::record::base_after;
use super::{M365Seen, Work};
use crate::EngineError;
use crate::migrate::is_kept_back;
use crate::worker::Worker;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::Kind;
use tandem_reconcile::{M365Write, Plan, Policy};
use tandem_store::{Commit, Cursor, Linked, Object, State, StoreError};

use super::work::Ending;

/// An item that moves on either side while it is being written is planned again, so many times in one cycle.
const ROUNDS: usize = 4;

impl Worker {
    /// Takes a batch through plan, apply and record. The cursors are committed with the last of it.
    pub(crate) async fn settle(
        &self,
        works: Vec<Work>,
        policy: &Policy,
        cursors: Vec<Cursor>,
    ) -> Result<(), EngineError> {
        let mut rest = works;
        rest.retain(|work| !is_kept_back(&work.link));
        while !rest.is_empty() {
            let (batch, later) = one_of_each_object(rest);
            rest = later;
            // Boxed: it is large, most pages have nothing to settle, and whoever waits for this one is as large.
            Box::pin(self.settle_batch(batch, policy)).await?;
        }
        Ok(self.commit(Commit { cursors, ..Commit::default() }).await?)
    }

    async fn settle_batch(&self, batch: Vec<Work>, policy: &Policy) -> Result<(), EngineError> {
        let mut works = batch;
        if let Err(error) = self.carry_out(&mut works, policy).await {
            self.note_carried_out(works, &error).await;
            return Err(error);
        }
        let mut commit = Commit::default();
        for work in &works {
            self.note(work, &mut commit);
        }
        match self.commit(commit).await {
            Ok(()) => Ok(()),
            // Another mailbox's worker met one of these objects first: one by one, the untouched ones pass.
            Err(StoreError::Conflict { .. }) => {
                for work in works {
                    self.settle_alone(work, policy).await?;
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Records what was written before something failed, or what people do to it until the next cycle would look like
    /// a second edit. What cannot be recorded either is observed again.
    ///
    /// What was written to the CRM only is recorded as failed, with what both sides agreed on by then.
    async fn note_carried_out(&self, works: Vec<Work>, error: &EngineError) {
        let mut commit = Commit::default();
        for mut work in works {
            if !work.is_carried_out() {
                if work.written.crm.is_none() || work.ending.is_some() {
                    continue;
                }
                work.ending = Some(self.failed(&work, "interrupted", &error.to_string()));
            }
            self.note(&work, &mut commit);
        }
        if let Err(error) = self.commit(commit).await {
            tracing::warn!(mailbox = %self.mailbox.seed.address, %error, "what was written is not recorded");
        }
    }

    async fn settle_alone(&self, mut work: Work, policy: &Policy) -> Result<(), EngineError> {
        for _ in 0..ROUNDS {
            let mut commit = Commit::default();
            self.note(&work, &mut commit);
            match self.commit(commit).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let before = work.object.take();
            work.object = self.object_now(&work).await?;
            let led_by_another = work
                .object
                .as_ref()
                .is_some_and(|object| object.lead.as_ref().is_some_and(|lead| lead != self.id()));
            // Whoever has no part in the meeting any more decides by who else has one, unless that is carried out already.
            let depends = work.is_out() && work.written.crm.is_none() && work.written.m365.is_none();
            if work.object != before && !led_by_another && !depends {
                // Somebody else made the object in the meantime, and what was decided here still holds.
                continue;
            }
            self.look_again(&mut work).await?;
            let mut one = [work];
            self.carry_out(&mut one, policy).await?;
            [work] = one;
        }
        let mut commit = Commit::default();
        work.ending = Some(self.failed(&work, "busy", "other mailboxes keep changing the same object"));
        self.note(&work, &mut commit);
        // The object is theirs for now; the link alone says that there is something left to do.
        for write in &mut commit.links {
            write.object = None;
        }
        Ok(self.commit(commit).await?)
    }

    /// The object as it is in the store now, by its key or its record.
    async fn object_now(&self, work: &Work) -> Result<Option<Object>, EngineError> {
        let kind = work.link.kind;
        if let Some(key) = work.key()
            && let Some(object) = self.parts.store.objects_by_key(kind, &[key]).await?.pop()
        {
            return Ok(Some(object));
        }
        match work.record() {
            Some(record) => {
                Ok(self.parts.store.objects_by_record(kind, std::slice::from_ref(record)).await?.pop())
            }
            None => Ok(None),
        }
    }

    /// After another worker won: what is the object now, and what does each side hold?
    async fn look_again(&self, work: &mut Work) -> Result<(), EngineError> {
        if let Some(plan) = work.plan.as_ref().filter(|_| work.written.m365.is_some())
            && matches!(plan.m365, Some(M365Write::Create { .. }))
        {
            // What was created is agreed on, also without those who were not invited: every difference from now on is
            // somebody's change.
            (work.link.base, work.link.role) = (base_after(work, plan), kept_role(plan.role));
        }
        self.refresh(work).await?;
        self.look_around(work).await?;
        work.plan_again();
        work.ending = None;
        Ok(())
    }

    /// Plans and applies until every item has ended one way or another.
    async fn carry_out(&self, works: &mut [Work], policy: &Policy) -> Result<(), EngineError> {
        let mut open: BTreeSet<usize> = (0..works.len()).collect();
        for round in 0..=ROUNDS {
            self.meet_doubles(works, &open).await?;
            for index in &open {
                let Some(work) = works.get_mut(*index) else { continue };
                if work.ending.is_some() {
                    // It was found unreadable: there is nothing to decide.
                    work.plan.get_or_insert_with(|| Plan::nothing(tandem_reconcile::CopyRole::Lead));
                    continue;
                }
                let plan = self.decide(work, policy);
                if round == ROUNDS && plan.writes() {
                    work.ending = Some(self.failed(work, "moving", "it keeps changing on both sides"));
                }
                work.plan = Some(plan);
            }
            self.hold_mass_deletion(works, &open).await?;
            self.tell_losers(works, &open).await?;
            let moved_in_crm: BTreeSet<usize> = self.write_crm(works).await?.into_iter().collect();
            // A side that has to be planned again is not written to on the other side either.
            for index in &moved_in_crm {
                if let Some(work) = works.get_mut(*index) {
                    work.plan_again();
                }
            }
            let moved_in_m365 = self.write_m365(works).await?;
            for index in &moved_in_crm {
                if let Some(work) = works.get_mut(*index) {
                    if matches!(work.m365, M365Seen::Present(_)) {
                        // The copy was read a moment ago, and a write to it carries its version.
                        let record = work.record().cloned();
                        self.reread_record(work, record).await?;
                    } else {
                        self.refresh(work).await?;
                    }
                    self.leave_out_own_writes(work).await?;
                }
            }
            for index in &moved_in_m365 {
                if let Some(work) = works.get_mut(*index) {
                    self.refresh(work).await?;
                    work.plan_again();
                }
            }
            open = moved_in_crm.into_iter().chain(moved_in_m365).collect();
            if open.is_empty() {
                break;
            }
        }
        self.tell_keys(works).await
    }

    /// Stops deletions when there are too many of them. Those that come up together pass together or not at all.
    async fn hold_mass_deletion(
        &self,
        works: &mut [Work],
        open: &BTreeSet<usize>,
    ) -> Result<(), EngineError> {
        let mut fresh: BTreeMap<Kind, u64> = BTreeMap::new();
        let mut deleting = Vec::new();
        for index in open {
            let Some(work) = works.get(*index) else { continue };
            let deletes = work.plan.as_ref().is_some_and(Plan::deletes);
            if work.ending.is_some() || !deletes || work.is_consented() {
                continue;
            }
            *fresh.entry(work.link.kind).or_default() += u64::from(work.link.state != State::Held);
            deleting.push(*index);
        }
        let mut allowed = BTreeMap::new();
        for (kind, count) in fresh {
            allowed.insert(kind, self.may_delete(kind, count).await?);
        }
        for index in deleting {
            let Some(work) = works.get_mut(index) else { continue };
            let passes = allowed.get(&work.link.kind).is_none_or(|deletions| match work.link.state {
                State::Held => deletions.held,
                _ => deletions.fresh,
            });
            if !passes {
                work.ending = Some(self.held(work));
            }
        }
        Ok(())
    }

    fn held(&self, work: &Work) -> Ending {
        let detail = "too many deletions at once; this one was not carried out. If they are right, say \
                      `tandem deletions allow MAILBOX`; if not, restore what was deleted";
        let due = Some(self.retry_at(work.link.attempts, Some(self.parts.settings.errors.retry_max)));
        Ending { state: State::Held, reason: "mass-deletion".to_owned(), detail: detail.to_owned(), due }
    }

    /// Work on the links of these copies; those that have none get a fresh one.
    pub(crate) async fn works_for(
        &self,
        kind: Kind,
        ids: &[tandem_model::GraphId],
    ) -> Result<std::collections::BTreeMap<tandem_model::GraphId, Work>, EngineError> {
        let known = self.parts.store.links_by_graph(self.id(), kind, ids).await?;
        let mut works: std::collections::BTreeMap<_, _> = known
            .into_iter()
            .filter_map(|linked| Some((linked.link.graph.clone()?, Work::new(linked))))
            .collect();
        for id in ids {
            works.entry(id.clone()).or_insert_with(|| {
                let link = Work::fresh(self.id(), kind, Some(id.clone()));
                let mut work = Work::new(Linked { link, object: None });
                work.m365 = M365Seen::Absent;
                work
            });
        }
        Ok(works)
    }
}

/// Splits works into those that can be carried out together and the rest: two copies of one object in one batch would
/// not see each other.
fn one_of_each_object(works: Vec<Work>) -> (Vec<Work>, Vec<Work>) {
    let mut seen = BTreeSet::new();
    works.into_iter().partition(|work| match work.key().or_else(|| work.record().map(ToString::to_string)) {
        Some(key) => seen.insert(key),
        None => true,
    })
}
