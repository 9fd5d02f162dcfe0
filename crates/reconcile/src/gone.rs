//! One side no longer has the item.

use crate::answer::{CrmWrite, M365Write, Outcome, Plan};
use crate::mailing::{self, Mailing, invitation};
use crate::policy::{ATTENDEES, RESPONSES, is_origin, is_overlay};
use crate::{
    BaseView, CopyFacts, CopyRole, Organizer, Peers, Policy, Reason, Side, Situation, admission, personal,
    series,
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_model::{Document, Kind};

pub(crate) fn gone_in_m365(
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
    let (edits, all_edits) = (edits_of_record(crm, base.crm), edits(crm, base.crm));
    let source_side = !policy.direction.to_crm();
    let own = situation.copy.is_none_or(|facts| facts.organizer == Organizer::Owner);
    let published = situation.record.published || (situation.kind == Kind::Appointment && !own);
    if (!edits.is_empty() || source_side) && policy.direction.to_m365() && !published {
        // Whoever is named was not invited before either: colleagues have silent copies of their own.
        let silent = base.m365.get(ATTENDEES).is_null() && !base.crm.get(ATTENDEES).is_null();
        let (invite, why) = if silent {
            (false, Some(Reason::Silent))
        } else {
            let mut news = edits.clone();
            // The text of an occurrence is a text.
            if series::differ_only_in_texts(base.crm, crm) {
                news.remove(series::FIELD);
            }
            invitation(situation, policy, crm, &news, now)
        };
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
        Peers::LeadInvites | Peers::LeadSilent | Peers::LeadBehind | Peers::LeadOrganizes | Peers::OwnShared
    );
    if is_of_organiser(situation, role) {
        // What was agreed on is kept for him.
        return Plan::rest(role, Outcome::Skipped, Reason::OwnerRemovedCopy);
    }
    if published && held_by_others {
        return Plan::rest(role, Outcome::Deleted, Reason::OwnerRemovedCopy);
    }
    let mut plan = delete_in_crm(policy, role, Reason::GoneInM365);
    tell_lost(&mut plan, all_edits, crm, "Microsoft 365");
    plan
}

/// Whether the record is its organiser's own, who takes no part just now: a guest's copy that speaks for the meeting meanwhile
/// does not take it along.
pub(crate) fn is_of_organiser(situation: &Situation<'_>, role: CopyRole) -> bool {
    let told_by_guest = situation.record.published || !matches!(situation.crm, Side::Present(_));
    situation.kind == Kind::Appointment
        && role != CopyRole::Replica
        && situation.copy.is_some_and(|facts| facts.organizer != Organizer::Owner)
        && !told_by_guest
}

/// Notes what somebody changed where the item goes all the same.
pub(crate) fn tell_lost(plan: &mut Plan, edits: BTreeSet<String>, held: &Document, winner: &'static str) {
    if plan.deletes() {
        let loser = |field: &String| held.get(field).clone();
        plan.reasons.extend(edits.into_iter().map(|field| Reason::Overwrote {
            loser: loser(&field),
            field,
            winner,
        }));
    }
}

/// The fields in which somebody changed what the item says in Outlook. That an attendee answered is no edit: it keeps nothing
/// from going, and nobody is mailed for it.
pub(crate) fn edits(now: &Document, before: &Document) -> BTreeSet<String> {
    edits_but(now, before, series::only_handed_down(before, now))
}

/// The same in the CRM, where what Exchange handed down is told by other copies, too.
fn edits_of_record(now: &Document, before: &Document) -> BTreeSet<String> {
    edits_but(now, before, series::only_repeats(before, now))
}

fn edits_but(now: &Document, before: &Document, same_series: bool) -> BTreeSet<String> {
    let mut fields = now.differences(before);
    fields.retain(|field| !is_overlay(field) && !is_origin(field));
    if same_series {
        fields.remove(series::FIELD);
    }
    fields
}

/// Whether a copy of a meeting says something else than what the CRM was told of it by another one. What everybody has for
/// himself in it is no news.
pub fn has_news(copy: &Document, told: &Document) -> bool {
    !edits_of_record(&personal::without(copy, told), told).is_empty()
}

/// Fields that a record can hold and an item of Microsoft 365 lack.
pub(crate) fn that_can_be_empty(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Appointment => {
            &[ATTENDEES, "categories", "location", "reminder_minutes", series::FIELD, "text"]
        }
        Kind::Task => &["categories", "completed", "due", "reminder", "start", "text"],
        _ => &[],
    }
}

/// Fields that were empty on both sides: whatever the record holds there was entered before it was deleted, and was deleted
/// with it.
fn filled_in_since(kind: Kind, base: BaseView<'_>) -> impl Iterator<Item = String> {
    let empty = move |field: &&&str| [base.m365, base.crm].iter().all(|side| side.get(field).is_null());
    that_can_be_empty(kind).iter().filter(empty).map(|field| (*field).to_owned())
}

/// A copy of a meeting that nobody leads any more: the last one takes an outsider's meeting along.
pub(crate) fn orphan_gone(situation: &Situation<'_>, policy: &Policy) -> Plan {
    let role = CopyRole::Attendee;
    let record = situation.record;
    let taken_along = record.published && !record.reassigned && situation.crm.has_copy();
    if situation.peers == Peers::LastCopy && taken_along {
        return delete_in_crm(policy, role, Reason::GoneInM365);
    }
    Plan::rest(role, Outcome::Deleted, Reason::OwnerRemovedCopy)
}

/// A copy that was not known when its record was deleted in the CRM, and that says nothing which is newer. It neither
/// brings the record back nor goes with it: nobody who deleted the record could know of it. What the connector deleted
/// itself, because a copy went, is no decision of anybody in the CRM: a further copy brings that back.
pub(crate) fn stays_deleted(situation: &Situation<'_>, facts: &CopyFacts) -> bool {
    // A rep whom a record does not concern cannot see whether it is there: another copy that leads says that it is.
    let unseen = situation.record.modified.is_none() && is_led_elsewhere(situation);
    let edited = situation.record.behind && facts.organizer == Organizer::Owner;
    situation.kind == Kind::Appointment
        && situation.crm == Side::Gone
        && !situation.record.followed
        && !edited
        && !unseen
        && (facts.organizer != Organizer::Owner || !is_newer_than_deletion(situation))
}

/// Whether the copy of another mailbox leads.
fn is_led_elsewhere(situation: &Situation<'_>) -> bool {
    matches!(
        situation.peers,
        Peers::LeadInvites | Peers::LeadSilent | Peers::LeadBehind | Peers::LeadOrganizes
    )
}

/// Whether the copy was changed after its record was deleted, as far as both sides tell when.
fn is_newer_than_deletion(situation: &Situation<'_>) -> bool {
    match (situation.copy.and_then(|facts| facts.modified), situation.record.modified) {
        (Some(copy), Some(deleted)) => copy > deleted,
        _ => true,
    }
}

pub(crate) fn delete_in_crm(policy: &Policy, role: CopyRole, reason: Reason) -> Plan {
    if !policy.deletions || !policy.direction.to_crm() {
        let mut plan = Plan::rest(role, Outcome::Skipped, reason);
        plan.reasons.push(Reason::DeletionsOff { side: "Microsoft 365" });
        return plan;
    }
    Plan { crm: Some(CrmWrite::Delete), ..Plan::rest(role, Outcome::Deleted, reason) }
}

pub(crate) fn gone_in_crm(
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
    if admission::is_private(m365) && !policy.private && !situation.record.reassigned {
        // The CRM learns nothing more of it, whatever was changed since; nor does it take anything along.
        return Plan::rest(role, Outcome::Skipped, Reason::BecamePrivate);
    }
    let reason = if situation.record.reassigned { Reason::Reassigned } else { Reason::GoneInCrm };
    let own = situation.copy.is_none_or(|facts| facts.organizer == Organizer::Owner);
    // Of a deleted record the CRM does not say whether it was published: one that a guest's copy speaks for is.
    let published = situation.record.published
        || (situation.kind == Kind::Appointment && !own && role != CopyRole::Replica);
    // Of somebody else's meeting its owner's own, such as how his calendar shows it, is no edit.
    let edited = if own || situation.kind != Kind::Appointment {
        !edits(m365, base.m365).is_empty()
    } else {
        !edits(&personal::without(m365, base.m365), base.m365).is_empty()
    };
    // It was deleted because a guest's copy went while this one took no part: that calls nothing off.
    let leads = own && role == CopyRole::Lead && situation.kind == Kind::Appointment;
    let goes_on = situation.record.followed && leads;
    if (edited || goes_on) && policy.direction.to_crm() && !situation.record.reassigned {
        return Plan {
            document: m365.clone(),
            crm_document: None,
            role,
            crm: Some(CrmWrite::Restore {
                published,
                // What was emptied since is as new as what was filled in. Who answered what, the organiser's copy knows.
                fields: m365
                    .fields()
                    .chain(base.m365.fields())
                    .chain((own && situation.kind == Kind::Appointment).then_some(RESPONSES))
                    .map(str::to_owned)
                    .chain(filled_in_since(situation.kind, base))
                    .collect(),
            }),
            m365: None,
            outcome: Outcome::Linked,
            reasons: vec![if edited {
                Reason::EditBeatsDelete { side: "Microsoft 365" }
            } else {
                Reason::GoesOn
            }],
        };
    }
    let mut plan = follow(situation, policy, role, reason, published, m365, now);
    if edited {
        // Who looks after it now knows nothing of what was changed here since.
        tell_lost(&mut plan, edits(m365, base.m365), m365, "the CRM");
    }
    plan
}

/// The copy goes with its record, where that is allowed.
fn follow(
    situation: &Situation<'_>,
    policy: &Policy,
    role: CopyRole,
    reason: Reason,
    published: bool,
    m365: &Document,
    now: Timestamp,
) -> Plan {
    if !policy.direction.to_m365() {
        let mut plan = Plan::rest(role, Outcome::Skipped, reason);
        plan.reasons.push(Reason::DirectionForbids);
        return plan;
    }
    if published {
        let reason = if reason == Reason::GoneInCrm { Reason::KeptInOutlook } else { reason };
        return Plan::rest(role, Outcome::Skipped, reason);
    }
    if !policy.deletions {
        let mut plan = Plan::rest(role, Outcome::Skipped, reason);
        plan.reasons.push(Reason::DeletionsOff { side: "the CRM" });
        return plan;
    }
    if situation.kind == Kind::Appointment {
        let hearers = mailing::attendees(m365, situation.owner);
        // To hand a meeting over is not to call it off: its guests are told nothing, and its organiser goes on with it.
        if situation.record.reassigned && !hearers.is_empty() {
            return Plan::rest(role, Outcome::Skipped, reason);
        }
        if mailing::of_meeting(&policy.mail, m365, &hearers, now) == Mailing::Forbidden {
            let mut plan = Plan::rest(role, Outcome::Skipped, reason);
            plan.reasons.push(Reason::NotMailed { fields: BTreeSet::from(["deletion".to_owned()]) });
            return plan;
        }
    }
    Plan { m365: Some(M365Write::Delete), ..Plan::rest(role, Outcome::Deleted, reason) }
}
