//! What is to be in step: plain data, given by whoever asks for the audit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A kind of item, by its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Mail,
    Appointment,
    Task,
    Contact,
    Absence,
}

impl Kind {
    /// All kinds, in the order in which people list them.
    pub const ALL: [Kind; 5] = [Kind::Mail, Kind::Appointment, Kind::Task, Kind::Contact, Kind::Absence];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Mail => "mail",
            Kind::Appointment => "appointment",
            Kind::Task => "task",
            Kind::Contact => "contact",
            Kind::Absence => "absence",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A mailbox that is synchronised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopedMailbox {
    /// Primary address, in lower case.
    pub address: String,
    /// `RepID` of its rep in the CRM.
    pub rep: String,
    /// What the rep's flags switch on; absences follow appointments.
    pub kinds: BTreeSet<Kind>,
}

/// The rules by which items are in or out of step.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The instant that the time frames are counted from.
    pub now: Timestamp,
    /// Time frame of appointments and absences, days before `now`.
    pub appointment_past_days: i64,
    /// Time frame of appointments and absences, days after `now`.
    pub appointment_future_days: i64,
    /// Time frame of tasks, days before `now`.
    pub task_past_days: i64,
    /// Time frame of tasks, days after `now`.
    pub task_future_days: i64,
    /// Who is synchronised.
    pub mailboxes: Vec<ScopedMailbox>,
    /// The synchronisation folder of e-mails, such as `/Inbox/crm`.
    pub folder: String,
    /// Name of the folder below it for messages that are done.
    pub success_folder: String,
    /// Name of the folder below it for messages that failed.
    pub failure_folder: String,
    /// Whether a message travels though the mailbox's owner is neither its sender nor a recipient.
    pub owner_may_be_missing: bool,
    /// Whether private appointments travel.
    pub private: bool,
    /// The kinds that are compared.
    pub kinds: BTreeSet<Kind>,
    /// Whether a rep's own persons only become contacts in his mailbox (autosync filter by rep).
    pub persons_of_rep: bool,
    /// Whether persons that are marked as favourites only become contacts (autosync filter by favourites).
    pub favorite_persons: bool,
    /// Whether a contact of Outlook that fits nobody becomes a new person.
    pub create_persons: bool,
    /// Whether attendees get mail about appointments that are over. If not, events that are made for such activities
    /// of the CRM name no attendees, for Exchange would invite them.
    pub mail_about_past: bool,
    /// The end of the first synchronisation. Events that were made until then from the CRM's own activities name no
    /// attendees: taking over what is there invites nobody. It is compared with the tenant's `createdDateTime`: by the
    /// tenant's clock, which its control API tells (`GET /clock`), where that differs from the machine's.
    pub imported_until: Option<Timestamp>,
    /// Types of activities that become events; texts of the catalog.
    pub appointment_types: BTreeSet<String>,
}

impl Scope {
    /// A scope with the guide's baseline for these mailboxes.
    pub fn new(now: Timestamp, mailboxes: Vec<ScopedMailbox>) -> Self {
        Self {
            now,
            appointment_past_days: 7,
            appointment_future_days: 7,
            task_past_days: 7,
            task_future_days: 7,
            mailboxes,
            folder: "/Inbox/crm".to_owned(),
            success_folder: "Sync_Success".to_owned(),
            failure_folder: "Sync_Failure".to_owned(),
            owner_may_be_missing: false,
            private: false,
            kinds: Kind::ALL.into(),
            persons_of_rep: true,
            favorite_persons: false,
            create_persons: false,
            mail_about_past: false,
            imported_until: None,
            appointment_types: BTreeSet::from(["Appointment".to_owned()]),
        }
    }

    /// The mailboxes in which `kind` is synchronised.
    pub fn mailboxes_of(&self, kind: Kind) -> impl Iterator<Item = &ScopedMailbox> {
        let flag = if kind == Kind::Absence { Kind::Appointment } else { kind };
        self.mailboxes.iter().filter(move |mailbox| mailbox.kinds.contains(&flag))
    }
}
