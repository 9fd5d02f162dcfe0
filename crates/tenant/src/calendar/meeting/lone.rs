//! Invitations to one occurrence of a series, to people who have no part in the others.

use super::addresses;
use crate::calendar::global_id::uid_on;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::content::Stamp;
use crate::mailbox::event::{Event, Lone};
use crate::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

impl Event {
    /// The global id of the whole meeting and the occurrence, whichever of the two an event stands for.
    pub fn named_by(&self, date: Option<Date>) -> (&str, Option<Date>) {
        match &self.lone {
            Some(lone) => (&lone.series, Some(lone.date)),
            None => (&self.ical_uid, date),
        }
    }

    /// Who is invited to the occurrence of a date, but not to the series.
    pub(super) fn invited_alone(&self, date: Date) -> BTreeSet<String> {
        let all = addresses(&self.content);
        addresses(&self.content_on(date)).into_iter().filter(|address| !all.contains(address)).collect()
    }

    /// The occurrence of a date as an event of its own.
    fn alone(&self, date: Date) -> Event {
        Event {
            ical_uid: uid_on(&self.ical_uid, Some(date)).into(),
            lone: Some(Box::new(Lone { series: self.ical_uid.clone(), date })),
            content: self.content_on(date),
            exceptions: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            ..self.clone()
        }
    }
}

impl Tenant {
    /// Brings changed occurrences into the calendars of those who are invited to them alone.
    pub(super) fn distribute_alone(
        &mut self,
        organizer: MailboxNo,
        original: &Event,
        ask_again: bool,
        now: Timestamp,
    ) {
        let changed = original.exceptions.iter().filter(|(_, one)| one.overlay.contains_key("attendees"));
        for date in changed.map(|(date, _)| *date) {
            let alone = original.alone(date);
            for attendee in self.internal(organizer, &original.invited_alone(date)) {
                let stamp = Stamp::new(now, self.sequence.change());
                let known = self.mailbox(attendee).by_uid.get(&alone.ical_uid).copied();
                let copy = match known.and_then(|known| self.mailbox(attendee).events.get(&known)).cloned() {
                    Some(known) => self.refreshed(attendee, known, &alone, ask_again, stamp),
                    None => {
                        let no: ItemNo = self.sequence.item();
                        self.invitation(attendee, no, &alone, stamp)
                    }
                };
                self.mailbox_mut(attendee).put_event(copy);
            }
        }
    }
}
