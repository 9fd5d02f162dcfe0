//! Applications that are registered in the tenant.

use super::certificate::Certificate;
use crate::access::{RbacGrant, Term};
use crate::ids::{Sequence, guid, mix};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What the application of the seed was granted: what a connector of mail, calendars, contacts and tasks needs.
const GRANTED: [&str; 5] =
    ["Calendars.ReadWrite", "Contacts.ReadWrite", "Mail.ReadWrite", "Tasks.ReadWrite.All", "User.Read.All"];

/// A registered application and its service principal.
#[derive(Debug, Clone)]
pub struct App {
    /// Application (client) id.
    pub app_id: String,
    /// Id of the service principal: `oid` and `sub` of its tokens.
    pub object_id: String,
    /// Name for people.
    pub display_name: String,
    /// Whether it gets tokens.
    pub enabled: bool,
    /// Its secrets.
    pub secrets: Vec<Secret>,
    /// Its certificates.
    pub certificates: Vec<Certificate>,
    /// The application permissions that an administrator consented to, for the whole tenant.
    pub consents: Vec<Consent>,
    /// What RBAC for Applications adds.
    pub rbac: Vec<RbacGrant>,
}

/// A client secret.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Id of the secret.
    pub key_id: String,
    /// Name for people.
    pub display_name: Option<String>,
    /// Its value.
    pub value: String,
    /// When it expires.
    pub ends: Option<Timestamp>,
}

/// Consent to one application permission.
#[derive(Debug, Clone)]
pub struct Consent {
    /// The permission's name.
    pub role: String,
    /// While it holds.
    pub term: Term,
}

/// All applications of a tenant. The first is that of the seed.
#[derive(Debug)]
pub struct Apps {
    seed: App,
    /// The applications that there are.
    pub list: Vec<App>,
}

impl Apps {
    /// The application that a tenant has from the start; `draw` gives the random numbers of its purposes.
    pub fn seeded(draw: impl Fn(u64) -> u64) -> Self {
        let seed = App {
            app_id: guid(draw(3), draw(4)),
            object_id: guid(draw(10), draw(11)),
            display_name: "Connector".to_owned(),
            enabled: true,
            secrets: vec![Secret {
                key_id: guid(draw(12), draw(13)),
                display_name: None,
                value: format!("Tn~{:016x}{:016x}", draw(5), draw(6)),
                ends: None,
            }],
            certificates: Vec::new(),
            consents: GRANTED.map(|role| Consent { role: role.to_owned(), term: Term::ALWAYS }).into(),
            rbac: Vec::new(),
        };
        Self { list: vec![seed.clone()], seed }
    }

    /// The id of the seed's application.
    pub fn first_id(&self) -> &str {
        &self.seed.app_id
    }

    /// The secret of the seed's application, as it was in the beginning.
    pub fn first_secret(&self) -> &str {
        self.seed.secrets.first().map_or("", |secret| &secret.value)
    }

    /// An application by its id, in any case.
    pub fn find(&self, app_id: &str) -> Option<&App> {
        self.list.iter().find(|app| app.app_id.eq_ignore_ascii_case(app_id))
    }

    /// An application by its id, in any case.
    pub fn find_mut(&mut self, app_id: &str) -> Option<&mut App> {
        self.list.iter_mut().find(|app| app.app_id.eq_ignore_ascii_case(app_id))
    }

    /// Back to the application of the seed alone, as it was.
    pub fn reset(&mut self) {
        self.list = vec![self.seed.clone()];
    }
}

impl App {
    /// An application without credentials and permissions.
    pub fn new(app_id: String, display_name: String, sequence: &mut Sequence) -> Self {
        Self {
            app_id,
            object_id: sequence.guid(),
            display_name,
            enabled: true,
            secrets: Vec::new(),
            certificates: Vec::new(),
            consents: Vec::new(),
            rbac: Vec::new(),
        }
    }

    /// The permissions that a token gets now, in alphabetical order.
    pub fn roles(&self, now: Timestamp) -> BTreeSet<&str> {
        let held = self.consents.iter().filter(|consent| consent.term.holds(now));
        held.map(|consent| consent.role.as_str()).collect()
    }

    /// Consents to exactly these permissions, from a moment on.
    pub fn consent_to(&mut self, roles: &[String], at: Timestamp, now: Timestamp) {
        self.consents.retain(|consent| !consent.term.is_over(now));
        for role in roles {
            match self.consents.iter_mut().find(|consent| consent.role == *role && consent.term.holds(at)) {
                Some(consent) => consent.term.until = None,
                None => self.consents.push(Consent { role: role.clone(), term: Term::from(at) }),
            }
        }
        for consent in self.consents.iter_mut().filter(|consent| !roles.contains(&consent.role)) {
            consent.term.end(at);
        }
    }
}

impl Secret {
    /// A secret of the tenant's own making, as the portal makes them.
    pub fn made(sequence: &mut Sequence) -> String {
        format!("Tn~{:016x}{:016x}", mix(sequence.bits()), mix(sequence.bits()))
    }
}
