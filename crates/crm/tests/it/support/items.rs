//! Items as a connector has them.

use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{
    Appointment, Attachment, AttachmentContent, Attendee, Body, Contact, Direction, EmailAddress, Importance,
    InternetMessageId, Item, Mail, Occurrence, Pattern, Person, Role, Series, SeriesEnd, ShowAs, Task,
    TaskStatus, Weekday, When, Zone,
};

pub fn person(address: &str) -> Person {
    Person::new(address.split('@').next().unwrap_or_default(), address)
}

pub fn mail(id: &str, from: &str, to: &[&str]) -> Mail {
    Mail {
        message_id: InternetMessageId::new(id),
        subject: format!("About {id}"),
        from: Some(person(from)),
        to: to.iter().map(|address| person(address)).collect(),
        cc: Vec::new(),
        bcc: Vec::new(),
        sent_at: "2026-11-20T09:30:00Z".parse().unwrap(),
        direction: Direction::In,
        importance: Importance::Normal,
        categories: BTreeSet::new(),
        body: Body { html: false, text: "Good morning".into(), truncated: false },
        attachments: Vec::new(),
        additional: Default::default(),
    }
}

pub fn attachment(name: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        name: name.to_owned(),
        media_type: "application/pdf".into(),
        size: bytes.len() as u64,
        inline: false,
        content: AttachmentContent::Bytes(bytes.to_vec()),
    }
}

/// An hour from the given instant on.
pub fn hour(start: &str) -> When {
    let start: jiff::Timestamp = start.parse().unwrap();
    When::Timed { start, end: start + jiff::SignedDuration::from_hours(1), zone: Zone::new("Europe/Vienna") }
}

pub fn appointment(subject: &str, start: &str, organizer: &str, attendees: &[&str]) -> Appointment {
    Appointment {
        subject: subject.to_owned(),
        text: "Bring coffee".into(),
        location: "Room 1".into(),
        when: hour(start),
        show_as: ShowAs::Busy,
        private: false,
        importance: Importance::Normal,
        reminder_minutes: Some(15),
        categories: BTreeSet::new(),
        organizer: Some(person(organizer)),
        attendees: attendees
            .iter()
            .map(|address| Attendee { person: person(address), role: Role::Required })
            .collect(),
        responses: BTreeMap::new(),
        series: None,
        additional: Default::default(),
    }
}

/// Every Monday for five weeks from 2026-11-30, the second one moved, the third one cancelled.
pub fn series(subject: &str, organizer: &str) -> Appointment {
    let moved = Occurrence {
        when: hour("2026-12-08T13:00:00Z"),
        subject: format!("{subject}, moved"),
        location: "Room 2".into(),
        text: String::new(),
        show_as: ShowAs::Busy,
    };
    let date = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    Appointment {
        series: Some(Series {
            pattern: Pattern::Weekly {
                interval: 1,
                days: BTreeSet::from([Weekday::Monday]),
                first_day: Weekday::Monday,
            },
            start: date("2026-11-30"),
            end: SeriesEnd::Count(5),
            zone: Zone::new("Europe/Vienna"),
            cancelled: BTreeSet::from([date("2026-12-14")]),
            exceptions: BTreeMap::from([(date("2026-12-07"), moved)]),
        }),
        ..appointment(subject, "2026-11-30T09:00:00Z", organizer, &[])
    }
}

pub fn task(subject: &str, due: &str) -> Task {
    Task {
        subject: subject.to_owned(),
        text: String::new(),
        status: TaskStatus::NotStarted,
        importance: Importance::Normal,
        start: None,
        due: Some(due.parse().unwrap()),
        completed: None,
        reminder: None,
        categories: BTreeSet::new(),
    }
}

pub fn contact(given: &str, family: &str, address: &str) -> Contact {
    Contact {
        given_name: given.to_owned(),
        surname: family.to_owned(),
        emails: vec![EmailAddress::new(address)],
        ..Contact::default()
    }
}

/// The item of an appointment.
pub fn as_appointment(item: &Item) -> &Appointment {
    match item {
        Item::Appointment(appointment) => appointment,
        other => panic!("no appointment: {other:?}"),
    }
}

pub fn as_task(item: &Item) -> &Task {
    match item {
        Item::Task(task) => task,
        other => panic!("no task: {other:?}"),
    }
}

pub fn as_contact(item: &Item) -> &Contact {
    match item {
        Item::Contact(contact) => contact,
        other => panic!("no contact: {other:?}"),
    }
}
