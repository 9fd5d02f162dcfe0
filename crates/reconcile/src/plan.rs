//! The answer, and how it is found.

use crate::admission::{self, Standing};
use crate::mailing::{self, Mailing};
use crate::{
    BaseView, CopyRole, Direction, Organizer, Peers, Policy, Precedence, Reason, Side, Situation, merge,
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_model::{Document, EmailAddress, Kind, Response};

/// The write to the CRM.
#[derive(Debug, Clone, PartialEq)]
pub enum CrmWrite {
    /// Add the item.
    Add {
        /// Its organiser is not synchronised.
        published: bool,
    },
    /// Replace these fields.
    Replace {
        /// Field names of the document.
        fields: BTreeSet<String>,
    },
    /// Tell the owner's answer.
    Participation {
        /// The owner.
        address: EmailAddress,
        /// The answer.
        response: Response,
    },
    /// Bring a deleted record back with the content of the document.
    Restore {
        /// Its organiser is not synchronised.
        published: bool,
    },
    /// Delete, softly.
    Delete,
}

/// The write to Microsoft 365.
#[derive(Debug, Clone, PartialEq)]
pub enum M365Write {
    /// Create the item.
    Create {
        /// Write the attendees too, so that Exchange invites them.
        invite: bool,
    },
    /// Update these fields.
    Update {
        /// Field names of the document.
        fields: BTreeSet<String>,
    },
    /// Delete the copy.
    Delete,
}

/// Where the link ends when the writes succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Both sides agree.
    Linked,
    /// A rule leaves it out; the last reason says which.
    Skipped,
    /// To be looked at again; the last reason says for what.
    Waiting,
    /// Gone on both sides.
    Deleted,
    /// Nothing to remember: there is no copy here and none is wanted.
    Nothing,
}

/// At most one write for each side. A deletion on one side never comes with a write of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What Microsoft 365 shall hold; of an item that is new on one side: its content there.
    pub document: Document,
    /// What the CRM shall hold, where that is not the same.
    pub crm_document: Option<Document>,
    /// What the copy is to the object from now on.
    pub role: CopyRole,
    /// The write to the CRM, if any.
    pub crm: Option<CrmWrite>,
    /// The write to Microsoft 365, if any.
    pub m365: Option<M365Write>,
    /// Where the link ends.
    pub outcome: Outcome,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Plan {
    /// Nothing to do and nothing to remember.
    pub fn nothing(role: CopyRole) -> Self {
        Self::rest(role, Outcome::Nothing, Reason::NothingToLink)
    }

    fn rest(role: CopyRole, outcome: Outcome, reason: Reason) -> Self {
        Self {
            document: Document::default(),
            crm_document: None,
            role,
            crm: None,
            m365: None,
            outcome,
            reasons: vec![reason],
        }
    }

    /// Whether it changes anything on either side.
    pub fn writes(&self) -> bool {
        self.crm.is_some() || self.m365.is_some()
    }

    /// Whether it deletes on either side.
    pub fn deletes(&self) -> bool {
        self.crm == Some(CrmWrite::Delete) || self.m365 == Some(M365Write::Delete)
    }
}

/// Decides about one object, seen from one mailbox.
pub fn plan(situation: &Situation<'_>, policy: &Policy, now: Timestamp) -> Plan {
    match (situation.role, situation.base) {
        (Some(CopyRole::Attendee), _) => attendee(situation, policy),
        (Some(role), Some(base)) => linked(situation, policy, role, base, now),
        _ => unlinked(situation, policy, now),
    }
}

/// Nothing was agreed yet: it is new on one side, or on both.
fn unlinked(situation: &Situation<'_>, policy: &Policy, now: Timestamp) -> Plan {
    let role = if situation.kind == Kind::Contact { CopyRole::Replica } else { CopyRole::Lead };
    match (situation.m365, situation.crm) {
        (Side::Present(document), crm) => new_in_m365(situation, policy, document, crm, now),
        (_, Side::Present(document)) => new_in_crm(situation, policy, document, now),
        _ => Plan::rest(role, Outcome::Nothing, Reason::NothingToLink),
    }
}

fn new_in_m365(
    situation: &Situation<'_>,
    policy: &Policy,
    document: &Document,
    crm: Side<'_>,
    now: Timestamp,
) -> Plan {
    let role = CopyRole::Lead;
    let Some(facts) = situation.copy else {
        return Plan::rest(role, Outcome::Nothing, Reason::NothingToLink);
    };
    if let Side::Present(record) = crm {
        // Both had it already: made equal whatever the admission rules for new items say, private ones excepted.
        if admission::is_private(document) && !policy.private {
            return Plan::rest(role, Outcome::Skipped, Reason::Private);
        }
        return match admission::standing(situation.kind, facts, situation.peers, situation.patience_over) {
            Standing::Role(CopyRole::Attendee, _) | Standing::Wait => told_answer(situation),
            Standing::Role(role, _) => equalise(situation, policy, role, None, document, record, now),
        };
    }
    if let Some(reason) = admission::refuses_m365(policy, situation.kind, document, facts) {
        return Plan::rest(role, Outcome::Skipped, reason);
    }
    match admission::standing(situation.kind, facts, situation.peers, situation.patience_over) {
        Standing::Wait => Plan::rest(CopyRole::Attendee, Outcome::Waiting, Reason::WaitsForOrganizer),
        Standing::Role(CopyRole::Attendee, _) => told_answer(situation),
        Standing::Role(role, why) => Plan {
            document: document.clone(),
            crm_document: None,
            role,
            crm: Some(new_record(crm, facts.organizer != Organizer::Owner)),
            m365: None,
            outcome: Outcome::Linked,
            reasons: [Some(Reason::NewInM365), why].into_iter().flatten().collect(),
        },
    }
}

/// An item of Microsoft 365 whose record was deleted brings the record back; any other gets a new one.
fn new_record(crm: Side<'_>, published: bool) -> CrmWrite {
    if crm == Side::Gone { CrmWrite::Restore { published } } else { CrmWrite::Add { published } }
}

fn new_in_crm(situation: &Situation<'_>, policy: &Policy, document: &Document, now: Timestamp) -> Plan {
    let replica = situation.kind == Kind::Contact;
    let role = if replica { CopyRole::Replica } else { CopyRole::Lead };
    if situation.record.reassigned {
        return Plan::rest(role, Outcome::Nothing, Reason::Reassigned);
    }
    if let Some(reason) = admission::refuses_crm(policy, situation, document) {
        return Plan::rest(role, Outcome::Nothing, reason);
    }
    let organizer = match situation.copy {
        Some(facts) => facts.organizer,
        None => Organizer::Owner,
    };
    if situation.kind == Kind::Appointment && organizer != Organizer::Owner {
        match situation.peers {
            Peers::LeadInvites | Peers::LeadOrganizes => {
                return Plan::rest(CopyRole::Attendee, Outcome::Nothing, Reason::LeftToOrganizer);
            }
            Peers::None if organizer == Organizer::Colleague && !situation.patience_over => {
                return Plan::rest(CopyRole::Replica, Outcome::Waiting, Reason::WaitsForOrganizer);
            }
            // The organiser has no copy that would invite: each colleague gets a copy of his own, without mail.
            Peers::None | Peers::LeadSilent | Peers::Own | Peers::OwnShared => {
                return Plan {
                    document: document.clone(),
                    crm_document: None,
                    role: CopyRole::Replica,
                    crm: None,
                    m365: Some(M365Write::Create { invite: false }),
                    outcome: Outcome::Linked,
                    reasons: vec![Reason::NewInCrm, Reason::Silent],
                };
            }
        }
    }
    let (invite, why) = invitation(situation, policy, document, now);
    Plan {
        document: document.clone(),
        crm_document: None,
        role,
        crm: None,
        m365: Some(M365Write::Create { invite }),
        outcome: Outcome::Linked,
        reasons: [Some(Reason::NewInCrm), why].into_iter().flatten().collect(),
    }
}

/// Whether an event made from this document shall carry its attendees.
fn invitation(
    situation: &Situation<'_>,
    policy: &Policy,
    document: &Document,
    now: Timestamp,
) -> (bool, Option<Reason>) {
    let attendees = mailing::attendees(document, situation.owner);
    match mailing::of_meeting(&policy.mail, document, &attendees, now) {
        Mailing::Silent => (false, None),
        Mailing::Allowed => (true, Some(Reason::Mails)),
        Mailing::Forbidden => (false, Some(Reason::Silent)),
    }
}

/// Both sides had agreed once.
fn linked(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    base: BaseView<'_>,
    now: Timestamp,
) -> Plan {
    let m365 = match situation.m365 {
        Side::Present(document) => Some(document),
        Side::Unchanged => Some(base.m365),
        Side::Gone | Side::Absent => None,
    };
    let crm = match situation.crm {
        Side::Present(document) => Some(document),
        Side::Unchanged => Some(base.crm),
        Side::Gone | Side::Absent => None,
    };
    match (m365, crm) {
        (Some(m365), Some(crm)) => present_on_both(situation, policy, role, base, m365, crm, now),
        (None, Some(crm)) => gone_in_m365(situation, policy, role, base, crm, now),
        (Some(m365), None) => gone_in_crm(situation, policy, role, base, m365, now),
        (None, None) => Plan::rest(role, Outcome::Deleted, Reason::GoneOnBoth),
    }
}

fn present_on_both(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    base: BaseView<'_>,
    m365: &Document,
    crm: &Document,
    now: Timestamp,
) -> Plan {
    if situation.record.reassigned {
        return gone_in_crm(situation, policy, role, base, m365, now);
    }
    if admission::is_private(m365) && !policy.private {
        return Plan::rest(role, Outcome::Skipped, Reason::BecamePrivate);
    }
    if situation.copy.is_some_and(|facts| facts.cancelled) {
        return delete_in_crm(policy, role, Reason::Cancelled);
    }
    equalise(situation, policy, role, Some(base), m365, crm, now)
}

/// Makes both sides equal.
fn equalise(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    base: Option<BaseView<'_>>,
    m365: &Document,
    crm: &Document,
    now: Timestamp,
) -> Plan {
    let published = situation.kind == Kind::Appointment
        && (situation.record.published
            || situation.copy.is_some_and(|facts| facts.organizer != Organizer::Owner));
    let direction = if published && role == CopyRole::Lead { Direction::ToCrm } else { policy.direction };
    let merged = merge(situation.kind, base, m365, crm, direction, precedence(situation));
    let mut reasons = merged.reasons;
    let mut to_m365 = merged.to_m365;
    if situation.kind == Kind::Appointment {
        let first_meeting = base.is_none();
        reasons.extend(keep_silent(
            situation,
            policy,
            role,
            first_meeting,
            m365,
            &merged.document,
            &mut to_m365,
            now,
        ));
    }
    if reasons.is_empty() {
        reasons.push(Reason::InStep);
    }
    Plan {
        document: merged.document,
        crm_document: Some(merged.crm_document),
        role,
        crm: (!merged.to_crm.is_empty()).then_some(CrmWrite::Replace { fields: merged.to_crm }),
        m365: (!to_m365.is_empty()).then_some(M365Write::Update { fields: to_m365 }),
        outcome: Outcome::Linked,
        reasons,
    }
}

/// Takes out of an update of Microsoft 365 what would mail somebody against the rules.
#[allow(clippy::too_many_arguments, reason = "each is a fact that decides about mail")]
fn keep_silent(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    first_meeting: bool,
    m365: &Document,
    merged: &Document,
    to_m365: &mut BTreeSet<String>,
    now: Timestamp,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let holders = mailing::attendees(m365, situation.owner);
    if first_meeting && !holders.is_empty() {
        // Two sides that meet for the first time are no organiser's deliberate change.
        if !to_m365.is_empty() {
            reasons.push(Reason::NotMailed { fields: std::mem::take(to_m365) });
        }
        return reasons;
    }
    // The owner of a replica is not the organiser, and whoever is added here would be invited by him.
    if (role == CopyRole::Replica || first_meeting) && to_m365.remove("attendees") {
        reasons.push(Reason::NotMailed { fields: BTreeSet::from(["attendees".to_owned()]) });
    }
    if to_m365.contains("attendees") {
        // Whoever is added is invited; whoever is removed is told.
        let named = mailing::attendees(merged, situation.owner);
        let touched = holders.symmetric_difference(&named).cloned().collect();
        if mailing::of_meeting(&policy.mail, merged, &touched, now) == Mailing::Forbidden {
            to_m365.remove("attendees");
            reasons.push(Reason::NotMailed { fields: BTreeSet::from(["attendees".to_owned()]) });
        } else {
            reasons.push(Reason::Mails);
        }
    }
    let rest: BTreeSet<String> = to_m365.iter().filter(|field| *field != "attendees").cloned().collect();
    if rest.is_empty() {
        return reasons;
    }
    match mailing::of_update(&policy.mail, merged, &holders, &rest, now) {
        Mailing::Silent => {}
        Mailing::Allowed => reasons.push(Reason::Mails),
        Mailing::Forbidden => reasons.push(Reason::NotMailed { fields: std::mem::take(to_m365) }),
    }
    reasons
}

/// The newer edit wins a field that both changed; the organiser's in a meeting; Microsoft 365's on a tie; the CRM's
/// where its own settings say that it always does.
fn precedence(situation: &Situation<'_>) -> Precedence {
    if situation.record.wins {
        return Precedence::Crm;
    }
    let meeting = [situation.m365, situation.crm].into_iter().any(|side| match side {
        Side::Present(document) => !document.get("attendees").is_null(),
        _ => false,
    });
    if situation.kind == Kind::Appointment && meeting {
        return Precedence::M365;
    }
    match (situation.copy.and_then(|facts| facts.modified), situation.record.modified) {
        (Some(m365), Some(crm)) if crm > m365 => Precedence::Crm,
        _ => Precedence::M365,
    }
}

fn gone_in_m365(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    base: BaseView<'_>,
    crm: &Document,
    now: Timestamp,
) -> Plan {
    if situation.record.reassigned {
        return Plan::rest(role, Outcome::Deleted, Reason::Reassigned);
    }
    if situation.kind == Kind::Contact {
        // An address book belongs to its owner, the person does not.
        return Plan::rest(role, Outcome::Skipped, Reason::RemovedByUser);
    }
    if role == CopyRole::Replica {
        return Plan::rest(role, Outcome::Skipped, Reason::OwnerRemovedCopy);
    }
    let edited = !crm.differences(base.crm).is_empty();
    let source_side = !policy.direction.to_crm();
    let own = situation.copy.is_none_or(|facts| facts.organizer == Organizer::Owner);
    let published = situation.record.published || (situation.kind == Kind::Appointment && !own);
    if (edited || source_side) && policy.direction.to_m365() && !published {
        let (invite, why) = invitation(situation, policy, crm, now);
        let reason = if source_side {
            Reason::Restored { fields: crm.fields().map(str::to_owned).collect(), side: "Microsoft 365" }
        } else {
            Reason::EditBeatsDelete { side: "the CRM" }
        };
        return Plan {
            document: crm.clone(),
            crm_document: None,
            role,
            crm: None,
            m365: Some(M365Write::Create { invite }),
            outcome: Outcome::Linked,
            reasons: [Some(reason), why].into_iter().flatten().collect(),
        };
    }
    let held_by_others = matches!(
        situation.peers,
        Peers::LeadInvites | Peers::LeadSilent | Peers::LeadOrganizes | Peers::OwnShared
    );
    if published && held_by_others {
        return Plan::rest(role, Outcome::Deleted, Reason::OwnerRemovedCopy);
    }
    delete_in_crm(policy, role, Reason::GoneInM365)
}

fn delete_in_crm(policy: &Policy, role: CopyRole, reason: Reason) -> Plan {
    if !policy.deletions || !policy.direction.to_crm() {
        let mut plan = Plan::rest(role, Outcome::Skipped, reason);
        plan.reasons.push(Reason::DeletionsOff { side: "Microsoft 365" });
        return plan;
    }
    Plan { crm: Some(CrmWrite::Delete), ..Plan::rest(role, Outcome::Deleted, reason) }
}

fn gone_in_crm(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    base: BaseView<'_>,
    m365: &Document,
    now: Timestamp,
) -> Plan {
    if situation.copy.is_some_and(|facts| facts.cancelled) {
        return Plan::rest(role, Outcome::Deleted, Reason::Cancelled);
    }
    let reason = if situation.record.reassigned { Reason::Reassigned } else { Reason::GoneInCrm };
    let edited = !m365.differences(base.m365).is_empty();
    if edited && policy.direction.to_crm() && !situation.record.reassigned {
        return Plan {
            document: m365.clone(),
            crm_document: None,
            role,
            crm: Some(CrmWrite::Restore { published: situation.record.published }),
            m365: None,
            outcome: Outcome::Linked,
            reasons: vec![Reason::EditBeatsDelete { side: "Microsoft 365" }],
        };
    }
    if !policy.direction.to_m365() || situation.record.published {
        return Plan::rest(role, Outcome::Skipped, reason);
    }
    if !policy.deletions {
        let mut plan = Plan::rest(role, Outcome::Skipped, reason);
        plan.reasons.push(Reason::DeletionsOff { side: "the CRM" });
        return plan;
    }
    if situation.kind == Kind::Appointment {
        let hearers = mailing::attendees(m365, situation.owner);
        if mailing::of_meeting(&policy.mail, m365, &hearers, now) == Mailing::Forbidden {
            let mut plan = Plan::rest(role, Outcome::Skipped, reason);
            plan.reasons.push(Reason::NotMailed { fields: BTreeSet::from(["deletion".to_owned()]) });
            return plan;
        }
    }
    Plan { m365: Some(M365Write::Delete), ..Plan::rest(role, Outcome::Deleted, reason) }
}

/// An attendee's copy: the organiser's leads, this one tells its owner's answer.
fn attendee(situation: &Situation<'_>, policy: &Policy) -> Plan {
    match situation.m365 {
        Side::Gone => Plan::rest(CopyRole::Attendee, Outcome::Deleted, Reason::OwnerRemovedCopy),
        Side::Present(document) if admission::is_private(document) && !policy.private => {
            Plan::rest(CopyRole::Attendee, Outcome::Skipped, Reason::BecamePrivate)
        }
        Side::Present(_) => told_answer(situation),
        _ => Plan::rest(CopyRole::Attendee, Outcome::Linked, Reason::LeftToOrganizer),
    }
}

fn told_answer(situation: &Situation<'_>) -> Plan {
    let there = situation.crm != Side::Gone;
    let news = situation.copy.filter(|facts| there && facts.own_response != facts.told_response);
    let invited = match situation.m365 {
        Side::Present(document) => mailing::named(document, situation.owner),
        _ => None,
    };
    let address = invited.or_else(|| situation.owner.first().cloned());
    let mut plan = Plan::rest(CopyRole::Attendee, Outcome::Linked, Reason::LeftToOrganizer);
    if let Side::Present(document) = situation.m365 {
        plan.document = document.clone();
    }
    if let (Some(facts), Some(address)) = (news, address) {
        plan.reasons = vec![Reason::AnswerTold { address: address.clone() }];
        plan.crm = Some(CrmWrite::Participation { address, response: facts.own_response });
    }
    plan
}
