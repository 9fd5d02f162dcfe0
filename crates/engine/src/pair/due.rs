//! Observe what is due: suspects, failures, and what waits for somebody else. Both sides are read directly.

use super::work::SUSPECT;
use super::{M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use tandem_model::Kind;
use tandem_store::{Linked, Role, State};

/// Links in one page.
const PAGE: usize = 50;

/// Looks at every link of a kind that is due.
pub(crate) async fn due(worker: &Worker, kind: Kind) -> Result<(), EngineError> {
    let policy = worker.policy(kind);
    let mut after = None;
    loop {
        let links =
            worker.parts.store.due(worker.id(), kind, worker.now, worker.horizon(), after, PAGE).await?;
        let Some(last) = links.last() else { return Ok(()) };
        after = last.link.id;
        let mut works = Vec::new();
        for linked in links {
            // What only has to remember something is due when its time comes; who waits looks in each cycle, also where
            // a clock that was ahead noted when.
            let waits = linked.link.state == State::Waiting;
            if waits || worker.is_due(&linked.link) {
                works.push(worker.reread(linked).await?);
            }
        }
        worker.settle(works, &policy, Vec::new()).await?;
    }
}

impl Worker {
    async fn reread(&self, linked: Linked) -> Result<Work, EngineError> {
        let suspect = linked.link.todo.as_deref() == Some(SUSPECT);
        let mut work = Work::new(linked);
        let agreed = work.link.base.is_some();
        work.silent = work.silent || (!agreed && self.is_first_reading(work.link.kind).await?);
        let attendee = work.link.role == Role::Attendee && work.link.state == State::Linked;
        if work.link.graph.is_none() {
            work.m365 = M365Seen::Absent;
        }
        if suspect && attendee {
            // The content of an attendee's copy is not ours to compare: is it there?
            if let Some(id) = work.link.graph.clone()
                && self.graph.read(work.link.kind, &id, None).await?.is_none()
            {
                work.m365 = M365Seen::Gone;
                // The last copy of an outsider's meeting takes the record along: is it one?
                let record = work.record().cloned();
                self.reread_record(&mut work, record).await?;
            }
            return Ok(work);
        }
        self.refresh(&mut work).await?;
        if work.link.state == State::Deleted && matches!(work.m365, M365Seen::Gone) {
            work.forget_copy();
        }
        if work.object.is_none()
            && let Some(key) = work.key()
        {
            work.object = self.parts.store.objects_by_key(work.link.kind, &[key]).await?.pop();
        }
        if work.link.state != State::Linked {
            self.complete(&mut work).await?;
        } else {
            self.look_around(&mut work).await?;
            self.leave_out_own_writes(&mut work).await?;
        }
        Ok(work)
    }
}
