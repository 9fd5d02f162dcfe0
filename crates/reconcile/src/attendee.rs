//! An attendee's copy of a meeting that another copy leads.

use crate::answer::{CrmWrite, Outcome, Plan};
use crate::{CopyFacts, CopyRole, Policy, Reason, Side, Situation, admission, mailing};

/// An attendee's copy: the organiser's leads, this one tells its owner's answer.
pub(crate) fn attendee(situation: &Situation<'_>, policy: &Policy) -> Plan {
    match situation.m365 {
        Side::Gone => Plan::rest(CopyRole::Attendee, Outcome::Deleted, Reason::OwnerRemovedCopy),
        Side::Present(document) if admission::is_private(document) && !policy.private => {
            Plan::rest(CopyRole::Attendee, Outcome::Skipped, Reason::BecamePrivate)
        }
        Side::Present(_) => told_answer(situation),
        _ => Plan::rest(CopyRole::Attendee, Outcome::Linked, Reason::LeftToOrganizer),
    }
}

pub(crate) fn told_answer(situation: &Situation<'_>) -> Plan {
    let there = situation.crm != Side::Gone;
    // What was answered to a meeting that was called off is no answer to one that took its place since.
    let asked = |facts: &&CopyFacts| there && !facts.cancelled;
    let news = situation.copy.filter(asked).filter(|facts| facts.own_response != facts.told_response);
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
