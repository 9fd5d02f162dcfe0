//! A model of an older connector, one over Exchange Web Services, with the flaws that such connectors are documented to
//! have. It has run for months: what it leaves is records, external keys of its own installation, and nothing else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

mod dice;
pub mod own;
pub mod series;

use crate::stage::{ANN, BEN, KARL, Stage};
pub use dice::Dice;
use own::OWN_FLAWS;
use serde_json::{Value, json};
use series::SERIES_FLAWS;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::Kind;

/// What it does to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// Nothing: a record with the id of the item.
    None,
    /// It died between record and key.
    NoKey,
    /// It tried again after a timeout, and noted the id with the last record only.
    Twice,
    /// The item was moved afterwards: the id names nothing any more.
    StaleId,
    /// It took local time for UTC.
    Shifted,
    /// It cut the text off.
    CutText,
    /// It knew fewer participants.
    FewerPeople,
    /// It put its name before the subject.
    Prefix,
    /// All at once: no key, a word before the subject, and a shifted time.
    Unlike,
    /// It never came to it.
    Missed,
}

pub const FLAWS: [Flaw; 10] = [
    Flaw::None,
    Flaw::NoKey,
    Flaw::Twice,
    Flaw::StaleId,
    Flaw::Shifted,
    Flaw::CutText,
    Flaw::FewerPeople,
    Flaw::Prefix,
    Flaw::Unlike,
    Flaw::Missed,
];

/// What it left, as only the model knows it.
#[derive(Debug, Default)]
pub struct Truth {
    /// Which item, by mailbox and subject, became which records; the first is the good one.
    pub records: BTreeMap<(String, String), Vec<String>>,
    /// Items that have no record.
    pub missed: usize,
    /// Records of the CRM's own that nobody brought into a mailbox.
    pub crm_only: usize,
    /// Persons of the CRM that have no contact.
    pub contacts_missed: usize,
    /// Which flaws were played.
    pub played: BTreeSet<Flaw>,
}

const TEXT: &str = "Bring the numbers of the last quarter and those of the year before.";

/// The older connector at work.
pub struct Older<'s> {
    stage: &'s Stage,
    dice: Dice,
    number: u32,
    pub truth: Truth,
}

impl<'s> Older<'s> {
    pub fn new(stage: &'s Stage, seed: u64) -> Self {
        Self { stage, dice: Dice::new(seed), number: 100, truth: Truth::default() }
    }

    /// Months of appointments, meetings, series, tasks, contacts, absences and e-mails, each flaw at least once, in an
    /// order of their own.
    pub async fn ran_for_months(&mut self) {
        let mut flaws = FLAWS.to_vec();
        self.dice.shuffle(&mut flaws);
        for (at, flaw) in flaws.into_iter().enumerate() {
            let at = i64::try_from(at).unwrap();
            let who = if self.dice.below(2) == 0 { "ann" } else { "ben" };
            self.appointment(who, at - 5, flaw).await;
            if flaw != Flaw::FewerPeople {
                self.task(who, flaw).await;
            }
        }
        for at in 0..3 {
            self.meeting(at).await;
        }
        let mut flaws = SERIES_FLAWS.to_vec();
        self.dice.shuffle(&mut flaws);
        for (at, flaw) in flaws.into_iter().enumerate() {
            let who = if self.dice.below(2) == 0 { "ann" } else { "ben" };
            self.series(who, i64::try_from(at).unwrap() - 3, flaw).await;
        }
        let mut flaws = OWN_FLAWS.to_vec();
        self.dice.shuffle(&mut flaws);
        for (at, flaw) in flaws.into_iter().enumerate() {
            self.person(flaw).await;
            self.absence(12 + 3 * i64::try_from(at).unwrap(), flaw).await;
        }
        self.mail("<1@kunde.example>", Flaw::None).await;
        self.mail("<2@kunde.example>", Flaw::StaleId).await;
        self.in_the_crm_only().await;
    }

    fn next(&mut self) -> String {
        self.number += 1;
        self.number.to_string()
    }

    async fn appointment(&mut self, who: &str, day: i64, flaw: Flaw) {
        let subject = format!("Visit {}", self.next());
        let from = 9 + i64::try_from(self.dice.below(6)).unwrap();
        let wall = |hour: i64| format!("{hour:02}:00");
        let mut event = self.stage.on(day, &wall(from), &wall(from + 1), &subject);
        event["body"] = json!({"contentType": "text", "content": TEXT});
        if flaw == Flaw::FewerPeople {
            event["attendees"] = Stage::attendees(&[KARL, "dora@nordwind.example"]);
        }
        self.stage.enters(who, event).await;
        self.truth.played.insert(flaw);
        let times = if flaw == Flaw::Missed { 0 } else { 1 + usize::from(flaw == Flaw::Twice) };
        self.truth.missed += usize::from(times == 0);
        for _ in 0..times {
            let number = self.next();
            self.visit(who, day, from, &subject, flaw, &number).await;
        }
    }

    async fn visit(&mut self, who: &str, day: i64, from: i64, subject: &str, flaw: Flaw, number: &str) {
        let shifted = if matches!(flaw, Flaw::Shifted | Flaw::Unlike) { from - 1 } else { from };
        let (date, start, end) =
            (self.stage.day(day), format!("{shifted:02}:00"), format!("{:02}:00", shifted + 1));
        let named = match flaw {
            Flaw::Prefix | Flaw::Unlike => format!("CRM: {subject}"),
            _ => subject.to_owned(),
        };
        let text = if flaw == Flaw::CutText { &TEXT[..20] } else { TEXT };
        let fields = [
            ("Subject", named.as_str()),
            ("Text", text),
            ("Date", &date),
            ("Time", &start),
            ("EndDate", &date),
            ("EndTime", &end),
        ];
        let (rep, address) = if who == "ann" { (1, ANN) } else { (2, BEN) };
        let people: &[(&str, &str)] =
            if flaw == Flaw::FewerPeople { &[(address, "organizer"), (KARL, "required")] } else { &[] };
        self.stage.schedules(rep, number, &fields, people).await;
        let record = self.newest("Contact").await;
        let event = self.stage.event(who, subject).await;
        self.note(Kind::Appointment, who, subject, &event, record, flaw).await;
    }

    /// A meeting of ann's with ben, of which the older connector made a record for each mailbox.
    async fn meeting(&mut self, at: i64) {
        let subject = format!("Round {at}");
        let mut event = self.stage.on(7 + at, "14:00", "15:00", &subject);
        event["attendees"] = Stage::attendees(&[BEN, KARL]);
        self.stage.enters("ann", event).await;
        let day = self.stage.day(7 + at);
        let fields = [
            ("Subject", &*subject),
            ("Date", &day),
            ("Time", "14:00"),
            ("EndDate", &day),
            ("EndTime", "15:00"),
        ];
        for (who, rep) in [("ann", 1), ("ben", 2)] {
            let number = self.next();
            self.stage.schedules(rep, &number, &fields, &[(ANN, "organizer"), (BEN, "required")]).await;
            let record = self.newest("Contact").await;
            let event = self.stage.event(who, &subject).await;
            self.note(Kind::Appointment, who, &subject, &event, record, Flaw::None).await;
        }
    }

    async fn task(&mut self, who: &str, flaw: Flaw) {
        let subject = format!("Call {}", self.next());
        let path = format!("/users/{who}@nordwind.example/tasks");
        self.stage.outlook("POST", &path, json!({ "title": subject })).await;
        let times = if flaw == Flaw::Missed { 0 } else { 1 + usize::from(flaw == Flaw::Twice) };
        self.truth.missed += usize::from(times == 0);
        for _ in 0..times {
            self.number += 1;
            let named = if flaw == Flaw::Prefix { format!("CRM: {subject}") } else { subject.clone() };
            let rep = if who == "ann" { "1" } else { "2" };
            self.stage.adds("Task", &[("Subject", &named), ("RepID", rep), ("Status", "notStarted")]).await;
            let record = self.newest("Task").await;
            let todo = self.stage.todo(who, &subject).await;
            self.note(Kind::Task, who, &subject, &todo, record, flaw).await;
        }
    }

    async fn mail(&mut self, message_id: &str, flaw: Flaw) {
        self.stage.receives("ann", message_id, KARL, Value::Null).await;
        let subject = format!("About {message_id}");
        let (number, day) = (self.next(), self.stage.day(-1));
        let mail = [("StatNo", "2"), ("SeqNo", &*number), ("Contact", "E-Mail"), ("Subject", &*subject)];
        let sent = [("Date", &*day), ("Time", "09:00"), ("RepID", "1"), ("MessageID", message_id)];
        self.stage.adds("Contact", &[&mail[..], &sent].concat()).await;
        let record = self.newest("Contact").await;
        let message = self.stage.message("ann", message_id).await;
        self.note(Kind::Mail, "ann", &subject, &message, record, flaw).await;
    }

    async fn in_the_crm_only(&mut self) {
        let (number, day) = (self.next(), self.stage.day(5));
        let fields = [
            ("Subject", "Fair"),
            ("Date", &*day),
            ("Time", "08:00"),
            ("EndDate", &*day),
            ("EndTime", "18:00"),
        ];
        self.stage.schedules(1, &number, &fields, &[]).await;
        self.truth.crm_only += 1;
    }

    /// Notes the id under which it knows the item, as far as it gets.
    async fn note(&mut self, kind: Kind, who: &str, subject: &str, item: &Value, record: String, flaw: Flaw) {
        let known = self.truth.records.entry((who.to_owned(), subject.to_owned())).or_default();
        known.insert(0, record.clone());
        let again = known.len() > 1;
        // To Do tasks had no ids of Exchange Web Services that live on: Graph's own is noted.
        let id = item["ewsId"].as_str().or(item["id"].as_str()).unwrap();
        let rep = if who == "ann" { "1" } else { "2" };
        match flaw {
            Flaw::NoKey | Flaw::Unlike => {}
            Flaw::Twice if !again => {}
            Flaw::StaleId => {
                let stale = format!("AAMkADstale{}=", self.number);
                self.stage.older_noted(kind, &record, &stale, Some(rep)).await;
            }
            _ => self.stage.older_noted(kind, &record, id, Some(rep)).await,
        }
    }

    async fn newest(&self, table: &str) -> String {
        let records = self.stage.records(table).await;
        records.iter().max_by_key(|record| record.id.parse::<u64>().unwrap_or(0)).unwrap().name()
    }
}
