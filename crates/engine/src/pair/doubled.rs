//! A second copy of what the mailbox holds already: somebody took it out of Deleted Items after an edit in the CRM had
//! brought it back. One copy speaks for the record; the other one rests, and takes its place when it goes.

use super::work::Ending;
use super::{M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use std::collections::BTreeSet;
use tandem_graph::Remote;
use tandem_model::Kind;
use tandem_store::{Link, State};

/// The stable word for what rests because of another copy.
const HAS_COPY: &str = "has-copy";

impl Ending {
    /// The mailbox holds another copy.
    pub(crate) fn has_copy() -> Self {
        let detail = "the mailbox holds a copy of it already, which is looked after by itself".to_owned();
        Self { state: State::Skipped, reason: HAS_COPY.to_owned(), detail, due: None }
    }
}

impl Worker {
    /// Leaves out copies of records for which another copy of this mailbox speaks.
    pub(crate) async fn leave_out_doubles(
        &self,
        works: &mut [Work],
        open: &BTreeSet<usize>,
    ) -> Result<(), EngineError> {
        for index in open {
            let Some(work) = works.get_mut(*index).filter(|work| work.ending.is_none() && may_double(work))
            else {
                continue;
            };
            let speaks = |link: &Link| link.state == State::Linked && link.base.is_some();
            if self.other_copy(work, speaks).await?.is_some() {
                work.ending = Some(Ending::has_copy());
            }
        }
        Ok(())
    }

    /// Where a copy is gone, another one that rested because of it takes its place.
    pub(crate) async fn take_its_place(&self, work: &mut Work) -> Result<(), EngineError> {
        let went = work.link.state == State::Linked && work.link.base.is_some();
        if !went || work.link.kind != Kind::Appointment || !matches!(work.m365, M365Seen::Gone) {
            return Ok(());
        }
        let rests = |link: &Link| link.state == State::Skipped && link.reason == HAS_COPY;
        let Some((link, remote)) = self.other_copy(work, rests).await? else { return Ok(()) };
        work.link.graph = link.graph.clone();
        work.m365 = M365Seen::Present(Box::new(remote));
        work.written.renamed = true;
        let text = "the copy is gone; another one, which is there still, takes its place".to_owned();
        work.written.steps.push((HAS_COPY.to_owned(), text));
        work.written.retired = Some(Link { graph: None, state: State::Deleted, ..link });
        Ok(())
    }

    /// Another copy of the same record in this mailbox, by the link that it has, as far as it is there.
    async fn other_copy(
        &self,
        work: &Work,
        fits: impl Fn(&Link) -> bool,
    ) -> Result<Option<(Link, Remote)>, EngineError> {
        let (kind, Some(record)) = (work.link.kind, work.record().cloned()) else { return Ok(None) };
        for linked in self.parts.store.links_by_record(self.id(), kind, &[record]).await? {
            let link = linked.link;
            let Some(id) = link.graph.clone().filter(|id| Some(id) != work.link.graph.as_ref()) else {
                continue;
            };
            if link.id == work.link.id || !fits(&link) {
                continue;
            }
            if let Some(remote) = self.graph.read(kind, &id, link.place.as_deref()).await? {
                return Ok(Some((link, remote)));
            }
        }
        Ok(None)
    }
}

/// Whether it is a copy of the owner's own on which nothing was agreed yet.
fn may_double(work: &Work) -> bool {
    work.link.kind == Kind::Appointment
        && work.link.base.is_none()
        && work.remote().is_some_and(|remote| remote.facts.is_organizer && !remote.facts.is_cancelled)
}
