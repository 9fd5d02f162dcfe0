//! What the audience knows of each item: who made it, and every value that anybody gave it, with a mark of its own.
//!
//! A value that somebody sees while he replaces it has been replaced on purpose. One that nobody saw when it went must be
//! in the journal, and if the item was deleted meanwhile, the item must be there all the same.

use crate::acts::Party;
use crate::hands::PLACE;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use tandem_audit::Record;

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Microsoft 365.
    M365,
    /// The CRM.
    Crm,
}

/// What sort of item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Sort {
    Mail,
    Event,
    Task,
    Person,
    Absence,
}

impl Sort {
    /// Its table in the CRM.
    pub fn table(self) -> &'static str {
        match self {
            Sort::Mail | Sort::Event => "Contact",
            Sort::Task => "Task",
            Sort::Person => "Person",
            Sort::Absence => "Absence",
        }
    }

    /// The fields of its table in which the name of an item may stand.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Sort::Mail | Sort::Event => &["Subject", "MessageID", "Text"],
            Sort::Task => &["Subject", "Text"],
            Sort::Person => &["LastName"],
            Sort::Absence => &["Text"],
        }
    }

    /// Its collection in a mailbox.
    pub fn collection(self) -> &'static str {
        match self {
            Sort::Mail => "messages",
            Sort::Event | Sort::Absence => "events",
            Sort::Task => "tasks",
            Sort::Person => "contacts",
        }
    }

    /// The fields in which values are told apart: name, where Outlook has it, where the CRM has it.
    pub fn fields(self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self {
            Sort::Event => &[
                ("subject", "/subject", "Subject"),
                ("place", "/location/displayName", "A031Location"),
                ("text", "/body/content", "Text"),
            ],
            Sort::Task => &[("subject", "/title", "Subject"), ("text", "/body/content", "Text")],
            Sort::Person => &[("function", "/jobTitle", "Function"), ("mobile", "/mobilePhone", "Mobile")],
            Sort::Mail | Sort::Absence => &[],
        }
    }

    /// The field of the CRM that marks a record as deleted.
    pub fn deleted(self) -> &'static str {
        match self {
            Sort::Mail | Sort::Event => "ConnectorDeleted",
            Sort::Task | Sort::Person | Sort::Absence => "Deleted",
        }
    }
}

/// A value that somebody gave to a field.
#[derive(Debug, Clone)]
pub struct Write {
    /// The field.
    pub field: &'static str,
    /// The mark that the value carries; no other value has it, but it may be entered again.
    pub mark: String,
    /// Where it was entered.
    pub side: Side,
    /// Whether somebody replaced or removed it on purpose, seeing it.
    pub seen: bool,
    /// Whether it stood there before: to whoever looks only now and then, nothing was changed.
    pub again: bool,
    /// Whether somebody wrote to the same field on the other side before he saw it.
    pub rivalled: bool,
    /// Whether it took back what had come over from the other side.
    pub sent_back: bool,
}

impl Write {
    /// A value that somebody enters for the first time.
    pub fn new(field: &'static str, mark: &str, side: Side) -> Self {
        Self {
            field,
            mark: mark.to_owned(),
            side,
            seen: false,
            again: false,
            rivalled: false,
            sent_back: false,
        }
    }
}

/// A change that no mark tells of.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Where it was made.
    pub side: Side,
    /// What both sides show of it; none where they show it in different ways.
    pub shows: Option<String>,
    /// Whether somebody replaced it or deleted the item, seeing it.
    pub seen: bool,
}

/// An item of the history.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name, which some field carries throughout, such as `i17`.
    pub name: String,
    /// What it is.
    pub sort: Sort,
    /// Whose: a number of `PEOPLE`.
    pub owner: usize,
    /// Which of `PEOPLE` are invited, or were.
    pub guests: Vec<usize>,
    /// Whether anybody is invited, or was.
    pub meeting: bool,
    /// Whether somebody is invited whose mailbox is elsewhere, or was.
    pub outsiders: bool,
    /// Changes that no mark tells of: another time, a task that is done.
    pub turns: Vec<Turn>,
    /// When somebody changed anything about it, and where.
    pub touched: Vec<(Side, Timestamp)>,
    /// Who joined it or left it after it was made.
    pub moves_of_guests: Vec<(Party, Side, bool)>,
    /// Whether it is a series.
    pub series: bool,
    /// Which guests removed their copies, and what these were.
    pub removed: Vec<(usize, Value)>,
    /// Whether its owner took it out of Deleted Items.
    pub restored: bool,
    /// Whether its owner keeps it to himself: how many values had been entered when he began to.
    pub private_from: Option<usize>,
    /// Where it was made.
    pub made: Side,
    /// Its id in the owner's mailbox, once known.
    pub id: Option<String>,
    /// Its record's id, once known.
    pub record: Option<String>,
    /// Values.
    pub writes: Vec<Write>,
    /// Which values its deletion took along.
    pub gone_along: Vec<usize>,
    /// Who deleted it, if anybody did.
    pub deleted: Option<Side>,
    /// Changes in the CRM of which attendees may be told.
    pub tellable: u64,
    /// Mails about it that the connector caused.
    pub told: u64,
}

impl Item {
    /// When somebody changed it last on this side, up to that moment.
    pub fn last_touched(&self, side: Side, until: Timestamp) -> Option<Timestamp> {
        let there = self.touched.iter().filter(|(on, at)| *on == side && *at <= until);
        there.map(|(_, at)| *at).max()
    }

    /// Replaces what one sees.
    pub fn write(&mut self, field: &'static str, side: Side, shown: &str, mark: &str) {
        self.see(Some(field), shown);
        let again = self.writes.iter().any(|write| write.field == field && write.mark == mark);
        let (mut rivalled, mut sent_back) = (false, false);
        for rival in self.writes.iter_mut().filter(|write| write.field == field && write.side != side) {
            sent_back |= carries(shown, &rival.mark);
            rivalled |= !rival.seen;
            rival.rivalled |= !rival.seen;
        }
        self.writes.push(Write { again, rivalled, sent_back, ..Write::new(field, mark, side) });
    }

    /// Whether a value that stood there before may give way unnoticed: to another one that was entered on the other side, to
    /// the deletion of the item there, and to what the connector brought, where it did not hear that it had. What somebody
    /// takes back in the CRM after it was brought over unheard, nobody can tell from what was never changed.
    pub fn gives_way(&self, write: &Write, unheard: bool) -> bool {
        let deleted = self.deleted.is_some_and(|side| side != write.side);
        write.again
            && (write.rivalled || deleted || (unheard && (write.sent_back || write.side == Side::Crm)))
    }

    /// Somebody sees these values, and they go on purpose.
    pub fn see(&mut self, field: Option<&str>, shown: &str) {
        for write in &mut self.writes {
            if field.is_none_or(|field| field == write.field) && carries(shown, &write.mark) {
                write.seen = true;
            }
        }
    }

    /// Somebody turns it into something else where he sees this state of it.
    pub fn turn(&mut self, side: Side, shown: &str, shows: Option<String>) {
        if shows.as_deref() == Some(shown) {
            // Whoever sets what is there already changes nothing, and what he set himself stays in force.
            for turn in self.turns.iter_mut().filter(|turn| turn.side != side) {
                turn.seen |= turn.shows.as_deref() == Some(shown);
            }
            return;
        }
        self.see_turns(side, shown);
        self.turns.push(Turn { side, shows, seen: false });
    }

    /// What was done on this side is seen there, or was replaced there; what was done on the other one where it shows.
    fn see_turns(&mut self, side: Side, shown: &str) {
        for turn in &mut self.turns {
            turn.seen |= turn.side == side || turn.shows.as_deref() == Some(shown);
        }
    }

    /// It is there again, with all that went when it was deleted.
    pub fn come_back(&mut self) {
        self.deleted = None;
        self.tellable += 1;
        for turn in self.turns.iter_mut().filter(|turn| turn.side == Side::Crm && turn.shows.is_none()) {
            turn.seen = false;
        }
        for index in std::mem::take(&mut self.gone_along) {
            if let Some(write) = self.writes.get_mut(index) {
                write.seen = false;
            }
        }
    }

    /// Its owner has it again as it was when it was deleted. What was entered elsewhere until then had gone with that.
    pub fn come_back_in_outlook(&mut self) {
        (self.deleted, self.restored) = (None, true);
        self.gone_along.clear();
        self.is_as_chosen();
    }

    /// Its owner has looked at all that there is of it, and kept what he wanted. To take something out of Deleted Items is to
    /// change it: whoever deletes it elsewhere has not seen that.
    pub fn is_as_chosen(&mut self) {
        for write in &mut self.writes {
            write.seen = true;
        }
        for turn in &mut self.turns {
            turn.seen = true;
        }
        self.turns.push(Turn { side: Side::M365, shows: None, seen: false });
        self.moves_of_guests.clear();
    }

    /// Somebody deletes it on this side, seeing all that is shown, and in this state.
    pub fn delete(&mut self, side: Side, shown: &str, state: &str) {
        let open: Vec<usize> = (0..self.writes.len())
            .filter(|index| self.writes.get(*index).is_some_and(|write| !write.seen))
            .collect();
        self.see(None, shown);
        self.gone_along = open
            .into_iter()
            .filter(|index| self.writes.get(*index).is_some_and(|write| write.seen))
            .collect();
        self.see_turns(side, state);
        // What was entered here and is not shown any more has been replaced before.
        for write in &mut self.writes {
            write.seen = write.seen || write.side == side;
        }
        self.deleted = Some(side);
    }
}

/// Whether a text carries a mark as a word of its own. Ids are made of all signs that a mark has, and of dashes.
pub fn carries(text: &str, mark: &str) -> bool {
    let goes_on = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
    text.match_indices(mark).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + mark.len()..].chars().next());
        !before.is_some_and(goes_on) && !after.is_some_and(goes_on)
    })
}

/// What Outlook shows of a field.
pub fn in_outlook(item: &Value, pointer: &str) -> String {
    item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What Outlook shows of an item's state: when an appointment begins, on the company's clocks, and what has become of a
/// task.
pub fn state_in_outlook(copy: &Value) -> String {
    if let Some(status) = copy["status"].as_str() {
        return status.to_owned();
    }
    let begins = copy["start"]["dateTime"].as_str().unwrap_or_default();
    let here = || {
        let utc: DateTime = begins.parse().ok()?;
        let moment = TimeZone::UTC.to_timestamp(utc).ok()?;
        Some(TimeZone::get(PLACE).ok()?.to_datetime(moment).to_string())
    };
    let timed = copy["isAllDay"] != true && copy["start"]["timeZone"] == "UTC";
    let begins = timed.then(here).flatten().unwrap_or_else(|| begins.to_owned());
    begins.chars().take(MINUTES).collect()
}

/// What the CRM shows of an item's state.
pub fn state_in_crm(record: &Record) -> String {
    match record.get("Date") {
        "" => record.get("Status").to_owned(),
        day => begin(day, record.get("Time")),
    }
}

/// A day and a time of day in the company's zone, as Outlook shows them.
pub fn begin(day: &str, time: &str) -> String {
    format!("{day}T{time}").chars().take(MINUTES).collect()
}

/// Length of a moment to the minute.
const MINUTES: usize = "2026-03-09T06:00".len();

/// What the CRM shows of all fields, as one text.
pub fn in_crm(record: &Record) -> String {
    record.fields.values().cloned().collect::<Vec<_>>().join(" | ")
}
