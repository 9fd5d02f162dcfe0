//! One look at a meeting: what is known of it, and what the planner says.

#![allow(dead_code, reason = "each test file uses a part")]

use jiff::Timestamp;
use serde_json::json;
use tandem_model::{Document, EmailAddress, Kind, Response};
use tandem_reconcile::{
    BaseView, CopyFacts, CopyRole, CrmFacts, MailRules, Organizer, Peers, Plan, Policy, Side, Situation, plan,
};

const NOW: &str = "2026-06-01T00:00:00Z";

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub fn owner() -> Vec<EmailAddress> {
    vec![EmailAddress::new("ann@own.example")]
}

pub fn meeting(subject: &str, day: &str, attendees: &[&str]) -> Document {
    let attendees: Vec<_> =
        attendees.iter().map(|address| json!({"address": address, "role": "required"})).collect();
    let when = json!({"timed": {
        "start": format!("{day}T10:00:00Z"), "end": format!("{day}T11:00:00Z"), "zone": "Europe/Vienna"
    }});
    serde_json::from_value(json!({"subject": subject, "when": when, "attendees": attendees})).unwrap()
}

pub fn facts(organizer: Organizer) -> CopyFacts {
    CopyFacts {
        organizer,
        own_response: Response::None,
        told_response: Response::None,
        cancelled: false,
        replaced: false,
        created: None,
        modified: None,
    }
}

pub fn policy() -> Policy {
    let mail = MailRules {
        internal: true,
        external: true,
        past: false,
        on_text_change: false,
        own_domains: ["own.example".to_owned()].into(),
    };
    Policy { private: false, mail, ..Policy::open() }
}

/// What one side shows while the other is silent.
pub struct Look<'a> {
    pub base: Option<&'a Document>,
    /// What the CRM held at the last agreement, where that was not the same.
    pub base_in_crm: Option<Document>,
    pub role: Option<CopyRole>,
    pub m365: Side<'a>,
    pub crm: Side<'a>,
    pub facts: CopyFacts,
    pub peers: Peers,
    pub patience_over: bool,
    pub record: CrmFacts,
}

impl<'a> Look<'a> {
    pub fn new_in_m365(document: &'a Document, organizer: Organizer) -> Self {
        Look {
            base: None,
            base_in_crm: None,
            role: None,
            m365: Side::Present(document),
            crm: Side::Absent,
            facts: facts(organizer),
            peers: Peers::None,
            patience_over: false,
            record: CrmFacts::default(),
        }
    }

    pub fn new_in_crm(document: &'a Document, organizer: Organizer) -> Self {
        Look { m365: Side::Absent, crm: Side::Present(document), ..Look::new_in_m365(document, organizer) }
    }

    pub fn linked(base: &'a Document, m365: Side<'a>, crm: Side<'a>) -> Self {
        let facts = facts(Organizer::Owner);
        Look {
            base: Some(base),
            base_in_crm: None,
            role: Some(CopyRole::Lead),
            m365,
            crm,
            facts,
            peers: Peers::Own,
            patience_over: false,
            record: CrmFacts::default(),
        }
    }

    pub fn plan(&self) -> Plan {
        self.plan_under(&policy())
    }

    pub fn plan_under(&self, policy: &Policy) -> Plan {
        let situation = Situation {
            kind: Kind::Appointment,
            owner: &owner(),
            base: self.base.map(|document| BaseView {
                m365: document,
                crm: self.base_in_crm.as_ref().unwrap_or(document),
            }),
            role: self.role,
            m365: self.m365,
            copy: Some(&self.facts),
            crm: self.crm,
            record: &self.record,
            peers: self.peers,
            patience_over: self.patience_over,
        };
        plan(&situation, policy, now())
    }
}
