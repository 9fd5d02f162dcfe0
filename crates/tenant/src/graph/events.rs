//! Events.

use super::event_actions::text;
use super::hanging::Carrier;
use super::{Call, extensions, raw, render};
use crate::calendar::global_id::{self, uid_on};
use crate::calendar::meeting::{EventRef, NewEvent};
use crate::calendar::series::Window;
use crate::calendar::{WallTime, Zone, local_text, online};
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::mailbox::content::{ExtendedProperty, Stamp, ticks};
use crate::mailbox::event::{Event, EventContent, Location};
use crate::mailbox::patch::{as_map, read, take_extended};
use crate::wire::Response;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

impl Call<'_> {
    /// `events` of all calendars or of one.
    pub(super) fn events_route(
        &mut self,
        mailbox: MailboxNo,
        calendar: Option<ItemNo>,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.events(mailbox, calendar)),
            ("GET", ["$count"]) => {
                Ok(raw("text/plain", self.events_in(mailbox, calendar).len().to_string().into()))
            }
            ("GET", ["delta" | "microsoft.graph.delta"]) => Err(GraphError::bad(
                "Change tracking of events without a calendar view is not supported in v1.0.",
            )),
            ("POST", []) => self.create_event(mailbox, calendar),
            (_, [id, rest @ ..]) => {
                let at = self.event_ref(mailbox, id)?;
                let event = self.tenant.event(mailbox, at)?;
                if calendar.is_some_and(|calendar| calendar != event.calendar) {
                    return Err(GraphError::not_found());
                }
                self.event_route(mailbox, at, rest)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn event_route(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.event_answer(200, mailbox, at)),
            ("PATCH", []) => self.patch_event(mailbox, at),
            ("DELETE", []) => {
                self.check_event_version(mailbox, at)?;
                self.tenant.delete_event(mailbox, at, self.now)?;
                Ok(Response::empty(204))
            }
            ("GET", ["instances"]) => self.instances(mailbox, at),
            ("GET", ["calendar"]) => {
                let store = self.tenant.mailbox(mailbox);
                let calendar = store.calendar(store.events[&at.no].calendar);
                let calendar = calendar.ok_or_else(GraphError::not_found)?;
                Ok(self.single(200, "calendars", self.calendar(mailbox, calendar)))
            }
            ("POST", ["cancel"]) => {
                let body = self.parameters()?;
                self.tenant.cancel_event(mailbox, at, text(&body, "comment"), self.now)?;
                Ok(Response::empty(202))
            }
            ("POST", ["accept" | "tentativelyAccept" | "decline" | "forward"])
            | ("POST", ["snoozeReminder" | "dismissReminder"]) => self.event_action(mailbox, at, names[0]),
            (_, ["attachments", rest @ ..]) => self.attachments_route(mailbox, Carrier::Event(at.no), rest),
            (_, ["extensions", rest @ ..]) => self.extensions_route(mailbox, Carrier::Event(at.no), rest),
            _ => Err(self.unsupported(names)),
        }
    }

    /// The event or occurrence of an id.
    pub(crate) fn event_ref(&self, mailbox: MailboxNo, id: &str) -> Result<EventRef, GraphError> {
        let at = self.named_event(mailbox, id)?;
        self.tenant.event(mailbox, at)?;
        Ok(at)
    }

    /// The same for one that need not be there any more.
    pub(crate) fn named_event(&self, mailbox: MailboxNo, id: &str) -> Result<EventRef, GraphError> {
        let id = self.tenant.ids.decode(id).ok_or_else(GraphError::malformed_id)?;
        let at = match id.kind {
            Kind::Event => EventRef { no: id.item, date: None },
            Kind::Occurrence => EventRef { no: id.item, date: date_of(id.day) },
            _ => return Err(GraphError::not_found()),
        };
        if id.mailbox != mailbox || (id.kind == Kind::Occurrence && at.date.is_none()) {
            return Err(GraphError::not_found());
        }
        Ok(at)
    }

    /// The id of an event or an occurrence.
    pub(crate) fn event_id(&self, mailbox: MailboxNo, at: EventRef) -> String {
        let (kind, day) = match at.date {
            None => (Kind::Event, 0),
            Some(date) => (Kind::Occurrence, day_of(date)),
        };
        let moves = (!self.prefer.immutable).then_some(0);
        self.tenant.ids.encode(ItemId { kind, mailbox, item: at.no, day, moves })
    }

    /// Events of all calendars or of one, the latest made first.
    fn events_in(&self, mailbox: MailboxNo, calendar: Option<ItemNo>) -> Vec<&Event> {
        let events = self.tenant.mailbox(mailbox).events.values().rev();
        events.filter(|event| calendar.is_none_or(|calendar| calendar == event.calendar)).collect()
    }

    fn events(&self, mailbox: MailboxNo, calendar: Option<ItemNo>) -> Response {
        let events = self.events_in(mailbox, calendar);
        let filter = self.query.filter.as_ref();
        let uid = filter.and_then(|filter| filter.required("iCalUId"));
        self.list_where(
            "events",
            events,
            |event| {
                uid.is_none_or(|uid| uid.eq_ignore_ascii_case(&event.ical_uid))
                    && filter.is_none_or(|filter| !filter.rules_out(&self.extended_of(event, None)))
            },
            |event| self.event_json(mailbox, event, None),
        )
    }

    pub(crate) fn event_answer(&self, status: u16, mailbox: MailboxNo, at: EventRef) -> Response {
        let event = &self.tenant.mailbox(mailbox).events[&at.no];
        let mut map = self.event_json(mailbox, event, at.date);
        if event.is_series() && at.date.is_none() {
            self.add_series_parts(&mut map, mailbox, event);
        }
        self.single(status, "events", map)
    }

    /// `cancelledOccurrences` and `exceptionOccurrences`, which come only when asked for.
    fn add_series_parts(&self, map: &mut Map<String, Value>, mailbox: MailboxNo, event: &Event) {
        if self.query.selects("cancelledOccurrences") {
            map.insert("cancelledOccurrences".to_owned(), self.cancelled_occurrences(mailbox, event));
        }
        if self.query.expanded("exceptionOccurrences").is_some() || self.query.selects("exceptionOccurrences")
        {
            let exceptions = event.exceptions.keys();
            let expand = self.query.expanded("exceptionOccurrences");
            let list = exceptions.map(|date| {
                let mut shown = self.event_json(mailbox, event, Some(*date));
                if let Some(names) = expand.and_then(|expand| expand.select.as_ref()) {
                    shown.retain(|name, _| {
                        name == "id" || name.contains('@') || names.iter().any(|one| one == name)
                    });
                }
                Value::Object(shown)
            });
            map.insert("exceptionOccurrences".to_owned(), Value::Array(list.collect()));
        }
    }

    /// Ids of deleted occurrences.
    pub(crate) fn cancelled_occurrences(&self, mailbox: MailboxNo, event: &Event) -> Value {
        let master = self.event_id(mailbox, EventRef { no: event.no, date: None });
        event.cancelled.iter().map(|date| format!("OID.{master}.{date}")).collect()
    }

    /// The JSON of an event or of an occurrence.
    pub(crate) fn event_json(
        &self,
        mailbox: MailboxNo,
        event: &Event,
        date: Option<Date>,
    ) -> Map<String, Value> {
        let content = match date {
            None => Cow::Borrowed(&event.content),
            Some(date) => Cow::Owned(event.content_on(date)),
        };
        let exception = date.and_then(|date| event.exceptions.get(&date));
        let stamp = exception.map_or(event.stamp, |exception| exception.stamp);
        let kind = match (date, exception) {
            (None, _) if event.is_series() => "seriesMaster",
            (None, _) => "singleInstance",
            (Some(_), None) => "occurrence",
            (Some(_), Some(_)) => "exception",
        };
        let response = exception.and_then(|exception| exception.response.as_ref());
        let master = date.map(|_| self.event_id(mailbox, EventRef { no: event.no, date: None }));
        let id = self.event_id(mailbox, EventRef { no: event.no, date });
        let link = format!(
            "https://outlook.office365.com/owa/?itemid={}&exvsurl=1&path=/calendar/item",
            crate::wire::escaped(&id),
        );
        let mut map = as_map(&*content);
        // To hand values on as they are is cheaper than to let a macro serialise them once more.
        let shown = [
            ("id", Value::from(id)),
            ("iCalUId", Value::from(uid_on(&event.ical_uid, date))),
            ("type", Value::from(kind)),
            ("seriesMasterId", Value::from(master)),
            ("isOrganizer", Value::from(event.is_organizer)),
            ("isCancelled", Value::from(event.is_cancelled)),
            ("isDraft", Value::from(false)),
            ("organizer", json!(event.organizer)),
            ("responseStatus", json!(response.unwrap_or(&event.response))),
            ("hasAttachments", Value::from(!event.attachments.is_empty())),
            ("bodyPreview", Value::from(content.body.preview())),
            ("body", self.body_json(&content.body)),
            ("originalStartTimeZone", Value::from(content.start.zone.name())),
            ("originalEndTimeZone", Value::from(content.end.zone.name())),
            ("webLink", Value::from(link)),
            ("location", shown_location(&content.location)),
            ("locations", content.locations.iter().map(shown_location).collect()),
        ];
        map.extend(shown.map(|(name, value)| (name.to_owned(), value)));
        map.extend(stamped(&stamp));
        map.insert("start".to_owned(), self.wall(&content.start, content.is_all_day));
        map.insert("end".to_owned(), self.wall(&content.end, content.is_all_day));
        if let Some(date) = date {
            let plain = event.plain_content_on(date).start.instant();
            map.insert("originalStart".to_owned(), Value::String(ticks(plain)));
        }
        self.expand_extended(&mut map, &self.extended_of(event, date));
        self.expand_attachments(&mut map, mailbox, Carrier::Event(event.no), &event.attachments);
        self.expand_extensions(&mut map, &event.extensions);
        map
    }

    /// The extended properties of an event or an occurrence. Where some are looked for by name, the binary ids that
    /// Outlook keeps are among them.
    fn extended_of<'e>(&self, event: &'e Event, date: Option<Date>) -> Cow<'e, [ExtendedProperty]> {
        let own: &[ExtendedProperty] = match date {
            None => &event.extended,
            Some(date) => event.exceptions.get(&date).map_or(&[], |exception| &exception.extended),
        };
        let expanded = self.query.expanded(render::SINGLE);
        if self.query.filter.is_none() && expanded.is_none_or(|expand| expand.filter.is_none()) {
            return Cow::Borrowed(own);
        }
        let (series, date) = event.named_by(date);
        let ids = global_id::properties(series, date);
        Cow::Owned(own.iter().cloned().chain(ids).collect())
    }

    /// A time as the client prefers it. All-day events show midnight, whatever the zone.
    pub(super) fn wall(&self, wall: &WallTime, all_day: bool) -> Value {
        let zone = self.prefer.zone.clone().unwrap_or_else(Zone::utc);
        if all_day {
            return json!({ "dateTime": local_text(wall.local), "timeZone": zone.name() });
        }
        wall.in_zone(&zone).json()
    }

    fn create_event(&mut self, mailbox: MailboxNo, calendar: Option<ItemNo>) -> Result<Response, GraphError> {
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        let extensions = extensions::read_all(body.remove("extensions"))?.into_iter().collect();
        let attachments = body.remove("attachments");
        for name in ["iCalUId", "organizer"].iter().chain(&online::READ_ONLY) {
            body.remove(*name);
        }
        require(&body)?;
        let content: EventContent = read("event", body)?;
        let attachments = self.read_attachments(attachments)?;
        let new = NewEvent {
            calendar,
            extended,
            extensions,
            attachments,
            ..NewEvent::new(without_answers(content))
        };
        let no = self.tenant.create_event(mailbox, new, self.now)?;
        Ok(self.event_answer(201, mailbox, EventRef { no, date: None }))
    }

    fn check_event_version(&self, mailbox: MailboxNo, at: EventRef) -> Result<(), GraphError> {
        let event = self.tenant.event(mailbox, at)?;
        let exception = at.date.and_then(|date| event.exceptions.get(&date));
        self.check_version(exception.map_or(&event.stamp, |exception| &exception.stamp))
    }

    fn patch_event(&mut self, mailbox: MailboxNo, at: EventRef) -> Result<Response, GraphError> {
        self.check_event_version(mailbox, at)?;
        let mut body = self.object()?;
        let extended = take_extended(&mut body)?;
        body.remove("attachments");
        for name in ["iCalUId", "organizer", "transactionId"].iter().chain(&online::READ_ONLY) {
            body.remove(*name);
        }
        body.retain(|name, _| !name.contains('@'));
        self.tenant.change_event(mailbox, at, &body, extended, self.now)?;
        Ok(self.event_answer(200, mailbox, at))
    }

    fn instances(&self, mailbox: MailboxNo, at: EventRef) -> Result<Response, GraphError> {
        let window = self.window()?;
        let event = self.tenant.event(mailbox, at)?;
        if !event.is_series() || at.date.is_some() {
            return Err(GraphError::invalid(
                "Your request can't be completed. The event is no series master.",
            ));
        }
        let dates = event.occurrences(window);
        Ok(self.list("events", dates, |date| self.event_json(mailbox, event, Some(*date))))
    }

    /// `startDateTime` and `endDateTime`; without an offset they are UTC, whatever the preferences say.
    pub(super) fn window(&self) -> Result<Window, GraphError> {
        let read = |name: &str| {
            let text = self.query.value(name).ok_or_else(|| {
                GraphError::new(
                    400,
                    "ErrorInvalidParameter",
                    format!("This request requires a time window specified by the query string parameters StartDateTime and EndDateTime; {name} is missing."),
                )
            })?;
            instant(text).ok_or_else(|| {
                GraphError::new(400, "ErrorInvalidParameter", format!("'{text}' is no valid {name}."))
            })
        };
        let window = Window { from: read("startDateTime")?, to: read("endDateTime")? };
        if window.to < window.from {
            return Err(GraphError::new(
                400,
                "ErrorInvalidParameter",
                "The end of the window is before its start.",
            ));
        }
        Ok(window)
    }
}

/// A location with what the service adds to it.
fn shown_location(location: &Location) -> Value {
    let mut map = as_map(location);
    map.entry("locationType").or_insert_with(|| json!("default"));
    if location.display_name.is_empty() {
        map.entry("uniqueIdType").or_insert_with(|| json!("unknown"));
    } else {
        map.entry("uniqueId").or_insert_with(|| json!(location.display_name));
        map.entry("uniqueIdType").or_insert_with(|| json!("private"));
    }
    Value::Object(map)
}

/// Stamps of an event.
fn stamped(stamp: &Stamp) -> Map<String, Value> {
    render::object(json!({
        "@odata.etag": stamp.etag(),
        "changeKey": stamp.change_key(),
        "createdDateTime": ticks(stamp.created),
        "lastModifiedDateTime": ticks(stamp.modified),
    }))
}

/// Refuses an event without a time.
pub(crate) fn require(body: &Map<String, Value>) -> Result<(), GraphError> {
    for name in ["start", "end"] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(GraphError::new(
                400,
                "ErrorInvalidRequest",
                format!("The property '{name}' of the event is required."),
            ));
        }
    }
    Ok(())
}

/// What an organiser writes into the answers of others counts for nothing.
fn without_answers(mut content: EventContent) -> EventContent {
    for attendee in &mut content.attendees {
        attendee.status = crate::mailbox::event::ResponseStatus::default();
    }
    content
}

/// An instant of a query: with an offset, or in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    // A plus sign that the client did not escape arrives as a space.
    let text = text.trim().replace(' ', "+");
    text.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(local).ok()
    })
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn day_of(date: Date) -> i32 {
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

fn date_of(day: i32) -> Option<Date> {
    EPOCH.checked_add(Span::new().try_days(day).ok()?).ok()
}
