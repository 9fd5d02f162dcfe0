//! Faults: what goes wrong in the real service, played on purpose.
//!
//! [`begin`] asks the rules before a request is answered, [`Play::end`] does to the answer what they ordered. Both are
//! called for each request, alone or in a batch, and for the envelope of a batch.

mod catalogue;
mod event;
mod facts;
mod file;
mod notice;
mod play;
mod rule;

pub use file::FaultPlan;
pub(crate) use notice::fate;
pub(crate) use play::{around, begin};
pub use rule::{FaultError, FaultRule};

use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::tenant::Tenant;
use catalogue::{Fault, catalogue};
use jiff::Timestamp;
use rule::Armed;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The rules in force, and what faults have left behind.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Armed>,
    last_id: u64,
    played: BTreeMap<&'static str, u64>,
    /// Items that are not found, and how many times still.
    hidden: BTreeMap<ItemNo, (u64, &'static Fault)>,
    /// Mailboxes out of reach, until when, and what is said of them.
    away: BTreeMap<MailboxNo, (Option<Timestamp>, &'static Fault)>,
}

impl Faults {
    /// The rules of a plan, in force.
    pub fn of(plan: &FaultPlan) -> Self {
        let rules = plan.rules().to_vec();
        Self { last_id: u64::try_from(rules.len()).unwrap_or(0), rules, ..Self::default() }
    }

    fn note(&mut self, fault: &'static Fault) {
        *self.played.entry(&fault.name).or_default() += 1;
    }

    /// The catalogue, with how often each fault was played, and the rules.
    pub fn shown(&self) -> Value {
        let catalogue: Vec<Value> = catalogue()
            .iter()
            .map(|fault| {
                json!({
                    "name": fault.name,
                    "does": fault.does,
                    "parameters": fault.parameters,
                    "sources": fault.sources,
                    "isEvent": fault.effect.is_event(),
                    "played": self.played.get(fault.name.as_str()).copied().unwrap_or(0),
                })
            })
            .collect();
        let rules: Vec<Value> = self.rules.iter().map(shown).collect();
        json!({ "catalogue": catalogue, "rules": rules })
    }

    /// Takes back one rule.
    pub fn disarm(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|armed| armed.id != id);
        self.rules.len() < before
    }

    /// Takes back all rules. What happened in mailboxes stays.
    pub fn disarm_all(&mut self) {
        self.rules.clear();
        self.hidden.clear();
    }
}

fn shown(armed: &Armed) -> Value {
    let mut rule = json!(armed.rule);
    if let Some(rule) = rule.as_object_mut() {
        rule.insert("id".to_owned(), json!(armed.id));
        rule.insert("matched".to_owned(), json!(armed.matched));
        rule.insert("played".to_owned(), json!(armed.played));
    }
    rule
}

impl Tenant {
    /// Puts a rule into force; its number.
    pub fn arm(&mut self, rule: FaultRule) -> Result<u64, FaultError> {
        let id = self.faults.last_id + 1;
        self.faults.rules.push(Armed::new(id, rule)?);
        self.faults.last_id = id;
        Ok(id)
    }

    /// Lets something happen now: a mailbox gets another address, leaves, and the like. `mailbox` is ignored by what
    /// happens to the tenant as a whole.
    pub fn play(
        &mut self,
        fault: &str,
        mailbox: &str,
        with: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<(), FaultError> {
        let known = catalogue::fault(fault).ok_or_else(|| FaultError::Unknown(fault.to_owned()))?;
        if !known.effect.is_event() {
            return Err(FaultError::NeedsRequest(fault.to_owned()));
        }
        if let Some(why) = known.refuses(with) {
            return Err(FaultError::Parameter(why));
        }
        match self.find_user(mailbox) {
            Some(no) => event::happen(self, known, with, no, now)?,
            None if known.effect.needs_mailbox() => {
                return Err(FaultError::Mailbox { fault: fault.to_owned(), mailbox: mailbox.to_owned() });
            }
            None => event::happen_to_all(self, known),
        }
        self.faults.note(known);
        Ok(())
    }

    /// How often each fault was played; those that never were are listed too.
    pub fn faults_played(&self) -> BTreeMap<&'static str, u64> {
        catalogue()
            .iter()
            .map(|fault| {
                let name = fault.name.as_str();
                (name, self.faults.played.get(name).copied().unwrap_or(0))
            })
            .collect()
    }

    /// Refuses requests into a mailbox that is out of reach.
    pub(crate) fn reachable(&self, mailbox: MailboxNo, now: Timestamp) -> Result<(), GraphError> {
        match self.faults.away.get(&mailbox) {
            Some((until, fault)) if until.is_none_or(|until| now < until) => Err(play::error(fault)),
            _ => Ok(()),
        }
    }
}
