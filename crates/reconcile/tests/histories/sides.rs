//! Both sides of one item, and plans carried out on them as the engine does: writes first, then what is remembered.

use crate::case::{Around, Case, Edit, moment};
use std::collections::BTreeSet;
use tandem_model::{Document, EmailAddress, Kind};
use tandem_reconcile::{
    BaseView, CopyFacts, CopyRole, CrmWrite, M365Write, Organizer, Outcome, Peers, Plan, Reason, Side,
    Situation, plan,
};

/// Where a cycle is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere.
    Whole,
    /// After the write to Microsoft 365.
    AfterM365,
    /// After the write to the CRM.
    AfterCrm,
    /// After both, before anything is remembered.
    BeforeRecord,
}

/// One item on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    pub m365: Option<Document>,
    pub crm: Option<Document>,
    /// What each side held at the last agreement.
    pub base: Option<(Document, Document)>,
    pub role: Option<CopyRole>,
    pub outcome: Option<Outcome>,
    pub reasons: Vec<Reason>,
}

/// The engine around one item, without any network.
#[derive(Debug, Clone)]
pub struct Loop {
    pub kind: Kind,
    pub around: Around,
    /// Fields that the CRM cannot hold.
    pub lost: BTreeSet<&'static str>,
    pub sides: Sides,
}

impl Loop {
    /// Both sides agree.
    pub fn agreed(case: &Case, around: Around) -> Self {
        let in_crm = without(&case.base, &case.lost);
        let sides = Sides {
            m365: Some(case.base.clone()),
            crm: Some(in_crm.clone()),
            base: Some((case.base.clone(), in_crm)),
            role: Some(around.role),
            outcome: Some(Outcome::Linked),
            reasons: Vec::new(),
        };
        Self { kind: case.kind, around, lost: case.lost.clone(), sides }
    }

    /// Somebody works in Microsoft 365.
    pub fn edit_m365(&mut self, edit: &Edit) {
        self.sides.m365 = self.sides.m365.as_ref().and_then(|held| edit.of(held));
    }

    /// Somebody works in the CRM.
    pub fn edit_crm(&mut self, edit: &Edit) {
        let edited = self.sides.crm.as_ref().and_then(|held| edit.of(held));
        self.sides.crm = edited.map(|held| without(&held, &self.lost));
    }

    /// What the planner says now.
    pub fn plan(&self) -> Plan {
        let owner = [EmailAddress::new("ann@own.example")];
        let linked = self.sides.base.is_some();
        let base = self.sides.base.as_ref();
        let facts = &self.around.facts;
        let facts = CopyFacts { cancelled: facts.cancelled && self.sides.m365.is_some(), ..facts.clone() };
        let situation = Situation {
            kind: self.kind,
            owner: &owner,
            base: base.map(|(m365, crm)| BaseView { m365, crm }),
            role: self.sides.role.filter(|_| linked),
            m365: side(self.sides.m365.as_ref(), base.map(|base| &base.0)),
            copy: Some(&facts),
            crm: match base {
                // Of what was given to somebody else the CRM says this and no more.
                Some(_) if self.around.record.reassigned => Side::Unchanged,
                None if self.around.record.reassigned => Side::Absent,
                base => side(self.sides.crm.as_ref(), base.map(|base| &base.1)),
            },
            record: &self.around.record,
            peers: self.peers(),
            patience_over: self.around.patience_over,
        };
        plan(&situation, &self.around.policy, moment("2026-06-01T00:00:00Z"))
    }

    /// Where this copy leads, no other one can have been orphaned.
    fn peers(&self) -> Peers {
        let leads = self.sides.role == Some(CopyRole::Lead) && self.sides.base.is_some();
        match self.around.peers {
            Peers::None | Peers::Orphaned | Peers::LastCopy if leads => Peers::Own,
            peers => peers,
        }
    }

    /// A cycle: plan, apply, record.
    pub fn cycle(&mut self) -> Plan {
        self.cycle_cut(Cut::Whole)
    }

    /// A cycle that is cut off somewhere.
    pub fn cycle_cut(&mut self, cut: Cut) -> Plan {
        let plan = self.plan();
        if cut != Cut::AfterCrm {
            self.write_m365(&plan);
        }
        if cut != Cut::AfterM365 {
            self.write_crm(&plan);
        }
        if cut == Cut::Whole {
            self.record(&plan);
        }
        self.sides.reasons.extend(plan.reasons.iter().cloned());
        plan
    }

    /// Cycles until nothing is written any more; none if that does not come about soon.
    pub fn settle(&mut self) -> Option<usize> {
        (0..4).find(|_| !self.cycle().writes())
    }

    fn write_m365(&mut self, plan: &Plan) {
        match &plan.m365 {
            Some(M365Write::Create { .. }) => {
                self.sides.m365 = Some(plan.document.clone());
                // What is made in a mailbox is its owner's.
                self.around.facts.organizer = Organizer::Owner;
                self.around.facts.cancelled = false;
            }
            Some(M365Write::Update { fields }) => {
                let held = self.sides.m365.as_mut().expect("an update needs a copy");
                fields.iter().for_each(|field| held.set(field, plan.document.get(field).clone()));
            }
            Some(M365Write::Delete) => self.sides.m365 = None,
            None => {}
        }
    }

    fn write_crm(&mut self, plan: &Plan) {
        let told = plan.crm_document.as_ref().unwrap_or(&plan.document);
        match &plan.crm {
            Some(CrmWrite::Add { .. } | CrmWrite::Restore { .. }) => {
                self.sides.crm = Some(without(told, &self.lost));
            }
            Some(CrmWrite::Replace { fields }) => {
                let held = self.sides.crm.as_mut().expect("a replacement needs a record");
                fields.iter().for_each(|field| held.set(field, told.get(field).clone()));
                *held = without(held, &self.lost);
                // A record whose organiser speaks for it is his own.
                self.around.record.published &= !fields.contains("organizer");
            }
            Some(CrmWrite::Delete) => self.sides.crm = None,
            Some(CrmWrite::Participation { response, .. }) => self.around.facts.told_response = *response,
            None => {}
        }
    }

    fn record(&mut self, plan: &Plan) {
        self.sides.outcome = Some(plan.outcome);
        match plan.outcome {
            Outcome::Linked => {
                let of = |held: &Option<Document>, base: Option<&Document>| {
                    held.as_ref().or(base).cloned().unwrap_or_default()
                };
                let base = self.sides.base.as_ref();
                let m365 = of(&self.sides.m365, base.map(|base| &base.0));
                let crm = of(&self.sides.crm, base.map(|base| &base.1));
                self.sides.base = Some((m365, crm));
                self.sides.role = Some(plan.role);
            }
            Outcome::Deleted => (self.sides.base, self.sides.role) = (None, None),
            Outcome::Skipped if plan.reasons.contains(&Reason::BecamePrivate) => self.sides.base = None,
            Outcome::Skipped | Outcome::Waiting | Outcome::Nothing => {}
        }
    }
}

fn side<'a>(held: Option<&'a Document>, base: Option<&'a Document>) -> Side<'a> {
    match (held, base) {
        (Some(held), Some(base)) if held == base => Side::Unchanged,
        (Some(held), _) => Side::Present(held),
        (None, Some(_)) => Side::Gone,
        (None, None) => Side::Absent,
    }
}

fn without(document: &Document, lost: &BTreeSet<&str>) -> Document {
    let mut kept = document.clone();
    lost.iter().for_each(|field| kept.set(field, serde_json::Value::Null));
    kept
}
