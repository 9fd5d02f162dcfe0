//! One module for each kind of item.

mod absence;
mod activity;
mod appointment;
mod contact;
mod mail;
mod series;
mod task;

use crate::pen::{Eye, Pen};
use crate::people::People;
use crate::{
    ActingRep, Change, Directory, InfoArea, Linked, Record, RecordSet, Refusal, Rules, Unreadable, Written,
    participants, words,
};
use std::collections::BTreeSet;
use tandem_model::{EmailAddress, Item, Kind, Response};

pub(crate) fn write(
    item: &Item,
    change: Change<'_>,
    acting: &ActingRep,
    directory: &Directory,
    rules: &Rules,
) -> Result<Written, Refusal> {
    let people = People::new(acting, directory, &rules.switches);
    match item {
        Item::Mail(mail) => Ok(mail::write(mail, change, people, rules)),
        Item::Appointment(appointment) => Ok(appointment::write(appointment, change, people, rules)),
        Item::Task(task) => Ok(task::write(task, change, acting, rules)),
        Item::Contact(contact) => contact::write(contact, change, people, rules),
        Item::Absence(absence) => Ok(absence::write(absence, change, acting, rules)),
    }
}

pub(crate) fn read(
    kind: Kind,
    set: &RecordSet,
    acting: &ActingRep,
    people: &Linked,
    rules: &Rules,
) -> Result<Item, Unreadable> {
    let eye = Eye::new(kind, rules);
    let zone = set.primary.number("RepID").and_then(|rep| people.zones.get(&rep)).unwrap_or(&acting.zone);
    Ok(match kind {
        Kind::Mail => Item::Mail(mail::read(eye, set, people, zone)?),
        Kind::Appointment => Item::Appointment(appointment::read(eye, set, people, zone)?),
        Kind::Task => Item::Task(task::read(eye, set)?),
        Kind::Contact => Item::Contact(contact::read(eye, set, people)?),
        Kind::Absence => Item::Absence(absence::read(eye, set, zone)?),
    })
}

pub(crate) fn answer(
    set: &RecordSet,
    address: &EmailAddress,
    response: Response,
    people: &Linked,
    rules: &Rules,
) -> RecordSet {
    let eye = Eye::new(Kind::Appointment, rules);
    let mut after = set.clone();
    if !rules.forms.form(Kind::Appointment).exchanges(InfoArea::Participant, "Status") {
        return after;
    }
    for record in &mut after.participants {
        let is_his = !words::is_organizer(record.get("Role"))
            && participants::read(eye, record, people).address == *address;
        if !is_his || !participants::shows_answer(record, &rules.switches) {
            continue;
        }
        record.set("Status", words::response(response));
        let rep = record.number("RepID");
        for todo in after.todos.iter_mut().filter(|todo| rep.is_some() && todo.number("RepID") == rep) {
            todo.set("Status", participants::todo_status(response));
        }
    }
    if rules.switches.generate_short_status {
        let fields = BTreeSet::from(["responses".to_owned()]);
        let change = Change::Replace { fields: &fields, existing: set };
        participants::put_names(&Pen::new(Kind::Appointment, change, rules), &mut after);
    }
    after
}

/// The records to begin with: those that exist, or one empty record.
fn begin(change: Change<'_>, area: InfoArea) -> RecordSet {
    match change {
        Change::Add { .. } => RecordSet::of(Record::new(area)),
        Change::Replace { existing, .. } => existing.clone(),
    }
}
