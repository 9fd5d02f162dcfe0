//! Any item that is synchronised, and its kind.

use crate::{Absence, Additional, Appointment, Contact, Mail, Task};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The five kinds of items.
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

    /// The word for it in logs, stores and command lines.
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

/// A word that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no kind of item; known are mail, appointment, task, contact and absence")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

/// An item of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Item {
    Mail(Mail),
    Appointment(Appointment),
    Task(Task),
    Contact(Contact),
    Absence(Absence),
}

impl Item {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Item::Mail(_) => Kind::Mail,
            Item::Appointment(_) => Kind::Appointment,
            Item::Task(_) => Kind::Task,
            Item::Contact(_) => Kind::Contact,
            Item::Absence(_) => Kind::Absence,
        }
    }

    /// Its additional fields; a task has none, for Graph has no place for them.
    pub fn additional(&self) -> Option<&Additional> {
        match self {
            Item::Mail(mail) => Some(&mail.additional),
            Item::Appointment(appointment) => Some(&appointment.additional),
            Item::Task(_) => None,
            Item::Contact(contact) => Some(&contact.additional),
            Item::Absence(absence) => Some(&absence.additional),
        }
    }

    /// The same, to be changed.
    pub fn additional_mut(&mut self) -> Option<&mut Additional> {
        match self {
            Item::Mail(mail) => Some(&mut mail.additional),
            Item::Appointment(appointment) => Some(&mut appointment.additional),
            Item::Task(_) => None,
            Item::Contact(contact) => Some(&mut contact.additional),
            Item::Absence(absence) => Some(&mut absence.additional),
        }
    }

    /// What people call it: the subject, or a contact's name.
    pub fn title(&self) -> String {
        match self {
            Item::Mail(mail) => mail.subject.clone(),
            Item::Appointment(appointment) => appointment.subject.clone(),
            Item::Task(task) => task.subject.clone(),
            Item::Contact(contact) => contact.display_name(),
            Item::Absence(absence) => absence.subject.clone(),
        }
    }
}
