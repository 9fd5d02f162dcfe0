//! Plan: puts what is known of an item before the planner.

use super::{CrmSeen, M365Seen, Work};
use crate::worker::Worker;
use jiff::Timestamp;
use serde_json::{Value, json};
use tandem_crm_port::RecordState;
use tandem_graph::Remote;
use tandem_model::{Document, EmailAddress, Item, Kind, MailboxId, Response};
use tandem_reconcile::{
    BaseView, CopyFacts, CopyRole, CrmFacts, MailRules, Organizer, Peers, Plan, Policy, Side, Situation, plan,
};
use tandem_store::{Linked, Object, Role, State};

/// Field of an attendee's base that remembers which answer the CRM was told last.
pub(crate) const TOLD: &str = "told_response";

impl Worker {
    /// What the planner says about an item.
    pub(crate) fn decide(&self, work: &Work, policy: &Policy) -> Plan {
        let kind = work.link.kind;
        let m365 = work.remote().map(|remote| self.travelling(kind, self.shown(remote)));
        let crm = work.crm.item().map(|item| self.travelling(kind, Document::of(item)));
        let facts = self.facts(work);
        let record = CrmFacts { followed: work.followed, ..record_facts(&work.crm) };
        let rooted = self.is_rooted(work);
        let base = work.base().filter(|_| rooted);
        let base = base.map(|base| self.travelling_base(kind, base));
        let situation = Situation {
            kind,
            owner: &self.owner,
            base: base.as_ref().map(|base| BaseView { m365: &base.m365, crm: &base.crm }),
            role: rooted.then(|| role_of(work.link.role)),
            m365: match (&work.m365, &m365) {
                (M365Seen::Present(_), Some(document)) => Side::Present(document),
                (M365Seen::Gone, _) => Side::Gone,
                (M365Seen::Unchanged, _) if work.link.graph.is_some() => Side::Unchanged,
                _ => Side::Absent,
            },
            copy: Some(&facts),
            crm: match (&work.crm, &crm) {
                (CrmSeen::Reported(_), Some(document)) => Side::Present(document),
                (CrmSeen::Reported(change), None) if change.state == RecordState::Deleted => Side::Gone,
                (CrmSeen::Reported(_) | CrmSeen::Unchanged, None) if rooted => Side::Unchanged,
                (CrmSeen::Gone, _) => Side::Gone,
                _ => Side::Absent,
            },
            record: &record,
            peers: work.peers,
            patience_over: self.patience_over(work),
        };
        if work.silent {
            let mail = MailRules { own_domains: policy.mail.own_domains.clone(), ..MailRules::default() };
            return plan(&situation, &Policy { mail, ..policy.clone() }, self.now);
        }
        plan(&situation, policy, self.now)
    }

    /// What a copy shows. A meeting that the owner called is his under whichever address: a mailbox that was renamed
    /// says so before the list of mailboxes does.
    fn shown(&self, remote: &Remote) -> Document {
        let mut document = Document::of(&remote.item);
        let (called, owner) = (organizer_in(&remote.item), self.owner.first());
        if let (true, Some(called), Some(owner)) = (remote.facts.is_organizer, called, owner)
            && !self.owner.contains(called)
            && let Some(mut organizer) = document.get("organizer").as_object().cloned()
        {
            organizer.insert("address".to_owned(), json!(owner));
            document.set("organizer", Value::Object(organizer));
        }
        document
    }

    fn facts(&self, work: &Work) -> CopyFacts {
        let told = work.link.base.as_ref().map(|base| base.m365.get(TOLD).clone()).unwrap_or_default();
        let told_response = serde_json::from_value(told).unwrap_or(Response::None);
        let remote = work.remote();
        let facts = remote.map(|remote| &remote.facts);
        CopyFacts {
            organizer: self.organizer(work),
            own_response: facts.map_or(told_response, |facts| facts.own_response),
            told_response,
            cancelled: facts.is_some_and(|facts| facts.is_cancelled),
            created: facts.and_then(|facts| facts.created),
            modified: facts.and_then(|facts| facts.modified),
        }
    }

    /// Whether an appointment is, as far as is known without reading it, a meeting of somebody else.
    pub(super) fn is_of_others(&self, work: &Work) -> bool {
        self.organizer(work) != Organizer::Owner
    }

    /// Who called a meeting, as its copy says, else its record, else the base.
    fn organizer(&self, work: &Work) -> Organizer {
        if work.link.kind != Kind::Appointment {
            return Organizer::Owner;
        }
        if let Some(remote) = work.remote() {
            return if remote.facts.is_organizer {
                Organizer::Owner
            } else {
                self.caller(work, organizer_in(&remote.item))
            };
        }
        if let Some(item) = work.crm.item() {
            return self.classify(organizer_in(item));
        }
        let base = work.link.base.as_ref().and_then(|base| base.m365.item(Kind::Appointment).ok());
        self.classify(base.as_ref().and_then(organizer_in))
    }

    /// Who somebody is who called a meeting, seen from this mailbox.
    pub(crate) fn classify(&self, organizer: Option<&EmailAddress>) -> Organizer {
        match organizer {
            None => Organizer::Owner,
            Some(address) if self.owner.contains(address) => Organizer::Owner,
            Some(address) if self.roster.calendar_of(address).is_some() => Organizer::Colleague,
            Some(_) => Organizer::Outsider,
        }
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

    /// Whether another mailbox that takes part holds a copy.
    async fn others_hold(&self, object: &Object) -> Result<bool, crate::EngineError> {
        let copies = self.parts.store.copies(object).await?;
        Ok(copies.iter().any(|copy| {
            copy.link.mailbox != *self.id()
                && copy.link.graph.is_some()
                && copy.link.state == State::Linked
                && self.roster.has_calendar(&copy.link.mailbox)
        }))
    }

    /// Looks at the other mailboxes' copies: what they mean for this one, and whether the record was deleted because one
    /// of them went.
    pub(crate) async fn look_around(&self, work: &mut Work) -> Result<(), crate::EngineError> {
        work.peers = self.peers(work).await?;
        let deleted_at = match &work.crm {
            CrmSeen::Reported(change) if change.state == RecordState::Deleted => Some(change.stamp),
            CrmSeen::Gone => None,
            _ => return Ok(()),
        };
        if let Some(object) = work.object.as_ref().filter(|object| object.kind == Kind::Appointment) {
            let copies = self.parts.store.copies(object).await?;
            let mut gone = copies.iter().filter(|copy| copy.link.state == State::Deleted);
            work.followed = gone.any(|copy| deleted_at.is_none_or(|stamp| copy.link.stamp == Some(stamp)));
        }
        Ok(())
    }

    /// What the other mailboxes' copies mean for this one.
    async fn peers(&self, work: &Work) -> Result<Peers, crate::EngineError> {
        let Some(object) = work.object.as_ref().filter(|object| object.kind == Kind::Appointment) else {
            return Ok(Peers::None);
        };
        match object.lead.as_ref().filter(|lead| self.roster.has_calendar(lead)) {
            None if self.is_orphan(work) && work.link.state == State::Linked => {
                let shared = self.others_hold(object).await?;
                Ok(if shared { Peers::Orphaned } else { Peers::LastCopy })
            }
            None => Ok(Peers::None),
            Some(lead) if lead == self.id() => {
                let gone = matches!(work.m365, M365Seen::Gone);
                let shared = gone && self.others_hold(object).await?;
                Ok(if shared { Peers::OwnShared } else { Peers::Own })
            }
            Some(lead) => {
                let copies = self.parts.store.copies(object).await?;
                let invited = copies
                    .iter()
                    .filter(|copy| copy.link.mailbox == *lead && copy.link.state != State::Deleted)
                    .filter_map(|copy| copy.link.base.as_ref()?.m365.item(Kind::Appointment).ok())
                    .any(|item| invites(&item, &self.owner));
                if work.remote().is_some_and(|remote| remote.facts.is_organizer)
                    && self.organizes(lead, &copies)
                {
                    return Ok(Peers::LeadOrganizes);
                }
                // A copy that came by invitation is proof enough, whatever the lead's list says.
                let arrived = work.remote().is_some();
                Ok(if invited || arrived { Peers::LeadInvites } else { Peers::LeadSilent })
            }
        }
    }
}

pub(crate) fn organizer_in(item: &Item) -> Option<&EmailAddress> {
    match item {
        Item::Appointment(appointment) => appointment
            .organizer
            .as_ref()
            .map(|person| &person.address)
            .filter(|address| !address.as_str().is_empty()),
        _ => None,
    }
}

fn invites(item: &Item, owner: &[EmailAddress]) -> bool {
    match item {
        Item::Appointment(appointment) => {
            appointment.attendees.iter().any(|attendee| owner.contains(&attendee.person.address))
        }
        _ => false,
    }
}

fn record_facts(crm: &CrmSeen) -> CrmFacts {
    let CrmSeen::Reported(change) = crm else { return CrmFacts::default() };
    let modified: Option<Timestamp> = change.modified;
    match &change.state {
        RecordState::Present { published, wins, .. } => {
            CrmFacts { published: *published, wins: *wins, modified, ..CrmFacts::default() }
        }
        RecordState::Deleted => CrmFacts { modified, ..CrmFacts::default() },
        RecordState::Reassigned => CrmFacts { modified, reassigned: true, ..CrmFacts::default() },
    }
}

fn role_of(role: Role) -> CopyRole {
    match role {
        Role::Lead => CopyRole::Lead,
        Role::Attendee => CopyRole::Attendee,
        Role::Replica => CopyRole::Replica,
    }
}

/// A role as the store keeps it.
pub(crate) fn kept_role(role: CopyRole) -> Role {
    match role {
        CopyRole::Lead => Role::Lead,
        CopyRole::Attendee => Role::Attendee,
        CopyRole::Replica => Role::Replica,
    }
}
