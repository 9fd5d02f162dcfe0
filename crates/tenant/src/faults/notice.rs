//! What happens to a notification on its way to its receiver.

use super::catalogue::Effect;
use super::facts::Facts;
use crate::ids::MailboxNo;
use crate::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};

/// What the rules ordered for one notification.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    /// It never leaves.
    pub lost: bool,
    /// It leaves a second time, so much later.
    pub again: Option<SignedDuration>,
    /// It leaves so much later.
    pub late: SignedDuration,
    /// It leaves after what comes later, or so much later if nothing comes.
    pub overtaken: Option<SignedDuration>,
}

/// Asks the rules about a notification of a change in a mailbox, or of a user.
pub(crate) fn fate(
    tenant: &mut Tenant,
    resource: &'static str,
    owner: Option<MailboxNo>,
    now: Timestamp,
) -> Fate {
    let mut fate = Fate::default();
    if tenant.faults.rules.is_empty() {
        return fate;
    }
    let facts = Facts::of_notification(resource, owner);
    let mut rules = std::mem::take(&mut tenant.faults.rules);
    for armed in &mut rules {
        if !armed.fault.effect.is_on_notifications() || !armed.happens(tenant, &facts, now) {
            continue;
        }
        tenant.faults.note(armed.fault);
        let seconds = armed.fault.number(&armed.rule.with, "seconds").unwrap_or_default();
        let span = SignedDuration::try_from_secs_f64(seconds).unwrap_or_default();
        match armed.fault.effect {
            Effect::LoseNotification => fate.lost = true,
            Effect::RepeatNotification => fate.again = Some(span),
            Effect::DelayNotification => fate.late = span,
            _ => fate.overtaken = Some(span),
        }
    }
    tenant.faults.rules = rules;
    fate
}
