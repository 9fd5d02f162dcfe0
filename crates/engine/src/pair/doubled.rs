//! Two copies in one mailbox that are one thing: somebody took it out of Deleted Items after an edit in the CRM had brought
//! it back, or imported it again. One speaks for the record; another one rests while that is there, and takes its place when
//! it is gone.

use super::work::Ending;
use super::{M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use std::collections::BTreeSet;
use tandem_graph::Remote;
use tandem_model::Kind;
use tandem_store::{Link, Role, State};

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
    /// A copy on which nothing was agreed yet rests, where another one of this mailbox speaks for its record; where that one
    /// is gone, it takes its place.
    pub(crate) async fn meet_doubles(
        &self,
        works: &mut [Work],
        open: &BTreeSet<usize>,
    ) -> Result<(), EngineError> {
        for index in open {
            let Some(work) = works.get_mut(*index).filter(|work| may_double(work)) else { continue };
            let own = work.remote().is_some_and(|remote| remote.facts.is_organizer);
            let speaks = |link: &Link| {
                let role = link.role == Role::Lead || (own && link.role == Role::Replica);
                role && link.state == State::Linked && link.base.is_some()
            };
            match self.other_copy(work, speaks).await? {
                Some((_, Some(_))) if own => work.ending = Some(Ending::has_copy()),
                Some((link, None)) => {
                    let copy = std::mem::replace(&mut work.link, link);
                    work.link.graph.clone_from(&copy.graph);
                    work.link.place.clone_from(&copy.place);
                    work.replaces(copy);
                    self.look_around(work).await?;
                }
                _ => {}
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
        let Some((link, Some(remote))) = self.other_copy(work, rests).await? else { return Ok(()) };
        work.link.graph.clone_from(&link.graph);
        work.link.place.clone_from(&link.place);
        work.m365 = M365Seen::Present(Box::new(remote));
        work.replaces(link);
        Ok(())
    }

    /// Another link of the same record in this mailbox, with its copy, as far as that is there.
    async fn other_copy(
        &self,
        work: &Work,
        fits: impl Fn(&Link) -> bool,
    ) -> Result<Option<(Link, Option<Remote>)>, EngineError> {
        let (kind, Some(record)) = (work.link.kind, work.record().cloned()) else { return Ok(None) };
        for linked in self.parts.store.links_by_record(self.id(), kind, &[record]).await? {
            let link = linked.link;
            if link.id == work.link.id || link.graph == work.link.graph || !fits(&link) {
                continue;
            }
            let Some(id) = &link.graph else { continue };
            let remote = self.graph.read(kind, id, link.place.as_deref()).await?;
            return Ok(Some((link, remote)));
        }
        Ok(None)
    }
}

impl Work {
    /// Its copy takes the place of one that is gone. The link that this copy had until now has none any more.
    fn replaces(&mut self, link: Link) {
        self.written.renamed = true;
        self.written.replaced = true;
        let text = "the copy is gone; another one, which is there still, takes its place".to_owned();
        self.written.steps.push(("takes-its-place".to_owned(), text));
        self.written.retired =
            link.id.is_some().then_some(Link { graph: None, base: None, state: State::Deleted, ..link });
    }
}

/// Whether it is a copy on which nothing was agreed yet.
fn may_double(work: &Work) -> bool {
    work.ending.is_none()
        && work.link.kind == Kind::Appointment
        && work.link.base.is_none()
        && work.remote().is_some_and(|remote| !remote.facts.is_cancelled)
}
