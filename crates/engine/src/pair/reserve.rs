//! The outbox: what is about to be made on either side is written down before it is sent, so that whoever comes after a
//! crash knows what to look for.

use super::Work;
use super::work::Ending;
use super::write_m365::has_m365_write;
use crate::EngineError;
use crate::worker::Worker;
use jiff::{SignedDuration, Timestamp};
use tandem_crm_port::Command;
use tandem_model::Document;
use tandem_reconcile::M365Write;
use tandem_store::{Base, Pending, Source, State};

/// So many times the longest wait for an answer after its key was reserved, a request that nobody waits for any more may still
/// be carried out.
const STILL_UNDER_WAY: u32 = 10;

/// Later than this, in the same measure, nothing is sent under a key, so that all tries and waits of the request are over before
/// that.
const TO_BE_SENT: u32 = 2;

impl Worker {
    /// Whether the request of an outbox row may still be carried out.
    pub(crate) fn may_be_under_way(&self, row: &Pending, now: Timestamp) -> bool {
        is_near(row.at, now, self.waits(STILL_UNDER_WAY))
    }

    /// So many of the longest waits for an answer.
    fn waits(&self, count: u32) -> SignedDuration {
        let wait = self.parts.settings.errors.graph_timeout.saturating_mul(count);
        SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)
    }

    /// From when on a request whose key was reserved at a moment can arrive no more.
    fn no_longer_under_way(&self, at: Timestamp) -> Option<Timestamp> {
        at.saturating_add(self.waits(STILL_UNDER_WAY)).ok()
    }

    /// An earlier request to make an item may arrive yet: until it no longer can, nothing else is made of its key.
    fn under_way(&self, row: &Pending) -> Ending {
        let detail = "a request to make it in Microsoft 365 was not answered and may still arrive; it is looked for in \
                      each cycle, and made anew when it cannot come any more";
        let due = self.no_longer_under_way(row.at);
        Ending { state: State::Failed, reason: "m365-unclear".to_owned(), detail: detail.to_owned(), due }
    }

    /// Puts the keys of creates into the outbox, before anything is sent to Microsoft 365. A key that a crash left
    /// behind is used again; where Exchange would make two items of one key, not before its request can no longer arrive.
    pub(super) async fn reserve_creates(&self, works: &mut [Work]) -> Result<(), EngineError> {
        let creates = |work: &Work| {
            has_m365_write(work)
                && matches!(
                    work.plan.as_ref().and_then(|plan| plan.m365.as_ref()),
                    Some(M365Write::Create { .. })
                )
        };
        if !works.iter().any(creates) {
            return Ok(());
        }
        let left = self.parts.store.outbox(self.id()).await?;
        // Not when the cycle began, which may be long ago.
        let (mut fresh, now) = (Vec::new(), self.parts.clock.now());
        for work in works.iter_mut().filter(|work| creates(work)) {
            let Some(record) = work.record().cloned() else { continue };
            let source = Source::Record(record);
            let known = left.iter().find(|row| row.source == source && row.kind == work.link.kind);
            // What was turned away just now is not under way.
            let unused = std::mem::take(&mut work.written.unused);
            if let Some(row) = known.filter(|row| !unused && self.may_be_under_way(row, now))
                && !tandem_graph::makes_one_of_a_key(row.kind)
            {
                work.ending = Some(self.under_way(row));
                continue;
            }
            let key = known.map_or_else(|| self.parts.chance.id(), |row| row.key.clone());
            let sent = known.map_or_else(|| self.about_to_send(work), |row| row.sent.clone());
            fresh.push(Pending {
                key: key.clone(),
                kind: work.link.kind,
                source,
                at: now,
                sent: sent.clone(),
            });
            work.written.key = Some(key);
            work.written.reserved = Some(now);
            work.written.key_left = known.is_some();
            work.written.sent = sent;
        }
        // Also where every key is left from before: whoever lost the mailbox meanwhile must not use what its new worker reserved.
        Ok(self.parts.store.reserve(self.id(), self.epoch, &fresh).await?)
    }

    /// Whether its key was reserved just now. Where Exchange would make two items of one key, a worker that was held up, and may
    /// have lost its mailbox meanwhile, sends nothing that the next one no longer expects.
    pub(super) fn is_reserved_just_now(&self, work: &Work) -> bool {
        let age = work.written.reserved.map(|at| self.parts.clock.now().duration_since(at));
        tandem_graph::makes_one_of_a_key(work.link.kind)
            || age.is_some_and(|age| age < self.waits(TO_BE_SENT))
    }

    /// When a create of which nobody knows whether it was made is tried again; none where that can be done at any time.
    pub(super) fn tried_again(&self, work: &Work) -> Option<Timestamp> {
        let reserved = work.written.reserved.filter(|_| !tandem_graph::makes_one_of_a_key(work.link.kind));
        reserved.and_then(|at| self.no_longer_under_way(at))
    }

    /// Puts the keys under which records are about to be added into the outbox: one transaction for all of them.
    pub(super) async fn reserve_adds(
        &self,
        works: &mut [Work],
        asked: &[(usize, Command)],
    ) -> Result<(), EngineError> {
        let (mut fresh, now) = (Vec::new(), self.parts.clock.now());
        for (index, command) in asked {
            let Command::Add { key, .. } = command else { continue };
            let Some(work) = works.get_mut(*index) else { continue };
            let Some(graph) = work.link.graph.clone() else { continue };
            let place = work.remote().and_then(|remote| remote.facts.folder.clone());
            let source = Source::Copy { graph, place: place.or_else(|| work.link.place.clone()) };
            let sent = self.about_to_add(work);
            fresh.push(Pending { key: key.clone(), kind: work.link.kind, source, at: now, sent });
            work.written.added = Some(key.clone());
        }
        if !fresh.is_empty() {
            self.parts.store.reserve(self.id(), self.epoch, &fresh).await?;
        }
        Ok(())
    }

    /// What a create is about to write, and what the record holds.
    fn about_to_send(&self, work: &Work) -> Option<Base> {
        let plan = work.plan.as_ref()?;
        let mut m365 = plan.document.clone();
        if plan.m365 != Some(M365Write::Create { invite: true }) {
            m365.retain(|field| field != "attendees" && field != "responses");
        }
        let crm = work.crm.item().map_or_else(|| plan.document.clone(), Document::of);
        let mut base = Base { m365, crm };
        self.note_known(work.link.kind, &mut base);
        Some(base)
    }

    /// What an addition to the CRM is made from, and what it is about to write.
    fn about_to_add(&self, work: &Work) -> Option<Base> {
        let (plan, remote) = (work.plan.as_ref()?, work.remote()?);
        let crm = plan.crm_document.as_ref().unwrap_or(&plan.document);
        let mut base = Base { m365: Document::of(&remote.item), crm: crm.clone() };
        self.note_known(work.link.kind, &mut base);
        Some(base)
    }
}

/// Whether two moments are no further apart. The clocks of two machines differ by a little; what lies further ahead was noted by
/// one that was wrong.
fn is_near(at: Timestamp, now: Timestamp, span: SignedDuration) -> bool {
    now.duration_since(at).abs() < span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_may_arrive_for_a_while_also_by_a_clock_that_is_a_little_behind() {
        let now = Timestamp::UNIX_EPOCH;
        let may_arrive = |seconds: i64| {
            let at = now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
            is_near(at, now, SignedDuration::from_mins(10))
        };
        assert!([0, -1, -599, 1, 599].into_iter().all(may_arrive));
        assert!(!may_arrive(-600) && !may_arrive(25 * 3600));
    }
}
