//! May a new item come in, and what is its copy to the object?

use crate::policy::day_begin;
use crate::{CopyFacts, CopyRole, Organizer, Peers, Policy, Reason, Situation};
use jiff::tz::TimeZone;
use serde_json::Value;
use tandem_model::{Document, Item, Kind};

/// Why a new item of Microsoft 365 stays out, if it does.
pub(crate) fn refuses_m365(
    policy: &Policy,
    kind: Kind,
    document: &Document,
    facts: &CopyFacts,
) -> Option<Reason> {
    if !policy.direction.to_crm() {
        return Some(Reason::DirectionForbids);
    }
    if is_private(document) && !policy.private {
        return Some(Reason::Private);
    }
    if facts.cancelled {
        return Some(Reason::Cancelled);
    }
    if policy.new_only_from_crm {
        return Some(Reason::OnlyFromCrm);
    }
    if kind == Kind::Appointment && facts.organizer == Organizer::Outsider && !policy.published {
        return Some(Reason::Published);
    }
    if let (Some(limit), Some(created)) = (policy.ignore_before, facts.created)
        && created < limit
    {
        return Some(Reason::TooOld);
    }
    (!in_window(policy, kind, document)).then_some(Reason::OutsideWindow)
}

/// Why a new record of the CRM stays out, if it does.
pub(crate) fn refuses_crm(policy: &Policy, situation: &Situation<'_>, document: &Document) -> Option<Reason> {
    if !policy.direction.to_m365() {
        return Some(Reason::DirectionForbids);
    }
    if situation.record.published {
        return Some(Reason::Published);
    }
    if is_private(document) && !policy.private {
        return Some(Reason::Private);
    }
    if let (Some(limit), Some(modified)) = (policy.ignore_before, situation.record.modified)
        && modified < limit
    {
        return Some(Reason::TooOld);
    }
    (!in_window(policy, situation.kind, document)).then_some(Reason::OutsideWindow)
}

/// Whether an item is marked private.
pub(crate) fn is_private(document: &Document) -> bool {
    document.get("private") == &Value::Bool(true)
}

/// Whether it touches the time frame. Tasks count by their due date, or their start; those without dates always do.
fn in_window(policy: &Policy, kind: Kind, document: &Document) -> bool {
    let Some((from, to)) = policy.window else { return true };
    let span = match document.item(kind) {
        Ok(Item::Appointment(appointment)) => match &appointment.series {
            // Which occurrences of a series exist is the calendar's knowledge: it was found there, so it is in.
            Some(_) => return true,
            None => (appointment.when.start_in(&TimeZone::UTC), appointment.when.end_in(&TimeZone::UTC)),
        },
        Ok(Item::Absence(absence)) => {
            (absence.when.start_in(&TimeZone::UTC), absence.when.end_in(&TimeZone::UTC))
        }
        Ok(Item::Task(task)) => match task.due.or(task.start) {
            Some(day) => (day_begin(day), day_begin(day)),
            None => return true,
        },
        _ => return true,
    };
    span.0 < to && span.1 >= from
}

/// What a newly seen copy is to its object.
pub(crate) enum Standing {
    /// It has this role, for this further reason.
    Role(CopyRole, Option<Reason>),
    /// Not to be said before the organiser's copy is there.
    Wait,
}

/// Decides about a copy in Microsoft 365 that has no role yet.
pub(crate) fn standing(kind: Kind, facts: &CopyFacts, peers: Peers, patience_over: bool) -> Standing {
    if kind == Kind::Contact {
        return Standing::Role(CopyRole::Replica, None);
    }
    if kind != Kind::Appointment {
        return Standing::Role(CopyRole::Lead, None);
    }
    match (facts.organizer, peers) {
        (_, Peers::LeadOrganizes | Peers::Invited) => Standing::Role(CopyRole::Attendee, None),
        (Organizer::Owner, _) | (_, Peers::Own | Peers::OwnShared) => Standing::Role(CopyRole::Lead, None),
        (_, Peers::LeadInvites | Peers::LeadSilent | Peers::LeadBehind) => {
            Standing::Role(CopyRole::Attendee, None)
        }
        (Organizer::Colleague, _) if !patience_over => Standing::Wait,
        (Organizer::Colleague, _) => Standing::Role(CopyRole::Lead, Some(Reason::OrganizerNeverCame)),
        (Organizer::Outsider, Peers::Orphaned | Peers::LastCopy) => {
            Standing::Role(CopyRole::Lead, Some(Reason::TakesOver))
        }
        (Organizer::Outsider, Peers::None) => Standing::Role(CopyRole::Lead, None),
    }
}
