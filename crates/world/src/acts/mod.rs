//! What people do: one act at a time, chosen by chance among those that the moment allows.

mod absences;
mod events;
mod guests;
mod looks;
mod mails;
mod persons;
mod restored;
mod series;
mod tasks;

pub use guests::Party;

use crate::clock::BEGIN;
use crate::dice::Dice;
use crate::hands::Hands;
use crate::items::{Item, Side, Sort, carries, in_crm, in_outlook, state_in_crm, state_in_outlook};
use crate::sides::Sides;
use crate::stage::PEOPLE;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tandem_audit::Record;
use tandem_outside::Clock;

/// Each so many-th value that somebody enters is one that was there before.
const CHANGE_OF_MIND: u64 = 5;

/// The people of a history, and what the audience knows of their doings.
pub struct Cast {
    pub(crate) sides: Arc<Sides>,
    pub(crate) hands: Hands,
    /// All items that anybody made.
    pub items: Vec<Item>,
    /// Numbers of the mails that people sent themselves, by what they did in Outlook.
    pub own_mails: BTreeSet<usize>,
    marks: u64,
    /// Collections of mailboxes as they were.
    shown: BTreeMap<(usize, &'static str), Vec<Value>>,
    /// Whether the connector has worked since somebody looked at what he has twice.
    worked: bool,
}

impl Cast {
    /// Everybody, before anything was done.
    pub fn new(sides: Arc<Sides>, hands: Hands) -> Self {
        Self {
            sides,
            hands,
            items: Vec::new(),
            own_mails: BTreeSet::new(),
            marks: 0,
            shown: BTreeMap::new(),
            worked: false,
        }
    }

    /// Somebody does something.
    pub async fn act(&mut self, dice: &Dice) {
        let before = self.hands.mailed();
        if std::mem::take(&mut self.worked) {
            self.tidies_up();
        }
        match dice.below(24) {
            0..=2 => self.mail_arrives(dice),
            3 => self.mail_is_dragged(dice),
            4..=5 => self.event_in_outlook(dice),
            6..=7 => self.event_in_crm(dice).await,
            8..=10 => self.event_changes_in_outlook(dice),
            11..=13 => self.event_changes_in_crm(dice).await,
            14 => self.event_goes(dice).await,
            15 => self.guest_answers(dice),
            16 => self.occurrence_changes(dice),
            17..=18 => self.task_is_made(dice).await,
            19..=20 => self.task_changes(dice).await,
            21 => self.person_changes(dice).await,
            22 => self.person_is_made(dice).await,
            _ => self.absence(dice).await,
        }
        let after = self.hands.mailed();
        self.own_mails.extend(before..after);
        // What one mailbox did may have changed the others.
        self.shown.clear();
    }

    /// The connector has worked: what people saw before is no longer what they see.
    pub fn look_again(&mut self) {
        self.worked = true;
        self.shown.clear();
    }

    pub(crate) fn mark(&mut self) -> String {
        self.marks += 1;
        format!("m{}", self.marks)
    }

    /// What is entered where this is shown: something new, or what somebody had replaced before. People change their minds.
    fn new_or_earlier(&mut self, index: usize, field: &str, shown: &str) -> String {
        let mark = self.mark();
        if !self.marks.is_multiple_of(CHANGE_OF_MIND) {
            return mark;
        }
        let writes = self.items.get(index).into_iter().flat_map(|item| item.writes.iter().rev());
        let mut replaced =
            writes.filter(|write| write.seen && write.field == field && !carries(shown, &write.mark));
        replaced.next().map_or(mark, |write| write.mark.clone())
    }

    pub(crate) fn new_item(&mut self, sort: Sort, owner: usize, made: Side) -> Item {
        Item {
            name: format!("i{}", self.items.len() + 1),
            sort,
            owner,
            guests: Vec::new(),
            meeting: false,
            outsiders: false,
            turns: Vec::new(),
            moves_of_guests: Vec::new(),
            gone_along: Vec::new(),
            touched: vec![(made, self.sides.time.now())],
            series: false,
            removed: Vec::new(),
            restored: false,
            private_from: None,
            made,
            id: None,
            record: None,
            writes: Vec::new(),
            deleted: None,
            tellable: 0,
            told: 0,
        }
    }

    /// A number that is another one with each change of an item: whose turn it is to be changed next, without dice.
    fn round_of(&self, index: usize) -> usize {
        index + self.items.get(index).map_or(0, |item| item.touched.len())
    }

    /// A day, counted from the first.
    pub(crate) fn day(offset: i64) -> Date {
        let begin = Timestamp::from_second(BEGIN).unwrap_or(Timestamp::UNIX_EPOCH);
        jiff::tz::TimeZone::UTC.to_datetime(begin).date().saturating_add(offset.days())
    }

    pub(crate) fn somebody(dice: &Dice) -> usize {
        dice.below(PEOPLE.len())
    }

    /// One of the items of these sorts that nobody deleted.
    pub(crate) fn some_item(&self, dice: &Dice, fits: impl Fn(&Item) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.items.len())
            .filter(|index| self.items.get(*index).is_some_and(|item| item.deleted.is_none() && fits(item)))
            .collect();
        dice.pick(&fitting).copied()
    }

    /// A collection of a mailbox as its owner sees it.
    fn shown(&mut self, who: usize, collection: &'static str) -> &[Value] {
        let hands = &self.hands;
        self.shown.entry((who, collection)).or_insert_with(|| hands.collection(who, collection))
    }

    /// An item's copy in a mailbox, as its owner sees it.
    pub(crate) fn copy_of(&mut self, index: usize, who: usize) -> Option<Value> {
        let (name, sort) = self.items.get(index).map(|item| (item.name.clone(), item.sort))?;
        self.shown(who, sort.collection()).iter().find(|one| named(one, &name)).cloned()
    }

    /// The copy in the owner's mailbox.
    pub(crate) fn in_outlook(&mut self, index: usize) -> Option<Value> {
        let item = self.items.get(index)?;
        let (owner, collection) = (item.owner, item.sort.collection());
        if let Some(id) = &item.id
            && let Some(found) =
                self.hands.mailbox(owner, "GET", &format!("/{collection}/{id}"), &Value::Null)
        {
            return Some(found);
        }
        let found = self.copy_of(index, owner)?;
        if let Some(item) = self.items.get_mut(index) {
            item.id = found["id"].as_str().map(str::to_owned);
        }
        Some(found)
    }

    /// The record, as the CRM shows it; none where it is marked as deleted.
    pub(crate) async fn in_crm(&mut self, index: usize) -> Option<Record> {
        let item = self.items.get(index)?;
        let (sort, name) = (item.sort, item.name.clone());
        let records = self.hands.records_with(sort, &name).await;
        let found = records.into_iter().find(|record| shows(record, &name) && !record.is(sort.deleted()))?;
        if let Some(item) = self.items.get_mut(index) {
            item.record = Some(found.id.clone());
        }
        Some(found)
    }

    /// Somebody has changed something about an item on this side.
    pub(crate) fn touch(&mut self, index: usize, side: Side) {
        let now = self.sides.time.now();
        if let Some(item) = self.items.get_mut(index) {
            item.touched.push((side, now));
        }
    }

    /// Changes some fields of a record.
    pub(crate) async fn edit_record(
        &mut self,
        index: usize,
        record: &Record,
        fields: &[(&str, &str)],
    ) -> bool {
        let Some(item) = self.items.get(index) else { return false };
        let (table, name) = (item.sort.table(), item.name.clone());
        if !self.hands.edits(table, &record.id, fields).await {
            return false;
        }
        self.touch(index, Side::Crm);
        self.sides.book.line(|| format!("crm   {name} {} := {fields:?}", record.name()));
        true
    }

    /// A new value for a field in the CRM, with a mark of its own.
    pub(crate) async fn write_in_crm(&mut self, index: usize, choice: usize) -> bool {
        let Some(record) = self.in_crm(index).await else { return false };
        let Some(item) = self.items.get(index) else { return false };
        let fields = item.sort.fields();
        let Some((field, _, name)) = fields.get(choice % fields.len().max(1)).copied() else { return false };
        let (label, shown) = (item.name.clone(), record.get(name).to_owned());
        let mark = self.new_or_earlier(index, field, &shown);
        let value = value_of(field, &label, &mark);
        if !self.edit_record(index, &record, &[(name, &value)]).await {
            return false;
        }
        if let Some(item) = self.items.get_mut(index) {
            item.write(field, Side::Crm, &shown, &mark);
            item.tellable += u64::from(field != "text");
        }
        true
    }

    /// A new value for a field in Outlook, with a mark of its own.
    pub(crate) fn write_in_outlook(&mut self, index: usize, choice: usize) -> bool {
        let Some(copy) = self.in_outlook(index) else { return false };
        let Some(item) = self.items.get(index) else { return false };
        let fields = item.sort.fields();
        let Some((field, pointer, _)) = fields.get(choice % fields.len().max(1)).copied() else {
            return false;
        };
        let (label, owner, collection) = (item.name.clone(), item.owner, item.sort.collection());
        let shown = in_outlook(&copy, pointer);
        let mark = self.new_or_earlier(index, field, &shown);
        let value = value_of(field, &label, &mark);
        let patch = patch_at(pointer, &value);
        let id = copy["id"].as_str().unwrap_or_default();
        let done = self.hands.mailbox(owner, "PATCH", &format!("/{collection}/{id}"), &patch).is_some();
        self.sides.book.line(|| format!("m365  {label} {patch} {}", if done { "done" } else { "refused" }));
        if done {
            self.touch(index, Side::M365);
        }
        if let (true, Some(item)) = (done, self.items.get_mut(index)) {
            item.write(field, Side::M365, &shown, &mark);
        }
        done
    }

    /// In the CRM somebody else gets to look after an item.
    pub(crate) async fn hand_over(&mut self, index: usize, dice: &Dice) {
        let Some(record) = self.in_crm(index).await else { return };
        let Some(item) = self.items.get(index) else { return };
        let (owner, sort, meeting) = (item.owner, item.sort, item.meeting);
        let to = (owner + 1 + dice.below(2)) % PEOPLE.len();
        // Whoever is named as its organiser goes on with a meeting.
        let stays = sort == Sort::Event && self.organizes(owner, &record).await;
        // An organiser whose address was typed in is nobody to the CRM: what he goes on with would be another one's there.
        if meeting && !stays {
            return;
        }
        if !self.edit_record(index, &record, &[("RepID", &(to + 1).to_string())]).await {
            return;
        }
        match self.items.get_mut(index) {
            Some(item) if stays => item.is_joined_by(Party::Rep(to)),
            Some(item) => (item.owner, item.id) = (to, None),
            None => {}
        }
    }

    /// Somebody deletes an item on one side.
    pub(crate) async fn delete(&mut self, index: usize, side: Side) -> bool {
        // Whoever sees it twice keeps one.
        let twice = side == Side::M365 && self.items.get(index).is_some_and(|item| item.restored);
        if twice && self.tidies_up() {
            return false;
        }
        let Some(item) = self.items.get(index) else { return false };
        let (name, owner, sort) = (item.name.clone(), item.owner, item.sort);
        let (shown, state, done) = match side {
            Side::M365 => {
                let Some(copy) = self.in_outlook(index) else { return false };
                let id = copy["id"].as_str().unwrap_or_default();
                let path = format!("/{}/{id}", sort.collection());
                let done = self.hands.mailbox(owner, "DELETE", &path, &Value::Null).is_some();
                (copy.to_string(), state_in_outlook(&copy), done)
            }
            Side::Crm => {
                let Some(record) = self.in_crm(index).await else { return false };
                let done = self.edit_record(index, &record, &[(sort.deleted(), "true")]).await;
                (in_crm(&record), state_in_crm(&record), done)
            }
        };
        self.sides.book.line(|| format!("{side:?} {name} deleted: {done}"));
        if let (true, Some(item)) = (done, self.items.get_mut(index)) {
            item.delete(side, &shown, &state);
            item.tellable += u64::from(side == Side::Crm);
        }
        done
    }
}

/// A value for a field: the fields that name the item go on naming it.
pub(crate) fn value_of(field: &str, name: &str, mark: &str) -> String {
    match field {
        "subject" => format!("{name} {mark}"),
        "mobile" => format!("+43 664 {mark}"),
        _ => format!("{field} {mark}"),
    }
}

fn patch_at(pointer: &str, value: &str) -> Value {
    match pointer {
        "/body/content" => serde_json::json!({"body": {"contentType": "text", "content": value}}),
        "/location/displayName" => serde_json::json!({"location": {"displayName": value}}),
        _ => serde_json::json!({ pointer.trim_start_matches('/'): value }),
    }
}

/// Whether a copy is of the item of that name.
pub(crate) fn named(copy: &Value, name: &str) -> bool {
    names_of_copy(copy).any(|found| found == name)
}

/// What a copy's fields could name.
pub(crate) fn names_of_copy(copy: &Value) -> impl Iterator<Item = &str> {
    let fields = ["subject", "title", "surname", "internetMessageId"];
    fields.into_iter().filter_map(|field| copy[field].as_str()).filter_map(name_in)
}

/// Whether a record is of the item of that name.
pub(crate) fn shows(record: &Record, name: &str) -> bool {
    names_of_record(record).any(|found| found == name)
}

/// What a record's fields could name.
pub(crate) fn names_of_record(record: &Record) -> impl Iterator<Item = &str> {
    let fields: &[&str] =
        if record.is("IsSerialContact") { &[] } else { &["Subject", "LastName", "MessageID", "Text"] };
    fields.iter().filter_map(|field| name_in(record.get(field)))
}

/// A text that names an item begins with its name.
fn name_in(text: &str) -> Option<&str> {
    text.trim_start_matches('<').split([' ', '@']).next()
}
