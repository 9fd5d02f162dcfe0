//! Activities that people make in the CRM.

use super::names::{MEETINGS, ROOMS};
use super::{Colleague, Company, Fields, STATION, fields, texts};
use crate::dice::Dice;
use jiff::civil::Date;

/// An activity with its participants and, of a series, the occurrences that differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Fields of the activity.
    pub fields: Fields,
    /// Who takes part.
    pub participants: Vec<Participant>,
    /// Activities that are exceptions of this one.
    pub exceptions: Vec<Fields>,
}

/// Fields of a participant.
#[derive(Debug, Clone, PartialEq)]
pub struct Participant {
    /// Fields of the participant record, without those that name the activity.
    pub fields: Fields,
}

pub(super) fn activities(company: &Company) -> Vec<Activity> {
    let mut desk = Desk { company, dice: Dice::new(company.seed, "activities"), activities: Vec::new() };
    let users: Vec<usize> = company.synchronised().map(|(index, _)| index).collect();
    for user in &users {
        desk.visit(*user);
        desk.internal(*user, &users);
    }
    for user in users.iter().take(8) {
        desk.series(*user);
    }
    for user in users.iter().take(6) {
        desk.telephone(*user);
    }
    for user in users.iter().rev().take(4) {
        desk.private(*user);
    }
    desk.activities
}

struct Desk<'a> {
    company: &'a Company,
    dice: Dice,
    activities: Vec<Activity>,
}

impl Desk<'_> {
    /// An appointment of a rep at a customer's person.
    fn appointment(&mut self, user: usize, day: Date, hour: i64) -> Activity {
        let colleague = &self.company.colleagues[user];
        let person = self.dice.pick(&self.company.persons).clone();
        let customer = &self.company.customers[person.customer];
        let number = self.activities.len() + 1;
        let fields = fields([
            ("StatNo", STATION.to_owned()),
            ("SeqNo", number.to_string()),
            ("CoGrp", STATION.to_owned()),
            ("CoNo", customer.number.to_string()),
            ("PeGrp", STATION.to_owned()),
            ("PeNo", person.number.to_string()),
            ("Company", customer.name.clone()),
            ("Person", person.name()),
            ("Contact", "Appointment".to_owned()),
            ("Date", day.to_string()),
            ("Time", format!("{hour:02}:30")),
            ("EndDate", day.to_string()),
            ("EndTime", format!("{:02}:15", hour + 1)),
            ("TimeZone", colleague.office.zone().to_owned()),
            ("Subject", format!("{} (CRM {number})", self.dice.pick(&MEETINGS))),
            ("Text", texts::plain(&mut self.dice, "To prepare:", "Regards")),
            ("RepID", colleague.rep.to_string()),
            ("Rep", colleague.name()),
            ("ShowAs", "busy".to_owned()),
            ("A031Location", (*self.dice.pick(&ROOMS)).to_owned()),
        ]);
        Activity {
            fields,
            participants: vec![participant_rep(colleague, "organizer")],
            exceptions: Vec::new(),
        }
    }

    fn soon(&mut self, user: usize) -> Activity {
        let (offset, hour) = (self.dice.between(-4, 35), self.dice.between(8, 16));
        self.appointment(user, self.company.day(offset), hour)
    }

    fn visit(&mut self, user: usize) {
        let mut activity = self.soon(user);
        let number = activity.fields["PeNo"].clone();
        let Some(person) = self.company.persons.iter().find(|person| person.number.to_string() == number)
        else {
            return;
        };
        activity.participants.push(Participant {
            fields: fields([
                ("PeGrp", STATION.to_owned()),
                ("PeNo", number),
                ("CoGrp", activity.fields["CoGrp"].clone()),
                ("CoNo", activity.fields["CoNo"].clone()),
                ("Name", person.name()),
                ("Email", person.emails[0].clone()),
                ("Role", "required".to_owned()),
                ("Status", "none".to_owned()),
            ]),
        });
        self.activities.push(activity);
    }

    fn internal(&mut self, user: usize, users: &[usize]) {
        let mut activity = self.soon(user);
        let others: Vec<usize> = users.iter().copied().filter(|other| *other != user).collect();
        for other in self.dice.some(&others, 2) {
            activity.participants.push(participant_rep(&self.company.colleagues[other], "required"));
        }
        self.activities.push(activity);
    }

    fn series(&mut self, user: usize) {
        let offset = self.dice.between(-6, 2);
        let day = |week: i64| self.company.day(offset + 7 * week);
        let mut activity = self.appointment(user, day(0), 10);
        let master = activity.fields["SeqNo"].clone();
        let name = format!("Weekly call (CRM {master})");
        activity.fields.extend(fields([
            ("Subject", name.clone()),
            ("IsMasterContact", "true".to_owned()),
            ("Recurrence", "FREQ=WEEKLY;COUNT=6".to_owned()),
            ("CancelledDates", day(3).to_string()),
        ]));
        let mut exception = activity.fields.clone();
        for field in ["IsMasterContact", "Recurrence", "CancelledDates"] {
            exception.remove(field);
        }
        exception.extend(fields([
            // Exceptions are numbered far behind the activities.
            ("SeqNo", (50_000 + self.activities.len()).to_string()),
            ("IsSerialContact", "true".to_owned()),
            ("ContactStatNo", STATION.to_owned()),
            ("ContactSeqNo", master),
            ("OriginalDate", day(2).to_string()),
            ("Date", day(2).to_string()),
            ("EndDate", day(2).to_string()),
            ("Time", "14:00".to_owned()),
            ("EndTime", "14:45".to_owned()),
            ("Subject", format!("{name}, in the afternoon")),
        ]));
        activity.exceptions.push(exception);
        self.activities.push(activity);
    }

    /// No appointment: it stays in the CRM.
    fn telephone(&mut self, user: usize) {
        let mut activity = self.soon(user);
        activity.fields.insert("Contact".to_owned(), "Telephone".to_owned());
        self.activities.push(activity);
    }

    fn private(&mut self, user: usize) {
        let mut activity = self.soon(user);
        activity.fields.insert("Private".to_owned(), "true".to_owned());
        self.activities.push(activity);
    }
}

fn participant_rep(colleague: &Colleague, role: &str) -> Participant {
    Participant {
        fields: fields([
            ("RepID", colleague.rep.to_string()),
            ("PeGrp", STATION.to_owned()),
            ("PeNo", colleague.rep.to_string()),
            ("Name", colleague.name()),
            ("Email", colleague.address.clone()),
            ("Role", role.to_owned()),
            ("Status", if role == "organizer" { "accepted" } else { "none" }.to_owned()),
        ]),
    }
}
