//! Appointments and meetings.

use super::guests::Party;
use super::{Cast, series, value_of};
use crate::dice::Dice;
use crate::hands::{PLACE, ZONE};
use crate::items::{Item, Side, Sort, Write, begin, state_in_crm, state_in_outlook};
use serde_json::{Value, json};

/// In which zones people enter appointments, in turn: most do so at home, some while they travel.
const ZONES: [&str; 6] =
    [ZONE, ZONE, "Tokyo Standard Time", ZONE, "Pacific Standard Time", "India Standard Time"];

impl Cast {
    /// A day and a time of day; some lie beyond the night in which the clocks change.
    pub(super) fn when(dice: &Dice) -> (String, String, String) {
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
        let outsider = Self::outsider(dice);
        item.meeting = !item.guests.is_empty() || outsider.is_some();
        item.outsiders = outsider.is_some();
        item.private_from = dice.once_in(8).then_some(0);
        let values = self.first_values(&mut item);
        let (day, from, to) = Self::when(dice);
        let zone = ZONES[self.items.len() % ZONES.len()];
        let at = |time: &str| json!({"dateTime": format!("{day}T{time}:00"), "timeZone": zone});
        let [subject, place, text] = values.as_slice() else { return };
        let mut event = json!({
            "subject": subject.1, "location": {"displayName": place.1},
            "body": {"contentType": "text", "content": text.1}, "start": at(&from), "end": at(&to),
        });
        let addresses = item.guests.iter().map(|who| Party::Rep(*who)).chain(outsider).map(Party::address);
        let attendee = |at: String| json!({"type": "required", "emailAddress": {"name": at, "address": at}});
        event["attendees"] = addresses.map(attendee).collect();
        if item.private_from.is_some() {
            event["sensitivity"] = "private".into();
        }
        if dice.once_in(4) {
            item.series = true;
            let kind = if dice.once_in(2) { "daily" } else { "weekly" };
            event["recurrence"] = recurrence(kind, &day, (5, self.items.len()), zone);
        } else if dice.once_in(8) {
            set_whole_day(&mut event, Self::day(0));
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
        let outsider = Self::outsider(dice);
        item.meeting = !item.guests.is_empty() || outsider.is_some();
        item.outsiders = outsider.is_some();
        let values = self.first_values(&mut item);
        let [subject, place, text] = values.as_slice() else { return };
        let (day, from, to) = Self::when(dice);
        let (rep, number) = ((owner + 1).to_string(), (1000 + self.items.len()).to_string());
        item.series = self.plans_a_series();
        let rule = if item.series { series::rule(&day, self.items.len()) } else { String::new() };
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
            ("IsMasterContact", if item.series { "true" } else { "false" }),
            ("Recurrence", &*rule),
        ];
        let made = self.hands.adds("Contact", &fields).await;
        self.sides.book.line(|| {
            format!(
                "crm   {} event of {owner} {day} {from} {rule} guests {:?} {outsider:?}: {made}",
                item.name, item.guests
            )
        });
        let picked = self.items.len().is_multiple_of(2);
        let guests = item.guests.iter().map(|who| Party::Rep(*who)).chain(outsider);
        let guests = guests.map(|party| (party, "required"));
        // Whoever plans something for himself need not enter himself as taking part.
        let organizer = (item.meeting || picked).then_some((Party::Rep(owner), "organizer"));
        for (party, role) in organizer.into_iter().chain(guests) {
            self.participant(party, &("2".to_owned(), number.clone()), role, picked).await;
        }
        item.tellable = 1;
        self.shown.clear();
        self.items.push(item);
    }

    /// The owner changes his appointment: what it says, or when it is.
    pub(super) fn event_changes_in_outlook(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event) else {
            return self.event_in_outlook(dice);
        };
        if self.is_about_guests(index) {
            return self.guests_change_in_outlook(index, dice);
        }
        if dice.once_in(3) {
            let Some(copy) = self.in_outlook(index) else { return };
            let (day, from, to) = Self::when(dice);
            let Some(item) = self.items.get(index) else { return };
            let at = |time: &str| json!({"dateTime": format!("{day}T{time}:00"), "timeZone": ZONE});
            let mut patch = json!({"start": at(&from), "end": at(&to)});
            let mut shows = Some(begin(&day, &from));
            if item.series {
                let kind = if dice.once_in(2) { "daily" } else { "weekly" };
                let times = 3 + dice.below(3);
                patch["recurrence"] = recurrence(kind, &day, (times, self.round_of(index)), ZONE);
            } else if copy["isAllDay"] == true {
                patch["isAllDay"] = false.into();
            } else if self.takes_all_day(index) {
                set_whole_day(&mut patch, day.parse().unwrap_or_default());
                shows = None;
            }
            self.patches(index, &copy, &patch, shows);
        } else if self.round_of(index) % 7 == 5 {
            self.owner_keeps_it_to_himself(index);
        } else if self.is_about_looks(index) {
            self.looks_otherwise_in_outlook(index, dice);
        } else {
            self.write_in_outlook(index, dice.below(3));
        }
    }

    /// Whether an appointment that is moved takes the whole day from now on.
    fn takes_all_day(&self, index: usize) -> bool {
        self.round_of(index) % 4 == 1
    }

    /// The owner makes an appointment private, or a private one public.
    fn owner_keeps_it_to_himself(&mut self, index: usize) {
        let Some(copy) = self.in_outlook(index) else { return };
        let becomes = if copy["sensitivity"] == "private" { "normal" } else { "private" };
        if self.patches(index, &copy, &json!({ "sensitivity": becomes }), None)
            && let Some(item) = self.items.get_mut(index)
        {
            item.private_from = (becomes == "private").then_some(item.writes.len());
        }
    }

    /// The owner changes something about his appointment that no mark tells of; when it is then, where that is what he changed.
    pub(super) fn patches(
        &mut self,
        index: usize,
        copy: &Value,
        patch: &Value,
        shows: Option<String>,
    ) -> bool {
        let Some(item) = self.items.get(index) else { return false };
        let path = format!("/events/{}", copy["id"].as_str().unwrap_or_default());
        let done = self.hands.mailbox(item.owner, "PATCH", &path, patch).is_some();
        self.sides
            .book
            .line(|| format!("m365  {} {patch} {}", item.name, if done { "done" } else { "refused" }));
        if done {
            self.touch(index, Side::M365);
        }
        if let (true, Some(item)) = (done, self.items.get_mut(index)) {
            item.turn(Side::M365, &state_in_outlook(copy), shows);
        }
        done
    }

    /// Somebody changes an appointment in the CRM.
    pub(super) async fn event_changes_in_crm(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event) else {
            return self.event_in_crm(dice).await;
        };
        if self.is_about_guests(index) {
            return self.guests_change_in_crm(index, dice).await;
        }
        if dice.once_in(3) {
            let Some(record) = self.in_crm(index).await else { return };
            let Some(item) = self.items.get(index) else { return };
            if item.series {
                return self.series_changes_in_crm(index, dice).await;
            }
            if index.is_multiple_of(4) && !item.meeting {
                return self.hand_over(index, dice).await;
            }
            let (day, from, to) = Self::when(dice);
            let whole = !record.is("AllDay") && self.takes_all_day(index);
            let mut fields = vec![("Date", &*day), ("EndDate", &*day)];
            if whole {
                fields.push(("AllDay", "true"));
            } else {
                let timed = [("AllDay", "false"), ("Time", &*from), ("EndTime", &*to), ("TimeZone", PLACE)];
                fields.extend(timed);
            }
            if self.edit_record(index, &record, &fields).await
                && let Some(item) = self.items.get_mut(index)
            {
                item.tellable += 1;
                item.turn(Side::Crm, &state_in_crm(&record), (!whole).then(|| begin(&day, &from)));
            }
        } else if self.is_about_looks(index) {
            self.looks_otherwise_in_crm(index, dice).await;
        } else {
            self.write_in_crm(index, dice.below(3)).await;
        }
    }

    /// Somebody deletes an appointment.
    pub(super) async fn event_goes(&mut self, dice: &Dice) {
        let deleted = |item: &Item| item.deleted == Some(Side::Crm) && item.sort != Sort::Person;
        if let Some(index) = self.items.iter().position(deleted).filter(|index| index.is_multiple_of(2)) {
            return self.restore(index).await;
        }
        let binned = |item: &Item| item.sort == Sort::Event && item.deleted.is_some() && !item.meeting;
        let mut binned = (0..self.items.len()).filter(|index| self.items.get(*index).is_some_and(binned));
        if let Some(index) = binned.find(|index| index % 2 == 1)
            && self.restore_in_outlook(index)
        {
            return;
        }
        if let Some(index) = self.some_item(dice, |item| item.sort == Sort::Event) {
            let side = if dice.once_in(2) { Side::M365 } else { Side::Crm };
            self.delete(index, side).await;
        }
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
        let pattern = &copy["recurrence"]["pattern"];
        let number = i64::try_from(dice.below(5)).unwrap_or(0) * pattern["interval"].as_i64().unwrap_or(1);
        let later = match pattern["type"].as_str() {
            Some("weekly") => jiff::ToSpan::weeks(number),
            Some("absoluteMonthly") => jiff::ToSpan::months(number),
            _ => jiff::ToSpan::days(number),
        };
        let day = first.saturating_add(later);
        let master = copy["id"].as_str().unwrap_or_default();
        let path = format!("/events/{master}/occurrences/{day}");
        let Some(one) = self.hands.mailbox(owner, "GET", &path, &Value::Null) else { return };
        let path = format!("/events/{}", one["id"].as_str().unwrap_or_default());
        // A series of which nothing is left within the time frame is nobody's business: months are too long for that.
        let monthly = copy["recurrence"]["pattern"]["type"] == "absoluteMonthly";
        let done = if dice.once_in(3) && !monthly {
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

/// Makes an event take a whole day.
fn set_whole_day(event: &mut Value, day: jiff::civil::Date) {
    let at = |day: jiff::civil::Date| json!({"dateTime": format!("{day}T00:00:00"), "timeZone": ZONE});
    event["isAllDay"] = true.into();
    event["start"] = at(day);
    event["end"] = at(day.saturating_add(jiff::ToSpan::days(1)));
}

/// A series that begins on a day, so many times, in one of several forms.
fn recurrence(kind: &str, day: &str, (times, form): (usize, usize), zone: &str) -> Value {
    let date: jiff::civil::Date = day.parse().unwrap_or_default();
    let pattern = match (kind, form % 5) {
        (_, 3) => json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": date.day()}),
        ("weekly", _) => {
            let name = date.strftime("%A").to_string().to_lowercase();
            json!({"type": "weekly", "interval": 1, "daysOfWeek": [name]})
        }
        _ => json!({"type": "daily", "interval": 1 + form % 2}),
    };
    let mut range = json!({"startDate": day, "recurrenceTimeZone": zone});
    match form % 7 {
        2 => range["type"] = "noEnd".into(),
        4 | 5 => {
            let last = date.saturating_add(jiff::ToSpan::days(i64::try_from(7 * times).unwrap_or(7)));
            (range["type"], range["endDate"]) = ("endDate".into(), last.to_string().into());
        }
        _ => (range["type"], range["numberOfOccurrences"]) = ("numbered".into(), times.into()),
    }
    json!({ "pattern": pattern, "range": range })
}
