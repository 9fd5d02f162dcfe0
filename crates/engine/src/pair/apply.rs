//! Apply: one write to each side at most, in packages to the CRM and four at a time to Microsoft 365.

use super::work::WrittenRecord;
use super::{CrmSeen, M365Seen, Work};
use crate::EngineError;
use crate::worker::{PACKAGE, Worker};
use futures_util::StreamExt;
use futures_util::stream;
use tandem_crm_port::{Answer, Command, CurrentRecord, Outcome, Status};
use tandem_graph::{Class, GraphError, Place};
use tandem_model::{Document, Item, RecordId};
use tandem_reconcile::{CrmWrite, M365Write, Plan};
use tandem_store::State;

use super::work::Ending;

/// A work whose write to Microsoft 365 failed.
type Failed = Box<(Work, GraphError)>;

/// How a write ended.
enum Fate {
    /// As planned.
    Done,
    /// The other side moved: read both afresh and plan again.
    Again,
}

impl Worker {
    /// Writes to the CRM what the plans say. Answers which works have to be planned again.
    pub(crate) async fn write_crm(&self, works: &mut [Work]) -> Result<Vec<usize>, EngineError> {
        let mut asked = Vec::new();
        for (index, work) in works.iter_mut().enumerate() {
            if work.ending.is_some() || work.written.crm.is_some() {
                continue;
            }
            let Some(plan) = &work.plan else { continue };
            let Some(write) = &plan.crm else { continue };
            match command(work, plan, write) {
                Ok(command) => asked.push((index, command)),
                Err(why) => work.ending = Some(self.failed(work, "unreadable", &why)),
            }
        }
        self.reserve_adds(works, &asked).await?;
        let mut again = Vec::new();
        for package in asked.chunks(PACKAGE) {
            let commands = package.iter().map(|(_, command)| command.clone()).collect();
            let answers = self.write_to_crm(commands).await?;
            for ((index, command), answer) in package.iter().zip(answers) {
                let Answer::Status(status) = answer else {
                    return Err(EngineError::Answer { what: "a write" });
                };
                let Some(work) = works.get_mut(*index) else { continue };
                if let Fate::Again = self.note_status(work, command, status) {
                    again.push(*index);
                }
            }
        }
        Ok(again)
    }

    fn note_status(&self, work: &mut Work, command: &Command, status: Status) -> Fate {
        for note in &status.notes {
            work.written.steps.push((note.code.clone(), note.text.clone()));
        }
        let record = status.record.clone().or_else(|| work.record().cloned());
        let document = status.item.as_ref().map(Document::of);
        match status.outcome {
            Outcome::NotDeleted => {
                let text = status.text.unwrap_or_else(|| "the CRM does not let deletions through".to_owned());
                let reason = status.reason.unwrap_or_else(|| "kept-in-crm".to_owned());
                work.ending = Some(Ending { state: State::Skipped, reason, detail: text, due: None });
                Fate::Done
            }
            // It had the item already: make the two equal instead of believing that it took ours.
            Outcome::AlreadyThere | Outcome::Done if matches!(command, Command::Add { .. }) => {
                self.wrote(usize::from(status.outcome == Outcome::Done));
                work.written.steps.push(("crm-had-it".to_owned(), "the CRM had it already".to_owned()));
                work.written.crm = Some(WrittenRecord { record, stamp: status.stamp, document });
                Fate::Again
            }
            outcome if outcome.is_success() => {
                self.wrote(1);
                work.written.steps.push((done_code(command).to_owned(), done_text(command, record.as_ref())));
                if let Some(plan) = work.plan.clone() {
                    work.agree_in_crm(&plan, document.as_ref());
                }
                work.written.crm = Some(WrittenRecord { record, stamp: status.stamp, document });
                Fate::Done
            }
            Outcome::Conflict | Outcome::NotFound => Fate::Again,
            outcome if outcome.is_refusal() => {
                let detail = status.why();
                let reason = status.reason.unwrap_or_else(|| "refused-by-crm".to_owned());
                work.ending = Some(Ending { state: State::Refused, reason, detail, due: None });
                Fate::Done
            }
            _ => {
                let text = status.why();
                work.ending = Some(self.failed(work, status.reason.as_deref().unwrap_or("crm-error"), &text));
                Fate::Done
            }
        }
    }

    /// Writes to Microsoft 365 what the plans say. Answers which works have to be planned again.
    pub(crate) async fn write_m365(&self, works: &mut [Work]) -> Result<Vec<usize>, EngineError> {
        let met = self.meet_copies(works).await?;
        self.reserve_creates(works).await?;
        let todo: Vec<usize> =
            (0..works.len()).filter(|index| works.get(*index).is_some_and(has_m365_write)).collect();
        let asked: Vec<(usize, Work)> =
            todo.iter().filter_map(|index| Some((*index, works.get(*index)?.clone()))).collect();
        let ended: Vec<(usize, Result<Work, Failed>)> = stream::iter(asked)
            .map(|(index, work)| async move { (index, self.write_one(work).await) })
            .buffer_unordered(4)
            .collect()
            .await;
        let (mut again, mut fatal) = (met, None);
        for (index, outcome) in ended {
            let Some(slot) = works.get_mut(index) else { continue };
            match outcome {
                Ok(mut work) => {
                    if std::mem::take(&mut work.written.tied) {
                        again.push(index);
                    }
                    *slot = work;
                }
                Err(failed) => {
                    let (work, error) = *failed;
                    *slot = work;
                    match error.class() {
                        Class::Changed | Class::Gone => again.push(index),
                        // What the others did has to be known all the same.
                        Class::Fatal | Class::Denied => fatal = Some(error.into()),
                        Class::Rejected => {
                            slot.ending = Some(Ending {
                                state: State::Refused,
                                reason: "refused-by-m365".to_owned(),
                                detail: error.to_string(),
                                due: None,
                            });
                        }
                        Class::Retry { after } => {
                            let mut ending = self.failed(slot, "m365-error", &error.to_string());
                            ending.due = Some(self.retry_at(slot.link.attempts, after));
                            slot.ending = Some(ending);
                        }
                        Class::Ambiguous | Class::Resync => {
                            slot.ending = Some(self.failed(slot, "m365-unclear", &error.to_string()));
                        }
                    }
                }
            }
        }
        fatal.map_or(Ok(again), Err)
    }

    async fn write_one(&self, mut work: Work) -> Result<Work, Failed> {
        let Some(plan) = work.plan.clone() else { return Ok(work) };
        let Some(write) = &plan.m365 else { return Ok(work) };
        let item = match plan.document.item(work.link.kind) {
            Ok(item) => Some(item),
            Err(_) if *write == M365Write::Delete => None,
            Err(error) => {
                work.ending = Some(self.failed(&work, "unreadable", &error.to_string()));
                return Ok(work);
            }
        };
        let outcome = match (write, item) {
            (M365Write::Create { invite }, Some(item)) => self.create(&mut work, &item, *invite).await,
            (M365Write::Update { fields }, Some(item)) => self.update(&mut work, &item, fields).await,
            _ => self.delete(&mut work).await,
        };
        match outcome {
            Ok(()) => Ok(work),
            Err(error) if error.class() == Class::Ambiguous && self.look_after(&mut work).await => Ok(work),
            Err(error) => Err(Box::new((work, error))),
        }
    }

    /// Nobody heard what became of a write: what is there now? Answers whether it can be planned again with that. Where
    /// a create is not found it may still be under way, and only a later cycle tries it again.
    async fn look_after(&self, work: &mut Work) -> bool {
        let kind = work.link.kind;
        let creates =
            matches!(work.plan.as_ref().map(|plan| &plan.m365), Some(Some(M365Write::Create { .. })));
        if creates {
            let Some(key) = work.written.key.clone() else { return false };
            let Ok(Some(found)) = self.graph.find_by_key(kind, &key).await else { return false };
            work.tie(found, work.written.sent.clone());
        } else {
            let Some(id) = work.link.graph.clone() else { return false };
            if self.graph.read(kind, &id, work.link.place.as_deref()).await.is_err() {
                return false;
            }
        }
        work.written
            .steps
            .push(("unheard".to_owned(), "a write was not answered; looked what is there".to_owned()));
        work.written.tied = true;
        true
    }

    async fn create(&self, work: &mut Work, item: &Item, invite: bool) -> Result<(), GraphError> {
        let Some(key) = work.written.key.clone() else { return Ok(()) };
        let kind = work.link.kind;
        // A key that a crash left behind may have an item already.
        let found = if work.written.key_left { self.graph.find_by_key(kind, &key).await? } else { None };
        let remote = match found {
            Some(found) => found,
            None => {
                let place = Place { container: None, invite };
                let remote = self.graph.create(item, &key, &place).await?;
                self.wrote(1);
                remote
            }
        };
        if work.written.key_left {
            // What was found, or came back under a key that was used before, may be what an earlier try wrote.
            work.tie(remote, work.written.sent.clone());
            work.written.tied = true;
            return Ok(());
        }
        work.written.steps.push(("created-in-m365".to_owned(), "created in Microsoft 365".to_owned()));
        work.link.place.clone_from(&remote.facts.folder);
        work.written.m365 = Some(Box::new(remote));
        Ok(())
    }

    async fn update(
        &self,
        work: &mut Work,
        item: &Item,
        fields: &std::collections::BTreeSet<String>,
    ) -> Result<(), GraphError> {
        let Some(id) = work.link.graph.clone() else { return Ok(()) };
        let etag = work.remote().map(|remote| remote.etag.clone()).or_else(|| work.link.etag.clone());
        let stored = work.link.base.as_ref().and_then(|base| base.m365.item(work.link.kind).ok());
        let before = work.remote().map(|remote| remote.item.clone()).or(stored);
        let list = work.link.place.clone();
        let remote =
            self.graph.update(&id, etag.as_ref(), item, before.as_ref(), fields, list.as_deref()).await?;
        self.wrote(1);
        let names = fields.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        work.written.steps.push(("updated-in-m365".to_owned(), format!("updated in Microsoft 365: {names}")));
        work.written.m365 = Some(Box::new(remote));
        Ok(())
    }

    async fn delete(&self, work: &mut Work) -> Result<(), GraphError> {
        let Some(id) = work.link.graph.clone() else { return Ok(()) };
        let etag = work.remote().map(|remote| remote.etag.clone()).or_else(|| work.link.etag.clone());
        self.graph.delete(work.link.kind, &id, etag.as_ref(), work.link.place.as_deref()).await?;
        self.wrote(1);
        work.written.m365_deleted = true;
        work.written.steps.push(("deleted-in-m365".to_owned(), "deleted in Microsoft 365".to_owned()));
        Ok(())
    }

    /// Tells the CRM under which key it will meet what was created from its records, so that nobody adds it again.
    pub(crate) async fn tell_keys(&self, works: &mut [Work]) -> Result<(), EngineError> {
        let created =
            |work: &&mut Work| (work.written.key.is_some() || work.written.renamed) && work.ending.is_none();
        let mut told: Vec<(&mut Work, Command)> = works
            .iter_mut()
            .filter(created)
            .filter_map(|work| {
                let remote = work.written.m365.as_deref().or(work.remote())?;
                let key = super::work::key_of(work.link.kind, remote);
                let (record, kind) = (work.record()?.clone(), work.link.kind);
                Some((work, Command::Map { record, kind, key }))
            })
            .collect();
        for package in told.chunks_mut(PACKAGE) {
            let commands = package.iter().map(|(_, command)| command.clone()).collect();
            let answers = self.write_to_crm(commands).await?;
            for ((work, _), answer) in package.iter_mut().zip(answers) {
                let Answer::Status(status) = answer else {
                    return Err(EngineError::Answer { what: "Map" });
                };
                if status.outcome.is_success() {
                    self.wrote(1);
                } else {
                    let why = status.why();
                    work.written.steps.push(("key-not-noted".to_owned(), why));
                }
            }
        }
        Ok(())
    }

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

    pub(crate) fn failed(&self, work: &Work, reason: &str, detail: &str) -> Ending {
        Ending {
            state: State::Failed,
            reason: reason.to_owned(),
            detail: detail.to_owned(),
            due: Some(self.retry_at(work.link.attempts, None)),
        }
    }
}

/// Whether something is still to be written to Microsoft 365.
pub(super) fn has_m365_write(work: &Work) -> bool {
    work.ending.is_none()
        && work.written.m365.is_none()
        && !work.written.m365_deleted
        && work.plan.as_ref().is_some_and(|plan| plan.m365.is_some())
}

fn command(work: &Work, plan: &Plan, write: &CrmWrite) -> Result<Command, String> {
    let item = || plan.document.item(work.link.kind).map_err(|error| error.to_string());
    let replacement = || {
        let document = plan.crm_document.as_ref().unwrap_or(&plan.document);
        document.item(work.link.kind).map_err(|error| error.to_string())
    };
    let record = || work.record().cloned().ok_or_else(|| "its record in the CRM is not known".to_owned());
    // Only a side that was not read just now is held to what we believe of it.
    let if_stamp = match &work.crm {
        CrmSeen::Reported(change) => Some(change.stamp),
        _ => work.link.stamp,
    };
    Ok(match write {
        CrmWrite::Add { published } => {
            let key = work.key().ok_or_else(|| "it has no key".to_owned())?;
            Command::Add { key, item: item()?, published: *published }
        }
        CrmWrite::Replace { fields } => {
            Command::Replace { record: record()?, item: replacement()?, fields: fields.clone(), if_stamp }
        }
        // Only one who knows the deleted record's stamp may bring it back; one that nobody knows any more is new.
        CrmWrite::Restore { published, fields } => match &work.crm {
            CrmSeen::Reported(_) => {
                Command::Replace { record: record()?, item: item()?, fields: fields.clone(), if_stamp }
            }
            _ => {
                let key = work.key().ok_or_else(|| "it has no key".to_owned())?;
                Command::Add { key, item: item()?, published: *published }
            }
        },
        CrmWrite::Participation { address, response } => {
            Command::Participation { record: record()?, address: address.clone(), response: *response }
        }
        CrmWrite::Delete => Command::Delete { record: record()?, kind: work.link.kind, if_stamp },
    })
}

fn done_code(command: &Command) -> &'static str {
    match command {
        Command::Add { .. } => "added-to-crm",
        Command::Replace { .. } => "updated-in-crm",
        Command::Participation { .. } => "answer-in-crm",
        Command::Delete { .. } => "deleted-in-crm",
        _ => "asked-crm",
    }
}

fn done_text(command: &Command, record: Option<&RecordId>) -> String {
    let record = record.map_or_else(|| "a record".to_owned(), ToString::to_string);
    match command {
        Command::Add { .. } => format!("added to the CRM as {record}"),
        Command::Replace { fields, .. } => {
            let names = fields.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("updated in the CRM ({record}): {names}")
        }
        Command::Participation { .. } => format!("the answer is noted in the CRM ({record})"),
        Command::Delete { .. } => format!("marked as deleted in the CRM ({record})"),
        _ => record,
    }
}
