//! Migration: what an older connector left becomes links, so that the first cycles double nothing.
//!
//! `plan` reads and writes nothing. A person reads the plan, decides what is doubtful, and approves it. `apply` looks
//! at each pair once more and commits it as a link that the mailbox's next cycle settles: silently, with both sides'
//! edits kept. What is undecided gets a link too, which says so and keeps the item from travelling.

mod apply;
mod commit;
mod decision;
mod left;
mod matching;
mod plan;

pub use apply::{Applied, Refused};
pub use decision::{Decision, UnfitDecision};
pub use plan::{Candidate, Doubted, MigrationPlan, PLAN_VERSION, Paired};

use crate::cycle::worker;
use crate::worker::Worker;
use crate::{Connector, EngineError, Parts, Roster, fields};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tandem_model::{GraphId, Kind};
use tandem_store::{Epoch, Link, Mailbox, MailboxSeed, State};

/// Reason of a link about which a person has to decide first.
const UNDECIDED: &str = "migration-undecided";

/// Reason of a link that a person left out of the migration.
pub(crate) const LEFT: &str = "migration-left";

/// Whether a migration keeps the item of a link from travelling.
pub(crate) fn is_kept_back(link: &Link) -> bool {
    link.state == State::Skipped && matches!(link.reason.as_str(), UNDECIDED | LEFT)
}

impl Connector {
    /// The mailboxes as [`Connector::refresh`] finds them; nothing is written down.
    pub async fn look_up_mailboxes(&self) -> Result<Roster, EngineError> {
        let made = self.parts.clock.now();
        let reps = self.parts.crm.reps().await?;
        let users = self.parts.graph.users().await?;
        Ok(Roster::of(&reps, &users, &self.parts.settings, made))
    }

    /// What a migration of these mailboxes would do. Nothing is written anywhere.
    pub async fn plan_migration(
        &self,
        roster: &Roster,
        mailboxes: &[MailboxSeed],
    ) -> Result<MigrationPlan, EngineError> {
        let reps = self.parts.crm.reps().await?;
        let rep_ids: BTreeMap<&str, &str> =
            reps.iter().map(|rep| (rep.login.as_str(), rep.rep_id.as_str())).collect();
        let (mut all, mut note) = (Vec::new(), Vec::new());
        for seed in mailboxes {
            let worker = reader(&self.parts, roster, seed).await?;
            let rep_id = rep_ids.get(seed.rep.as_str()).copied().unwrap_or_default();
            // An event that was made from an absence is an absence, and no appointment.
            let mut absences: BTreeSet<GraphId> = BTreeSet::new();
            for kind in [Kind::Absence, Kind::Mail, Kind::Appointment, Kind::Task, Kind::Contact] {
                if !seed.kinds.contains(&kind) {
                    continue;
                }
                let mut left = worker.left(kind, rep_id).await?;
                left.copies.retain(|id, _| kind != Kind::Appointment || !absences.contains(id));
                let found = matching::matched(&seed.address, kind, &left);
                if kind == Kind::Absence {
                    absences.extend(left.linked.into_keys());
                    absences.extend(found.pairs.iter().map(|pair| pair.paired.copy.clone()));
                    absences.extend(found.doubts.iter().flat_map(Doubted::copies));
                }
                note.append(&mut left.notes);
                all.push(found);
            }
        }
        matching::one_record_each(&mut all);
        note.dedup();
        let mut plan = MigrationPlan {
            version: PLAN_VERSION,
            made: self.parts.clock.now(),
            approved: false,
            note,
            doubt: Vec::new(),
            pair: Vec::new(),
        };
        for found in all {
            plan.pair.extend(found.pairs.into_iter().map(|candidates| candidates.paired));
            plan.doubt.extend(found.doubts);
        }
        for (at, doubt) in plan.doubt.iter_mut().enumerate() {
            doubt.id = format!("d{}", at + 1);
        }
        Ok(plan)
    }
}

/// A worker that only reads: it has no claim on the mailbox.
pub(crate) async fn reader(
    parts: &Arc<Parts>,
    roster: &Roster,
    seed: &MailboxSeed,
) -> Result<Worker, EngineError> {
    let mailbox = Mailbox { seed: seed.clone(), enabled: true, epoch: Epoch::default(), cycles: 0 };
    with_fields(parts, roster, &mailbox, Epoch::default()).await
}

/// A worker that knows which fields travel.
pub(crate) async fn with_fields(
    parts: &Arc<Parts>,
    roster: &Roster,
    mailbox: &Mailbox,
    epoch: Epoch,
) -> Result<Worker, EngineError> {
    let roster = Arc::new(roster.clone());
    let mut worker = worker(parts, &roster, mailbox, epoch);
    worker.mapping = fields::mapping(parts, &roster, &mailbox.seed.rep).await?;
    worker.graph = worker.graph.with_mapping(worker.mapping.clone());
    Ok(worker)
}
