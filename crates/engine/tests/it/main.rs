//! The engine between the simulated tenant and the embedded CRM, scenario by scenario.

mod absences;
mod another_crm;
mod appointments;
mod clock;
mod contacts;
mod duplicates;
mod duplicates_in_mailbox;
mod edits;
mod fields;
mod guests;
mod handed_over;
mod ignore_before;
mod interrupted;
mod mails;
mod meetings;
mod migration;
mod older;
mod older_connector;
mod plain;
mod refreshed;
mod restored;
mod safety;
mod stage;
mod tasks;
