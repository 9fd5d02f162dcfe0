//! An item on which nothing was agreed yet.

use crate::admission::{self, Standing};
use crate::answer::{CrmWrite, M365Write, Outcome, Plan};
use crate::attendee::told_answer;
use crate::gone::{delete_in_crm, is_of_organiser, stays_deleted, that_can_be_empty};
use crate::linked::equalise;
use crate::mailing::invitation;
use crate::policy::RESPONSES;
use crate::{CopyFacts, CopyRole, Organizer, Peers, Policy, Reason, Side, Situation};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_model::{Document, Kind};

/// Nothing was agreed yet: it is new on one side, or on both.
pub(crate) fn unlinked(situation: &Situation<'_>, policy: &Policy, now: Timestamp) -> Plan {
    let role = if situation.kind == Kind::Contact { CopyRole::Replica } else { CopyRole::Lead };
    match (situation.m365, situation.crm) {
        (Side::Present(document), crm) => new_in_m365(situation, policy, document, crm, now),
        // His mailbox had a copy that was left out, and he removed it: it is not made again.
        (Side::Gone, Side::Present(_)) => Plan::rest(role, Outcome::Skipped, Reason::OwnerRemovedCopy),
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
    if situation.record.reassigned {
        // It came from this copy, and is somebody else's by now.
        let role = if facts.organizer == Organizer::Owner { role } else { CopyRole::Attendee };
        return Plan::rest(role, Outcome::Skipped, Reason::Reassigned);
    }
    if let Side::Present(record) = crm {
        // Both had it already: made equal whatever the admission rules for new items say, private ones excepted.
        if admission::is_private(document) && !policy.private {
            return Plan::rest(role, Outcome::Skipped, Reason::Private);
        }
        return match admission::standing(situation.kind, facts, situation.peers, situation.patience_over) {
            _ if is_last_of_a_guests(situation, facts) => delete_in_crm(policy, role, Reason::Cancelled),
            Standing::Role(CopyRole::Attendee, _) | Standing::Wait => told_answer(situation),
            // Whether the record goes, a colleague's own copy says: he may have called off what somebody brought back since.
            // Where others hold copies, it is he who is no longer invited.
            Standing::Role(role, _)
                if facts.cancelled
                    && (facts.organizer == Organizer::Colleague
                        || situation.peers == Peers::Orphaned
                        || is_of_organiser(situation, role)) =>
            {
                Plan::rest(CopyRole::Attendee, Outcome::Skipped, Reason::Cancelled)
            }
            // Nobody leads it any more, and what is left says that it was called off.
            Standing::Role(role, _) if facts.cancelled => delete_in_crm(policy, role, Reason::Cancelled),
            Standing::Role(role, why) => {
                let mut plan = equalise(situation, policy, role, None, document, record, now);
                plan.reasons.splice(..0, why);
                plan
            }
        };
    }
    if let Some(reason) = admission::refuses_m365(policy, situation.kind, document, facts) {
        // What is left of somebody else's meeting, or is nobody's business, never spoke for it.
        let of_others = facts.organizer != Organizer::Owner && (facts.cancelled || reason == Reason::Private);
        return Plan::rest(if of_others { CopyRole::Attendee } else { role }, Outcome::Skipped, reason);
    }
    if stays_deleted(situation, facts) {
        return Plan::rest(role, Outcome::Skipped, Reason::StaysDeleted);
    }
    match admission::standing(situation.kind, facts, situation.peers, situation.patience_over) {
        Standing::Wait => Plan::rest(CopyRole::Attendee, Outcome::Waiting, Reason::WaitsForOrganizer),
        Standing::Role(CopyRole::Attendee, _) => told_answer(situation),
        Standing::Role(role, why) => Plan {
            document: document.clone(),
            crm_document: None,
            role,
            crm: Some(new_record(situation.kind, document, crm, facts.organizer != Organizer::Owner)),
            m365: None,
            outcome: Outcome::Linked,
            reasons: [Some(newly_told(situation)), why].into_iter().flatten().collect(),
        },
    }
}

/// Why the CRM is told of a copy that was not known.
fn newly_told(situation: &Situation<'_>) -> Reason {
    if situation.crm == Side::Gone && situation.record.behind {
        return Reason::EditBeatsDelete { side: "Microsoft 365" };
    }
    Reason::NewInM365
}

/// Whether it is the last copy of a meeting that was called off, which only guests' copies ever told the CRM of. Its
/// organiser's own, should there be one after all, brings the record back.
fn is_last_of_a_guests(situation: &Situation<'_>, facts: &CopyFacts) -> bool {
    facts.cancelled
        && situation.kind == Kind::Appointment
        && facts.organizer != Organizer::Owner
        && situation.record.published
        && situation.peers == Peers::LastCopy
}

/// All fields that a document has.
fn all(document: &Document) -> BTreeSet<String> {
    document.fields().map(str::to_owned).collect()
}

/// An item of Microsoft 365 whose record was deleted brings the record back, without what only the record held: that went
/// with it, and who answered what, the organiser's copy knows. Any other gets a new one.
fn new_record(kind: Kind, document: &Document, crm: Side<'_>, published: bool) -> CrmWrite {
    if crm == Side::Gone {
        let mut fields = all(document);
        let answers = (kind == Kind::Appointment && !published).then_some(RESPONSES);
        fields.extend(that_can_be_empty(kind).iter().copied().chain(answers).map(str::to_owned));
        CrmWrite::Restore { published, fields }
    } else {
        CrmWrite::Add { published }
    }
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
            Peers::LeadInvites | Peers::LeadOrganizes | Peers::Invited => {
                return Plan::rest(CopyRole::Attendee, Outcome::Nothing, Reason::LeftToOrganizer);
            }
            Peers::None | Peers::LeadBehind | Peers::Orphaned | Peers::LastCopy
                if organizer == Organizer::Colleague && !situation.patience_over =>
            {
                return Plan::rest(CopyRole::Replica, Outcome::Waiting, Reason::WaitsForOrganizer);
            }
            // The organiser has no copy that would invite: each colleague gets a copy of his own, without mail.
            Peers::None
            | Peers::LeadSilent
            | Peers::LeadBehind
            | Peers::Orphaned
            | Peers::LastCopy
            | Peers::Own
            | Peers::OwnShared => {
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
    let (invite, why) = invitation(situation, policy, document, &all(document), now);
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
