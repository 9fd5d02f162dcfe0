//! Apply: each pair is looked at once more, and committed only if it still is what the plan says.

use super::matching::{global_key, says};
use super::plan::{Candidate, Doubted, MigrationPlan, Paired};
use super::{Decision, commit, with_fields};
use crate::worker::{PACKAGE, Worker};
use crate::{Connector, EngineError, Roster};
use futures_util::{StreamExt, stream};
use tandem_crm_port::{Answer, Change, Command, CurrentRecord, RecordState};
use tandem_graph::{Class, Remote};
use tandem_model::{EmailAddress, GraphId, Item, Kind, RecordId};
use tandem_store::StoreError;

/// What became of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Pairs that are links now.
    pub adopted: usize,
    /// Pairs that were links already.
    pub already: usize,
    /// Records and copies that wait for a person's decision and do not travel meanwhile.
    pub kept_back: usize,
    /// Pairs that are no longer what the plan says.
    pub refused: Vec<Refused>,
}

/// A pair that was not adopted; record and copy are kept back until a later plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whose mailbox.
    pub mailbox: EmailAddress,
    /// Kind.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// The copy.
    pub copy: GraphId,
    /// Why, in plain words.
    pub why: String,
}

/// A pair on its way.
pub(super) struct Adopting<'p> {
    pub pair: &'p Paired,
    pub remote: Remote,
    pub change: Change,
    pub item: Item,
    pub key: String,
}

/// How a pair ended.
pub(super) enum Fate {
    Adopted,
    Already,
    Refused(String),
}

impl Connector {
    /// Carries out an approved plan: nothing else is written than the CRM's keys and the store's links. Repeating it
    /// is harmless, and after a crash it goes on.
    ///
    /// # Errors
    /// When either side or the store cannot be asked. What was committed until then holds.
    pub async fn apply_migration(
        &self,
        roster: &Roster,
        plan: &MigrationPlan,
    ) -> Result<Applied, EngineError> {
        let mut applied = Applied::default();
        for mailbox in self.parts.store.mailboxes().await?.into_iter().filter(|mailbox| mailbox.enabled) {
            let address = &mailbox.seed.address;
            let concerned = plan.pair.iter().any(|pair| pair.mailbox == *address)
                || plan.doubt.iter().any(|doubt| doubt.mailbox == *address);
            if !concerned {
                continue;
            }
            let epoch = self.parts.store.claim(&mailbox.seed.id).await?;
            let worker = with_fields(&self.parts, roster, &mailbox, epoch).await?;
            worker.apply_plan(plan, &mut applied).await?;
        }
        Ok(applied)
    }
}

impl Worker {
    async fn apply_plan(&self, plan: &MigrationPlan, applied: &mut Applied) -> Result<(), EngineError> {
        let address = &self.mailbox.seed.address;
        let mut pairs: Vec<Paired> =
            plan.pair.iter().filter(|pair| pair.mailbox == *address && pair.take).cloned().collect();
        for doubt in plan.doubt.iter().filter(|doubt| doubt.mailbox == *address) {
            // A decision that does not fit was refused before anything was done.
            match doubt.decided().unwrap_or(Decision::Open) {
                Decision::Open => applied.kept_back += self.keep_back(doubt, super::UNDECIDED).await?,
                Decision::Leave => {
                    self.keep_back(doubt, super::LEFT).await?;
                }
                Decision::Separate => self.let_go(doubt).await?,
                Decision::Pairs(decided) => {
                    self.keep_back(&without(doubt, &decided), super::LEFT).await?;
                    pairs.extend(decided.iter().filter_map(|of| decided_pair(doubt, *of)));
                }
            }
        }
        for pair in plan.pair.iter().filter(|pair| pair.mailbox == *address && !pair.take) {
            applied.kept_back += self.keep_back_pair(pair).await?;
        }
        for kind in Kind::ALL {
            let of_kind: Vec<&Paired> = pairs.iter().filter(|pair| pair.kind == kind).collect();
            for package in of_kind.chunks(PACKAGE) {
                self.adopt_package(kind, package, applied).await?;
            }
        }
        Ok(())
    }

    async fn adopt_package(
        &self,
        kind: Kind,
        package: &[&Paired],
        applied: &mut Applied,
    ) -> Result<(), EngineError> {
        let mut fates: Vec<(&Paired, Fate)> = Vec::new();
        let mut ready: Vec<Adopting<'_>> = Vec::new();
        for (pair, looked) in self.look(kind, package).await? {
            match looked {
                Ok(adopting) => match self.stands_against(&adopting).await? {
                    None => ready.push(adopting),
                    Some(fate) => fates.push((pair, fate)),
                },
                Err(why) => fates.push((pair, Fate::Refused(why))),
            }
        }
        let ready = self.tell_adopted_keys(kind, ready, &mut fates).await?;
        for adopting in ready {
            let fate = match self.commit_adopted(&adopting).await {
                Ok(()) => Fate::Adopted,
                Err(EngineError::Store(StoreError::Conflict { .. })) => {
                    Fate::Refused("another mailbox's worker changed the same object just now".to_owned())
                }
                Err(error) => return Err(error),
            };
            fates.push((adopting.pair, fate));
        }
        for (pair, fate) in fates {
            match fate {
                Fate::Adopted => applied.adopted += 1,
                Fate::Already => applied.already += 1,
                Fate::Refused(why) => {
                    self.keep_back_pair(pair).await?;
                    applied.refused.push(refused(pair, why));
                }
            }
        }
        Ok(())
    }

    /// Reads both sides of each pair, and compares them with what the plan says.
    async fn look<'p>(
        &self,
        kind: Kind,
        package: &[&'p Paired],
    ) -> Result<Vec<(&'p Paired, Result<Adopting<'p>, String>)>, EngineError> {
        let asked = package.iter().map(|pair| Command::Get { record: pair.record.clone(), kind });
        let answers = self.ask_crm(asked.collect()).await?;
        let reads = package.iter().map(|pair| self.graph.read(kind, &pair.copy, pair.folder.as_deref()));
        let copies: Vec<_> = stream::iter(reads).buffered(4).collect().await;
        let mut looked = Vec::new();
        for ((pair, answer), copy) in package.iter().zip(answers).zip(copies) {
            let copy = match copy {
                Err(error) if error.class() == Class::Rejected => Err(error.to_string()),
                copy => Ok(copy?),
            };
            looked.push((*pair, copy.and_then(|copy| compared(pair, answer, copy))));
        }
        Ok(looked)
    }

    /// Tells the CRM under which keys it will meet the records from now on.
    async fn tell_adopted_keys<'p>(
        &self,
        kind: Kind,
        ready: Vec<Adopting<'p>>,
        fates: &mut Vec<(&'p Paired, Fate)>,
    ) -> Result<Vec<Adopting<'p>>, EngineError> {
        let (mut told, untold): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|adopting| adopting.change.keys.contains(&adopting.key));
        let commands = untold.iter().map(|adopting| Command::Map {
            record: adopting.pair.record.clone(),
            kind,
            key: adopting.key.clone(),
        });
        let commands: Vec<Command> = commands.collect();
        let answers = if commands.is_empty() { Vec::new() } else { self.ask_crm(commands).await? };
        for (adopting, answer) in untold.into_iter().zip(answers) {
            match answer {
                Answer::Status(status) if status.outcome.is_success() => told.push(adopting),
                Answer::Status(status) => {
                    let why = format!("the CRM does not note its key: {}", status.why());
                    fates.push((adopting.pair, Fate::Refused(why)));
                }
                _ => return Err(EngineError::Answer { what: "Map" }),
            }
        }
        Ok(told)
    }

    async fn keep_back_pair(&self, pair: &Paired) -> Result<usize, EngineError> {
        let named = |name: &str, id: String| Candidate {
            name: name.to_owned(),
            id,
            folder: pair.folder.clone(),
            says: String::new(),
        };
        let doubt = Doubted {
            id: String::new(),
            mailbox: pair.mailbox.clone(),
            kind: pair.kind,
            why: "its pair was not taken".to_owned(),
            decision: String::new(),
            like: Vec::new(),
            record: vec![named("r1", pair.record.to_string())],
            copy: vec![named("c1", pair.copy.to_string())],
        };
        self.keep_back(&doubt, super::UNDECIDED).await
    }
}

/// Whether both sides still say what the plan says.
fn compared(pair: &Paired, answer: Answer, copy: Option<Remote>) -> Result<Adopting<'_>, String> {
    let remote = copy.ok_or("the copy is no longer in the mailbox")?;
    if says(&remote.item) != pair.copy_says {
        return Err(format!(
            "the copy has changed since the plan was made; it now says: {}",
            says(&remote.item)
        ));
    }
    let Answer::Record(CurrentRecord::Known(change)) = answer else {
        return Err("the record is no longer there for this rep".to_owned());
    };
    let RecordState::Present { item, .. } = &change.state else {
        return Err("the record was deleted or given to somebody else since the plan was made".to_owned());
    };
    let item = Item::clone(item);
    let now = says(&item);
    if now != *pair.record_says.as_ref().unwrap_or(&pair.copy_says) {
        return Err(format!("the record has changed since the plan was made; it now says: {now}"));
    }
    let key = global_key(pair.kind, &remote);
    Ok(Adopting { pair, remote, change, item, key })
}

fn refused(pair: &Paired, why: String) -> Refused {
    Refused {
        mailbox: pair.mailbox.clone(),
        kind: pair.kind,
        record: pair.record.clone(),
        copy: pair.copy.clone(),
        why,
    }
}

/// A pair that a person decided upon.
fn decided_pair(doubt: &Doubted, (record, copy): (usize, usize)) -> Option<Paired> {
    let (record, copy) = (doubt.record.get(record)?, doubt.copy.get(copy)?);
    Some(Paired {
        mailbox: doubt.mailbox.clone(),
        kind: doubt.kind,
        by: commit::PERSON.to_owned(),
        record: RecordId::new(&*record.id),
        copy: GraphId::new(&*copy.id),
        folder: copy.folder.clone(),
        copy_says: copy.says.clone(),
        record_says: Some(record.says.clone()),
        differ: Vec::new(),
        take: true,
    })
}

/// What a decision does not name.
fn without(doubt: &Doubted, decided: &[(usize, usize)]) -> Doubted {
    let mut rest = doubt.clone();
    let mut at = 0..;
    rest.record.retain(|_| at.next().is_some_and(|at| decided.iter().all(|(record, _)| *record != at)));
    let mut at = 0..;
    rest.copy.retain(|_| at.next().is_some_and(|at| decided.iter().all(|(_, copy)| *copy != at)));
    rest
}
