//! Exceptions of a series: making them, and keeping their attendees in step with the series'.

use super::addresses;
use crate::mailbox::content::Stamp;
use crate::mailbox::event::{Attendee, Event, EventContent, Exception};
use crate::mailbox::patch;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

impl Event {
    /// The exception of a date, made if there is none; it changes with the series.
    pub(super) fn exception_on(&mut self, date: Date, now: Timestamp) -> &mut Exception {
        let change = self.stamp.change;
        let exception = self.exceptions.entry(date).or_insert_with(|| Exception {
            overlay: Map::new(),
            stamp: Stamp::new(now, change),
            response: None,
            extended: Vec::new(),
        });
        exception.stamp.touch(now, change);
        exception
    }

    /// Invites to the exceptions who was invited to the series, and takes out of them who was taken out of it.
    pub(super) fn follow_attendees(&mut self, before: &EventContent) {
        let (old, new) = (addresses(before), addresses(&self.content));
        if old == new {
            return;
        }
        let dates: Vec<Date> = self.exceptions.keys().copied().collect();
        for date in dates {
            let mut attendees = self.content_on(date).attendees;
            let Some(exception) = self.exceptions.get_mut(&date) else { continue };
            if !exception.overlay.contains_key("attendees") {
                continue;
            }
            let gone = |attendee: &Attendee| {
                let key = attendee.email_address.key();
                old.contains(&key) && !new.contains(&key)
            };
            attendees.retain(|attendee| !gone(attendee));
            for added in &self.content.attendees {
                let key = added.email_address.key();
                if !old.contains(&key) && !attendees.iter().any(|known| known.email_address.key() == key) {
                    attendees.push(added.clone());
                }
            }
            exception.set_attendees(attendees);
        }
    }
}

impl Exception {
    /// Says who attends this occurrence.
    pub(super) fn set_attendees(&mut self, attendees: Vec<Attendee>) {
        let list = attendees.iter().map(|attendee| Value::Object(patch::as_map(attendee))).collect();
        self.overlay.insert("attendees".to_owned(), list);
    }
}
