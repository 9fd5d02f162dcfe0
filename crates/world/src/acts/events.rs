//! Appointments and meetings.

use super::{Cast, value_of};
use crate::dice::Dice;
use crate::hands::{PLACE, ZONE, address};
use crate::items::{Item, Side, Sort, Write, begin, state_in_crm, state_in_outlook};
use serde_json::{Value, json};

/// Attendees from outside.
const OUTSIDERS: [&str; 2] = ["karl@kunde.example", "lena@kunde.example"];

impl Cast {
    fn guests(dice: &Dice, owner: usize) -> Vec<usize> {
        match dice.below(5) {
            0 | 1 => Vec::new(),
            2 | 3 => vec![(owner + 1) % 3],
            _ => vec![(owner + 1) % 3, (owner + 2) % 3],
        }
    }

    /// A day and a time of day; some lie beyond the night in which the clocks change.
    fn when(dice: &Dice) -> (String, String, String) {
        let day = Self::day(1 + i64::try_from(dice.below(35)).unwrap_or(0));
        let (hour, minute) = (8 + dice.below(9), 5 * dice.below(12));
        (day.to_string(), format!("{hour:02}:{minute:02}"), format!("{:02}:{minute:02}", hour + 1))
    }

    fn first_values(&mut self, item: &mut Item) -> Vec<(&'static str, String)> {
        let side = item.made;
        let mut values = Vec::new();
        for (field, _, _) in item.sort.fields() {
            let mark = self.mark();
            values.push((*field, value_of(field, &item.name, &mark)));
            item.writes.push(Write::new(field, &mark, side));
        }
        values
    }

    /// Somebody enters an appointment into Outlook.
    pub(super) fn event_in_outlook(&mut self, dice: &Dice) {
        let owner = Self::somebody(dice);
        let mut item = self.new_item(Sort::Event, owner, Side::M365);
        item.guests = Self::guests(dice, owner);
        let outsider = dice.once_in(3).then(|| OUTSIDERS[dice.below(2)]);
        item.meeting = !item.guests.is_empty() || outsider.is_some();
        item.outsiders = outsider.is_some();
        item.private = dice.once_in(8);
        let values = self.first_values(&mut item);
        let (day, from, to) = Self::when(dice);
        let at = |time: &str| json!({"dateTime": format!("{day}T{time}:00"), "timeZone": ZONE});
        let [subject, place, text] = values.as_slice() else { return };
        let mut event = json!({
            "subject": subject.1, "location": {"displayName": place.1},
            "body": {"contentType": "text", "content": text.1}, "start": at(&from), "end": at(&to),
        });
        let addresses = item.guests.iter().map(|who| address(*who)).chain(outsider.map(str::to_owned));
        let attendee = |at: String| json!({"type": "required", "emailAddress": {"name": at, "address": at}});
        event["attendees"] = addresses.map(attendee).collect();
        if item.private {
            event["sensitivity"] = "private".into();
        }
        if dice.once_in(4) {
            item.series = true;
            let (kind, more) = if dice.once_in(2) { ("daily", json!({})) } else { ("weekly", json!({})) };
            event["recurrence"] = series(kind, &day, &more);
        } else if dice.once_in(8) {
            event["isAllDay"] = true.into();
            let next = Self::day(1).to_string();
            event["start"] = json!({"dateTime": format!("{}T00:00:00", Self::day(0)), "timeZone": ZONE});
            event["end"] = json!({"dateTime": format!("{next}T00:00:00"), "timeZone": ZONE});
        }
        let made = self.hands.mailbox(owner, "POST", "/events", &event);
        self.sides.book.line(|| format!("m365  {} event of {owner} {event}: {}", item.name, made.is_some()));
        if let Some(made) = made {
            item.id = made["id"].as_str().map(str::to_owned);
            self.items.push(item);
        }
    }

    /// Somebody plans an appointment in the CRM.
    pub(super) async fn event_in_crm(&mut self, dice: &Dice) {
        let owner = Self::somebody(dice);
        let mut item = self.new_item(Sort::Event, owner, Side::Crm);
        item.guests = Self::guests(dice, owner);
        let outsider = dice.once_in(3).then(|| OUTSIDERS[dice.below(2)]);
        item.meeting = !item.guests.is_empty() || outsider.is_some();
        item.outsiders = outsider.is_some();
        let values = self.first_values(&mut item);
        let [subject, place, text] = values.as_slice() else { return };
        let (day, from, to) = Self::when(dice);
        let (rep, number) = ((owner + 1).to_string(), (1000 + self.items.len()).to_string());
        let fields = [
            ("StatNo", "2"),
            ("SeqNo", &*number),
            ("Contact", "Appointment"),
            ("TimeZone", PLACE),
            ("RepID", &*rep),
            ("ShowAs", "busy"),
            ("Date", &*day),
            ("EndDate", &*day),
            ("Time", &*from),
            ("EndTime", &*to),
            ("Subject", &*subject.1),
            ("A031Location", &*place.1),
            ("Text", &*text.1),
        ];
        let made = self.hands.adds("Contact", &fields).await;
        self.sides.book.line(|| {
            format!(
                "crm   {} event of {owner} {day} {from} guests {:?} {outsider:?}: {made}",
                item.name, item.guests
            )
        });
        let reps = [(owner, "organizer", "accepted")].into_iter();
        let reps = reps.chain(item.guests.iter().map(|who| (*who, "required", "none")));
        let mut people: Vec<_> =
            reps.map(|(who, role, status)| (Some(who), address(who), role, status)).collect();
        people.extend(outsider.map(|at| (None, at.to_owned(), "required", "none")));
        for (who, at, role, status) in people {
            let mut row = vec![
                ("ContactStatNo", "2"),
                ("ContactSeqNo", &*number),
                ("Role", role),
                ("Email", &*at),
                ("Name", &*at),
                ("Status", status),
            ];
            // Colleagues are picked from the list of reps, or their addresses are typed in.
            let rep = who.map(|who| (who + 1).to_string()).filter(|_| self.items.len().is_multiple_of(2));
            row.extend(rep.as_deref().map(|rep| ("RepID", rep)));
            self.hands.adds("Participant", &row).await;
        }
        item.tellable = 1;
        self.look_again();
        self.items.push(item);
    }

    /// The owner changes his appointment: what it says, or when it is.
    pub(super) fn event_changes_in_outlook(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event) else {
            return self.event_in_outlook(dice);
        };
        if dice.once_in(3) {
            let Some(copy) = self.in_outlook(index) else { return };
            let (day, from, to) = Self::when(dice);
            let Some(item) = self.items.get(index) else { return };
            if item.series || copy["isAllDay"] == true {
                return;
            }
            let at = |time: &str| json!({"dateTime": format!("{day}T{time}:00"), "timeZone": ZONE});
            let patch = json!({"start": at(&from), "end": at(&to)});
            let path = format!("/events/{}", copy["id"].as_str().unwrap_or_default());
            let done = self.hands.mailbox(item.owner, "PATCH", &path, &patch).is_some();
            self.sides.book.line(|| format!("m365  {} to {day} {from}: {done}", item.name));
            if done {
                self.touch(index, Side::M365);
            }
            if let (true, Some(item)) = (done, self.items.get_mut(index)) {
                item.turn(Side::M365, &state_in_outlook(&copy), Some(begin(&day, &from)));
            }
        } else {
            self.write_in_outlook(index, dice.below(3));
        }
    }

    /// Somebody changes an appointment in the CRM.
    pub(super) async fn event_changes_in_crm(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event) else {
            return self.event_in_crm(dice).await;
        };
        if dice.once_in(3) {
            let Some(record) = self.in_crm(index).await else { return };
            if self.items.get(index).is_none_or(|item| item.series) || record.is("AllDay") {
                return;
            }
            let (day, from, to) = Self::when(dice);
            let fields = [("Date", &*day), ("EndDate", &*day), ("Time", &*from), ("EndTime", &*to)];
            if self.edit_record(index, &record, &fields).await
                && let Some(item) = self.items.get_mut(index)
            {
                item.tellable += 1;
                item.turn(Side::Crm, &state_in_crm(&record), Some(begin(&day, &from)));
            }
        } else {
            self.write_in_crm(index, dice.below(3)).await;
        }
    }

    /// Somebody deletes an appointment.
    pub(super) async fn event_goes(&mut self, dice: &Dice) {
        if let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event) {
            let side = if dice.once_in(2) { Side::M365 } else { Side::Crm };
            self.delete(index, side).await;
        }
    }

    /// A guest answers an invitation.
    pub(super) fn guest_answers(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event && !item.guests.is_empty())
        else {
            return;
        };
        let Some(guest) = self.items.get(index).and_then(|item| dice.pick(&item.guests).copied()) else {
            return;
        };
        let Some(copy) = self.copy_of(index, guest) else { return };
        let response = ["accepted", "tentativelyAccepted", "declined"][dice.below(3)];
        let path = format!("/events/{}/respond", copy["id"].as_str().unwrap_or_default());
        let done = self.hands.mailbox(guest, "POST", &path, &json!({ "response": response })).is_some();
        self.sides.book.line(|| format!("m365  {guest} answers {response} to event {index}: {done}"));
    }

    /// One occurrence of a series is moved or called off.
    pub(super) fn occurrence_changes(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.series) else {
            return self.event_in_outlook(dice);
        };
        let Some(copy) = self.in_outlook(index) else { return };
        let Some(owner) = self.items.get(index).map(|item| item.owner) else { return };
        let Some(first) = copy["recurrence"]["range"]["startDate"]
            .as_str()
            .and_then(|day| day.parse::<jiff::civil::Date>().ok())
        else {
            return;
        };
        let step = if copy["recurrence"]["pattern"]["type"] == "weekly" { 7 } else { 1 };
        let number = i64::try_from(dice.below(5)).unwrap_or(0);
        let day = first.saturating_add(jiff::ToSpan::days(step * number));
        let master = copy["id"].as_str().unwrap_or_default();
        let path = format!("/events/{master}/occurrences/{day}");
        let Some(one) = self.hands.mailbox(owner, "GET", &path, &Value::Null) else { return };
        let path = format!("/events/{}", one["id"].as_str().unwrap_or_default());
        let done = if dice.once_in(3) {
            self.hands.mailbox(owner, "DELETE", &path, &Value::Null).is_some()
        } else {
            let at = |time: &str| json!({"dateTime": format!("{day}T{time}:00"), "timeZone": ZONE});
            let patch =
                json!({"start": at("18:00"), "end": at("18:30"), "location": {"displayName": "late"}});
            self.hands.mailbox(owner, "PATCH", &path, &patch).is_some()
        };
        self.sides.book.line(|| format!("m365  occurrence {day} of event {index}: {done}"));
        if done {
            self.touch(index, Side::M365);
        }
        if let (true, Some(item)) = (done, self.items.get_mut(index)) {
            item.turn(Side::M365, &state_in_outlook(&copy), None);
        }
    }
}

fn series(kind: &str, day: &str, more: &Value) -> Value {
    let mut pattern = json!({"type": kind, "interval": 1});
    if kind == "weekly" {
        let date: jiff::civil::Date = day.parse().unwrap_or_default();
        let name = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        pattern["daysOfWeek"] = json!([name[index % 7]]);
    }
    if let (Some(pattern), Some(more)) = (pattern.as_object_mut(), more.as_object()) {
        pattern.extend(more.clone());
    }
    json!({
        "pattern": pattern,
        "range": {"type": "numbered", "numberOfOccurrences": 5, "startDate": day, "recurrenceTimeZone": ZONE},
    })
}
