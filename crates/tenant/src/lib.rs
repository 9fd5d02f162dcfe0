#![doc = include_str!("../README.md")]

mod access;
mod bounded;
mod calendar;
mod control;
mod crowd;
mod entra;
mod error;
mod faults;
mod fill;
mod graph;
mod id_form;
mod ids;
mod limits;
mod mailbox;
mod outbox;
mod seed;
mod shell;
mod subscriptions;
mod tenant;
mod tls;
mod wire;

pub use access::PermissionDelay;
pub use faults::{FaultError, FaultPlan, FaultRule};
pub use fill::{FileKind, FileReport, ItemReport};
pub use limits::{Concurrency, Limits, SlotNo};
pub use mailbox::User;
pub use outbox::{Outcome, Outgoing, OutgoingNo};
pub use shell::{ClockMode, Options, PostmanError, Receivers, Running, SeedUsers, TenantError, run, serve};
pub use tenant::{Behaviour, MailKind, RepeatedTransaction, SentMail, Tenant, TenantSettings};
pub use tls::{Tls, TlsError};
pub use wire::{Content, Delivery, Request, Response};
