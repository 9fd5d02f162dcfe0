//! The planner: which question a situation asks.

use crate::answer::{CrmWrite, M365Write, Outcome, Plan};
use crate::attendee::attendee;
use crate::fresh::unlinked;
use crate::gone::{edits, orphan_gone};
use crate::linked::linked;
use crate::{BaseView, CopyRole, Organizer, Peers, Policy, Reason, Side, Situation, mailing, personal};
use jiff::Timestamp;
use tandem_model::Kind;

/// Decides about one object, seen from one mailbox.
pub fn plan(situation: &Situation<'_>, policy: &Policy, now: Timestamp) -> Plan {
    let mut plan = decide(situation, policy, now);
    leave_out_one_way(&mut plan, policy);
    plan
}

/// What is made anew on one side does not get the fields that travel to the other only.
fn leave_out_one_way(plan: &mut Plan, policy: &Policy) {
    let creates = matches!(plan.m365, Some(M365Write::Create { .. }));
    let adds = matches!(plan.crm, Some(CrmWrite::Add { .. } | CrmWrite::Restore { .. }));
    let goes_along = |field: &str| {
        let Some(direction) = policy.fields.get(field) else { return true };
        (!creates || direction.to_m365()) && (!adds || direction.to_crm())
    };
    plan.document.retain(goes_along);
    if let Some(CrmWrite::Restore { fields, .. }) = &mut plan.crm {
        fields.retain(|field| goes_along(field));
    }
}

fn decide(situation: &Situation<'_>, policy: &Policy, now: Timestamp) -> Plan {
    match (situation.role, situation.base) {
        _ if is_replaced(situation) => Plan::rest(CopyRole::Attendee, Outcome::Deleted, Reason::Cancelled),
        _ if is_gone_orphan(situation) => orphan_gone(situation, policy),
        (Some(CopyRole::Replica), Some(base)) if gives_way(situation, base) => {
            let rest = Plan::rest(CopyRole::Replica, Outcome::Deleted, Reason::InvitedInstead);
            Plan { m365: Some(M365Write::Delete), ..rest }
        }
        (Some(CopyRole::Attendee), _) => attendee(situation, policy),
        (Some(CopyRole::Lead), Some(_)) if is_led_by_another(situation) => attendee(situation, policy),
        (Some(role), Some(base)) => linked(situation, policy, role, base, now),
        _ => unlinked(situation, policy, now),
    }
}

/// Whether it is what is left of a meeting that was called off, after the organiser's copy was made anew.
fn is_replaced(situation: &Situation<'_>) -> bool {
    situation.copy.is_some_and(|facts| facts.cancelled && facts.replaced)
}

/// Whether it is the copy of a meeting that nobody leads any more, and gone too.
fn is_gone_orphan(situation: &Situation<'_>) -> bool {
    situation.m365 == Side::Gone && matches!(situation.peers, Peers::Orphaned | Peers::LastCopy)
}

/// Whether it is a copy that was made silently, and its owner was invited since: he needs no two of one meeting. What he
/// changed in it has to reach the CRM first; and whom he invited to it would be told that it is off.
fn gives_way(situation: &Situation<'_>, base: BaseView<'_>) -> bool {
    let held = match situation.m365 {
        Side::Unchanged => base.m365,
        Side::Present(document) => document,
        Side::Gone | Side::Absent => return false,
    };
    situation.kind == Kind::Appointment
        && situation.peers == Peers::Invited
        && edits(&personal::without(held, base.m365), base.m365).is_empty()
        && mailing::attendees(held, situation.owner).is_empty()
}

/// Whether a copy that led once is an attendee's now: its organiser's copy came after all and leads. Of one that its owner called
/// himself the CRM says whether it was given to somebody else since.
fn is_led_by_another(situation: &Situation<'_>) -> bool {
    let organizes = situation.copy.is_none_or(|facts| facts.organizer == Organizer::Owner);
    let led = matches!(
        situation.peers,
        Peers::LeadOrganizes | Peers::LeadInvites | Peers::LeadSilent | Peers::LeadBehind
    );
    led && !organizes && situation.kind == Kind::Appointment && matches!(situation.m365, Side::Present(_))
}
