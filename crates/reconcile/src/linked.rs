//! An item on which both sides had agreed once.

use crate::admission;
use crate::answer::{CrmWrite, M365Write, Outcome, Plan};
use crate::gone::{delete_in_crm, edits, gone_in_crm, gone_in_m365, is_of_organiser, tell_lost};
use crate::mailing::{self, Mailing};
use crate::policy::{ATTENDEES, ORGANIZER, Ways};
use crate::{
    BaseView, CopyRole, Direction, Organizer, Peers, Policy, Precedence, Reason, Side, Situation, merge,
    personal, responses, series,
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_model::{Document, Kind};

/// Both sides had agreed once.
pub(crate) fn linked(
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
        if is_of_organiser(situation, role) {
            // What was agreed on is kept for him.
            return Plan::rest(role, Outcome::Skipped, Reason::Cancelled);
        }
        if situation.peers == Peers::OwnShared {
            // Its owner is no longer invited, or the others' copies will say that it is off.
            return Plan::rest(role, Outcome::Deleted, Reason::Cancelled);
        }
        let mut plan = delete_in_crm(policy, role, Reason::Cancelled);
        tell_lost(&mut plan, edits(crm, base.crm), crm, "Microsoft 365");
        return plan;
    }
    equalise(situation, policy, role, Some(base), m365, crm, now)
}

/// Makes both sides equal.
pub(crate) fn equalise(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    base: Option<BaseView<'_>>,
    m365: &Document,
    crm: &Document,
    now: Timestamp,
) -> Plan {
    let of_others = situation.kind == Kind::Appointment
        && situation.copy.is_some_and(|facts| facts.organizer != Organizer::Owner);
    // The organiser's own copy speaks for a meeting that a guest's copy told the CRM of: the record is his from now on.
    let claims = situation.kind == Kind::Appointment
        && situation.record.published
        && role == CopyRole::Lead
        && situation.copy.is_some_and(|facts| facts.organizer == Organizer::Owner)
        && !m365.get(ORGANIZER).is_null();
    let published =
        of_others || (situation.kind == Kind::Appointment && situation.record.published && !claims);
    let (impersonal, agreed, answered);
    let base = match base {
        Some(before) if !of_others && situation.kind == Kind::Appointment => {
            answered = responses::told_before(before, m365, crm);
            Some(BaseView { m365: &answered, ..before })
        }
        base => base,
    };
    let (m365, base) = if of_others && !situation.record.published && role == CopyRole::Lead {
        impersonal = personal::without(m365, crm);
        // What was agreed is seen in the same way, or what the CRM cannot hold would look changed again and again.
        agreed = base.map(|base| personal::without(base.m365, crm));
        let agreed = agreed.as_ref().zip(base).map(|(m365, base)| BaseView { m365, ..base });
        (&impersonal, agreed)
    } else {
        (m365, base)
    };
    let direction = if published && role == CopyRole::Lead { Direction::ToCrm } else { policy.direction };
    let ways = Ways::of(direction, &policy.fields);
    let record = crm;
    let organisers;
    // What everybody has for himself in a meeting, a guest's copy said for itself.
    let crm = if claims && base.is_none() {
        organisers = personal::without(crm, m365);
        &organisers
    } else {
        crm
    };
    let mut merged = merge(situation.kind, base, m365, crm, ways, precedence(situation));
    if crm != record {
        merged.tell_in_full(record, ways);
    }
    merged.keep_cancelled(m365, record, ways);
    if claims && ways.to_crm(ORGANIZER) {
        merged.crm_document.set(ORGANIZER, m365.get(ORGANIZER).clone());
        merged.to_crm.insert(ORGANIZER.to_owned());
        merged.reasons.push(Reason::Claimed);
    }
    if situation.kind == Kind::Appointment && role == CopyRole::Replica {
        personal::keep(m365, crm, &mut merged.crm_document, &mut merged.to_crm);
    }
    if of_others {
        responses::correct_own(situation, m365, crm, &mut merged);
    }
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
    if (role == CopyRole::Replica || first_meeting) && to_m365.remove(ATTENDEES) {
        reasons.push(Reason::NotMailed { fields: BTreeSet::from([ATTENDEES.to_owned()]) });
    }
    if to_m365.contains(ATTENDEES) {
        // Whoever is added is invited; whoever is removed is told.
        let named = mailing::attendees(merged, situation.owner);
        let touched = holders.symmetric_difference(&named).cloned().collect();
        if mailing::of_meeting(&policy.mail, merged, &touched, now) == Mailing::Forbidden {
            to_m365.remove(ATTENDEES);
            reasons.push(Reason::NotMailed { fields: BTreeSet::from([ATTENDEES.to_owned()]) });
        } else {
            reasons.push(Reason::Mails);
        }
    }
    let rest: BTreeSet<String> = to_m365.iter().filter(|field| *field != ATTENDEES).cloned().collect();
    if rest.is_empty() {
        return reasons;
    }
    let of_occurrences = |field: &str| field == series::FIELD && series::differ_only_in_texts(m365, merged);
    let only_text = rest.iter().all(|field| mailing::is_text(field) || of_occurrences(field));
    match mailing::of_update(&policy.mail, merged, &holders, only_text, now) {
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
        Side::Present(document) => !document.get(ATTENDEES).is_null(),
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
