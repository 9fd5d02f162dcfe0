//! E-mails: may this message become an activity?

use crate::Reason;
use jiff::Timestamp;

/// What is known of a message in the synchronisation folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailFacts {
    /// Not sent yet.
    pub draft: bool,
    /// Whether the owner of the mailbox wrote it or is among its recipients.
    pub owner_takes_part: bool,
    /// When it was sent.
    pub sent: Timestamp,
}

/// What the administrator allows for e-mails (setup guide, tab *E-Mails*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailPolicy {
    /// Also messages whose owner is not among the recipients (blind copies, lists).
    pub owner_not_recipient: bool,
    /// Leave out what was sent before this instant.
    pub ignore_before: Option<Timestamp>,
}

/// Why a message stays out, if it does.
pub fn refuses_mail(policy: &MailPolicy, facts: &MailFacts) -> Option<Reason> {
    if facts.draft {
        return Some(Reason::Draft);
    }
    if policy.ignore_before.is_some_and(|limit| facts.sent < limit) {
        return Some(Reason::TooOld);
    }
    (!facts.owner_takes_part && !policy.owner_not_recipient).then_some(Reason::OwnerNotAmongRecipients)
}
