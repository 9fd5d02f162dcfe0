//! What the connector wrote itself is nobody's edit, also where it never heard that it was through.

use super::{CrmSeen, M365Seen, Work};
use crate::EngineError;
use crate::worker::{PACKAGE, Worker};
use tandem_crm_port::{Answer, Command, CurrentRecord, RecordState};
use tandem_model::{Document, Kind, RecordId, Stamp};
use tandem_store::{Base, Role, State};

/// So many changes are looked through for one record.
const MOST: u32 = 1000;

impl Worker {
    /// The record is another one than the link remembers: that brings back an item that is gone, and beats somebody who
    /// took back in Outlook what he had changed. If nobody but the connector wrote to the record since, both sides agreed
    /// on what it holds.
    pub(crate) async fn leave_out_own_writes(&self, work: &mut Work) -> Result<(), EngineError> {
        let (M365Seen::Gone | M365Seen::Present(_), CrmSeen::Reported(change), Some(known)) =
            (&work.m365, &work.crm, work.link.stamp)
        else {
            return Ok(());
        };
        // The CRM does not report of what came from an organiser elsewhere, whoever edits it.
        let reported = !matches!(change.state, RecordState::Present { published: true, .. });
        let rooted = self.is_rooted(work) && work.link.role != Role::Attendee;
        let base = work.link.base.as_mut().filter(|_| rooted && reported);
        let (Some(held), Some(base)) = (work.crm.item().map(Document::of), base) else {
            return Ok(());
        };
        if change.stamp > known
            && base.crm != held
            && !self.is_edited(work.link.kind, &change.record, known).await?
        {
            agree_on(base, held);
        }
        Ok(())
    }

    /// A copy was reported as changed, by another version than the last agreement knows, and holds what was agreed on: it
    /// may hold that again, after the CRM was told of something else and nobody heard that it was done. What the records
    /// of such copies hold is read.
    pub(crate) async fn read_taken_back(&self, works: &mut [Work]) -> Result<(), EngineError> {
        let suspicious = |work: &&mut Work| work.crm == CrmSeen::Unchanged && self.looks_taken_back(work);
        let mut asked: Vec<(&mut Work, RecordId)> = works
            .iter_mut()
            .filter(suspicious)
            .filter_map(|work| work.record().cloned().map(|record| (work, record)))
            .collect();
        for package in asked.chunks_mut(PACKAGE) {
            let get = |(work, record): &(&mut Work, RecordId)| Command::Get {
                record: record.clone(),
                kind: work.link.kind,
            };
            let commands = package.iter().map(get).collect();
            for ((work, _), answer) in package.iter_mut().zip(self.ask_crm(commands).await?) {
                let Answer::Record(CurrentRecord::Known(change)) = answer else { continue };
                if work.link.stamp.is_some_and(|known| change.stamp > known) {
                    work.crm = CrmSeen::Reported(Box::new(change));
                    self.leave_out_own_writes(work).await?;
                }
            }
        }
        Ok(())
    }

    fn looks_taken_back(&self, work: &Work) -> bool {
        let (Some(remote), Some(base)) = (work.remote(), &work.link.base) else { return false };
        let kind = work.link.kind;
        work.link.state == State::Linked
            && work.link.role != Role::Attendee
            && self.is_rooted(work)
            && work.link.etag.as_ref().is_some_and(|known| *known != remote.etag)
            && self.travelling(kind, Document::of(&remote.item)) == self.travelling_base(kind, base).m365
    }

    /// Whether anybody else wrote to a record after the connector knew it under this stamp: the CRM tells of changes
    /// that are not the connector's own. Where it tells of too many to be sure, or does not say, somebody did.
    pub(crate) async fn is_edited(
        &self,
        kind: Kind,
        record: &RecordId,
        since: Stamp,
    ) -> Result<bool, EngineError> {
        let command = Command::Changes { kind, since, window: None, limit: MOST };
        match self.ask_crm(vec![command]).await?.pop() {
            Some(Answer::Changes(page)) => {
                Ok(page.more || page.changes.iter().any(|told| told.record == *record))
            }
            Some(Answer::Status(_)) => Ok(true),
            _ => Err(EngineError::Answer { what: "Alert" }),
        }
    }
}

/// Makes what the connector told the CRM the last agreement. What the CRM does not hold as Microsoft 365 does was no agreed
/// value before, and nobody knows of which one it was made now.
fn agree_on(base: &mut Base, held: Document) {
    for field in held.differences(&base.crm) {
        if base.m365.get(&field) == base.crm.get(&field) {
            base.m365.set(&field, held.get(&field).clone());
        }
    }
    base.crm = held;
}
