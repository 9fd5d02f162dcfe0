//! Reads both sides of an item again, where nothing about it may be assumed any more.

use super::work::Ending;
use super::{CrmSeen, M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use tandem_crm_port::{Answer, Command, CurrentRecord, Outcome};
use tandem_graph::Class;
use tandem_model::RecordId;
use tandem_store::State;

impl Worker {
    /// Reads both sides of an item directly: nothing about it is assumed any more.
    pub(crate) async fn refresh(&self, work: &mut Work) -> Result<(), EngineError> {
        let kind = work.link.kind;
        if let Some(written) = &work.written.crm {
            // What the CRM answered to an Add that found its record is as fresh as any read.
            if let (Some(object), Some(record)) = (&mut work.object, &written.record) {
                object.record.get_or_insert_with(|| record.clone());
            }
        }
        let record = work.record().cloned();
        let graph =
            work.written.m365.as_ref().map(|remote| remote.id.clone()).or_else(|| work.link.graph.clone());
        if let Some(id) = &graph {
            work.m365 = match self.graph.read(kind, id, work.link.place.as_deref()).await {
                Ok(Some(remote)) => M365Seen::Present(Box::new(remote)),
                Ok(None) => M365Seen::Gone,
                // An item that nobody can read must not keep the others from going on.
                Err(error) if error.class() == Class::Rejected => {
                    let (reason, detail) = ("unreadable".to_owned(), error.to_string());
                    work.ending = Some(Ending { state: State::Refused, reason, detail, due: None });
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            work.link.graph = Some(id.clone());
        }
        self.reread_record(work, record).await?;
        work.written.m365 = None;
        Ok(())
    }

    /// Reads the record of an item whose copy was read just now.
    pub(crate) async fn reread_record(
        &self,
        work: &mut Work,
        record: Option<RecordId>,
    ) -> Result<(), EngineError> {
        let kind = work.link.kind;
        if let Some(record) = record {
            if work.object.is_none() {
                let records = std::slice::from_ref(&record);
                work.object = self.parts.store.objects_by_record(kind, records).await?.pop();
            }
            work.crm = self.read_record(kind, record).await?;
            // Whoever made the object in the meantime may lead it.
            self.look_around(work).await?;
        }
        work.written.crm = None;
        Ok(())
    }

    /// Reads a record of the CRM.
    pub(crate) async fn read_record(
        &self,
        kind: tandem_model::Kind,
        record: RecordId,
    ) -> Result<CrmSeen, EngineError> {
        let command = Command::Get { record, kind };
        match self.ask_crm(vec![command]).await?.into_iter().next() {
            Some(Answer::Record(CurrentRecord::Known(change))) => Ok(CrmSeen::Reported(Box::new(change))),
            Some(Answer::Record(CurrentRecord::Unknown)) => Ok(CrmSeen::Gone),
            Some(Answer::Status(status)) if status.outcome == Outcome::NotFound => Ok(CrmSeen::Gone),
            _ => Err(EngineError::Answer { what: "Get" }),
        }
    }
}
