//! Items as payload elements, one for each content type. All of this is our own definition: what travels between
//! connector and interface in the field are CRM fields behind two unpublished style sheets.
//!
//! What holds nothing is left out, and an element that a reader does not know is passed over, so that a later
//! version may say more.

mod additional;
mod appointment;
mod contact;
mod mail;
mod person;
mod series;
mod task;
mod when;

use super::ReadError;
use super::names::PAYLOAD_NAMESPACE;
use crate::sync::ContentType;
use crate::xml::{Element, Problem, Writer};
use std::collections::BTreeSet;
use tandem_model::{Item, Kind};

/// The payload element of a kind.
fn element_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Mail => "record",
        Kind::Appointment => "vevent",
        Kind::Task => "task",
        Kind::Contact => "person",
        Kind::Absence => "absence",
    }
}

/// Writes `Data` with the item.
pub(super) fn write(w: &mut Writer, item: &Item) {
    w.start("Data").start(element_name(item.kind())).attribute("xmlns", PAYLOAD_NAMESPACE);
    match item {
        Item::Mail(mail) => mail::write(w, mail),
        Item::Appointment(appointment) => appointment::write(w, appointment),
        Item::Task(task) => task::write(w, task),
        Item::Contact(contact) => contact::write(w, contact),
        Item::Absence(absence) => appointment::write_absence(w, absence),
    }
    w.end().end();
}

/// Reads `Data`, whose payload must be of the content type.
pub(super) fn read(data: Element<'_>, content_type: ContentType) -> Result<Item, ReadError> {
    let kind = content_type.kind();
    let missing = data.error(Problem::Missing(element_name(kind)));
    let payload = data.into_children().into_iter().next().ok_or(missing)?;
    if payload.local() != element_name(kind) {
        return Err(payload.invalid(payload.name(), "the payload element of the content type"));
    }
    Ok(match kind {
        Kind::Mail => Item::Mail(mail::read(payload)?),
        Kind::Appointment => Item::Appointment(appointment::read(payload)?),
        Kind::Task => Item::Task(task::read(payload)?),
        Kind::Contact => Item::Contact(contact::read(payload)?),
        Kind::Absence => Item::Absence(appointment::read_absence(payload)?),
    })
}

fn write_categories(w: &mut Writer, categories: &BTreeSet<String>) {
    for category in categories {
        w.leaf("category", category);
    }
}
