//! Calendars of a mailbox, and the groups that they stand in.

use super::changes::ChangeLog;
use super::content::Stamp;
use super::event::Event;
use super::{ItemNo, Mailbox};
use serde::{Deserialize, Serialize};

/// A calendar.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Its number.
    pub no: ItemNo,
    /// The group it stands in.
    pub group: ItemNo,
    /// Its name.
    pub name: Box<str>,
    /// How Outlook paints it.
    pub color: CalendarColor,
    /// When it was made and changed.
    pub stamp: Stamp,
    /// What changed among its events.
    pub log: ChangeLog<ItemNo>,
}

/// A group of calendars.
#[derive(Debug, Clone)]
pub struct CalendarGroup {
    /// Its number.
    pub no: ItemNo,
    /// Its name.
    pub name: Box<str>,
    /// `classId`, a GUID.
    pub class_id: Box<str>,
    /// When it was made and changed.
    pub stamp: Stamp,
}

/// `calendarColor`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub enum CalendarColor {
    #[default]
    Auto,
    LightBlue,
    LightGreen,
    LightOrange,
    LightGray,
    LightYellow,
    LightTeal,
    LightPink,
    LightBrown,
    LightRed,
    MaxColor,
}

impl Mailbox {
    /// A calendar by its number.
    pub fn calendar(&self, no: ItemNo) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| calendar.no == no)
    }

    /// A calendar by its number, to change it.
    pub fn calendar_mut(&mut self, no: ItemNo) -> Option<&mut Calendar> {
        self.calendars.iter_mut().find(|calendar| calendar.no == no)
    }

    /// The group of calendars that every mailbox has.
    pub fn default_group(&self) -> ItemNo {
        self.calendar_groups.first().map_or(ItemNo(0), |group| group.no)
    }

    /// Puts an event into its calendar, or back into it after a change.
    pub fn put_event(&mut self, event: Event) {
        self.by_uid.insert(event.ical_uid.clone(), event.no);
        if let Some(transaction) = &event.content.transaction_id {
            self.by_transaction.insert(transaction.clone(), event.no);
        }
        if let Some(calendar) = self.calendar_mut(event.calendar) {
            calendar.log.changed(event.no);
        }
        self.events.insert(event.no, event);
    }

    /// Takes an event out of its calendar.
    pub fn remove_event(&mut self, no: ItemNo) -> Option<Event> {
        let event = self.events.remove(&no)?;
        if self.by_uid.get(&event.ical_uid) == Some(&no) {
            self.by_uid.remove(&event.ical_uid);
        }
        if let Some(transaction) = &event.content.transaction_id {
            self.by_transaction.remove(transaction);
        }
        if let Some(calendar) = self.calendar_mut(event.calendar) {
            calendar.log.left(no);
        }
        Some(event)
    }
}
