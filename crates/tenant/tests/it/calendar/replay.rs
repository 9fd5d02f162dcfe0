//! What a reader of a calendar's delta ends up with: whatever happened, whichever living token he went on from, the same
//! as a full read of the window.

use super::direct::Direct;
use super::replica::{Replica, WINDOW};
use crate::support::text;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;
use serde_json::{Value, json};
use tandem_tenant::{Behaviour, TenantSettings};

/// One step of a history. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    Single {
        day: u8,
        whole_day: bool,
    },
    Series {
        day: u8,
        weekly: bool,
        count: u8,
    },
    /// A colleague invites the owner to a meeting, or to a series.
    Invited {
        day: u8,
        series: bool,
    },
    /// The owner invites a colleague.
    Invites {
        day: u8,
    },
    Rename {
        event: u8,
    },
    Move {
        event: u8,
        days: i8,
    },
    RenameOccurrence {
        event: u8,
        occurrence: u8,
    },
    MoveOccurrence {
        event: u8,
        occurrence: u8,
        hours: i8,
    },
    Delete {
        event: u8,
    },
    DeleteOccurrence {
        event: u8,
        occurrence: u8,
    },
    Answer {
        event: u8,
        how: u8,
    },
    /// The colleague changes, moves or deletes what he called.
    Organizer {
        event: u8,
        how: u8,
        days: i8,
    },
    /// A reader takes the next page.
    Page {
        reader: u8,
    },
    /// A reader notes where he is.
    Note {
        reader: u8,
    },
    /// A reader goes back to a note.
    Back {
        reader: u8,
        note: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let day = 0..75_u8;
    let event = any::<u8>();
    prop_oneof![
        3 => (day.clone(), any::<bool>()).prop_map(|(day, whole_day)| Step::Single { day, whole_day }),
        2 => (day.clone(), any::<bool>(), 1..8_u8)
            .prop_map(|(day, weekly, count)| Step::Series { day, weekly, count }),
        2 => (day.clone(), any::<bool>()).prop_map(|(day, series)| Step::Invited { day, series }),
        1 => day.prop_map(|day| Step::Invites { day }),
        2 => event.prop_map(|event| Step::Rename { event }),
        3 => (any::<u8>(), -40..40_i8).prop_map(|(event, days)| Step::Move { event, days }),
        2 => any::<(u8, u8)>().prop_map(|(event, occurrence)| Step::RenameOccurrence { event, occurrence }),
        2 => (any::<(u8, u8)>(), -9..10_i8).prop_map(|((event, occurrence), hours)| {
            Step::MoveOccurrence { event, occurrence, hours }
        }),
        2 => any::<u8>().prop_map(|event| Step::Delete { event }),
        2 => any::<(u8, u8)>().prop_map(|(event, occurrence)| Step::DeleteOccurrence { event, occurrence }),
        2 => any::<(u8, u8)>().prop_map(|(event, how)| Step::Answer { event, how }),
        2 => (any::<(u8, u8)>(), -30..30_i8)
            .prop_map(|((event, how), days)| Step::Organizer { event, how, days }),
        6 => (0..2_u8).prop_map(|reader| Step::Page { reader }),
        1 => (0..2_u8).prop_map(|reader| Step::Note { reader }),
        1 => (0..2_u8, any::<u8>()).prop_map(|(reader, note)| Step::Back { reader, note }),
    ]
}

const ADA: &str = "ada@meridian.example";
const BOB: &str = "bob@meridian.example";

struct History {
    site: Direct,
    readers: Vec<Replica>,
    notes: Vec<Replica>,
    made: usize,
}

impl History {
    fn new(behaviour: Behaviour) -> Self {
        let mut site = Direct::new(TenantSettings { behaviour, ..TenantSettings::default() });
        site.user("ada");
        site.user("bob");
        Self { site, readers: vec![Replica::new(ADA), Replica::new(ADA)], notes: Vec::new(), made: 0 }
    }

    fn take(&mut self, step: &Step) {
        self.site.now += SignedDuration::from_secs(60);
        match *step {
            Step::Single { day, whole_day } => self.make(ADA, day, whole_day, None, &[]),
            Step::Series { day, weekly, count } => self.make(ADA, day, false, Some((weekly, count)), &[]),
            Step::Invited { day, series } => self.make(BOB, day, false, series.then_some((false, 3)), &[ADA]),
            Step::Invites { day } => self.make(ADA, day, false, None, &[BOB]),
            Step::Rename { event } => {
                self.change(ADA, event, |made, _| json!({"subject": format!("New {made}")}));
            }
            Step::Move { event, days } => self.change(ADA, event, |_, event| shifted(event, days)),
            Step::RenameOccurrence { event, occurrence } => {
                let body = json!({"subject": format!("Odd {}", self.made)});
                self.change_occurrence(event, occurrence, |_| body);
            }
            Step::MoveOccurrence { event, occurrence, hours } => {
                self.change_occurrence(event, occurrence, |one| shifted_hours(one, hours));
            }
            Step::Delete { event } => {
                if let Some(event) = self.pick(ADA, event) {
                    self.site.delete(&format!("/users/{ADA}/events/{}", text(&event, "id"))).expect(204);
                }
            }
            Step::DeleteOccurrence { event, occurrence } => {
                if let Some(one) = self.pick_occurrence(event, occurrence) {
                    self.site.delete(&format!("/users/{ADA}/events/{}", text(&one, "id"))).expect(204);
                }
            }
            Step::Answer { event, how } => self.answer(event, how),
            Step::Organizer { event, how, days } => match how % 3 {
                0 => self.change(BOB, event, |made, _| json!({"subject": format!("His {made}")})),
                1 => self.change(BOB, event, |_, event| shifted(event, days)),
                _ => {
                    if let Some(event) = self.pick(BOB, event) {
                        self.site.delete(&format!("/users/{BOB}/events/{}", text(&event, "id"))).expect(204);
                    }
                }
            },
            Step::Page { reader } => {
                self.readers[usize::from(reader)].page(&mut self.site);
            }
            Step::Note { reader } => self.notes.push(self.readers[usize::from(reader)].clone()),
            Step::Back { reader, note } => {
                if !self.notes.is_empty() {
                    let note = usize::from(note) % self.notes.len();
                    self.readers[usize::from(reader)] = self.notes[note].clone();
                }
            }
        }
        self.made += 1;
    }

    fn make(&mut self, user: &str, day: u8, whole_day: bool, series: Option<(bool, u8)>, invited: &[&str]) {
        let first = date(2026, 9, 15).checked_add(i64::from(day).days()).unwrap();
        let hour = 7 + self.made % 10;
        let at = |day: Date, hour: usize| {
            let clock = if whole_day { "00:00".to_owned() } else { format!("{hour:02}:30") };
            json!({"dateTime": format!("{day}T{clock}"), "timeZone": "Europe/Vienna"})
        };
        let last = if whole_day { first.tomorrow().unwrap() } else { first };
        let mut body = json!({"subject": format!("Event {}", self.made), "isAllDay": whole_day,
            "start": at(first, hour), "end": at(last, hour + 1)});
        body["attendees"] =
            invited.iter().map(|who| json!({"emailAddress": {"address": who}, "type": "required"})).collect();
        if let Some((weekly, count)) = series {
            let pattern = if weekly {
                json!({"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "thursday"]})
            } else {
                json!({"type": "daily", "interval": 3})
            };
            body["recurrence"] = json!({"pattern": pattern,
                "range": {"type": "numbered", "startDate": first, "numberOfOccurrences": count}});
        }
        self.site.post(&format!("/users/{user}/events"), &body).expect(201);
    }

    fn pick(&mut self, user: &str, number: u8) -> Option<Value> {
        let events = self.site.all(&format!("/users/{user}/events?$top=100"));
        (!events.is_empty()).then(|| events[usize::from(number) % events.len()].clone())
    }

    fn pick_occurrence(&mut self, event: u8, occurrence: u8) -> Option<Value> {
        let events = self.site.all(&format!("/users/{ADA}/events?$filter=type eq 'seriesMaster'&$top=100"));
        let event = events.get(usize::from(event) % events.len().max(1))?;
        let years = "startDateTime=2026-01-01&endDateTime=2027-12-31";
        let path = format!("/users/{ADA}/events/{}/instances?{years}&$top=100", text(event, "id"));
        let all = self.site.all(&path);
        (!all.is_empty()).then(|| all[usize::from(occurrence) % all.len()].clone())
    }

    fn change(&mut self, user: &str, event: u8, patch: impl FnOnce(usize, &Value) -> Value) {
        let Some(event) = self.pick(user, event) else { return };
        let body = patch(self.made, &event);
        self.site.patch(&format!("/users/{user}/events/{}", text(&event, "id")), &body).expect(200);
    }

    fn change_occurrence(&mut self, event: u8, occurrence: u8, patch: impl FnOnce(&Value) -> Value) {
        let Some(one) = self.pick_occurrence(event, occurrence) else { return };
        let answer = self.site.patch(&format!("/users/{ADA}/events/{}", text(&one, "id")), &patch(&one));
        // An occurrence may not cross its neighbours.
        assert!(answer.status == 200 || answer.code(400) == "ErrorOccurrenceCrossingBoundary");
    }

    fn answer(&mut self, event: u8, how: u8) {
        let invitations =
            self.site.all(&format!("/users/{ADA}/events?$filter=isOrganizer eq false&$top=100"));
        let Some(event) = invitations.get(usize::from(event) % invitations.len().max(1)) else { return };
        let action = ["accept", "tentativelyAccept", "decline"][usize::from(how) % 3];
        let path = format!("/users/{ADA}/events/{}/{action}", text(event, "id"));
        self.site.post(&path, &json!({"sendResponse": how.is_multiple_of(2)})).expect(202);
    }
}

fn shifted(event: &Value, days: i8) -> Value {
    moved(event, i64::from(days) * 24)
}

fn shifted_hours(event: &Value, hours: i8) -> Value {
    moved(event, i64::from(hours))
}

fn moved(event: &Value, hours: i64) -> Value {
    let at = |name: &str| {
        let local: jiff::civil::DateTime = text(&event[name], "dateTime").parse().unwrap();
        json!({"dateTime": local.checked_add(hours.hours()).unwrap(), "timeZone": "UTC"})
    };
    json!({"start": at("start"), "end": at("end")})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn deltas_from_any_living_token_amount_to_a_full_read(
        steps in proptest::collection::vec(step(), 1..60),
        masters in any::<bool>(),
        untidy in any::<bool>(),
        leaves in any::<bool>(),
    ) {
        let behaviour = Behaviour {
            masters_in_delta: masters,
            untidy_delta: untidy,
            declined_leaves: leaves,
            ..Behaviour::default()
        };
        let mut history = History::new(behaviour);
        for step in &steps {
            history.take(step);
        }
        let History { mut site, readers, notes, .. } = history;
        let truth = site.all(&format!("/users/{ADA}/calendarView?{WINDOW}&$top=100"));
        let truth = Replica::of(&truth);
        for mut reader in readers.into_iter().chain(notes) {
            reader.finish(&mut site);
            prop_assert_eq!(reader.shown(), truth.shown());
        }
    }
}
