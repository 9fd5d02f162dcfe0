//! The tenant over HTTP, one file a capability.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod access;
mod assertion;
mod attachments;
mod batch;
mod bench;
mod calendar;
mod consent;
mod contacts;
mod control;
mod delivery;
mod delta;
mod desk;
mod discovery;
mod envelope;
mod extensions;
mod fault_rules;
mod faults;
mod fill;
mod limits;
mod mail;
mod mailroom;
mod meetings;
mod notified;
mod outgoing;
mod receiver;
mod series;
mod subscriptions;
mod subscriptions_life;
mod subscriptions_rich;
mod support;
mod tasks;
mod tls;
mod token;
mod users;
