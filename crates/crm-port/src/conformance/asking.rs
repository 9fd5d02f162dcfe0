//! How the checks ask, and the items that they ask about.

use super::Site;
use crate::{Answer, Change, ChangePage, Command, CurrentRecord, RecordState, Rep, Status, Window};
use jiff::Timestamp;
use jiff::civil::DateTime;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{
    Appointment, Attendee, Importance, Item, Kind, Person, RecordId, Role, ShowAs, Stamp, Task, TaskStatus,
    When, Zone,
};

/// Stops a check unless something holds.
pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// The two reps of a site.
pub(super) async fn two_reps(site: &dyn Site) -> Result<[Rep; 2], String> {
    let mut reps = site.port().reps().await.map_err(|error| error.to_string())?;
    reps.retain(|rep| rep.enabled && !rep.inactive);
    let mut reps = reps.into_iter();
    match (reps.next(), reps.next()) {
        (Some(first), Some(second)) => Ok([first, second]),
        _ => Err("the site has fewer than two reps for whom the connector works".to_owned()),
    }
}

/// A rep who asks.
pub(super) struct Asking<'s> {
    pub site: &'s dyn Site,
    pub rep: Rep,
}

impl<'s> Asking<'s> {
    /// The first rep of a site.
    pub(super) async fn first(site: &'s dyn Site) -> Result<Self, String> {
        let [rep, _] = two_reps(site).await?;
        Ok(Self { site, rep })
    }

    pub(super) async fn ask(&self, commands: Vec<Command>) -> Result<Vec<Answer>, String> {
        let asked = commands.len();
        let answers = self.site.port().sync(&self.rep.login, commands).await;
        let answers = answers.map_err(|error| error.to_string())?;
        ensure(answers.len() == asked, || format!("{asked} commands got {} answers", answers.len()))?;
        Ok(answers)
    }

    async fn ask_one(&self, command: Command) -> Result<Answer, String> {
        self.ask(vec![command]).await?.pop().ok_or_else(|| "no answer".to_owned())
    }

    pub(super) async fn write(&self, command: Command) -> Result<Status, String> {
        match self.ask_one(command).await? {
            Answer::Status(status) => Ok(status),
            other => Err(format!("a write is answered with {other:?}")),
        }
    }

    /// Adds an item that must be new.
    pub(super) async fn add(&self, key: &str, item: Item) -> Result<(RecordId, Stamp), String> {
        let status = self.write(add(key, item)).await?;
        match (status.outcome, status.record, status.stamp) {
            (crate::Outcome::Added, Some(record), Some(stamp)) => Ok((record, stamp)),
            answered => Err(format!("a new item is answered with {answered:?}")),
        }
    }

    pub(super) async fn get(&self, kind: Kind, record: &RecordId) -> Result<Change, String> {
        match self.ask_one(Command::Get { record: record.clone(), kind }).await? {
            Answer::Record(CurrentRecord::Known(change)) => Ok(change),
            other => Err(format!("Get of {record} is answered with {other:?}")),
        }
    }

    /// The item of a record that must be there.
    pub(super) async fn item(&self, kind: Kind, record: &RecordId) -> Result<Item, String> {
        match self.get(kind, record).await?.state {
            RecordState::Present { item, .. } => Ok(*item),
            other => Err(format!("{record} is {other:?}")),
        }
    }

    pub(super) async fn page(
        &self,
        kind: Kind,
        since: Stamp,
        window: Option<Window>,
        limit: u32,
    ) -> Result<ChangePage, String> {
        match self.ask_one(Command::Changes { kind, since, window, limit }).await? {
            Answer::Changes(page) => Ok(page),
            other => Err(format!("Changes since {since} is answered with {other:?}")),
        }
    }

    /// The anchor behind everything that there is.
    pub(super) async fn anchor(&self, kind: Kind) -> Result<Stamp, String> {
        let mut since = Stamp(0);
        loop {
            let page = self.page(kind, since, None, 50).await?;
            since = page.next;
            if !page.more {
                return Ok(since);
            }
        }
    }
}

pub(super) fn add(key: &str, item: Item) -> Command {
    Command::Add { key: key.to_owned(), item, published: false }
}

pub(super) fn replace(record: &RecordId, item: Item, fields: &[&str], if_stamp: Option<Stamp>) -> Command {
    let fields: BTreeSet<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    Command::Replace { record: record.clone(), item, fields, if_stamp }
}

pub(super) fn task(subject: &str, text: &str) -> Item {
    Item::Task(Task {
        subject: subject.to_owned(),
        text: text.to_owned(),
        status: TaskStatus::NotStarted,
        importance: Importance::Normal,
        start: None,
        due: None,
        completed: None,
        reminder: None,
        categories: BTreeSet::new(),
    })
}

/// An hour of 3 March 2031 in Vienna.
pub(super) fn hour(hour: i8) -> Result<Timestamp, String> {
    let at = DateTime::constant(2031, 3, 3, hour, 0, 0, 0);
    let zoned = Zone::new("Europe/Vienna").time_zone().to_timestamp(at);
    zoned.map_err(|error| error.to_string())
}

/// An appointment from 10 to 11 on that day.
pub(super) fn appointment(subject: &str, organizer: &Rep, attendees: &[Person]) -> Result<Item, String> {
    let required = |person: &Person| Attendee { person: person.clone(), role: Role::Required };
    Ok(Item::Appointment(Appointment {
        subject: subject.to_owned(),
        text: String::new(),
        location: "Room 1".to_owned(),
        when: When::Timed { start: hour(10)?, end: hour(11)?, zone: Zone::new("Europe/Vienna") },
        show_as: ShowAs::Busy,
        private: false,
        importance: Importance::Normal,
        reminder_minutes: None,
        categories: BTreeSet::new(),
        organizer: Some(person(organizer)),
        attendees: attendees.iter().map(required).collect(),
        responses: BTreeMap::new(),
        series: None,
        additional: Default::default(),
    }))
}

pub(super) fn person(rep: &Rep) -> Person {
    Person::new(rep.name.clone(), rep.email.as_str())
}

pub(super) fn subject(item: &Item) -> &str {
    match item {
        Item::Task(task) => &task.subject,
        Item::Appointment(appointment) => &appointment.subject,
        _ => "",
    }
}
