#![doc = include_str!("../README.md")]

mod absence;
mod appointment;
mod audit;
mod contact;
mod crm;
mod error;
mod mail;
mod occurrences;
mod pairing;
mod participants;
mod records;
mod recurrence;
mod report;
mod scope;
mod snapshot;
mod task;
mod tenant;
mod text;
mod when;
mod xml;

pub use audit::{Audit, Sight};
pub use crm::{CrmAccess, CrmSession, Record, Tables};
pub use error::AuditError;
pub use report::{Difference, Duplicate, Finding, KindReport, Report, Side, Totals};
pub use scope::{Kind, Scope, ScopedMailbox};
pub use snapshot::snapshot;
pub use tenant::{ControlApi, MailboxDump};
pub use xml::{Element, XmlError, escape};
