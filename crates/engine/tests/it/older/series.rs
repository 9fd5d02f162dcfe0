//! Series, as the older connector brought them into the CRM.

use super::{Older, TEXT};
use crate::stage::Stage;
use serde_json::json;
use tandem_model::Kind;

/// What it does to a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesFlaw {
    /// Nothing: a master with the id of the series.
    None,
    /// It died between record and key.
    NoKey,
    /// It knew nothing of what departs from the rule.
    ExceptionsLost,
    /// It took the first occurrence for an appointment, and noted the id of the series with it.
    FirstOnly,
    /// It wrote each occurrence as an appointment, under an id of the occurrence that names nothing today.
    Scattered,
    /// It tried again after a timeout, and noted the id with the last record only.
    Twice,
    /// It never came to it.
    Missed,
}

pub const SERIES_FLAWS: [SeriesFlaw; 7] = [
    SeriesFlaw::None,
    SeriesFlaw::NoKey,
    SeriesFlaw::ExceptionsLost,
    SeriesFlaw::FirstOnly,
    SeriesFlaw::Scattered,
    SeriesFlaw::Twice,
    SeriesFlaw::Missed,
];

/// Occurrences of each series.
const TIMES: i64 = 4;

impl Older<'_> {
    /// A daily series from the day after the given one; its second occurrence is late.
    pub(super) async fn series(&mut self, who: &str, day: i64, flaw: SeriesFlaw) {
        let subject = format!("Daily {}", self.next());
        let mut event = self.stage.on(day, "08:00", "08:15", &subject);
        event["body"] = json!({"contentType": "text", "content": TEXT});
        event["recurrence"] = json!({
            "pattern": {"type": "daily", "interval": 1},
            "range": {
                "type": "numbered",
                "numberOfOccurrences": TIMES,
                "startDate": self.stage.day(day),
                "recurrenceTimeZone": "W. Europe Standard Time",
            },
        });
        let master = self.stage.enters(who, event).await;
        let late = self.stage.occurrence(who, &master, 1).await;
        self.stage.changes(who, &late, self.stage.on(day + 1, "08:30", "08:45", &subject)).await;
        let master = self.stage.event(who, &subject).await;
        match flaw {
            SeriesFlaw::Missed => self.truth.missed += 1,
            SeriesFlaw::FirstOnly => {
                let record = self.single(who, day, &subject).await;
                self.note(Kind::Appointment, who, &subject, &master, record, super::Flaw::None).await;
            }
            SeriesFlaw::Scattered => {
                // The first one is the good one: it comes last into the truth.
                for at in (0..TIMES).rev() {
                    let record = self.single(who, day + at, &subject).await;
                    self.note(Kind::Appointment, who, &subject, &master, record, super::Flaw::StaleId).await;
                }
            }
            _ => {
                for _ in 0..1 + usize::from(flaw == SeriesFlaw::Twice) {
                    let record = self.master(who, day, &subject, flaw).await;
                    let flaw = match flaw {
                        SeriesFlaw::NoKey => super::Flaw::NoKey,
                        SeriesFlaw::Twice => super::Flaw::Twice,
                        _ => super::Flaw::None,
                    };
                    self.note(Kind::Appointment, who, &subject, &master, record, flaw).await;
                }
            }
        }
    }

    async fn single(&mut self, who: &str, day: i64, subject: &str) -> String {
        let (number, date) = (self.next(), self.stage.day(day));
        let times = [("Date", &*date), ("Time", "08:00"), ("EndDate", &*date), ("EndTime", "08:15")];
        let fields = [&[("Subject", subject), ("Text", TEXT)][..], &times].concat();
        self.stage.schedules(rep(who), &number, &fields, &[]).await;
        self.newest("Contact").await
    }

    async fn master(&mut self, who: &str, day: i64, subject: &str, flaw: SeriesFlaw) -> String {
        let (number, date, next) = (self.next(), self.stage.day(day), self.stage.day(day + 1));
        let rule = format!("FREQ=DAILY;INTERVAL=1;COUNT={TIMES}");
        let times = [("Date", &*date), ("Time", "08:00"), ("EndDate", &*date), ("EndTime", "08:15")];
        let recurs = [("IsMasterContact", "true"), ("Recurrence", &*rule)];
        let fields = [&[("Subject", subject), ("Text", TEXT)][..], &times, &recurs].concat();
        self.stage.schedules(rep(who), &number, &fields, &[]).await;
        let record = self.newest("Contact").await;
        if flaw != SeriesFlaw::ExceptionsLost {
            let child = self.next();
            let times = [("Date", &*next), ("Time", "08:30"), ("EndDate", &*next), ("EndTime", "08:45")];
            let of = [("IsSerialContact", "true"), ("ContactStatNo", "2"), ("ContactSeqNo", &*number)];
            let of = [&of[..], &[("OriginalDate", &*next), ("Subject", subject), ("Text", TEXT)]].concat();
            self.stage.schedules(rep(who), &child, &[&of[..], &times].concat(), &[]).await;
        }
        record
    }
}

fn rep(who: &str) -> usize {
    if who == "ann" { 1 } else { 2 }
}

/// What a record of a series says of it: its rule, and how many records stand beside it for what departs from it.
pub async fn told(stage: &Stage, record: &tandem_audit::Record) -> (String, usize) {
    let children = stage.records("Contact").await;
    let children = children.iter().filter(|child| {
        child.is("IsSerialContact")
            && (child.get("ContactSeqNo"), child.get("ContactStatNo"))
                == (record.get("SeqNo"), record.get("StatNo"))
    });
    (record.get("Recurrence").to_owned(), children.count())
}
