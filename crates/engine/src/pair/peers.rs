//! The other mailboxes' copies of an appointment: what they mean for this one.

use super::decide::organizer_in;
use super::work::{is_off, took_its_record_along};
use super::{CrmSeen, M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use tandem_crm_port::RecordState;
use tandem_model::{Document, EmailAddress, Item, Kind, MailboxId};
use tandem_reconcile::{BaseView, Peers, Reason, caught_up};
use tandem_store::{Base, Link, Linked, Object, Role, State};

impl Worker {
    /// Looks at the other mailboxes' copies: what they mean for this one, whether the record was deleted because one of
    /// them went, and what was agreed on while one of them spoke for the meeting.
    pub(crate) async fn look_around(&self, work: &mut Work) -> Result<(), EngineError> {
        let Some(object) = work.object.clone().filter(|object| object.kind == Kind::Appointment) else {
            work.peers = Peers::None;
            return Ok(());
        };
        let gone = work.is_out();
        let copies = if object.lead.as_ref() != Some(self.id()) || gone || is_deleted(&work.crm) {
            self.parts.store.copies(&object).await?
        } else {
            Vec::new()
        };
        // That its owner was invited is known since his calendar was read, in this cycle: it does not become less true.
        if work.peers != Peers::Invited {
            work.peers = self.peers(work, &object, &copies);
        }
        // Whoever would be invited to a copy that is made now, has one already.
        work.silent |=
            matches!(work.m365, M365Seen::Gone | M365Seen::Absent) && self.others_hold_replicas(&copies);
        if is_deleted(&work.crm) {
            work.followed = followed(&work.crm, &copies);
            work.behind = has_news(work, &object, &copies);
        }
        if self.was_relieved(work) && !matches!(work.m365, M365Seen::Unchanged) {
            catch_up(work, &copies);
        }
        Ok(())
    }

    /// What the other mailboxes' copies mean for this one.
    fn peers(&self, work: &Work, object: &Object, copies: &[Linked]) -> Peers {
        if work.link.role == Role::Replica && self.was_invited(work, copies) {
            return Peers::Invited;
        }
        match object.lead.as_ref().filter(|lead| self.roster.has_calendar(lead)) {
            // A decision that was held, or failed, is taken anew by the same rules.
            None if self.is_orphan(work) && holds(&work.link) => {
                if self.others_hold(copies) {
                    Peers::Orphaned
                } else {
                    Peers::LastCopy
                }
            }
            None => Peers::None,
            Some(lead) if lead == self.id() => {
                if work.is_out() && self.others_hold(copies) {
                    Peers::OwnShared
                } else {
                    Peers::Own
                }
            }
            Some(lead) => {
                let invited = copies
                    .iter()
                    .filter(|copy| copy.link.mailbox == *lead && copy.link.state != State::Deleted)
                    .filter_map(|copy| copy.link.base.as_ref()?.m365.item(Kind::Appointment).ok())
                    .any(|item| invites(&item, &self.owner));
                if work.remote().is_some_and(|remote| remote.facts.is_organizer)
                    && self.organizes(lead, copies)
                {
                    return Peers::LeadOrganizes;
                }
                // A copy that came by invitation is proof enough, whatever the lead's list says.
                let arrived = work.remote().is_some();
                if invited || arrived {
                    Peers::LeadInvites
                } else if is_behind(work, lead, copies) {
                    Peers::LeadBehind
                } else {
                    Peers::LeadSilent
                }
            }
        }
    }

    /// Whether this mailbox holds another copy by invitation.
    fn was_invited(&self, work: &Work, copies: &[Linked]) -> bool {
        copies.iter().map(|copy| &copy.link).any(|link| {
            link.mailbox == *self.id()
                && link.id != work.link.id
                && link.role == Role::Attendee
                && link.graph.is_some()
                && (link.state == State::Linked || is_left_out(link))
        })
    }

    /// Whether another mailbox that takes part holds a copy of what takes place, as far as that one knows.
    fn others_hold(&self, copies: &[Linked]) -> bool {
        copies.iter().any(|copy| {
            copy.link.mailbox != *self.id()
                && copy.link.graph.is_some()
                && holds(&copy.link)
                && !is_off(&copy.link)
                && self.roster.has_calendar(&copy.link.mailbox)
        })
    }

    /// Whether other mailboxes hold copies that were made silently, while the organiser's could not invite.
    fn others_hold_replicas(&self, copies: &[Linked]) -> bool {
        copies.iter().map(|copy| &copy.link).any(|link| {
            link.mailbox != *self.id() && link.role == Role::Replica && link.state == State::Linked
        })
    }

    /// Whether the leading copy is its organiser's.
    fn organizes(&self, lead: &MailboxId, copies: &[Linked]) -> bool {
        copies
            .iter()
            .filter(|copy| copy.link.mailbox == *lead && copy.link.state == State::Linked)
            .filter_map(|copy| copy.link.base.as_ref()?.m365.item(Kind::Appointment).ok())
            .any(|item| {
                organizer_in(&item).is_some_and(|address| self.roster.calendar_of(address) == Some(lead))
            })
    }

    /// An attendee's copy of a meeting that nobody leads any more: the leading copy is gone, or its mailbox no longer
    /// takes part.
    fn is_orphan(&self, work: &Work) -> bool {
        work.link.role == Role::Attendee
            && work.link.kind == Kind::Appointment
            && work
                .object
                .as_ref()
                .is_some_and(|object| object.lead.as_ref().is_none_or(|lead| !self.roster.has_calendar(lead)))
    }

    /// Whether both sides agreed on it once, and it is still that link that speaks for it.
    pub(crate) fn is_rooted(&self, work: &Work) -> bool {
        work.link.base.is_some() && work.link.state != State::Deleted && !self.is_orphan(work)
    }

    /// Whether the copy spoke for its meeting once, and another mailbox's copy was the last to do so.
    pub(crate) fn was_relieved(&self, work: &Work) -> bool {
        work.link.role == Role::Lead
            && work.link.kind == Kind::Appointment
            && work.link.base.is_some()
            && work.object.as_ref().is_some_and(|object| object.lead.as_ref() != Some(self.id()))
    }
}

/// Takes over what a copy that spoke for the meeting after this one agreed on with the CRM.
fn catch_up(work: &mut Work, copies: &[Linked]) {
    let spoke = copies.iter().filter(|copy| {
        copy.link.role == Role::Lead && copy.link.state != State::Deleted && copy.link.stamp > work.link.stamp
    });
    let last = spoke.max_by_key(|copy| copy.link.stamp).and_then(|copy| copy.link.base.as_ref());
    let (Some(last), Some(base)) = (last, work.link.base.as_mut()) else { return };
    let own = BaseView { m365: &base.m365, crm: &base.crm };
    let (m365, crm) = caught_up(own, BaseView { m365: &last.m365, crm: &last.crm });
    *base = Base { m365, crm };
}

/// Whether a copy that was not known says something else than what the leading one told the CRM.
fn has_news(work: &Work, object: &Object, copies: &[Linked]) -> bool {
    let Some(remote) = work.remote().filter(|_| work.link.base.is_none()) else { return false };
    let mut leading = copies.iter().map(|copy| &copy.link);
    let lead = leading.find(|link| Some(&link.mailbox) == object.lead.as_ref() && link.role == Role::Lead);
    let told = lead.and_then(|link| link.base.as_ref());
    told.is_some_and(|told| tandem_reconcile::has_news(&Document::of(&remote.item), &told.m365))
}

/// Whether the leading copy was not told yet of what the record is by now.
fn is_behind(work: &Work, lead: &MailboxId, copies: &[Linked]) -> bool {
    let CrmSeen::Reported(change) = &work.crm else { return false };
    let mut leading = copies.iter().map(|copy| &copy.link).filter(|link| link.mailbox == *lead);
    !leading.any(|link| link.state == State::Linked && link.stamp.is_some_and(|told| told >= change.stamp))
}

/// Whether it is tied to a copy, also where something about it is still to be done.
fn holds(link: &Link) -> bool {
    matches!(link.state, State::Linked | State::Held | State::Failed)
}

/// Whether it is there, but private.
fn is_left_out(link: &Link) -> bool {
    let private = [Reason::Private.code(), Reason::BecamePrivate.code()];
    link.state == State::Skipped && private.contains(&link.reason.as_str())
}

/// Whether the CRM no longer has the record.
fn is_deleted(crm: &CrmSeen) -> bool {
    match crm {
        CrmSeen::Reported(change) => change.state == RecordState::Deleted,
        CrmSeen::Gone => true,
        CrmSeen::Unchanged | CrmSeen::Absent => false,
    }
}

/// Whether the connector deleted the record because a copy of it went.
fn followed(crm: &CrmSeen, copies: &[Linked]) -> bool {
    let deleted_at = match crm {
        CrmSeen::Reported(change) => Some(change.stamp),
        _ => None,
    };
    let mut gone = copies.iter().filter(|copy| took_its_record_along(&copy.link));
    gone.any(|copy| copy.link.stamp.is_some_and(|stamp| deleted_at.is_none_or(|deleted| deleted == stamp)))
}

fn invites(item: &Item, owner: &[EmailAddress]) -> bool {
    match item {
        Item::Appointment(appointment) => {
            appointment.attendees.iter().any(|attendee| owner.contains(&attendee.person.address))
        }
        _ => false,
    }
}
