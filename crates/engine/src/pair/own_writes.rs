//! What the connector wrote itself is nobody's edit, also where it never heard that it was through.

use super::{CrmSeen, M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use tandem_crm_port::{Answer, Command};
use tandem_model::{Document, Kind, RecordId, Stamp};

/// So many changes are looked through for one record.
const MOST: u32 = 1000;

impl Worker {
    /// The copy is gone, and the record is another one than the link remembers: that brings the item back if somebody
    /// edited it. If nobody but the connector wrote to the record since, both sides agreed on what it holds.
    pub(crate) async fn leave_out_own_writes(&self, work: &mut Work) -> Result<(), EngineError> {
        let (M365Seen::Gone, CrmSeen::Reported(change), Some(known)) =
            (&work.m365, &work.crm, work.link.stamp)
        else {
            return Ok(());
        };
        let (Some(held), Some(base)) = (work.crm.item().map(Document::of), &mut work.link.base) else {
            return Ok(());
        };
        if change.stamp > known
            && base.crm != held
            && !self.is_edited(work.link.kind, &change.record, known).await?
        {
            base.crm = held;
        }
        Ok(())
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
