//! The tenant over HTTP, one file a capability.

mod batch;
mod calendar;
mod contacts;
mod control;
mod delta;
mod fill;
mod mail;
mod meetings;
mod series;
mod support;
mod tasks;
mod token;
mod users;
