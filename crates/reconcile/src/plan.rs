//! The planner: which question a situation asks.

use crate::answer::Plan;
use crate::attendee::attendee;
use crate::fresh::unlinked;
use crate::linked::linked;
use crate::{CopyRole, Policy, Situation};
use jiff::Timestamp;

/// Decides about one object, seen from one mailbox.
pub fn plan(situation: &Situation<'_>, policy: &Policy, now: Timestamp) -> Plan {
    match (situation.role, situation.base) {
        (Some(CopyRole::Attendee), _) => attendee(situation, policy),
        (Some(role), Some(base)) => linked(situation, policy, role, base, now),
        _ => unlinked(situation, policy, now),
    }
}
