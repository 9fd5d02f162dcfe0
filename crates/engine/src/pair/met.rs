//! A mailbox that is about to get a copy of an appointment may hold one: by invitation, seen, and waiting for its
//! organiser's, while the CRM told of the record meanwhile. One look before a create makes sure.

use super::work::Ending;
use super::{CrmSeen, M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use tandem_graph::{Class, Remote};
use tandem_model::{Kind, RecordId};
use tandem_reconcile::{M365Write, Plan};
use tandem_store::Object;

impl Worker {
    /// Looks for copies of what would be created, and ties them. Answers which works have to be planned again.
    pub(crate) async fn meet_copies(&self, works: &mut [Work]) -> Result<Vec<usize>, EngineError> {
        let mut again = Vec::new();
        let records: Vec<RecordId> =
            works.iter().filter(|work| creates(work)).filter_map(|work| work.record().cloned()).collect();
        let objects = if records.is_empty() {
            Vec::new()
        } else {
            self.parts.store.objects_by_record(Kind::Appointment, &records).await?
        };
        for (index, work) in works.iter_mut().enumerate().filter(|(_, work)| creates(work)) {
            if has_moved_on(work, &objects) {
                again.push(index);
                continue;
            }
            let Some(key) = known_key(work) else { continue };
            let found = match self.graph.find_by_ical_uid(&key).await {
                Ok(found) => found,
                // What cannot be answered now is asked again; until then nothing is made that may be there.
                Err(error) if matches!(error.class(), Class::Fatal | Class::Denied) => {
                    return Err(error.into());
                }
                Err(error) => {
                    work.ending = Some(self.failed(work, "m365-error", &error.to_string()));
                    continue;
                }
            };
            // What was called off is no copy of a meeting that takes place.
            let Some(found) = found.filter(|found| !found.facts.is_cancelled) else { continue };
            if self.meet(work, found).await? {
                again.push(index);
            }
        }
        Ok(again)
    }

    /// Ties a work to a copy that is there, by the link that the copy has already. Answers whether it has to be planned
    /// again.
    async fn meet(&self, work: &mut Work, found: Remote) -> Result<bool, EngineError> {
        let ids = std::slice::from_ref(&found.id);
        let known = self.parts.store.links_by_graph(self.id(), work.link.kind, ids).await?.pop();
        match known.map(|linked| linked.link) {
            Some(link) if work.link.id.is_some() && link.id != work.link.id => {
                // Two links for one meeting: the one with the copy goes on.
                work.ending = Some(Ending::has_copy());
                return Ok(false);
            }
            Some(link) => work.link = link,
            None => work.link.graph = Some(found.id.clone()),
        }
        let text = "the mailbox holds a copy of it already".to_owned();
        work.written.steps.push(("has-copy".to_owned(), text));
        work.m365 = M365Seen::Present(Box::new(found));
        work.plan_again();
        Ok(true)
    }
}

/// Whether another mailbox's worker made something of the object, as it is now, after this one had looked: whoever waited for
/// that no longer has to, and would make a second copy.
fn has_moved_on(work: &mut Work, objects: &[Object]) -> bool {
    let Some(record) = work.record() else { return false };
    let now = objects.iter().find(|object| object.record.as_ref() == Some(record));
    let before = work.object.as_ref().and_then(|object| object.lead.as_ref());
    let moved_on = now.and_then(|object| object.lead.as_ref()) != before;
    if moved_on {
        work.object = now.cloned();
        work.plan_again();
    }
    moved_on
}

/// Whether an appointment would get a new copy. One that a create of the same key may have made already is looked for by
/// that key.
fn creates(work: &Work) -> bool {
    let plan = work.plan.as_ref().filter(|_| work.ending.is_none() && work.link.kind == Kind::Appointment);
    plan.is_some_and(|Plan { m365, .. }| matches!(m365, Some(M365Write::Create { .. })))
}

/// The iCalUId under which the meeting is known, where any mailbox held it.
fn known_key(work: &Work) -> Option<String> {
    let told = match &work.crm {
        CrmSeen::Reported(change) => change.keys.first().cloned(),
        _ => None,
    };
    work.object.as_ref().and_then(|object| object.key.clone()).or(told)
}
