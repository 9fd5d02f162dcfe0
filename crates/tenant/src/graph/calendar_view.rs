//! Calendar views, and the delta of one.

use super::delta::{self, Collection};
use super::{Call, render};
use crate::calendar::meeting::EventRef;
use crate::calendar::series::Window;
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::event::Event;
use crate::wire::Response;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

impl Call<'_> {
    /// All that happens in a window, series unrolled.
    pub(super) fn calendar_view(&self, mailbox: MailboxNo, calendar: ItemNo) -> Result<Response, GraphError> {
        let window = self.window()?;
        let store = self.tenant.mailbox(mailbox);
        let mut found: Vec<(jiff::Timestamp, &Event, Option<Date>)> = Vec::new();
        for event in store.events.values().filter(|event| event.calendar == calendar) {
            if event.is_series() {
                for date in event.occurrences(window) {
                    found.push((event.content_on(date).start.instant(), event, Some(date)));
                }
            } else if event.touches(window) {
                found.push((event.content.start.instant(), event, None));
            }
        }
        found.sort_by_key(|(start, event, date)| (*start, event.no, *date));
        Ok(self.list("calendarView", found, |(_, event, date)| self.event_json(mailbox, event, *date)))
    }

    /// What changed in a window since the last time.
    pub(super) fn calendar_view_delta(
        &mut self,
        mailbox: MailboxNo,
        calendar: ItemNo,
    ) -> Result<Response, GraphError> {
        let primary = self.tenant.mailbox(mailbox).default_calendar();
        if calendar != primary && !self.tenant.settings.behaviour.secondary_delta {
            return Err(GraphError::bad(
                "Change tracking of calendar views is supported for the primary calendar only.",
            ));
        }
        for name in ["select", "filter", "orderby", "expand", "search"] {
            if self.query.all.iter().any(|(key, _)| key.trim_start_matches('$').eq_ignore_ascii_case(name)) {
                return Err(GraphError::new(
                    400,
                    "ErrorInvalidUrlQuery",
                    format!(
                        "The following parameters are not supported with change tracking over the 'calendarView' resource: '${name}'."
                    ),
                ));
            }
        }
        let collection = Collection { kind: "calendarView", mailbox, number: calendar.0 };
        let mut token = self.sync_token(&collection)?;
        let window = self.window()?;
        let size = self.delta_page_size();
        let store = self.tenant.mailbox(mailbox);
        // Entries of one series stay on one page, so a page may be longer than asked for.
        let mut entries = Vec::new();
        let log = store.calendar(calendar).map(|calendar| &calendar.log).ok_or_else(GraphError::not_found)?;
        let page = delta::read(log, &mut token, usize::MAX)?;
        let (mut cursor, mut more) = (page.cursor, false);
        let start = token.first_round;
        for (no, entry) in &page.entries {
            if entries.len() >= size {
                more = true;
                break;
            }
            cursor = entry.last;
            match store.events.get(no) {
                Some(event) if !entry.gone => {
                    // In the first round only what changes meanwhile can have left the window.
                    let may_have_left = start.is_none_or(|start| entry.last > start);
                    self.told(mailbox, event, window, may_have_left, &mut entries);
                }
                _ => entries.push(self.left(mailbox, *no, None)),
            }
        }
        if !more {
            cursor = page.cursor;
        }
        Ok(self.delta_answer("Collection(event)", token, entries, cursor, more))
    }

    /// What a delta tells of an event that is there.
    fn told(
        &self,
        mailbox: MailboxNo,
        event: &Event,
        window: Window,
        may_have_left: bool,
        entries: &mut Vec<Value>,
    ) {
        if !event.is_series() {
            if event.touches(window) {
                entries.push(Value::Object(self.event_json(mailbox, event, None)));
            } else if may_have_left {
                // Changed, but outside: this too is told as a removal, even to those who never saw it.
                entries.push(self.left(mailbox, event.no, None));
            }
            return;
        }
        let dates = event.occurrences(window);
        if may_have_left {
            // Exceptions that were moved out of the window have left it like any other event.
            let away = event.exceptions.keys().filter(|date| !dates.contains(date));
            entries.extend(away.map(|date| self.left(mailbox, event.no, Some(*date))));
        }
        if dates.is_empty() {
            if may_have_left {
                entries.push(self.left(mailbox, event.no, None));
            }
            return;
        }
        if self.tenant.settings.behaviour.masters_in_delta {
            entries.push(Value::Object(self.event_json(mailbox, event, None)));
        }
        entries.extend(dates.into_iter().map(|date| {
            if event.exceptions.contains_key(&date) {
                Value::Object(self.event_json(mailbox, event, Some(date)))
            } else {
                Value::Object(self.bare(mailbox, event, date))
            }
        }));
    }

    fn left(&self, mailbox: MailboxNo, no: ItemNo, date: Option<Date>) -> Value {
        render::removed(&self.event_id(mailbox, EventRef { no, date }), "deleted")
    }

    /// An occurrence as a delta shows it: little more than when.
    fn bare(&self, mailbox: MailboxNo, event: &Event, date: Date) -> Map<String, Value> {
        let content = event.plain_content_on(date);
        let master = EventRef { no: event.no, date: None };
        render::object(json!({
            "@odata.type": "#microsoft.graph.event",
            "@odata.etag": event.stamp.etag(),
            "id": self.event_id(mailbox, EventRef { no: event.no, date: Some(date) }),
            "seriesMasterId": self.event_id(mailbox, master),
            "type": "occurrence",
            "start": self.wall(&content.start, content.is_all_day),
            "end": self.wall(&content.end, content.is_all_day),
        }))
    }
}
