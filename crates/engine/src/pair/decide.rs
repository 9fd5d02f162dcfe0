//! Plan: puts what is known of an item before the planner.

use super::record::RESPONSES;
use super::{CrmSeen, M365Seen, Work, key_of};
use crate::worker::Worker;
use jiff::Timestamp;
use serde_json::{Value, json};
use tandem_crm_port::RecordState;
use tandem_graph::Remote;
use tandem_mapping::Flow;
use tandem_model::{Document, EmailAddress, Item, Kind, Response};
use tandem_reconcile::{
    BaseView, CopyFacts, CopyRole, CrmFacts, CrmWrite, MailRules, Organizer, Plan, Policy, Side, Situation,
    plan,
};
use tandem_store::Role;

/// Field of an attendee's base that remembers which answer the CRM was told last.
pub(crate) const TOLD: &str = "told_response";

/// Field of an attendee's base that holds his answer while the CRM has no record to tell it of.
pub(crate) const UNTOLD: &str = "untold_response";

/// Field of an attendee's base that remembers that the meeting is off for him: his copy keeps no record.
pub(crate) const OFF: &str = "called_off";

impl Worker {
    /// What the planner says about an item.
    pub(crate) fn decide(&self, work: &Work, policy: &Policy) -> Plan {
        let kind = work.link.kind;
        let m365 = work.remote().map(|remote| self.travelling(kind, self.shown(remote)));
        let crm = work.crm.item().map(|item| self.travelling(kind, Document::of(item)));
        let facts = self.facts(work);
        let record = CrmFacts { followed: work.followed, behind: work.behind, ..record_facts(&work.crm) };
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
        let mut decided = if work.silent {
            let mail = MailRules { own_domains: policy.mail.own_domains.clone(), ..MailRules::default() };
            plan(&situation, &Policy { mail, ..policy.clone() }, self.now)
        } else {
            plan(&situation, policy, self.now)
        };
        if let Some(CrmWrite::Restore { fields, .. }) = &mut decided.crm {
            // What does not travel is not emptied either.
            fields.retain(|field| self.mapping.of(kind).flow(kind, field) != Flow::Off);
        }
        decided
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
        let told_response = self.told_response(work);
        let remote = work.remote();
        let facts = remote.map(|remote| &remote.facts);
        CopyFacts {
            organizer: self.organizer(work),
            own_response: facts.map_or(told_response, |facts| facts.own_response),
            told_response,
            cancelled: facts.is_some_and(|facts| facts.is_cancelled),
            replaced: is_replaced(work),
            created: facts.and_then(|facts| facts.created),
            modified: facts.and_then(|facts| facts.modified),
        }
    }

    /// The owner's answer as the CRM was told it last: by a copy that tells nothing else, or with all that one tells which
    /// speaks for its meeting.
    fn told_response(&self, work: &Work) -> Response {
        let Some(base) = &work.link.base else { return Response::None };
        let held = base.crm.get(RESPONSES).as_object().into_iter().flatten();
        let with_all = held.filter(|(address, _)| self.owner.contains(&EmailAddress::new(address.as_str())));
        let alone = Some(base.m365.get(TOLD)).filter(|answer| !answer.is_null());
        let told = alone.or_else(|| with_all.map(|(_, answer)| answer).next());
        told.and_then(|answer| serde_json::from_value(answer.clone()).ok()).unwrap_or(Response::None)
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
            return match self.classify(organizer_in(item)) {
                Organizer::Outsider if work.promised => Organizer::Colleague,
                organizer => organizer,
            };
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
}

/// Whether the copy is of another meeting than the object stands for by now: what is made again has another iCalUId.
fn is_replaced(work: &Work) -> bool {
    let stands_for = work.object.as_ref().and_then(|object| object.key.as_ref());
    let (Some(key), Some(remote)) = (stands_for, work.remote()) else { return false };
    work.link.kind == Kind::Appointment
        && work.link.role == Role::Attendee
        && key_of(Kind::Appointment, remote) != *key
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
