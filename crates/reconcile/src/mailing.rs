//! Would a write to Microsoft 365 mail somebody, and may it?
//!
//! Graph mails by itself: creating an event with attendees invites them, an organiser's update of time, place or text
//! tells them, deleting calls the meeting off (Graph documentation: create, update and delete event). There is no
//! switch for these three, so the only way to stay silent is not to write, or not to write attendees.

use crate::policy::is_past;
use crate::{Policy, Reason, Situation};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_model::{ADDITIONAL, Document, EmailAddress, Item, Kind};

/// Who may be mailed because of a change made in the CRM (setup guide, tab *Appointment notification rules*).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailRules {
    /// Attendees in the organisation's own domains.
    pub internal: bool,
    /// All others.
    pub external: bool,
    /// Also about meetings that are over.
    pub past: bool,
    /// Also when only the text changed.
    pub on_text_change: bool,
    /// The organisation's domains.
    pub own_domains: BTreeSet<String>,
}

/// What a write does to people's inboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailing {
    /// Nobody is mailed.
    Silent,
    /// Somebody is mailed, and the rules allow it.
    Allowed,
    /// Somebody would be mailed against the rules.
    Forbidden,
}

/// Whether a field is a meeting's text. Whether Exchange mails because of extended properties alone is not documented: taken
/// as text, it is on the safe side.
pub(crate) fn is_text(field: &str) -> bool {
    field == "text" || field.starts_with(ADDITIONAL)
}

/// What a write does; `attendees` are those who would hear of it.
pub(crate) fn of_update(
    rules: &MailRules,
    document: &Document,
    attendees: &BTreeSet<EmailAddress>,
    only_text: bool,
    now: Timestamp,
) -> Mailing {
    if attendees.is_empty() {
        return Mailing::Silent;
    }
    if only_text && !rules.on_text_change {
        return Mailing::Forbidden;
    }
    of_meeting(rules, document, attendees, now)
}

/// What inviting to, or calling off, a meeting does.
pub(crate) fn of_meeting(
    rules: &MailRules,
    document: &Document,
    attendees: &BTreeSet<EmailAddress>,
    now: Timestamp,
) -> Mailing {
    if attendees.is_empty() {
        return Mailing::Silent;
    }
    let allowed = |address: &EmailAddress| {
        if rules.own_domains.contains(address.domain()) { rules.internal } else { rules.external }
    };
    let timely = rules.past || !is_past(document, now);
    if timely && attendees.iter().all(allowed) { Mailing::Allowed } else { Mailing::Forbidden }
}

/// The addresses of a document's attendees, the owner's own left out.
pub(crate) fn attendees(document: &Document, owner: &[EmailAddress]) -> BTreeSet<EmailAddress> {
    match document.item(Kind::Appointment) {
        Ok(Item::Appointment(appointment)) => appointment
            .attendees
            .into_iter()
            .map(|attendee| attendee.person.address)
            .filter(|address| !address.as_str().is_empty() && !owner.contains(address))
            .collect(),
        _ => BTreeSet::new(),
    }
}

/// The owner's address under which a document's appointment invites him.
pub(crate) fn named(document: &Document, owner: &[EmailAddress]) -> Option<EmailAddress> {
    match document.item(Kind::Appointment) {
        Ok(Item::Appointment(appointment)) => appointment
            .attendees
            .into_iter()
            .map(|attendee| attendee.person.address)
            .find(|at| owner.contains(at)),
        _ => None,
    }
}

/// Whether an event made from this document shall carry its attendees. `fields` are what is news: all of what is new
/// altogether, or what somebody changed in a meeting that was deleted on the other side.
pub(crate) fn invitation(
    situation: &Situation<'_>,
    policy: &Policy,
    document: &Document,
    fields: &BTreeSet<String>,
    now: Timestamp,
) -> (bool, Option<Reason>) {
    let attendees = attendees(document, situation.owner);
    let only_text = fields.iter().all(|field| is_text(field));
    match of_update(&policy.mail, document, &attendees, only_text, now) {
        Mailing::Silent => (false, None),
        Mailing::Allowed => (true, Some(Reason::Mails)),
        Mailing::Forbidden => (false, Some(Reason::Silent)),
    }
}
