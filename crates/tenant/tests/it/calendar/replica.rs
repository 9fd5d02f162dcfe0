//! A reader of a calendar's delta, who believes what he may believe and reads the rest directly.

use super::direct::Direct;
use crate::support::text;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The window of all readers; summer time ends in it.
pub const WINDOW: &str = "startDateTime=2026-10-01T00:00:00Z&endDateTime=2026-11-01T00:00:00Z";

/// What a reader knows, and where he goes on.
#[derive(Debug, Clone)]
pub struct Replica {
    user: String,
    next: String,
    known: BTreeMap<String, Value>,
    /// Series of which the present round told something, with the ids that the last page to do so told: entries of one
    /// series are never split over pages.
    told: BTreeMap<String, BTreeSet<String>>,
}

impl Replica {
    /// A reader who has read nothing yet.
    pub fn new(user: &str) -> Self {
        let next = format!("/users/{user}/calendarView/delta?{WINDOW}");
        Self { user: user.to_owned(), next, known: BTreeMap::new(), told: BTreeMap::new() }
    }

    /// What a full read of the window says.
    pub fn of(events: &[Value]) -> Self {
        let known = events.iter().map(|event| (text(event, "id"), event.clone())).collect();
        Self { user: String::new(), next: String::new(), known, told: BTreeMap::new() }
    }

    /// Reads a page; whether it was the last of its round.
    pub fn page(&mut self, site: &mut Direct) -> bool {
        let answer = site.send("GET", &self.next, "odata.maxpagesize=3", None);
        if answer.status == 410 {
            // Too old: start over where the answer says.
            let location = answer.headers["location"].to_str().unwrap().to_owned();
            *self = Self { next: location, ..Self::new(&self.user) };
            return false;
        }
        let page = answer.expect(200);
        let before = std::mem::take(&mut self.told);
        for entry in page["value"].as_array().unwrap() {
            self.note(site, entry);
        }
        for (series, told) in before {
            self.told.entry(series).or_insert(told);
        }
        if let Some(link) = page["@odata.nextLink"].as_str() {
            self.next = link.to_owned();
            return false;
        }
        self.next = text(&page, "@odata.deltaLink");
        self.settle(site);
        true
    }

    /// Reads on until nothing is new.
    pub fn finish(&mut self, site: &mut Direct) {
        while !self.page(site) {}
    }

    fn note(&mut self, site: &mut Direct, entry: &Value) {
        let id = text(entry, "id");
        if entry.get("@removed").is_some() {
            self.doubt(site, &id);
            return;
        }
        match entry["type"].as_str().unwrap() {
            "singleInstance" => {
                self.known.insert(id, entry.clone());
            }
            // A master says that its series changed; its own times say nothing about the window.
            "seriesMaster" => {
                self.told.entry(id).or_default();
            }
            _ => {
                self.told.entry(text(entry, "seriesMasterId")).or_default().insert(id.clone());
                self.known.insert(id, entry.clone());
            }
        }
    }

    /// A removal is not believed before a direct read.
    fn doubt(&mut self, site: &mut Direct, id: &str) {
        let answer = site.get(&format!("/users/{}/events/{id}", self.user));
        if answer.status == 404 {
            self.known.retain(|known, event| known != id && event["seriesMasterId"] != id);
            self.told.remove(id);
            return;
        }
        let event = answer.expect(200);
        match event["seriesMasterId"].as_str() {
            Some(master) => {
                self.told.entry(master.to_owned()).or_default();
            }
            None if event["type"] == "seriesMaster" => {
                self.told.entry(id.to_owned()).or_default();
            }
            None => self.keep_if_within(event),
        }
    }

    fn keep_if_within(&mut self, event: Value) {
        let id = text(&event, "id");
        // All-day events show midnight in every zone; it is that of the zone in which they were made.
        let whole_days = event["isAllDay"] == true;
        let zone = if whole_days { text(&event, "originalStartTimeZone") } else { "UTC".to_owned() };
        let zone = TimeZone::get(&zone).unwrap();
        let at = |name: &str| {
            let local: DateTime = text(&event[name], "dateTime").parse().unwrap();
            zone.to_timestamp(local).unwrap().to_string()
        };
        if at("start").as_str() < "2026-11-01T00:00:00Z" && at("end").as_str() > "2026-10-01T00:00:00Z" {
            self.known.insert(id, event);
        } else {
            self.known.remove(&id);
        }
    }

    /// After a round: what was not told of a series is looked for, and what came bare is completed from its master.
    fn settle(&mut self, site: &mut Direct) {
        for (master, told) in std::mem::take(&mut self.told) {
            let path = format!("/users/{}/events", self.user);
            let answer = site.get(&format!("{path}/{master}"));
            if answer.status == 404 {
                self.known.retain(|_, event| event["seriesMasterId"] != master.as_str());
                continue;
            }
            let subject = answer.expect(200)["subject"].clone();
            let of_series = |event: &Value| event["seriesMasterId"] == master.as_str();
            let ids: Vec<String> =
                self.known.iter().filter(|(_, event)| of_series(event)).map(|(id, _)| id.clone()).collect();
            for id in ids {
                if told.contains(&id) {
                    if let Some(event) = self.known.get_mut(&id).filter(|event| event["type"] == "occurrence")
                    {
                        event["subject"] = subject.clone();
                    }
                    continue;
                }
                let answer = site.get(&format!("{path}/{id}"));
                if answer.status == 404 {
                    self.known.remove(&id);
                } else {
                    self.keep_if_within(answer.expect(200));
                }
            }
        }
    }

    /// What can be compared: all that delta and full read both tell.
    pub fn shown(&self) -> BTreeMap<&str, Value> {
        let shown = |event: &Value| json!([event["type"], event["subject"], event["start"], event["end"]]);
        self.known.iter().map(|(id, event)| (id.as_str(), shown(event))).collect()
    }
}
