//! The outbox: what is about to be made on either side is written down before it is sent, so that whoever comes after a
//! crash knows what to look for.

use super::Work;
use super::write_m365::has_m365_write;
use crate::EngineError;
use crate::worker::Worker;
use tandem_crm_port::Command;
use tandem_model::Document;
use tandem_reconcile::M365Write;
use tandem_store::{Base, Pending, Source};

impl Worker {
    /// Puts the keys of creates into the outbox, before anything is sent to Microsoft 365. A key that a crash left
    /// behind is used again.
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
        let mut fresh = Vec::new();
        for work in works.iter_mut().filter(|work| creates(work)) {
            let Some(record) = work.record().cloned() else { continue };
            let source = Source::Record(record);
            let known = left.iter().find(|row| row.source == source && row.kind == work.link.kind);
            let key = known.map_or_else(|| self.parts.chance.id(), |row| row.key.clone());
            let sent = known.map_or_else(|| self.about_to_send(work), |row| row.sent.clone());
            if known.is_none() {
                let (key, kind, sent) = (key.clone(), work.link.kind, sent.clone());
                fresh.push(Pending { key, kind, source, at: self.now, sent });
            }
            work.written.key = Some(key);
            work.written.key_left = known.is_some();
            work.written.sent = sent;
        }
        // Also where every key is left from before: whoever lost the mailbox meanwhile must not use what its new worker reserved.
        Ok(self.parts.store.reserve(self.id(), self.epoch, &fresh).await?)
    }

    /// Puts the keys under which records are about to be added into the outbox: one transaction for all of them.
    pub(super) async fn reserve_adds(
        &self,
        works: &mut [Work],
        asked: &[(usize, Command)],
    ) -> Result<(), EngineError> {
        let mut fresh = Vec::new();
        for (index, command) in asked {
            let Command::Add { key, .. } = command else { continue };
            let Some(work) = works.get_mut(*index) else { continue };
            let Some(graph) = work.link.graph.clone() else { continue };
            let place = work.remote().and_then(|remote| remote.facts.folder.clone());
            let source = Source::Copy { graph, place: place.or_else(|| work.link.place.clone()) };
            let sent = self.about_to_add(work);
            fresh.push(Pending { key: key.clone(), kind: work.link.kind, source, at: self.now, sent });
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
