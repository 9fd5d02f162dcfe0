//! The embedded CRM, seen through its interface and its pages.

mod appointments;
mod authentication;
mod changes;
mod checklist;
mod conditions;
mod contacts;
mod embedded;
mod forms;
mod giants;
mod guide;
mod language;
mod mail;
mod mapping;
mod page_edits;
mod pages;
mod start;
mod support;
mod switches;
mod system;
mod tasks;
mod tls;
mod trouble;
