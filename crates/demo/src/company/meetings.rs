//! Meetings that people make in Outlook.

use super::names::{MEETINGS, ROOMS};
use super::{Company, Placed, recipient, texts};
use crate::dice::Dice;
use jiff::civil::Date;
use serde_json::{Value, json};

/// A meeting and what happened to it since it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    /// The event in the organiser's mailbox, or the invitation in the mailbox of somebody invited from outside.
    pub event: Placed,
    /// Changed occurrences of a series.
    pub edits: Vec<OccurrenceEdit>,
    /// Indexes of colleagues who answered, with Graph's word for the answer.
    pub answers: Vec<(usize, &'static str)>,
}

/// What happened to one occurrence of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct OccurrenceEdit {
    /// Which one, from 0.
    pub number: usize,
    /// The changed properties; none when it was cancelled.
    pub patch: Option<Value>,
}

pub(super) fn meetings(company: &Company) -> Vec<Meeting> {
    let mut desk =
        Desk { company, dice: Dice::new(company.seed, "meetings"), meetings: Vec::new(), count: 0 };
    let users: Vec<usize> = company.synchronised().map(|(index, _)| index).collect();
    for user in &users {
        desk.alone(*user);
        desk.alone(*user);
        desk.internal(*user, &users);
        desk.with_customers(*user);
        desk.with_customers(*user);
        desk.all_day(*user);
        desk.private(*user);
    }
    for (number, user) in users.iter().enumerate() {
        desk.series(*user, number);
    }
    for pair in users.chunks(2) {
        desk.hosted_outside(pair);
    }
    for user in users.iter().take(5) {
        desk.far_away(*user);
    }
    // Somebody whose mailbox is not synchronised invites two whose mailboxes are.
    if let Some(organizer) = company.colleagues.iter().position(|colleague| !colleague.synchronised) {
        let invited = users.iter().take(2).copied().collect::<Vec<_>>();
        desk.invite(organizer, &invited, 3);
    }
    desk.meetings
}

struct Desk<'a> {
    company: &'a Company,
    dice: Dice,
    meetings: Vec<Meeting>,
    count: u32,
}

impl Desk<'_> {
    /// An event without attendees on a day, from `start` for `length` minutes of the office's wall time.
    fn event(&mut self, user: usize, day: Date, start: i64, length: i64) -> Value {
        self.count += 1;
        let zone = self.company.colleagues[user].office.windows_zone();
        let wall = |minutes: i64| json!({"dateTime": format!("{day}T{:02}:{:02}:00", minutes / 60, minutes % 60), "timeZone": zone});
        let reminder = self.dice.chance(60);
        json!({
            "subject": format!("{} #{}", self.dice.pick(&MEETINGS), self.count),
            "body": {"contentType": "text", "content": texts::plain(&mut self.dice, "Agenda:", "See you there")},
            "location": {"displayName": *self.dice.pick(&ROOMS)},
            "start": wall(start),
            "end": wall(start + length),
            "showAs": *self.dice.pick(&["busy", "busy", "tentative", "free", "workingElsewhere"]),
            "isReminderOn": reminder,
            "reminderMinutesBeforeStart": if reminder { *self.dice.pick(&[5, 15, 30, 60, 1440]) } else { 15 },
        })
    }

    fn somewhen(&mut self, user: usize) -> Value {
        let (day, start, length) = (
            self.company.day(self.dice.between(-20, 40)),
            self.dice.between(14, 34) * 30,
            self.dice.between(1, 4) * 30,
        );
        self.event(user, day, start, length)
    }

    fn push(&mut self, user: usize, event: Value) {
        self.meetings.push(Meeting {
            event: Placed { user, body: event },
            edits: Vec::new(),
            answers: Vec::new(),
        });
    }

    fn alone(&mut self, user: usize) {
        let event = self.somewhen(user);
        self.push(user, event);
    }

    fn internal(&mut self, user: usize, users: &[usize]) {
        let others: Vec<usize> = users.iter().copied().filter(|other| *other != user).collect();
        let number = usize::try_from(self.dice.between(1, 4)).unwrap_or(1);
        let invited = self.dice.some(&others, number);
        let offset = self.dice.between(-15, 35);
        self.invite(user, &invited, offset);
    }

    fn invite(&mut self, organizer: usize, invited: &[usize], offset: i64) {
        let start = self.dice.between(16, 32) * 30;
        let mut event = self.event(organizer, self.company.day(offset), start, 60);
        event["attendees"] = invited
            .iter()
            .enumerate()
            .map(|(position, index)| {
                let colleague = &self.company.colleagues[*index];
                let kind = if position == 3 { "optional" } else { "required" };
                attendee(&colleague.name(), &colleague.address, kind)
            })
            .collect();
        let mut answers = Vec::new();
        for index in invited {
            if self.dice.chance(70) {
                answers.push((
                    *index,
                    *self.dice.pick(&["accepted", "accepted", "tentativelyAccepted", "declined"]),
                ));
            }
        }
        self.meetings.push(Meeting {
            event: Placed { user: organizer, body: event },
            edits: Vec::new(),
            answers,
        });
    }

    fn with_customers(&mut self, user: usize) {
        let mut event = self.somewhen(user);
        let mut attendees: Vec<Value> = (0..self.dice.between(1, 3))
            .map(|_| {
                let person = self.dice.pick(&self.company.persons);
                attendee(&person.name(), &person.emails[0], "required")
            })
            .collect();
        if self.dice.chance(30) {
            attendees.push(attendee("Interpreter", "booking@interpreters.example", "optional"));
        }
        attendees.sort_by_key(|attendee| attendee["emailAddress"]["address"].to_string());
        attendees.dedup();
        event["attendees"] = attendees.into();
        self.push(user, event);
    }

    fn all_day(&mut self, user: usize) {
        let first = self.dice.between(-10, 30);
        let days = self.dice.between(1, 3);
        let mut event = self.somewhen(user);
        let zone = event["start"]["timeZone"].clone();
        let midnight = |day: Date| json!({"dateTime": format!("{day}T00:00:00"), "timeZone": zone});
        event["isAllDay"] = true.into();
        event["start"] = midnight(self.company.day(first));
        event["end"] = midnight(self.company.day(first + days));
        event["subject"] = format!("Fair, day trip {}", self.count).into();
        self.push(user, event);
    }

    fn private(&mut self, user: usize) {
        let mut event = self.somewhen(user);
        event["sensitivity"] = "private".into();
        event["subject"] = format!("Dentist {}", self.count).into();
        self.push(user, event);
    }

    /// Outside every time frame.
    fn far_away(&mut self, user: usize) {
        let event = self.event(user, self.company.day(400), 600, 60);
        self.push(user, event);
    }

    /// Somebody from outside invites one or two colleagues.
    fn hosted_outside(&mut self, invited: &[usize]) {
        let host = self.dice.pick(&self.company.persons).clone();
        let mut event = self.somewhen(invited[0]);
        event["organizer"] = recipient(&host.name(), &host.emails[0]);
        event["iCalUId"] = format!("external-{}-{}@calendar.example", self.company.seed, self.count).into();
        event["attendees"] = invited
            .iter()
            .map(|index| {
                attendee(
                    &self.company.colleagues[*index].name(),
                    &self.company.colleagues[*index].address,
                    "required",
                )
            })
            .collect();
        for user in invited {
            self.push(*user, event.clone());
        }
    }

    fn series(&mut self, user: usize, number: usize) {
        let begin = self.company.day(self.dice.between(-12, 2));
        let start = 540 + 30 * self.dice.between(0, 8);
        let mut event = self.event(user, begin, start, 45);
        let weekday = format!("{:?}", begin.weekday()).to_lowercase();
        let other = format!("{:?}", self.company.day(self.dice.between(3, 5)).weekday()).to_lowercase();
        let (pattern, range) = match number % 8 {
            0 => (
                json!({"type": "daily", "interval": 1}),
                json!({"type": "numbered", "numberOfOccurrences": 8}),
            ),
            1 => (
                json!({"type": "weekly", "interval": 1, "daysOfWeek": [weekday], "firstDayOfWeek": "monday"}),
                json!({"type": "noEnd"}),
            ),
            2 => (
                json!({"type": "weekly", "interval": 2, "daysOfWeek": sorted_days(&weekday, &other), "firstDayOfWeek": "monday"}),
                json!({"type": "numbered", "numberOfOccurrences": 10}),
            ),
            3 => (
                json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": begin.day()}),
                json!({"type": "noEnd"}),
            ),
            4 => (
                json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": [weekday], "index": week_of_month(begin)}),
                json!({"type": "numbered", "numberOfOccurrences": 6}),
            ),
            5 => (
                json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": begin.day(), "month": begin.month()}),
                json!({"type": "noEnd"}),
            ),
            6 => (
                json!({"type": "daily", "interval": 3}),
                json!({"type": "endDate", "endDate": self.company.day(30).to_string()}),
            ),
            _ => (
                json!({"type": "weekly", "interval": 1, "daysOfWeek": [weekday], "firstDayOfWeek": "sunday"}),
                json!({"type": "endDate", "endDate": self.company.day(50).to_string()}),
            ),
        };
        let zone = event["start"]["timeZone"].clone();
        let mut range = range;
        range["startDate"] = begin.to_string().into();
        range["recurrenceTimeZone"] = zone;
        event["recurrence"] = json!({"pattern": pattern, "range": range});
        event["subject"] = format!("Series {}", event["subject"].as_str().unwrap_or_default()).into();
        let mut answers = Vec::new();
        if number.is_multiple_of(3) {
            let colleague = (user + 1) % self.company.synchronised().count();
            event["attendees"] = json!([attendee(
                &self.company.colleagues[colleague].name(),
                &self.company.colleagues[colleague].address,
                "required"
            )]);
            answers.push((colleague, "accepted"));
        }
        let edits = match number % 8 {
            0 | 2 | 6 | 7 => vec![
                OccurrenceEdit {
                    number: 2,
                    patch: Some(
                        json!({"subject": format!("{} (moved room)", event["subject"].as_str().unwrap_or_default()), "location": {"displayName": "Room Danube"}}),
                    ),
                },
                OccurrenceEdit { number: 3, patch: None },
            ],
            1 => vec![OccurrenceEdit { number: 1, patch: None }],
            _ => Vec::new(),
        };
        self.meetings.push(Meeting { event: Placed { user, body: event }, edits, answers });
    }
}

fn attendee(name: &str, address: &str, kind: &str) -> Value {
    json!({"emailAddress": {"name": name, "address": address}, "type": kind})
}

fn sorted_days(first: &str, second: &str) -> Vec<String> {
    let mut days = vec![first.to_owned(), second.to_owned()];
    days.sort();
    days.dedup();
    days
}

/// Graph's word for the week of the month that a day lies in.
fn week_of_month(day: Date) -> &'static str {
    ["first", "second", "third", "fourth", "last"][usize::try_from((day.day() - 1) / 7).unwrap_or(0)]
}
