//! Who takes part in a meeting: colleagues and people from outside, whom its owner invites and no longer invites, and
//! what the guests make of it.

use super::Cast;
use crate::dice::Dice;
use crate::hands::address;
use crate::items::{Item, Side, Sort, state_in_crm, state_in_outlook};
use serde_json::{Value, json};
use tandem_audit::Record;

/// People from outside: their addresses, and their numbers among the CRM's persons.
const OUTSIDERS: [(&str, &str); 2] = [("karl@kunde.example", "101"), ("lena@kunde.example", "102")];

/// Each so many-th change of a meeting is one of who takes part in it.
const CHANGE_OF_GUESTS: usize = 3;

/// Somebody who can be invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// One of `PEOPLE`.
    Rep(usize),
    /// One of `OUTSIDERS`.
    Outsider(usize),
}

impl Party {
    /// Whom the owner of a meeting can invite.
    fn any(dice: &Dice, owner: usize) -> Self {
        match dice.below(4) {
            0 => Party::Rep((owner + 1) % 3),
            1 => Party::Rep((owner + 2) % 3),
            more => Party::Outsider(more % 2),
        }
    }

    /// His address.
    pub fn address(self) -> String {
        match self {
            Party::Rep(who) => address(who),
            Party::Outsider(which) => OUTSIDERS.get(which).map_or("", |(address, _)| address).to_owned(),
        }
    }

    /// Whether a participant's record is this one's.
    fn has(self, record: &Record) -> bool {
        let named = record.get("Email").eq_ignore_ascii_case(&self.address());
        named
            || match self {
                Party::Rep(who) => record.get("RepID") == (who + 1).to_string(),
                Party::Outsider(which) => {
                    OUTSIDERS.get(which).is_some_and(|(_, number)| record.get("PeNo") == *number)
                }
            }
    }

    /// A participant's record: whoever is known to the CRM is picked there, or his address is typed in.
    fn row(self, number: &(String, String), role: &str, picked: bool) -> Vec<(&'static str, String)> {
        let status = if role == "organizer" { "accepted" } else { "none" };
        let mut row = vec![
            ("ContactStatNo", number.0.clone()),
            ("ContactSeqNo", number.1.clone()),
            ("Role", role.to_owned()),
            ("Email", self.address()),
            ("Name", self.address()),
            ("Status", status.to_owned()),
        ];
        match self {
            Party::Rep(who) if picked => row.push(("RepID", (who + 1).to_string())),
            Party::Outsider(which) if picked => {
                let person = OUTSIDERS.get(which).map_or("", |(_, number)| number);
                let keys = [("PeGrp", "2"), ("PeNo", person), ("CoGrp", "2"), ("CoNo", "10")];
                row.extend(keys.map(|(field, value)| (field, value.to_owned())));
            }
            _ => {}
        }
        row
    }
}

impl Item {
    pub(super) fn is_joined_by(&mut self, party: Party) {
        self.meeting = true;
        match party {
            Party::Rep(who) if !self.guests.contains(&who) => self.guests.push(who),
            Party::Rep(_) => {}
            Party::Outsider(_) => self.outsiders = true,
        }
    }
}

impl Cast {
    pub(super) fn guests(dice: &Dice, owner: usize) -> Vec<usize> {
        match dice.below(5) {
            0 | 1 => Vec::new(),
            2 | 3 => vec![(owner + 1) % 3],
            _ => vec![(owner + 1) % 3, (owner + 2) % 3],
        }
    }

    pub(super) fn outsider(dice: &Dice) -> Option<Party> {
        dice.once_in(3).then(|| Party::Outsider(dice.below(2)))
    }

    /// Whether it is the turn of a meeting's guests to be changed.
    pub(super) fn is_about_guests(&self, index: usize) -> bool {
        self.round_of(index).is_multiple_of(CHANGE_OF_GUESTS)
    }

    /// The owner invites somebody else in Outlook, or somebody no longer.
    pub(super) fn guests_change_in_outlook(&mut self, index: usize, dice: &Dice) {
        let Some(copy) = self.in_outlook(index) else { return };
        let Some(owner) = self.items.get(index).map(|item| item.owner) else { return };
        let party = Party::any(dice, owner);
        let now = match party {
            Party::Rep(who) => self.hands.owner(who).unwrap_or_else(|| party.address()),
            Party::Outsider(_) => party.address(),
        };
        let is_his = |attendee: &Value| {
            let at = attendee["emailAddress"]["address"].as_str().unwrap_or_default();
            at.eq_ignore_ascii_case(&now) || at.eq_ignore_ascii_case(&party.address())
        };
        let mut attendees = copy["attendees"].as_array().cloned().unwrap_or_default();
        let before = attendees.len();
        attendees.retain(|attendee| !is_his(attendee));
        let joins = attendees.len() == before;
        if joins {
            attendees.push(json!({"type": "required", "emailAddress": {"name": now, "address": now}}));
        }
        let path = format!("/events/{}", copy["id"].as_str().unwrap_or_default());
        let done = self.hands.mailbox(owner, "PATCH", &path, &json!({ "attendees": attendees })).is_some();
        let what = if joins { "joins" } else { "leaves" };
        self.sides.book.line(|| format!("m365  {} {what} event {index}: {done}", party.address()));
        if done {
            self.is_changed(index, Side::M365, party, joins, &state_in_outlook(&copy));
        }
    }

    /// Whether the CRM knows somebody as an appointment's organiser.
    pub(super) async fn organizes(&self, who: usize, record: &Record) -> bool {
        let rows = self.hands.records("Participant").await;
        rows.iter().any(|row| {
            belongs(row, record)
                && row.get("Role") == "organizer"
                && row.get("RepID") == (who + 1).to_string()
        })
    }

    /// Somebody adds a participant in the CRM, or takes one off.
    pub(super) async fn guests_change_in_crm(&mut self, index: usize, dice: &Dice) {
        let Some(record) = self.in_crm(index).await else { return };
        let Some(owner) = self.items.get(index).map(|item| item.owner) else { return };
        let party = Party::any(dice, owner);
        let number = (record.get("StatNo").to_owned(), record.get("SeqNo").to_owned());
        let rows = self.hands.records("Participant").await;
        let found =
            rows.iter().find(|row| belongs(row, &record) && row.get("Role") != "organizer" && party.has(row));
        let done = match found {
            Some(row) => self.hands.removes("Participant", &row.id).await,
            None => self.participant(party, &number, "required", index.is_multiple_of(2)).await,
        };
        let what = if found.is_none() { "joins" } else { "leaves" };
        self.sides.book.line(|| format!("crm   {} {what} event {index}: {done}", party.address()));
        if done {
            self.is_changed(index, Side::Crm, party, found.is_none(), &state_in_crm(&record));
        }
    }

    /// A participant of the activity with this number.
    pub(super) async fn participant(
        &self,
        party: Party,
        number: &(String, String),
        role: &str,
        picked: bool,
    ) -> bool {
        let row = party.row(number, role, picked);
        let row: Vec<_> = row.iter().map(|(field, value)| (*field, value.as_str())).collect();
        self.hands.adds("Participant", &row).await
    }

    fn is_changed(&mut self, index: usize, side: Side, party: Party, joins: bool, shown: &str) {
        self.touch(index, side);
        let Some(item) = self.items.get_mut(index) else { return };
        item.turn(side, shown, None);
        item.tellable += u64::from(side == Side::Crm);
        item.moves_of_guests.push((party, side, joins));
        if joins {
            item.is_joined_by(party);
        }
    }

    /// A guest answers an invitation, or clears his calendar of it without a word.
    pub(super) fn guest_answers(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event && !item.guests.is_empty())
        else {
            return;
        };
        let Some(guest) = self.items.get(index).and_then(|item| dice.pick(&item.guests).copied()) else {
            return;
        };
        let Some(copy) = self.copy_of(index, guest) else { return self.guest_restores(index, guest) };
        let response = ["accepted", "tentativelyAccepted", "declined"][dice.below(3)];
        let path = format!("/events/{}", copy["id"].as_str().unwrap_or_default());
        if self.is_about_guests(index) {
            let done = self.hands.mailbox(guest, "DELETE", &path, &Value::Null).is_some();
            if let (true, Some(item)) = (done, self.items.get_mut(index)) {
                item.removed.push((guest, copy));
            }
            return self
                .sides
                .book
                .line(|| format!("m365  {guest} removes his copy of event {index}: {done}"));
        }
        if self.items.len().is_multiple_of(3) {
            let own = json!({"categories": ["mine"], "isReminderOn": true, "reminderMinutesBeforeStart": 30});
            let done = self.hands.mailbox(guest, "PATCH", &path, &own).is_some();
            return self.sides.book.line(|| format!("m365  {guest} marks his copy of event {index}: {done}"));
        }
        let path = format!("{path}/respond");
        let done = self.hands.mailbox(guest, "POST", &path, &json!({ "response": response })).is_some();
        self.sides.book.line(|| format!("m365  {guest} answers {response} to event {index}: {done}"));
    }
}

/// Whether a record, such as a participant, is one of this activity's.
pub(super) fn belongs(row: &Record, activity: &Record) -> bool {
    let number = (row.get("ContactStatNo"), row.get("ContactSeqNo"));
    !number.1.is_empty() && number == (activity.get("StatNo"), activity.get("SeqNo"))
}
