//! `text/x-vevent` and `text/x-mmAbsences`: appointments and absences.

use super::super::words::Word;
use super::{additional, person, series, when};
use crate::xml::{Element, Problem, ReadError, Writer};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{Absence, Additional, Appointment, EmailAddress, Importance, Response, ShowAs};

pub(super) fn write(w: &mut Writer, appointment: &Appointment) {
    w.attribute_if("showAs", appointment.show_as.unusual())
        .flag("private", appointment.private)
        .attribute_if("importance", appointment.importance.unusual());
    if let Some(minutes) = appointment.reminder_minutes {
        w.plain_attribute("reminderMinutes", minutes);
    }
    when::write(w, &appointment.when);
    w.leaf_if("subject", &appointment.subject)
        .leaf_if("text", &appointment.text)
        .leaf_if("location", &appointment.location);
    super::write_categories(w, &appointment.categories);
    if let Some(organizer) = &appointment.organizer {
        person::write(w, "organizer", organizer);
    }
    for attendee in &appointment.attendees {
        person::write_attendee(w, attendee);
    }
    for (address, response) in &appointment.responses {
        w.start("response").attribute("address", address.as_str()).text(response.word()).end();
    }
    if let Some(series) = &appointment.series {
        series::write(w, series);
    }
    additional::write(w, &appointment.additional);
}

pub(super) fn read(element: Element<'_>) -> Result<Appointment, ReadError> {
    let mut appointment = Appointment {
        subject: String::new(),
        text: String::new(),
        location: String::new(),
        when: when::read(element.require("when")?)?,
        show_as: ShowAs::attribute(&element, "showAs")?,
        private: element.flag("private")?,
        importance: Importance::attribute(&element, "importance")?,
        reminder_minutes: element.parse_attribute("reminderMinutes", "a number of minutes")?,
        categories: BTreeSet::new(),
        organizer: None,
        attendees: BTreeSet::new(),
        responses: BTreeMap::new(),
        series: None,
        additional: Additional::default(),
    };
    for child in element.into_children() {
        match child.local() {
            "subject" => appointment.subject = child.into_text(),
            "text" => appointment.text = child.into_text(),
            "location" => appointment.location = child.into_text(),
            "category" => {
                appointment.categories.insert(child.into_text());
            }
            "organizer" => appointment.organizer = Some(person::read(&child)),
            "attendee" => {
                appointment.attendees.insert(person::read_attendee(&child)?);
            }
            "response" => {
                let address = EmailAddress::new(child.require_attribute("address")?);
                appointment.responses.insert(address, Response::required(&child, child.text())?);
            }
            additional::ELEMENT => additional::read(child, &mut appointment.additional)?,
            "series" => appointment.series = Some(series::read(child)?),
            _ => {}
        }
    }
    Ok(appointment)
}

pub(super) fn write_absence(w: &mut Writer, absence: &Absence) {
    when::write(w, &absence.when);
    w.leaf_if("subject", &absence.subject).leaf_if("text", &absence.text);
    additional::write(w, &absence.additional);
}

pub(super) fn read_absence(element: Element<'_>) -> Result<Absence, ReadError> {
    let missing = element.error(Problem::Missing("when"));
    let (mut when, mut subject, mut text) = (None, String::new(), String::new());
    let mut additional = Additional::default();
    for child in element.into_children() {
        match child.local() {
            "when" => when = Some(when::read(&child)?),
            "subject" => subject = child.into_text(),
            "text" => text = child.into_text(),
            additional::ELEMENT => additional::read(child, &mut additional)?,
            _ => {}
        }
    }
    Ok(Absence { subject, text, when: when.ok_or(missing)?, show_as: ShowAs::Oof, additional })
}
