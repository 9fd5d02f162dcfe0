//! Two copies in one mailbox that are one thing: somebody took it out of Deleted Items after an edit in the CRM had brought
//! it back, or imported it again. One speaks for the record; another one rests while that is there, and takes its place when
//! it is gone.

use super::work::Ending;
use super::{M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use std::collections::BTreeSet;
use tandem_graph::{Class, Remote};
use tandem_model::Kind;
use tandem_store::{Link, Role, State};

/// The stable word for what rests because of another copy.
const HAS_COPY: &str = "has-copy";

/// What a direct read says of another copy.
enum Copy {
    There(Box<Remote>),
    Gone,
    /// It is there, and nobody can read it.
    Unreadable,
}

impl Ending {
    /// The mailbox holds another copy.
    pub(crate) fn has_copy() -> Self {
        let detail = "the mailbox holds a copy of it already, which is looked after by itself".to_owned();
        Self { state: State::Skipped, reason: HAS_COPY.to_owned(), detail, due: None }
    }
}

impl Worker {
    /// A copy on which nothing was agreed yet rests, where another one of this mailbox speaks for its record; where that one
    /// is gone, it takes its place. Where a copy that speaks is found to be gone, one that rests takes its place.
    pub(crate) async fn meet_doubles(
        &self,
        works: &mut [Work],
        open: &BTreeSet<usize>,
    ) -> Result<(), EngineError> {
        for index in open {
            let Some(work) = works.get_mut(*index) else { continue };
            if work.ending.is_some() || work.link.kind != Kind::Appointment || work.record().is_none() {
                continue;
            }
            if speaks(&work.link) && matches!(work.m365, M365Seen::Gone) {
                self.replace_gone(work).await?;
            } else if is_new(work) {
                self.rest_or_replace(work).await?;
            }
        }
        Ok(())
    }

    /// The copy is gone: does the mailbox hold one that rested because of it?
    async fn replace_gone(&self, work: &mut Work) -> Result<(), EngineError> {
        let rests = |link: &Link| link.state == State::Skipped && link.reason == HAS_COPY;
        for link in self.other_links(work).await?.into_iter().filter(rests) {
            match self.copy_of(&link).await? {
                Copy::There(remote) => {
                    work.m365 = M365Seen::Present(remote);
                    work.takes_over(link);
                    return self.look_around(work).await;
                }
                Copy::Gone => {}
                // Whether the record goes cannot be said before somebody has looked at that one.
                Copy::Unreadable => {
                    let detail = "its copy is gone, and another one cannot be read".to_owned();
                    let (state, reason) = (State::Refused, "unreadable".to_owned());
                    work.ending = Some(Ending { state, reason, detail, due: None });
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// A new copy: does another one speak for its record?
    async fn rest_or_replace(&self, work: &mut Work) -> Result<(), EngineError> {
        let others = self.other_links(work).await?;
        if others.iter().any(|link| link.graph == work.link.graph) {
            work.is_superseded();
            return Ok(());
        }
        let own = work.remote().is_some_and(|remote| remote.facts.is_organizer);
        let fits =
            |link: &Link| speaks(link) && (link.role == Role::Lead || (own && link.role == Role::Replica));
        let mut gone = None;
        for link in others.into_iter().filter(fits) {
            match self.copy_of(&link).await? {
                Copy::Gone => gone = gone.or(Some(link)),
                Copy::There(_) | Copy::Unreadable => {
                    if own {
                        work.ending = Some(Ending::has_copy());
                    }
                    return Ok(());
                }
            }
        }
        let Some(link) = gone else { return Ok(()) };
        let copys = std::mem::replace(&mut work.link, link);
        work.takes_over(copys);
        self.look_around(work).await
    }

    /// The other links of the same record in this mailbox that name a copy.
    async fn other_links(&self, work: &Work) -> Result<Vec<Link>, EngineError> {
        let Some(record) = work.record().cloned() else { return Ok(Vec::new()) };
        let links = self.parts.store.links_by_record(self.id(), work.link.kind, &[record]).await?;
        let links = links.into_iter().map(|linked| linked.link);
        Ok(links.filter(|link| link.id != work.link.id && link.graph.is_some()).collect())
    }

    async fn copy_of(&self, link: &Link) -> Result<Copy, EngineError> {
        let Some(id) = &link.graph else { return Ok(Copy::Gone) };
        match self.graph.read(link.kind, id, link.place.as_deref()).await {
            Ok(Some(remote)) => Ok(Copy::There(Box::new(remote))),
            Ok(None) => Ok(Copy::Gone),
            // A copy that nobody can read must not keep the others from going on.
            Err(error) if error.class() == Class::Rejected => Ok(Copy::Unreadable),
            Err(error) => Err(error.into()),
        }
    }
}

impl Work {
    /// Its copy is gone, and that of another link takes its place. That link has none any more.
    fn takes_over(&mut self, link: Link) {
        self.link.graph.clone_from(&link.graph);
        self.link.place.clone_from(&link.place);
        self.written.renamed = true;
        self.written.replaced = true;
        let text = "the copy is gone; another one, which is there still, takes its place".to_owned();
        self.written.steps.push(("takes-its-place".to_owned(), text));
        self.written.retired = link.id.is_some().then_some(retired(link));
    }

    /// Another link took over its copy a moment ago.
    fn is_superseded(&mut self) {
        self.link = retired(self.link.clone());
        self.m365 = M365Seen::Absent;
        self.ending = Some(Ending { state: State::Deleted, ..Ending::has_copy() });
    }
}

/// A link without a copy, which has nothing to do any more.
fn retired(link: Link) -> Link {
    Link { graph: None, base: None, todo: None, due: None, state: State::Deleted, ..link }
}

/// Whether both sides agreed once on what this link's copy says, and it was not left out since.
fn speaks(link: &Link) -> bool {
    link.base.is_some()
        && link.role != Role::Attendee
        && !matches!(link.state, State::Deleted | State::Skipped)
}

/// Whether it is a copy on which nothing was agreed yet.
fn is_new(work: &Work) -> bool {
    work.link.base.is_none() && work.remote().is_some_and(|remote| !remote.facts.is_cancelled)
}
