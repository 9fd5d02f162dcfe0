//! Series in the CRM: a master activity with its rule, the dates on which it does not take place, and a child for each
//! occurrence that departs from the rule.

use super::Cast;
use super::guests::belongs;
use crate::dice::Dice;
use crate::hands::PLACE;
use crate::items::{Side, begin, state_in_crm};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use tandem_audit::Record;

impl Cast {
    /// Whether what is planned next in the CRM takes place more than once.
    pub(super) fn plans_a_series(&self) -> bool {
        self.items.len() % 5 == 2
    }

    /// Somebody changes a series in the CRM: one occurrence, the rule, or who looks after it.
    pub(super) async fn series_changes_in_crm(&mut self, index: usize, dice: &Dice) {
        match dice.below(4) {
            0 => self.occurrence_changes_in_crm(index, dice, true).await,
            1 => self.occurrence_changes_in_crm(index, dice, false).await,
            2 => self.series_moves_in_crm(index, dice).await,
            _ => self.hand_over(index, dice).await,
        }
    }

    /// One occurrence is called off, or takes place at another time and elsewhere.
    async fn occurrence_changes_in_crm(&mut self, index: usize, dice: &Dice, off: bool) {
        let Some(master) = self.master(index).await else { return };
        let number = i64::try_from(dice.below(5)).unwrap_or(0);
        let Some(day) = occurrence(&master, number) else { return };
        let day = day.to_string();
        let cancelled = master.get("CancelledDates");
        if cancelled.contains(&day) {
            return;
        }
        let child = self.children(&master).await.into_iter().find(|child| child.get("OriginalDate") == day);
        let done = if off {
            // A series of which nothing is left within the time frame is nobody's business.
            if master.get("Recurrence").contains("MONTHLY") || child.is_some() {
                return;
            }
            let dates = if cancelled.is_empty() { day.clone() } else { format!("{cancelled},{day}") };
            self.edit_record(index, &master, &[("CancelledDates", &dates)]).await
        } else {
            self.departs(index, &master, child, &day).await
        };
        if let (true, Some(item)) = (done, self.items.get_mut(index)) {
            item.tellable += 1;
            item.turn(Side::Crm, &state_in_crm(&master), None);
        }
    }

    async fn departs(&mut self, index: usize, master: &Record, child: Option<Record>, day: &str) -> bool {
        // The evening here is another day there, and Exchange lets no occurrence pass its neighbour.
        if !master.get("TimeZone").starts_with("Europe/") {
            return false;
        }
        let place = [("Time", "18:00"), ("EndTime", "18:30"), ("A031Location", "late")];
        if let Some(child) = child {
            return self.edit_record(index, &child, &place).await;
        }
        // The number of the mark is nobody else's.
        let number = self.mark().trim_start_matches('m').to_owned();
        let taken_over =
            ["Contact", "RepID", "Subject", "Text", "ShowAs"].map(|field| (field, master.get(field)));
        let own = [
            ("StatNo", "3"),
            ("SeqNo", &*number),
            ("ContactStatNo", master.get("StatNo")),
            ("ContactSeqNo", master.get("SeqNo")),
            ("IsSerialContact", "true"),
            ("OriginalDate", day),
            ("Date", day),
            ("EndDate", day),
            ("TimeZone", PLACE),
        ];
        let fields: Vec<_> = own.into_iter().chain(place).chain(taken_over).collect();
        let done = self.hands.adds("Contact", &fields).await;
        self.sides.book.line(|| format!("crm   occurrence {day} of event {index}: {done}"));
        if done {
            self.touch(index, Side::Crm);
        }
        done
    }

    /// The series takes place at another time, by another rule; what departed from the former one is put in order.
    async fn series_moves_in_crm(&mut self, index: usize, dice: &Dice) {
        let Some(master) = self.master(index).await else { return };
        let children = self.children(&master).await;
        let (day, from, to) = Self::when(dice);
        let rule = rule(&day, self.round_of(index));
        let fields = [
            ("Date", &*day),
            ("EndDate", &*day),
            ("Time", &*from),
            ("EndTime", &*to),
            ("TimeZone", PLACE),
            ("Recurrence", &*rule),
            ("CancelledDates", ""),
        ];
        if !self.edit_record(index, &master, &fields).await {
            return;
        }
        for child in children {
            self.hands.removes("Contact", &child.id).await;
        }
        if let Some(item) = self.items.get_mut(index) {
            item.tellable += 1;
            item.turn(Side::Crm, &state_in_crm(&master), Some(begin(&day, &from)));
        }
    }

    /// The record of a series that is one in the CRM.
    async fn master(&mut self, index: usize) -> Option<Record> {
        self.in_crm(index).await.filter(|record| record.is("IsMasterContact"))
    }

    async fn children(&self, master: &Record) -> Vec<Record> {
        let all = self.hands.records("Contact").await;
        all.into_iter().filter(|record| record.is("IsSerialContact") && belongs(record, master)).collect()
    }
}

/// The day on which an occurrence takes place, counted from 0; none where the rule has none so late.
fn occurrence(master: &Record, number: i64) -> Option<Date> {
    let first: Date = master.get("Date").parse().ok()?;
    let part = |name: &str| {
        let rule = master.get("Recurrence").trim_start_matches("RRULE:");
        let mut parts = rule.split(';').filter_map(|part| part.split_once('='));
        parts.find(|(other, _)| *other == name).map(|(_, value)| value.to_owned())
    };
    let interval: i64 = part("INTERVAL").and_then(|text| text.parse().ok()).unwrap_or(1);
    let later: Span = match part("FREQ")?.as_str() {
        "DAILY" => (number * interval).days(),
        "WEEKLY" => (number * interval).weeks(),
        _ => (number * interval).months(),
    };
    let day = first.checked_add(later).ok()?;
    let within = part("COUNT").and_then(|text| text.parse().ok()).is_none_or(|count: i64| number < count);
    let until = part("UNTIL").and_then(|text| text.get(..8)?.parse::<Date>().ok());
    (within && until.is_none_or(|last| day <= last)).then_some(day)
}

/// A rule for a series that begins on a day, in one of several forms, as people and other programs write it.
pub(super) fn rule(day: &str, form: usize) -> String {
    let date: Date = day.parse().unwrap_or_default();
    let last = date.saturating_add(30.days()).strftime("%Y%m%d").to_string();
    let weekday: String = date.strftime("%a").to_string().to_uppercase().chars().take(2).collect();
    match form % 6 {
        0 => "FREQ=DAILY;COUNT=5".to_owned(),
        1 => format!("FREQ=WEEKLY;COUNT=4;BYDAY={weekday}"),
        2 => format!("FREQ=DAILY;INTERVAL=2;UNTIL={last}"),
        3 => "FREQ=WEEKLY;INTERVAL=1".to_owned(),
        4 => format!("RRULE:FREQ=WEEKLY;UNTIL={last};BYDAY={weekday}"),
        // Days that some months lack are written in more ways than one.
        _ if date.day() > 28 => "FREQ=DAILY;COUNT=3".to_owned(),
        _ => format!("FREQ=MONTHLY;COUNT=3;BYMONTHDAY={}", date.day()),
    }
}
