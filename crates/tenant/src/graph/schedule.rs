//! `getSchedule`: who is free and who is busy.

use super::{Call, render};
use crate::calendar::WallTime;
use crate::calendar::series::Window;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::event::{EventContent, Sensitivity, ShowAs};
use crate::wire::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

/// The parameters of `getSchedule`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    schedules: Vec<String>,
    start_time: WallTime,
    end_time: WallTime,
    #[serde(default = "half_an_hour")]
    availability_view_interval: i64,
}

fn half_an_hour() -> i64 {
    30
}

impl Call<'_> {
    /// The free and busy times of some people.
    pub(super) fn get_schedule(&self) -> Result<Response, GraphError> {
        let asked: Asked = serde_json::from_value(Value::Object(self.parameters()?))
            .map_err(|error| GraphError::body("getSchedule", &error))?;
        let window = Window { from: asked.start_time.instant(), to: asked.end_time.instant() };
        let slot = asked.availability_view_interval;
        if window.to <= window.from || !(5..=1440).contains(&slot) {
            return Err(GraphError::invalid(
                "The end must be after the start, and availabilityViewInterval between 5 and 1440 minutes.",
            ));
        }
        // Documented with the free/busy service of Exchange.
        if window.to.duration_since(window.from) > SignedDuration::from_hours(62 * 24) {
            return Err(GraphError::new(
                400,
                "ErrorTimeIntervalTooBig",
                "The requested time duration exceeds the limit of 62 days.",
            ));
        }
        let found: Vec<Value> =
            asked.schedules.iter().map(|name| self.schedule(name, window, slot)).collect();
        let context = self.context("Collection(microsoft.graph.scheduleInformation)");
        Ok(Response::json(200, json!({ "@odata.context": context, "value": found })))
    }

    fn schedule(&self, name: &str, window: Window, slot: i64) -> Value {
        let Some(mailbox) = self.tenant.find_user(name) else {
            return json!({
                "scheduleId": name,
                "availabilityView": "",
                "scheduleItems": [],
                "error": {
                    "message": format!("Unable to resolve e-mail address {name} to an Active Directory object."),
                    "responseCode": "ErrorMailRecipientNotFound",
                },
            });
        };
        let events = self.shown_in(mailbox, window);
        let zone = &self.tenant.mailbox(mailbox).user.zone;
        json!({
            "scheduleId": name,
            "availabilityView": availability(&events, window, slot),
            "scheduleItems": events.iter().map(|event| self.schedule_item(event)).collect::<Vec<_>>(),
            "workingHours": {
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "startTime": "08:00:00.0000000",
                "endTime": "17:00:00.0000000",
                "timeZone": { "name": zone.name() },
            },
        })
    }

    /// What stands in somebody's primary calendar and is not free, by its start.
    fn shown_in(&self, mailbox: MailboxNo, window: Window) -> Vec<EventContent> {
        let store = self.tenant.mailbox(mailbox);
        let primary = store.events.values().filter(|event| event.calendar == store.default_calendar());
        let mut found: Vec<EventContent> = primary
            .flat_map(|event| {
                let dates = event.occurrences(window);
                let single = (!event.is_series() && event.touches(window)).then(|| event.content.clone());
                dates.into_iter().map(|date| event.content_on(date)).chain(single).collect::<Vec<_>>()
            })
            .filter(|content| content.show_as != ShowAs::Free)
            .collect();
        found.sort_by_key(|content| content.start.instant());
        found
    }

    fn schedule_item(&self, content: &EventContent) -> Value {
        let is_private = content.sensitivity == Sensitivity::Private;
        let mut item = render::object(json!({
            "isPrivate": is_private,
            "status": content.show_as,
            "start": self.wall(&content.start, content.is_all_day),
            "end": self.wall(&content.end, content.is_all_day),
        }));
        if !is_private {
            item.insert("subject".to_owned(), json!(content.subject));
            item.insert("location".to_owned(), json!(content.location.display_name));
        }
        Value::Object(item)
    }
}

/// A digit for each slot of the window: 0 free, 1 tentative, 2 busy, 3 out of office, 4 working elsewhere.
fn availability(events: &[EventContent], window: Window, slot: i64) -> String {
    let slot = SignedDuration::from_mins(slot);
    let next = |from: &Timestamp| from.checked_add(slot).ok().filter(|from| *from < window.to);
    std::iter::successors(Some(window.from), next)
        .map(|from| {
            let part = Window { from, to: from.checked_add(slot).map_or(window.to, |to| to.min(window.to)) };
            let there =
                events.iter().filter(|event| part.touches(event.start.instant(), event.end.instant()));
            // Of several the one that keeps him away most is shown.
            there.map(|event| weight(event.show_as)).max().map_or('0', |(_, digit)| digit)
        })
        .collect()
}

/// How much a status keeps somebody away, and its digit.
fn weight(status: ShowAs) -> (u8, char) {
    match status {
        ShowAs::Free | ShowAs::Unknown => (0, '0'),
        ShowAs::WorkingElsewhere => (1, '4'),
        ShowAs::Tentative => (2, '1'),
        ShowAs::Busy => (3, '2'),
        ShowAs::Oof => (4, '3'),
    }
}
