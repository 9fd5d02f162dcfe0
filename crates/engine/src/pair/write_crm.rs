//! Apply in the CRM: one write to a record at most, in packages.

use super::record::RESPONSES;
use super::work::{Ending, WrittenRecord};
use super::{CrmSeen, Work};
use crate::EngineError;
use crate::worker::{PACKAGE, Worker};
use tandem_crm_port::{Answer, Command, Outcome, Status};
use tandem_model::{Document, Kind, RecordId};
use tandem_reconcile::{CrmWrite, Plan};
use tandem_store::State;

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
            match command(work, plan, &self.with_names(work, write)) {
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

    /// What is about somebody whom the record calls by an address that the CRM does not know reaches him when it calls him
    /// by the one that it does.
    fn with_names(&self, work: &Work, write: &CrmWrite) -> CrmWrite {
        let mut write = write.clone();
        if let CrmWrite::Replace { fields } = &mut write
            && work.link.kind == Kind::Appointment
            && fields.contains(RESPONSES)
        {
            let held = work.crm.item().map(Document::of);
            let held = held.as_ref().or(work.link.base.as_ref().map(|base| &base.crm));
            if held.is_some_and(|held| self.roster.known_as.is_called_otherwise(held)) {
                fields.insert("attendees".to_owned());
            }
        }
        write
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

    /// Tells the CRM under which key it will meet what was created from its records, so that nobody adds it again.
    pub(crate) async fn tell_keys(&self, works: &mut [Work]) -> Result<(), EngineError> {
        // A copy that has another id by now has it also where a write to it failed.
        let created =
            |work: &&mut Work| (work.written.key.is_some() && work.ending.is_none()) || work.written.renamed;
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
