//! Appointments: activities of any other type.

use super::{activity, begin, series};
use crate::participants::{self, Named};
use crate::pen::{Eye, Pen};
use crate::people::People;
use crate::{
    Change, InfoArea, Linked, Note, Record, RecordSet, Rules, Unreadable, Written, deletion, list, moments,
    newcomers, words,
};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{Appointment, Attendee, EmailAddress, Kind, Person, Response, Role, Zone};

pub(super) fn write(
    appointment: &Appointment,
    change: Change<'_>,
    people: People<'_>,
    rules: &Rules,
) -> Written {
    let mut pen = Pen::new(Kind::Appointment, change, rules);
    let mut set = begin(change, InfoArea::Activity);
    let rule = rules.missing_attendees(Kind::Appointment);
    let who = pen.wants_any(&["organizer", "attendees"]);
    let new_people = if who { newcomers(appointment, people, rules) } else { Vec::new() };
    let answers = rules.switches.generate_short_status && pen.wants("responses");
    let summarised = who || answers || pen.wants("text");
    if summarised {
        activity::detach_list(rule, &mut set);
    }
    if let Change::Add { published } = change {
        let place = people.owner();
        if place.person.is_none() {
            pen.notes.push(Note::new(
                "owner-without-person",
                format!(
                    "the rep {} is linked to no person, so the activity stands at nobody",
                    people.acting.name
                ),
            ));
        }
        let sort = rules.activity_type(Kind::Appointment, published);
        activity::head(&pen, &mut set.primary, sort, &place, people);
        pen.put(&mut set.primary, "Status", "open");
        if published {
            publish(&mut pen, &mut set, rules);
        }
    }
    if is_claimed(&pen, change, appointment, people) {
        claim(&pen, &mut set, people, rules);
    }
    fields(&mut pen, appointment, &mut set);
    pen.additional(&mut set.primary, &appointment.additional);
    if pen.wants_any(&["when", "series"]) {
        series::write(&mut pen, appointment, &mut set);
    }
    if who || pen.wants("responses") {
        write_people(&pen, appointment, &mut set, people);
    }
    if summarised {
        participants::summarise(&mut pen, Kind::Appointment, &mut set, people);
    }
    Written { set, new_people, notes: pen.notes }
}

/// Rooms and things are no persons.
fn newcomers(appointment: &Appointment, people: People<'_>, rules: &Rules) -> Vec<crate::NewParty> {
    let attendees = appointment.attendees.iter().filter(|attendee| attendee.role != Role::Resource);
    let named = appointment.organizer.iter().chain(attendees.map(|attendee| &attendee.person));
    newcomers::persons(named, people, &rules.switches)
}

fn publish(pen: &mut Pen<'_>, set: &mut RecordSet, rules: &Rules) {
    for (field, value) in deletion::published_marks(rules) {
        if rules.forms.form(Kind::Appointment).exchanges(InfoArea::Activity, &field) {
            set.primary.set(&field, value);
        } else {
            let text =
                format!("the form does not list {field}: the appointment cannot be marked as published");
            pen.notes.push(Note::new("published-unmarked", text));
        }
    }
}

/// Whether the organiser's own mailbox speaks for an appointment that was published so far.
fn is_claimed(pen: &Pen<'_>, change: Change<'_>, appointment: &Appointment, people: People<'_>) -> bool {
    let Change::Replace { existing, .. } = change else { return false };
    let own = |person: &Person| person.address == people.acting.address;
    pen.wants("organizer")
        && appointment.organizer.as_ref().is_some_and(own)
        && deletion::is_published(existing, pen.rules)
}

/// Makes it the acting rep's: what the CRM's users made of it otherwise stays.
fn claim(pen: &Pen<'_>, set: &mut RecordSet, people: People<'_>, rules: &Rules) {
    for (field, _) in deletion::published_marks(rules) {
        set.primary.set(&field, String::new());
    }
    let [was, is] = [true, false].map(|published| rules.activity_type(Kind::Appointment, published));
    if set.primary.get("Contact") == was {
        pen.put(&mut set.primary, "Contact", is);
    }
    activity::owner(pen, &mut set.primary, people);
}

fn fields(pen: &mut Pen<'_>, appointment: &Appointment, set: &mut RecordSet) {
    let record = &mut set.primary;
    if pen.wants("subject") {
        pen.text(record, "Subject", &appointment.subject);
    }
    if pen.wants("text") {
        pen.text(record, "Text", &appointment.text);
    }
    if pen.wants("location") {
        pen.text(record, "Location", &appointment.location);
    }
    if pen.wants("show_as") {
        pen.put(record, "ShowAs", words::show_as(appointment.show_as));
    }
    if pen.wants("private") {
        pen.logical(record, "Private", appointment.private);
    }
    if pen.wants("importance") {
        pen.put(record, "Priority", words::importance(appointment.importance));
    }
    if pen.wants("reminder_minutes") {
        let minutes = appointment.reminder_minutes;
        pen.number(record, "ReminderDur", minutes.map(u64::from));
        pen.put(record, "ReminderUnit", if minutes.is_some() { "Minutes" } else { "" });
    }
    if pen.wants("categories") {
        pen.categories(record, &appointment.categories);
    }
    if pen.wants("organizer") {
        let organizer = appointment.organizer.as_ref();
        pen.put(record, "Organizer", organizer.map_or("", |person| person.address.as_str()));
        pen.text(record, "OrganizerName", organizer.map_or("", |person| &person.name));
    }
}

/// The organiser and the attendees are two fields of the item: each list is written, or kept but for its answers.
fn write_people(pen: &Pen<'_>, appointment: &Appointment, set: &mut RecordSet, people: People<'_>) {
    let response = |person: &Person| appointment.responses.get(&person.address).copied().unwrap_or_default();
    let organizer: Vec<Named<'_>> = appointment
        .organizer
        .iter()
        .map(|person| Named { person, role: words::ORGANIZER, response: Response::None })
        .collect();
    let attendees: Vec<Named<'_>> = appointment
        .attendees
        .iter()
        .map(|Attendee { person, role }| Named {
            person,
            role: words::role(*role),
            response: response(person),
        })
        .collect();
    // The owner of an appointment made in the CRM is a participant without a role.
    let is_organizer = |record: &Record| {
        let role = record.get("Role");
        words::is_organizer(role)
            || (role.is_empty() && organizer.iter().any(|named| named.is(record, people)))
    };
    let (organizers, others) = std::mem::take(&mut set.participants).into_iter().partition(is_organizer);
    set.participants = list(pen, "organizer", &organizer, organizers, people);
    set.participants.extend(list(pen, "attendees", &attendees, others, people));
    participants::todos(pen, set);
}

fn list(
    pen: &Pen<'_>,
    field: &str,
    named: &[Named<'_>],
    rows: Vec<Record>,
    people: People<'_>,
) -> Vec<Record> {
    if pen.wants(field) {
        participants::write(pen, named, &rows, people)
    } else if pen.wants("responses") && field == "attendees" {
        participants::write_answers(pen, named, rows, people)
    } else {
        rows
    }
}

pub(super) fn read(
    eye: Eye<'_>,
    set: &RecordSet,
    people: &Linked,
    zone: &Zone,
) -> Result<Appointment, Unreadable> {
    let record = &set.primary;
    let when = moments::read(eye, Kind::Appointment, record, moments::ACTIVITY, zone)?;
    let series = series::read(eye, set, &when, zone)?;
    let organizer = organizer(eye, set, people);
    let (attendees, responses) = attendees(eye, set, people, organizer.as_ref());
    let rule = eye.rules.missing_attendees(Kind::Appointment);
    Ok(Appointment {
        subject: eye.owned(record, "Subject"),
        text: activity::own_text(rule, eye.name(record, "Text"), eye.lines(record, "Text"), set),
        location: eye.owned(record, "Location"),
        when,
        show_as: words::read_show_as(eye.get(record, "ShowAs")),
        private: eye.is(record, "Private"),
        importance: words::read_importance(eye.get(record, "Priority")),
        reminder_minutes: moments::minutes(eye, record, "ReminderDur", "ReminderUnit"),
        categories: list::split(eye.get(record, "Categories")),
        organizer,
        attendees,
        responses,
        series,
        additional: eye.additional(record),
    })
}

/// Who called it: as the record says, else the participant in that role, else the rep whose appointment it is.
fn organizer(eye: Eye<'_>, set: &RecordSet, people: &Linked) -> Option<Person> {
    let record = &set.primary;
    let (name, address) = (eye.owned(record, "OrganizerName"), eye.get(record, "Organizer"));
    if !name.is_empty() || !address.is_empty() {
        return Some(Person::new(name, address));
    }
    let participant =
        set.participants.iter().find(|participant| words::is_organizer(participant.get("Role")));
    participant
        .map(|participant| participants::read(eye, participant, people))
        .or_else(|| people.reps.get(&record.number("RepID")?).cloned())
        .filter(|person| !person.address.as_str().is_empty() || !person.name.is_empty())
}

fn attendees(
    eye: Eye<'_>,
    set: &RecordSet,
    people: &Linked,
    organizer: Option<&Person>,
) -> (BTreeSet<Attendee>, BTreeMap<EmailAddress, Response>) {
    let (mut attendees, mut responses) = (BTreeSet::new(), BTreeMap::new());
    for record in &set.participants {
        let person = participants::read(eye, record, people);
        if person.address.as_str().is_empty() && person.name.is_empty() {
            continue;
        }
        let role = eye.get(record, "Role");
        // A record made in the CRM names the owner of an appointment as a participant without a role.
        let is_owner =
            role.is_empty() && organizer.is_some_and(|organizer| organizer.address == person.address);
        if is_owner || words::is_organizer(role) {
            continue; // he called it: there is nothing to answer
        }
        let response = words::read_response(eye.get(record, "Status"));
        if response != Response::None && participants::shows_answer(record, &eye.rules.switches) {
            responses.insert(person.address.clone(), response);
        }
        attendees.insert(Attendee { person, role: words::read_role(role) });
    }
    (attendees, responses)
}
